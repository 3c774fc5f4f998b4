"""Valid rows for tests, committed. Each `make_` opens its own unit of work and gives back what it made.

An instant is taken from the application's clock, which tests hold by the fixture `now`.
"""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient

from accounts.models import StaffUser
from accounts.places import Place
from accounts.services import create_staff
from billing.models import CylinderType, Price, Product
from core import calendar
from core.clock import utc_now
from core.db import db, unit_of_work
from core.links import token_for
from core.phone import Phone, parse_phone
from core.roles import Role
from orders.carrier import Carrier
from orders.models import Order, TermsVersion
from orders.placing import LineRequest, OrderRequest, prepare
from orders.ports import Offer
from orders.services import deliver_order, dispatch_order, mark_paid, place_order
from orders.settlement import DoorSettlement, as_agreed
from orders.states import Channel, ExchangeKind, PaymentMethod, PromiseKind
from tests.orders.fakes import FakePromises

_numbers = itertools.count(1)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
CARRIER = Carrier(vehicle_id=2, driver_id=3, stop_ref="stop:1")
PASSWORD = "Preizkus2026"

SISKA = Place(street="Šišenska cesta", house_number="12", postcode="1000", city="Ljubljana", lat=46.0683, lon=14.4868,
              floor=3, note="zvonec 4", source="register")
KRANJ = Place(street="Koroška cesta", house_number="5", postcode="4000", city="Kranj", lat=46.2429, lon=14.3555,
              source="register")
TRIESTE = Place(street="Via Roma", house_number="1", postcode="3413", city="Trst", lat=45.6495, lon=13.7768,
                source="pin")
SWAP_ONE = (LineRequest(product_code="Z10", exchange=ExchangeKind.SWAP, quantity=1),)


def one(exchange: ExchangeKind, quantity: int = 1, product_code: str = "Z10") -> tuple[LineRequest, ...]:
    """The lines of an order for some cylinders of one kind."""
    return (LineRequest(product_code=product_code, exchange=exchange, quantity=quantity),)


def make_products() -> None:
    """Green 10 kg at 24,90 and own 5, 10 and 35 kg; does nothing where they are there already."""
    if db.session.get(Product, "Z10"):
        return
    with unit_of_work():
        for code, name, gas, ours, colour in (
                ("Z10", "Zelena jeklenka 10 kg", 10_000, True, "green"),
                ("O10", "Oranžna jeklenka 10 kg", 10_000, False, "orange"),
                ("P5", "Jeklenka 5 kg", 5_000, False, "blue"), ("P35", "Jeklenka 35 kg", 35_000, False, "blue")):
            db.session.add(CylinderType(code=code, name_sl=name, name_en=f"{code} cylinder", net_gas_g=gas,
                                        company_owned=ours, colour=colour))
        db.session.flush()
        own = ["purchase_with_empty", "purchase"]
        for position, (code, name, exchanges, cents, available) in enumerate((
                ("Z10", "Plin v Zeleni jeklenki 10 kg", ["swap", "m10", "k"], 2490, True),
                ("P5", "Plin v jeklenki 5 kg", own, 1590, True), ("P35", "Plin v jeklenki 35 kg", own, 7990, True),
                ("P10", "Plin v jeklenki 10 kg, razprodan", own, 2590, False))):
            db.session.add(Product(code=code, cylinder_type="O10" if code == "P10" else code, name_sl=name,
                                   name_en=f"Gas in {code}", exchanges=exchanges, available=available,
                                   position=position, picture="green" if code == "Z10" else "other"))
            db.session.flush()
            db.session.add(Price(product_code=code, gross_cents=cents, vat_permille=220, valid_from=SINCE))


def make_terms(version: str = "2022-02-21", valid_from: datetime = SINCE) -> TermsVersion:
    """A version of the general terms; the same one again is the one that is there."""
    found = db.session.query(TermsVersion).filter_by(version=version).one_or_none()
    if found is not None:
        return found
    with unit_of_work():
        terms = TermsVersion(version=version, valid_from=valid_from, text_sl="Splošni pogoji.", text_en="Terms.")
        db.session.add(terms)
    return terms


def make_staff(role: Role, email: str | None = None) -> StaffUser:
    """An account of that role; its password is `PASSWORD`."""
    with unit_of_work():
        return create_staff(email or f"{role.value}{next(_numbers)}@example.si", f"Oseba {role.value}", PASSWORD, role)


def signed_in(app: Flask, role: Role) -> FlaskClient:
    """A client in whose session somebody of that role is signed in."""
    user = make_staff(role)
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 303
    return client


def order_token(order: Order) -> str:
    """The token of the customer's link to an order."""
    token = token_for("order", order.id)
    assert token is not None
    return token


def a_phone(text: str | None = None) -> Phone:
    """A mobile number of its own, or the given one."""
    return parse_phone(text or f"041 {next(_numbers) + 200_000:06d}")


def make_offer(*, now: datetime | None = None, minutes: int = 60, days: int = 0, in_zone: bool = True) -> Offer:
    """An hour promise from now, or with `days` an agreed window of two hours on that later day."""
    now = now or utc_now()
    number = next(_numbers)
    kind, start, end = PromiseKind.HOUR, now, now + timedelta(minutes=minutes)
    if days:
        kind = PromiseKind.AGREED
        start = calendar.start_of_day(calendar.local_date(now) + timedelta(days=days)) + timedelta(hours=8)
        end = start + timedelta(hours=2)
    return Offer(quote_key=f"quote-{number}", kind=kind, in_zone=in_zone, clock_start_at=start,
                 promised_from_at=start, promised_by_at=end, reason=None, estimated_at=end,
                 expires_at=now + timedelta(minutes=5), estimated_travel=True)


def order_request(**changes: Any) -> OrderRequest:
    """A whole and valid request for one swapped green cylinder in Ljubljana, paid in cash."""
    now = utc_now()
    values: dict[str, Any] = {
        "request_key": f"form-{next(_numbers):08d}", "channel": Channel.WEB, "language": "sl",
        "contact_name": "Janez Novak", "phone": a_phone(), "email": "janez@example.si", "place": SISKA,
        "lines": SWAP_ONE, "payment": PaymentMethod.CASH, "shown_promised_by_at": None,
        "terms_version_id": make_terms().id, "terms_confirmed": True, "adult_confirmed": True,
        "data_confirmed": True, "duties_confirmed": True} | changes
    if "shown_total_cents" not in values:
        prepared = prepare(values["lines"], payment=values["payment"], floor=values["place"].floor, now=now)
        values["shown_total_cents"] = prepared.pricing.total_cents
    return OrderRequest(**values)


@contextmanager
def any_promise() -> Iterator[None]:
    """Let any offer be accepted while an order is made, whatever plan is wired in."""
    wired = current_app.extensions.get("promises")
    if not isinstance(wired, FakePromises):
        current_app.extensions["promises"] = FakePromises()
    try:
        yield
    finally:
        if wired is None:
            current_app.extensions.pop("promises", None)
        else:
            current_app.extensions["promises"] = wired


def make_order(*, offer: Offer | None = None, **changes: Any) -> Order:
    """A placed order; e-bank ones get a window of the next day and wait for their payment."""
    make_products()
    request = order_request(**changes)
    later = 1 if request.payment is PaymentMethod.EBANK else 0
    offer = offer or make_offer(days=later)
    with any_promise(), unit_of_work():
        return place_order(request, offer, now=utc_now(), actor="guest")


def as_ordered(order: Order, *, card_scheme: str = "Visa", gdpr: str = "") -> DoorSettlement:
    """The driver's record of a delivery exactly as ordered."""
    by_card = order.payment_method is PaymentMethod.CARD
    return DoorSettlement(lines=as_agreed(order), payment=order.payment_method, shown_total_cents=order.door_cents,
                          card_scheme=card_scheme if by_card else "", gdpr=gdpr)


def make_dispatched_order(**changes: Any) -> Order:
    """An order (paid, if it goes by e-bank) whose van is on the way."""
    order = make_order(**changes)
    with unit_of_work():
        if order.payment_method is PaymentMethod.EBANK:
            mark_paid(order.id, amount_cents=order.prepaid_cents, now=utc_now(), actor="staff:1")
        return dispatch_order(order.id, now=utc_now(), actor="driver:3")


def make_delivered_order(*, door: DoorSettlement | None = None, carrier: Carrier = CARRIER, **changes: Any) -> Order:
    """A delivered order with invoice, ledger and papers; as ordered unless `door` says otherwise."""
    order = make_dispatched_order(**changes)
    record = door or as_ordered(order)
    with unit_of_work():
        deliver_order(order.id, record, carrier, now=utc_now(), actor="driver:3")
    return order
