"""The customer's order page: its steps, its refusals, its promise, its sum, the order itself."""
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.places import Place
from accounts.register import add_known_addresses
from billing.models import CylinderType, Price, Product
from core.db import db, unit_of_work
from core.phone import PhoneKind
from orders.address_entry import UnknownAddress, read_address, read_position
from orders.models import Order, TermsVersion
from orders.states import Channel, ExchangeKind, OrderStatus, PaymentMethod, PromiseKind
from promos.models import PromoCode
from promos.states import CodeState
from tests.orders.fakes import FakePromises
from tests.promos.factories import issued

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
GREEN = {"q-Z10-swap": "1"}
DELIVERY = {"address": "Šišenska cesta 12, 1000 Ljubljana", "floor": "3", "note": "Zvonec 4"}
CONTACT = {"name": "Žiga Novak", "phone": "041 123 456", "email": "ziga@primer.si", "payment": "cash"}
TICKS = {"terms": "y", "adult": "y", "data": "y"}


@pytest.fixture
def promises(app: Flask) -> Iterator[FakePromises]:
    """A plan that always offers, at the edge."""
    fake, kept = FakePromises(), app.extensions.get("promises")
    app.extensions["promises"] = fake
    yield fake
    app.extensions["promises"] = kept


@pytest.fixture(autouse=True)
def shop(app: Flask, now: datetime, promises: FakePromises) -> None:
    """Three products, one of them not available; four known houses; the terms."""
    with unit_of_work():
        for code, grams, owned in (("Z10", 10_000, True), ("P5", 5_000, False), ("P35", 35_000, False)):
            db.session.add(CylinderType(code=code, name_sl=code, name_en=code, net_gas_g=grams, company_owned=owned,
                                        colour="green" if owned else "grey"))
        db.session.flush()
        green = [ExchangeKind.SWAP.value, ExchangeKind.M10.value, ExchangeKind.K.value]
        bought = [ExchangeKind.PURCHASE_WITH_EMPTY.value, ExchangeKind.PURCHASE.value]
        for position, (code, name, exchanges, cents, available) in enumerate([
                ("Z10", "Zelena jeklenka 10 kg", green, 2490, True), ("P5", "Jeklenka 5 kg", bought, 1490, True),
                ("P35", "Jeklenka 35 kg", bought, 7990, False)]):
            db.session.add(Product(code=code, cylinder_type=code, name_sl=name, name_en=f"Cylinder {code}",
                                   exchanges=exchanges, available=available, position=position,
                                   picture="green" if code == "Z10" else "other"))
            db.session.flush()
            db.session.add(Price(product_code=code, gross_cents=cents, vat_permille=220, valid_from=LONG_AGO))
        add_known_addresses(Place(street=street, house_number=number, postcode=postcode, city=city, lat=lat, lon=lon)
                            for street, number, postcode, city, lat, lon in [
                ("Šišenska cesta", "12", "1000", "Ljubljana", 46.0712, 14.4846),
                ("Šišenska cesta", "14", "1000", "Ljubljana", 46.0715, 14.4849),
                ("Cesta na Brdo", "1", "1000", "Ljubljana", 46.045, 14.46),
                ("Cesta na Brdo", "1", "4000", "Kranj", 46.24, 14.35)])
        db.session.add(TermsVersion(version="2026-1", valid_from=LONG_AGO, text_sl="# Splošno\n\n1. Prva.\n2. Druga.",
                                    text_en="# General\n\n1. First.\n2. Second."))


def hidden(answer: TestResponse, name: str) -> str:
    """The value a hidden or chosen field of the page carries."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, f"no {name} on the page"
    return found[1]


def at_step(answer: TestResponse) -> int:
    found = re.search(r'data-step="(\d)"', answer.text)
    assert found is not None
    return int(found[1])


def post(client: FlaskClient, step: str, **fields: str) -> TestResponse:
    return client.post("/?lang=en", data={"step": step, **fields})


def with_quote(client: FlaskClient, **fields: str) -> dict[str, str]:
    """The form as far as the promise that is shown on the second step."""
    shown = post(client, "2", **fields)
    assert (shown.status_code, at_step(shown)) == (200, 2)
    return {**fields, "request_key": hidden(shown, "request_key"), "quote_key": hidden(shown, "quote_key")}


def reviewed(client: FlaskClient, **changes: str) -> dict[str, str]:
    """Everything a person has typed when the order button is in sight; `changes` may replace quantities as well."""
    goods = {name: value for name, value in changes.items() if name.startswith("q-")} or GREEN
    fields = with_quote(client, **{**goods, **DELIVERY, **CONTACT, **changes})
    review = post(client, "4", **fields)
    assert (review.status_code, at_step(review)) == (200, 4), review.text
    return {**fields, **TICKS, "shown_total_cents": hidden(review, "shown_total_cents"),
            "terms_version_id": hidden(review, "terms_version_id"), "quote_key": hidden(review, "quote_key")}


def the_order() -> Order:
    return db.session.scalars(sa.select(Order)).one()


def number_of_orders() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


# what is shown

def test_the_first_step_shows_every_way_with_its_price_at_the_door(client: FlaskClient) -> None:
    """U1: swap 24,90; M10 24,90 + 10 - 3; K 24,90 + 10 (H-051, H-061, H-064, H-075)."""
    page = client.get("/?lang=en")
    assert (page.status_code, at_step(page)) == (200, 1)
    cards = dict(re.findall(r'data-unit="(\d+)" data-testid="card-Z10-(\w+)"', page.text))
    assert {kind: cents for cents, kind in cards.items()} == {"swap": "2490", "m10": "3190", "k": "3490"}
    assert 'data-testid="quantity-P5-purchase_with_empty"' in page.text


def test_what_is_not_available_is_shown_so_and_cannot_be_counted(client: FlaskClient) -> None:
    """H-027."""
    page = client.get("/?lang=en")
    assert "not available now" in page.text
    assert 'data-testid="quantity-P35-purchase"' not in page.text


def test_the_page_is_slovene_at_first_and_english_by_the_switch(client: FlaskClient) -> None:
    assert '<html lang="sl">' in client.get("/").text
    assert "What do you hand us?" in client.get("/?lang=en").text


def test_the_page_weighs_less_than_150_kb_before_the_map(client: FlaskClient) -> None:
    page = client.get("/")
    files = set(re.findall(r'(?:src|href)="/(static/[^"#]+)', page.text))
    weight = len(page.data) + sum((ROOT / name).stat().st_size for name in files if not name.endswith("/"))
    assert weight < 150_000, weight


def test_the_address_field_finds_houses_without_diacritics(client: FlaskClient) -> None:
    """PRODUCT U2."""
    found = client.get("/naslovi?q=12 sisen")
    assert found.json == [{"text": "Šišenska cesta 12, 1000 Ljubljana", "lat": 46.0712, "lon": 14.4846}]


def test_the_terms_are_shown_by_version(client: FlaskClient) -> None:
    """H-021, H-023."""
    shown = client.get("/pogoji?lang=en").text
    assert [part in shown for part in ("<h2>General</h2>", "<p>1. First.</p>", "<p>2. Second.</p>")] == [True] * 3
    assert client.get("/pogoji?v=2026-1&lang=en").status_code == 200
    assert client.get("/pogoji?v=1999-1").status_code == 404


# step 1

def test_nothing_chosen_stays_on_the_first_step(client: FlaskClient) -> None:
    answer = post(client, "2")
    assert (answer.status_code, at_step(answer)) == (422, 1)
    assert "Choose at least one cylinder." in answer.text


@pytest.mark.parametrize("typed", ["abc", "-1", "1.5", "999", "６", "1e1", "<b>", "0x2"])
def test_a_quantity_that_is_no_small_number_is_refused_and_kept(client: FlaskClient, typed: str) -> None:
    answer = post(client, "2", **{"q-Z10-swap": typed})
    assert (answer.status_code, at_step(answer)) == (422, 1)
    assert "Choose a number from 0 to 5." in answer.text


def test_more_cylinders_than_a_household_orders_are_refused(client: FlaskClient) -> None:
    answer = post(client, "2", **{"q-Z10-swap": "4", "q-Z10-k": "2"})
    assert (answer.status_code, at_step(answer)) == (422, 1)
    assert "at most 5 cylinders" in answer.text


def test_a_product_that_is_not_available_is_refused(client: FlaskClient) -> None:
    """H-027."""
    answer = post(client, "2", **{"q-P35-purchase": "1"})
    assert (answer.status_code, at_step(answer)) == (422, 1)


def test_a_product_nobody_offers_is_ignored(client: FlaskClient) -> None:
    """H-076: a green cylinder is not bought without exchange."""
    answer = post(client, "2", **{"q-Z10-purchase": "1", "q-XX-swap": "1"})
    assert (answer.status_code, at_step(answer)) == (422, 1)


# step 2

def test_a_known_address_is_answered_with_a_promise(client: FlaskClient, promises: FakePromises) -> None:
    """P-D1, H-110."""
    answer = post(client, "2", **GREEN, **DELIVERY)
    assert (answer.status_code, at_step(answer)) == (200, 2)
    assert re.findall(r'data-testid="promised">([^<]+)<', answer.text) == ["today by 13.00"]
    assert hidden(answer, "quote_key").partition("@")[0] in promises.kept


def test_the_live_promise_is_a_fragment(client: FlaskClient, promises: FakePromises) -> None:
    answer = client.post("/obljuba?lang=en", data={**GREEN, **DELIVERY})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "today by 13.00" in answer.text
    assert len(promises.kept) == 1


@pytest.mark.parametrize("typed", ["12 sisen", "sisenska 12", "Šišenska cesta 12", "SISENSKA CESTA 12 1000 LJUBLJANA"])
def test_half_an_address_is_enough_when_one_house_fits(client: FlaskClient, typed: str) -> None:
    answer = post(client, "2", **GREEN, address=typed)
    assert (answer.status_code, at_step(answer)) == (200, 2)
    assert 'value="Šišenska cesta 12, 1000 Ljubljana"' in answer.text
    assert "today by 13.00" in answer.text


def test_a_house_number_is_never_completed(client: FlaskClient, promises: FakePromises) -> None:
    """Number 1 is not the beginning of number 12."""
    answer = post(client, "3", **GREEN, address="Šišenska cesta 1")
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert len(re.findall(r'name="choose_address"', answer.text)) == 2
    assert promises.kept == {}


@pytest.mark.parametrize(("address", "sentence"), [
    ("", "Write the street, the house number and the town."),
    ("Nikjer", "Write the street and the house number"),
    ("Neznana ulica 5, 1000 Ljubljana", "We do not know this address."),
    ("Шишенска 12", "Use Latin letters"),
    ("<script>alert(1)</script> 12", "cannot be used here"),
    ("a" * 141, "At most 140 characters."),
])
def test_a_bad_address_is_refused_beside_its_field_and_kept(client: FlaskClient, promises: FakePromises, address: str,
                                                            sentence: str) -> None:
    answer = post(client, "3", **GREEN, address=address)
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert sentence in answer.text
    assert "<script>alert" not in answer.text
    assert promises.kept == {}


def test_an_address_that_fits_several_houses_asks_which(client: FlaskClient) -> None:
    answer = post(client, "3", **GREEN, address="Cesta na Brdo 1")
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert re.findall(r'name="choose_address" value="([^"]+)"', answer.text) == [
        "Cesta na Brdo 1, 1000 Ljubljana", "Cesta na Brdo 1, 4000 Kranj"]
    chosen = post(client, "2", **GREEN, address="Cesta na Brdo 1", choose_address="Cesta na Brdo 1, 4000 Kranj")
    assert chosen.status_code == 200
    assert "Tuesday, 24. 11. 2026" in chosen.text or "tomorrow" in chosen.text


@pytest.mark.parametrize(("lat", "lon", "sentence"), [
    ("48.2", "16.37", "outside Slovenia"), ("nan", "14.5", "We do not know this address."),
    ("1e9", "14.5", "We do not know this address."), ("x", "y", "We do not know this address."),
])
def test_a_pin_outside_slovenia_or_nowhere_is_refused(client: FlaskClient, promises: FakePromises, lat: str, lon: str,
                                                      sentence: str) -> None:
    """H-092, H-113."""
    answer = post(client, "3", **GREEN, **DELIVERY, lat=lat, lon=lon)
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert sentence in answer.text
    assert promises.kept == {}


def test_a_pin_carries_an_address_that_the_register_does_not_know(client: FlaskClient) -> None:
    fields = reviewed(client, address="Nova ulica 7b, 1000 Ljubljana", lat="46.06", lon="14.5")
    assert post(client, "order", **fields).status_code == 303
    order = the_order()
    assert (order.street, order.house_number, order.postcode, order.lat, order.lon) == (
        "Nova ulica", "7b", "1000", 46.06, 14.5)


def test_a_pin_needs_an_address_that_the_driver_can_read(client: FlaskClient) -> None:
    answer = post(client, "3", **GREEN, address="tam zadaj", lat="46.06", lon="14.5")
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert "Write the address beside the pin in full" in answer.text


@pytest.mark.parametrize("floor", ["-1", "41", "three"])
def test_a_floor_that_is_none_is_refused(client: FlaskClient, floor: str) -> None:
    answer = post(client, "3", **GREEN, address=DELIVERY["address"], floor=floor)
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert 'id="floor-error"' in answer.text


def test_a_promise_must_have_been_seen_before_going_on(client: FlaskClient) -> None:
    answer = post(client, "3", **GREEN, **DELIVERY)
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert "today by 13.00" in answer.text


def test_no_free_time_says_what_to_do(client: FlaskClient, promises: FakePromises,
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    found = promises.find
    monkeypatch.setattr(promises, "find", lambda *args, **kwargs: type(found(*args, **kwargs))(in_zone=True, offers=()))
    answer = post(client, "2", **GREEN, **DELIVERY)
    assert answer.status_code == 200
    assert "There is no free time for this address now." in answer.text


def test_a_quote_that_is_gone_brings_new_offers(client: FlaskClient, promises: FakePromises) -> None:
    """Y-04."""
    fields = with_quote(client, **GREEN, **DELIVERY)
    promises.kept.clear()
    answer = post(client, "3", **fields)
    assert (answer.status_code, at_step(answer)) == (422, 2)
    assert "no longer free" in answer.text
    assert hidden(answer, "quote_key") != fields["quote_key"]


# step 3

@pytest.mark.parametrize(("changes", "sentence"), [
    ({"name": ""}, "Write your name"),
    ({"name": "Иван"}, "Use Latin letters"),
    ({"name": "{{7*7}}"}, "cannot be used here"),
    ({"name": "a" * 81}, "At most 80 characters."),
    ({"phone": ""}, "Write a telephone number"),
    ({"phone": "041 123 45"}, "not a telephone number"),
    ({"phone": "080 2005"}, "not a telephone number"),
    ({"phone": "112"}, "not a telephone number"),
    ({"phone": "<script>"}, "not a telephone number"),
    ({"email": "janez"}, "not an e-mail address"),
    ({"email": "a@b"}, "not an e-mail address"),
    ({"payment": "bitcoin"}, "Choose how you will pay."),
])
def test_bad_contact_is_refused_beside_its_field_and_kept(client: FlaskClient, changes: dict[str, str],
                                                          sentence: str) -> None:
    fields = with_quote(client, **GREEN, **DELIVERY)
    answer = post(client, "4", **{**fields, **CONTACT, **changes})
    assert (answer.status_code, at_step(answer)) == (422, 3)
    assert sentence in answer.text
    assert "<script>" not in re.sub(r"<script src=[^>]*>", "", answer.text)
    assert 'value="Šišenska cesta 12, 1000 Ljubljana"' in answer.text


def test_a_landline_is_accepted_and_told_that_it_gets_no_sms(client: FlaskClient) -> None:
    fields = with_quote(client, **GREEN, **DELIVERY)
    review = post(client, "4", **{**fields, **CONTACT, "phone": "01 234 56 78"})
    assert (review.status_code, at_step(review)) == (200, 4)
    assert 'data-testid="landline"' in review.text


def test_ebank_is_closed_for_today_and_says_from_when(client: FlaskClient) -> None:
    """H-123, X-03: C6."""
    fields = with_quote(client, **GREEN, **DELIVERY)
    contact = post(client, "3", **fields)
    assert re.search(r'value="ebank" disabled', contact.text)
    assert "Possible for delivery from tomorrow on" in contact.text
    answer = post(client, "4", **{**fields, **CONTACT, "payment": "ebank"})
    assert (answer.status_code, at_step(answer)) == (422, 3)
    assert "Payment by e-bank is possible for delivery on the next delivery day or later." in answer.text
    assert number_of_orders() == 0


def test_ebank_is_open_for_a_later_day_and_the_order_waits_for_payment(client: FlaskClient) -> None:
    """H-123, X-03, X-04: the deposit stays due in cash."""
    fields = reviewed(client, **{"q-Z10-k": "1"}, payment="ebank", wish_on="2026-11-24")
    assert fields["shown_total_cents"] == "3490"
    assert post(client, "order", **fields).status_code == 303
    order = the_order()
    assert (order.status, order.payment_method, order.cash_part_cents) == (
        OrderStatus.AWAITING_PAYMENT, PaymentMethod.EBANK, 1000)
    assert order.promise_kind is PromiseKind.AGREED


# step 4 and the order

def test_the_review_shows_every_part_of_the_sum(client: FlaskClient) -> None:
    """H-030, W-21: 1 swap 24,90 + 1 M10 24,90 + deposit 10 - orange 3; VAT of 49,80 at 22 %; 7 in cash by card."""
    fields = with_quote(client, **{"q-Z10-swap": "1", "q-Z10-m10": "1"}, **DELIVERY)
    review = post(client, "4", **{**fields, **CONTACT, "payment": "card"})
    table = review.text[review.text.index('data-testid="amounts"'):review.text.index('class="coupon"')]
    assert re.findall(r"[−\d.,]+\xa0EUR", table) == [f"{amount}\xa0EUR" for amount in (
        "24,90", "24,90", "10,00", "−3,00", "0,00", "56,80", "8,98", "56,80", "7,00")]
    assert "Order with the obligation to pay 56,80\xa0EUR" in review.text


def test_the_duties_stand_on_the_review(client: FlaskClient) -> None:
    """H-024 to H-034: company, goods, availability, delivery, prices, payment, validity, withdrawal, complaints."""
    fields = with_quote(client, **GREEN, **DELIVERY)
    text = post(client, "4", **{**fields, **CONTACT}).text
    for part in ("5094933000", "info@butanplin.si", "Every cylinder on offer is available", "within one hour",
                 "include VAT", "by e-bank one day ahead", "holds for 5 minutes", "within 8 days of taking delivery",
                 "the safety foil on the valve is in place", "Cost: none.", "complaint record"):
        assert part in text, part


def test_an_order_is_placed_and_leads_to_its_page(client: FlaskClient, promises: FakePromises) -> None:
    fields = reviewed(client)
    answer = post(client, "order", **fields)
    assert answer.status_code == 303
    assert re.fullmatch(r"/t/[A-Z2-7]{10}", answer.location)
    order = the_order()
    assert (order.channel, order.status, order.total_cents) == (Channel.WEB, OrderStatus.CONFIRMED, 2490)
    assert (order.contact_name, order.phone_e164, order.phone_kind, order.email) == (
        "Žiga Novak", "+38641123456", PhoneKind.MOBILE, "ziga@primer.si")
    assert (order.address_line, order.floor, order.note) == ("Šišenska cesta 12, 1000 Ljubljana", 3, "Zvonec 4")
    assert [(line.product_code, line.exchange, line.quantity) for line in order.lines] == [
        ("Z10", ExchangeKind.SWAP, 1)]
    assert (order.adult_confirmed, order.data_confirmed, order.duties_confirmed) == (True, True, True)
    assert order.terms_version_id == db.session.scalar(sa.select(TermsVersion.id))
    assert order.customer_id is None
    assert order.language == "en"
    assert [offer.quote_key for offer in promises.accepted] == [fields["quote_key"].partition("@")[0]]


def test_htmx_is_sent_on_to_the_order_page(client: FlaskClient) -> None:
    fields = reviewed(client)
    answer = client.post("/", data={"step": "order", **fields}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"].startswith("/t/")


@pytest.mark.parametrize("missing", ["terms", "adult", "data"])
def test_every_tick_is_asked_for(client: FlaskClient, promises: FakePromises, missing: str) -> None:
    """H-020, H-104, H-035."""
    fields = reviewed(client)
    answer = post(client, "order", **{**fields, missing: ""})
    assert (answer.status_code, at_step(answer)) == (422, 4)
    assert f'id="{missing}-error"' in answer.text
    assert number_of_orders() == 0
    assert promises.accepted == []


def test_the_same_form_twice_makes_one_order(client: FlaskClient) -> None:
    fields = reviewed(client)
    first, second = post(client, "order", **fields), post(client, "order", **fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert number_of_orders() == 1


def test_a_total_that_changed_is_shown_again_and_nothing_is_ordered(client: FlaskClient, promises: FakePromises,
                                                                    now: datetime) -> None:
    fields = reviewed(client)
    with unit_of_work():
        db.session.add(Price(product_code="Z10", gross_cents=2590, vat_permille=220,
                             valid_from=now - timedelta(minutes=1)))
    answer = post(client, "order", **fields)
    assert (answer.status_code, at_step(answer)) == (409, 4)
    assert hidden(answer, "shown_total_cents") == "2590"
    assert number_of_orders() == 0
    assert promises.accepted == []
    assert 'value="Žiga Novak"' in answer.text
    again = post(client, "order", **{**fields, "shown_total_cents": "2590"})
    assert again.status_code == 303
    assert the_order().total_cents == 2590


@pytest.mark.parametrize("shown", ["", "abc", "-5", "2489", "99999999999999"])
def test_a_forged_total_is_never_taken(client: FlaskClient, shown: str) -> None:
    fields = reviewed(client)
    answer = post(client, "order", **{**fields, "shown_total_cents": shown})
    assert answer.status_code == 409
    assert number_of_orders() == 0


def test_a_promise_that_got_worse_is_shown_before_anything_is_ordered(client: FlaskClient,
                                                                      promises: FakePromises) -> None:
    """Y-03, Y-04."""
    fields = reviewed(client)
    promises.later = timedelta(minutes=30)
    answer = post(client, "order", **fields)
    assert (answer.status_code, at_step(answer)) == (409, 4)
    assert "today by 13.30" in answer.text
    assert "The delivery time has changed since it was shown." in answer.text
    assert number_of_orders() == 0
    again = post(client, "order", **{**fields, "quote_key": hidden(answer, "quote_key")})
    assert again.status_code == 303


def test_a_plan_that_moved_is_asked_again(client: FlaskClient, promises: FakePromises) -> None:
    """Y-04: two stale acceptances are renewed, the third one holds."""
    fields = reviewed(client)
    promises.stale = 2
    assert post(client, "order", **fields).status_code == 303
    assert number_of_orders() == 1


def test_a_plan_that_keeps_moving_brings_new_offers(client: FlaskClient, promises: FakePromises) -> None:
    fields = reviewed(client)
    promises.stale = 99
    answer = post(client, "order", **fields)
    assert (answer.status_code, at_step(answer)) == (409, 2)
    assert 'name="quote_key"' in answer.text
    assert number_of_orders() == 0


@pytest.mark.parametrize("quote", ["", "nonsense", "fake-1@yesterday", "x" * 400])
def test_a_forged_quote_is_never_taken(client: FlaskClient, quote: str) -> None:
    fields = reviewed(client)
    answer = post(client, "order", **{**fields, "quote_key": quote})
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert at_step(answer) == 2
        assert number_of_orders() == 0


# the coupon

def apply(client: FlaskClient, fields: dict[str, str], code: str) -> TestResponse:
    return client.post("/koda?lang=en", data={**fields, "code": code})


def test_a_code_takes_its_part_off_and_is_used_up_by_the_order(client: FlaskClient) -> None:
    """H-134, W-18, W-21, X-10."""
    [code] = issued()
    fields = reviewed(client)
    held = apply(client, fields, code.lower())
    assert (held.status_code, at_step(held)) == (200, 4)
    assert hidden(held, "shown_total_cents") == "2190"
    assert 'data-testid="discount"' in held.text
    answer = post(client, "order", **{**fields, "shown_total_cents": "2190"})
    assert answer.status_code == 303
    order = the_order()
    assert (order.total_cents, order.discount_cents, order.promo_code) == (2190, 300, code)
    assert db.session.scalar(sa.select(PromoCode.state)) is CodeState.REDEEMED


def test_a_code_that_was_typed_but_not_applied_is_shown_before_the_order(client: FlaskClient) -> None:
    [code] = issued()
    fields = reviewed(client)
    answer = post(client, "order", **fields, code=code)
    assert (answer.status_code, at_step(answer)) == (409, 4)
    assert hidden(answer, "shown_total_cents") == "2190"
    assert number_of_orders() == 0
    assert post(client, "order", **{**fields, "shown_total_cents": "2190"}).status_code == 303


def test_a_held_code_can_be_let_go(client: FlaskClient) -> None:
    [code] = issued()
    fields = reviewed(client)
    apply(client, fields, code)
    answer = client.post("/?lang=en", data={**fields, "remove_code": "1"})
    assert hidden(answer, "shown_total_cents") == "2490"
    assert db.session.scalar(sa.select(PromoCode.state)) is CodeState.ISSUED


def test_an_unknown_code_says_so_and_changes_nothing(client: FlaskClient) -> None:
    """Y-12."""
    fields = reviewed(client)
    answer = apply(client, fields, "POLETJE-AAAAAAAA")
    assert (answer.status_code, at_step(answer)) == (422, 4)
    assert "We do not know this code." in answer.text
    assert hidden(answer, "shown_total_cents") == "2490"


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"starts_at": LONG_AGO, "ends_at": datetime(2026, 10, 31, 12, tzinfo=UTC)}, "expired on 31. 10. 2026"),
    ({"value_cents": 2400}, "The code is worth 24,00\xa0EUR, so the gas must cost at least 25,00\xa0EUR."),
    ({"product_codes": ("P5",)}, "not valid for what you are ordering"),
])
def test_a_code_that_does_not_hold_says_why(client: FlaskClient, changes: dict[str, Any], sentence: str,
                                            held: Any) -> None:
    """H-131, W-20, X-10."""
    with held(datetime(2026, 10, 20, tzinfo=UTC)):
        [code] = issued(**changes) if "ends_at" in changes else [""]
    if not code:
        [code] = issued(**changes)
    fields = reviewed(client)
    answer = apply(client, fields, code)
    assert (answer.status_code, at_step(answer)) == (422, 4)
    assert sentence in answer.text
    assert hidden(answer, "shown_total_cents") == "2490"
    assert db.session.scalar(sa.select(PromoCode.state)) is CodeState.ISSUED


def test_a_code_in_another_persons_form_is_refused(app: Flask, client: FlaskClient) -> None:
    [code] = issued()
    other = app.test_client()
    assert apply(other, reviewed(other), code).status_code == 200
    answer = apply(client, reviewed(client), code)
    assert answer.status_code == 422
    assert "being used in another order" in answer.text


def test_a_used_code_is_refused(client: FlaskClient) -> None:
    """H-137."""
    [code] = issued()
    fields = reviewed(client)
    apply(client, fields, code)
    post(client, "order", **{**fields, "shown_total_cents": "2190"})
    answer = apply(client, reviewed(client), code)
    assert answer.status_code == 422
    assert "already been used" in answer.text


def test_codes_cannot_be_tried_out_without_end(client: FlaskClient) -> None:
    """M2, Y-12: ten and more guesses from one address end in a wait, by the button and by the order."""
    fields = reviewed(client)
    guesses = [f"POLETJE-AAAAAA{letter}{letter}" for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" * 2]
    answers = [apply(client, fields, guess) for guess in guesses]
    assert "Too many attempts." in answers[-1].text
    [code] = issued()
    assert "Too many attempts." in post(client, "order", **fields, code=code).text
    assert number_of_orders() == 0


# an address as it is written (pure)

@pytest.mark.parametrize(("text", "parts"), [
    ("Šišenska cesta 12, 1000 Ljubljana", ("Šišenska cesta", "12", "1000", "Ljubljana")),
    ("Šišenska cesta 12 a, 1000 Ljubljana", ("Šišenska cesta", "12a", "1000", "Ljubljana")),
    ("Trg 1. maja 5 1000 Ljubljana", ("Trg 1. maja", "5", "1000", "Ljubljana")),
    ("Cesta  na Brdo 1", ("Cesta na Brdo", "1", "", "")),
    ("Gosposvetska 5B", ("Gosposvetska", "5B", "", "")),
    ("Vas 7, 4220 Škofja Loka", ("Vas", "7", "4220", "Škofja Loka")),
])
def test_an_address_is_read_as_people_write_it(text: str, parts: tuple[str, ...]) -> None:
    read = read_address(text)
    assert read is not None
    assert (read.street, read.house_number, read.postcode, read.city) == parts


@pytest.mark.parametrize("text", ["", "Ljubljana", "12", "12 Šišenska", "Ulica 12345"])
def test_what_has_no_street_and_number_is_no_address(text: str) -> None:
    assert read_address(text) is None


def test_a_position_is_two_numbers_on_the_globe() -> None:
    assert read_position("", "") is None
    assert read_position("46.05", "14.5") == (46.05, 14.5)
    for lat, lon in (("46.05", ""), ("inf", "1"), ("91", "0"), ("0", "181")):
        with pytest.raises(UnknownAddress):
            read_position(lat, lon)


def test_two_people_who_send_no_form_key_are_not_shown_each_others_order(client: FlaskClient) -> None:
    first = post(client, "order", **{**reviewed(client), "request_key": ""})
    second = post(client, "order", **{**reviewed(client), "request_key": ""})
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location != second.location
    assert number_of_orders() == 2
