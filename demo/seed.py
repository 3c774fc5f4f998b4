"""The demo's data: written once, and topped up at every start so that vans are out whatever hour it is."""
from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from accounts.models import StaffUser
from accounts.places import Place
from accounts.register import add_known_addresses
from accounts.services import create_staff
from billing import postings
from billing.chart import EUR, cash_of_unit
from billing.ledger import post
from billing.models import CylinderType, Price, Product
from billing.opening import OpeningBalance, open_balances
from core import settings
from core.db import db, unit_of_work
from delivery.models import Depot, Driver, PlaceDay, PlanState, Vehicle, Zone
from delivery.vans import begin_due_shifts
from demo.addresses import ADDRESSES, DEPOT, PLACE_DAYS, ZONE, ZONE_POSTCODES
from demo.cases import add_cases
from demo.day import play_a_morning
from demo.offers import add_offers
from demo.people import DRIVERS, PASSWORD, STAFF
from demo.price_list import CYLINDER_TYPES, LOAD_OF_A_VAN, PRODUCTS, VAT_PERMILLE
from demo.shifts import add_missing_shifts
from demo.texts import TERMS_EN, TERMS_SL, TERMS_VERSION
from demo.yesterday import play_yesterday
from orders.models import TermsVersion
from orders.units import units
from promos.campaigns import create_campaign, issue_codes
from promos.rules import CampaignDraft, CampaignTerms
from promos.states import BenefitKind, CodeChannel

VANS = 6
DEMO_IBAN = "SI56020170014356205"  # the published example of the Bank Association, nobody's account
BEGINNING = timedelta(days=60)
MORNING = timedelta(hours=5)
_ALL_DAY = ["00:00", "00:00"]


def bring_up_to_date(now: datetime) -> None:
    """Everything at the first start; later only the shifts that are missing."""
    if is_empty():
        _lay_foundations(now)
        play_yesterday(now)
        _put_vans_out(now, begin_at=now - MORNING)
        play_a_morning(now)
        add_cases(now)
        add_offers(now)
    else:
        add_missing_shifts(now)


def is_empty() -> bool:
    """Whether nobody has been here yet."""
    return db.session.scalar(sa.select(StaffUser.id).limit(1)) is None


def lay_the_ground(now: datetime) -> None:
    """Rules, goods, fleet, people, codes and shifts of an empty database; the shifts that are due have begun."""
    _lay_foundations(now)
    _put_vans_out(now, begin_at=now)


def _lay_foundations(now: datetime) -> None:
    with unit_of_work():
        _rules(now)
        add_goods(now)
        _fleet(now)
        _people()
        _campaign(now)


def _put_vans_out(now: datetime, *, begin_at: datetime) -> None:
    add_missing_shifts(now, since=now - MORNING)
    with unit_of_work():
        begin_due_shifts(begin_at)


def _rules(now: datetime) -> None:
    """Opening hours that cover the day, and the terms."""
    since = now - BEGINNING
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), _ALL_DAY)
    settings.put("opening_hours", week, valid_from=since, set_by="demo")
    settings.put("closed_on_holidays", False, valid_from=since, set_by="demo")
    settings.put("company", {**settings.get("company"), "iban": DEMO_IBAN}, valid_from=since, set_by="demo")
    db.session.add(TermsVersion(version=TERMS_VERSION, valid_from=since, text_sl=TERMS_SL, text_en=TERMS_EN))


def add_goods(now: datetime) -> None:
    """Cylinder types, products and their invented prices."""
    for code, name_sl, name_en, gas, company_owned, colour in CYLINDER_TYPES:
        db.session.add(CylinderType(code=code, name_sl=name_sl, name_en=name_en, net_gas_g=gas,
                                    company_owned=company_owned, colour=colour))
    db.session.flush()
    for position, row in enumerate(PRODUCTS):
        db.session.add(Product(code=row.code, cylinder_type=row.cylinder_type, name_sl=row.name_sl,
                               name_en=row.name_en, exchanges=list(row.exchanges), available=row.available,
                               position=position, picture=row.picture))
        db.session.flush()
        db.session.add(Price(product_code=row.code, gross_cents=row.gross_cents, vat_permille=VAT_PERMILLE,
                             valid_from=now - BEGINNING))


def _fleet(now: datetime) -> None:
    """Depot with its stock, zone, delivery plan, vans and drivers."""
    depot = Depot(name=DEPOT["name"], address=f"{DEPOT['address']}, 1000 Ljubljana", lat=DEPOT["lat"], lon=DEPOT["lon"])
    db.session.add(depot)
    db.session.flush()
    db.session.add(PlanState(depot_id=depot.id))
    db.session.add(Zone(name="Ljubljana", depot_id=depot.id, polygon=ZONE, postcodes=list(ZONE_POSTCODES)))
    for name, prefix, weekday, start, end in PLACE_DAYS:
        db.session.add(PlaceDay(name=name, postcode_prefix=prefix, weekday=weekday, depot_id=depot.id,
                                from_time=time.fromisoformat(start), by_time=time.fromisoformat(end)))
    for number in range(1, VANS + 1):
        db.session.add(Vehicle(code=f"LJ-{number}", plate=f"LJ {number:02d}-PLN", depot_id=depot.id, slots=40,
                               gas_limit_g=settings.get("adr_gas_limit_g"), card_terminal=number != VANS,
                               standard_load=LOAD_OF_A_VAN))
    for name, phone in DRIVERS:
        db.session.add(Driver(name=name, phone_e164=phone))
    for cylinder_type, count in (("Z10", 4000), ("P5", 200), ("P35", 100)):
        post("stock_opening", f"depot:{depot.id}", postings.stock_opening(depot.id, cylinder_type, count),
             at=now - BEGINNING, dedupe_key=f"demo-opening:{cylinder_type}", actor="system")
    post("field_opening", "field", postings.field_opening("Z10", 30_000, deposits_cents=30_000_000), at=now - BEGINNING,
         dedupe_key="demo-field", actor="system")
    cash = [("cash:main", 500_000), *((cash_of_unit(code), 20_000) for code in units())]
    open_balances([OpeningBalance(line=line, account=account, unit=EUR, amount=cents)
                   for line, (account, cents) in enumerate(cash, 1)], now=now - BEGINNING, actor="system")
    add_known_addresses(Place(street=street, house_number=number, postcode=postcode, city="Ljubljana", lat=lat,
                              lon=lon, source="register") for street, number, postcode, lat, lon in ADDRESSES)


def _people() -> None:
    """One account per role."""
    for email, name, role in STAFF:
        create_staff(email, name, PASSWORD, role)


def _campaign(now: datetime) -> None:
    """A campaign of 20 codes worth 3 EUR."""
    terms = CampaignTerms(kind=BenefitKind.FIXED, value_cents=300, starts_at=now - timedelta(days=7),
                          ends_at=now + timedelta(days=30))
    campaign = create_campaign(
        CampaignDraft(name="Topla jesen", prefix="JESEN", terms=terms),
        request_key="demo-campaign", now=now, actor="system")
    issue_codes(campaign.id, 20, channel=CodeChannel.SMS, now=now, actor="system", request_key="demo-codes")
