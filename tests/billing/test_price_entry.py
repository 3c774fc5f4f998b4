"""Future prices: entered, refused by field, withdrawn, remembered; an order keeps its own (H-041)."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from billing import price_entry, queries
from billing.errors import PriceHolds, UnknownProduct, WrongPrice
from billing.models import Price
from billing.price_entry import PriceStanding
from core import clock
from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.roles import Role
from orders.models import Order
from tests.billing.factories import LONG_AGO, make_prices, sign_in
from tests.factories import make_order

DECEMBER = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)  # midnight in Ljubljana
FORM = {"product": "Z10", "price": "26,90", "vat": "220", "valid_on": "2026-12-01", "valid_at": ""}
pytestmark = pytest.mark.usefixtures("app", "now")


def enter(cents: int = 2690, valid_from: datetime = DECEMBER, *, code: str = "Z10", vat: int = 220,
          sure: bool = False) -> None:
    with unit_of_work():
        price_entry.enter_price(code, cents, vat, valid_from, sure=sure, now=clock.utc_now(), actor="staff:1")


def rows() -> list[tuple[str, int, datetime]]:
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(
        sa.select(Price.product_code, Price.gross_cents, Price.valid_from).order_by(Price.id))]


def test_a_price_to_come_holds_from_its_instant_and_is_announced_before(now: datetime) -> None:
    make_prices()
    for _ in range(2):
        enter()
    assert [queries.price_of("Z10", at).gross_cents for at in (
        now, DECEMBER - timedelta(microseconds=1), DECEMBER, datetime(2027, 1, 1, tzinfo=UTC))] == [
        2490, 2490, 2690, 2590]
    assert [(change.gross_cents, change.valid_from) for change in queries.price_changes_after(now)] == [
        (2690, DECEMBER), (2590, datetime(2027, 1, 1, tzinfo=UTC))]
    assert [(row.product_code, row.gross_cents, row.standing) for row in price_entry.prices(now).rows] == [
        ("Z10", 2590, PriceStanding.COMING), ("Z10", 2690, PriceStanding.COMING), ("Z10", 2490, PriceStanding.HOLDS),
        ("Z10", 2290, PriceStanding.OVER), ("P5", 1590, PriceStanding.HOLDS)]
    assert [(entry.action, entry.ref, entry.actor) for entry in price_entry.changes()] == [
        ("price.entered", "price:Z10", "staff:1")]


def test_an_order_keeps_the_price_that_held_when_it_was_placed(now: datetime) -> None:
    """H-041, W-11: the next one pays the new price."""
    first = make_order().id
    enter(2690, now + timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    second = make_order().id
    assert [db.session.get_one(Order, number).gas_cents for number in (first, second)] == [2490, 2690]


@pytest.mark.parametrize(("cents", "valid_from", "vat", "field"), [
    (2690, datetime(2026, 11, 23, 11, 0, tzinfo=UTC), 220, "valid_on"),  # this very instant
    (2690, LONG_AGO, 220, "valid_on"),
    (2690, datetime(2029, 1, 1, tzinfo=UTC), 220, "valid_on"),
    (2690, datetime(2027, 1, 1, tzinfo=UTC), 220, "valid_on"),  # another one begins then
    (99, DECEMBER, 220, "price"),
    (0, DECEMBER, 220, "price"),
    (-2490, DECEMBER, 220, "price"),
    (100_001, DECEMBER, 220, "price"),
    (249, DECEMBER, 220, "price"),  # a tenth of the one before
    (24900, DECEMBER, 220, "price"),
    (4981, DECEMBER, 220, "price"),
    (2690, DECEMBER, 210, "vat"),
])
def test_a_wrong_price_is_refused_with_its_field_and_nothing_changes(
        cents: int, valid_from: datetime, vat: int, field: str) -> None:
    make_prices()
    before = rows()
    with pytest.raises(WrongPrice) as refusal:
        enter(cents, valid_from, vat=vat)
    assert refusal.value.field == field
    assert (rows(), db.session.scalar(sa.select(sa.func.count(AuditEntry.id)))) == (before, 0)


def test_an_unknown_product_has_no_price_and_a_surprising_one_needs_a_word() -> None:
    make_prices()
    with pytest.raises(UnknownProduct):
        enter(code="Z99")
    for hours, cents in enumerate((1245, 2490, 4980)):  # half and twice are believed
        enter(cents, DECEMBER + timedelta(hours=hours))
    enter(24900, datetime(2027, 3, 1, tzinfo=UTC), sure=True)
    assert len(rows()) == 8


def test_a_price_is_withdrawn_until_it_holds_and_the_withdrawal_is_remembered() -> None:
    make_prices()
    enter()
    price_id = db.session.scalars(sa.select(Price.id).where(Price.valid_from == DECEMBER)).one()
    before = rows()
    with clock.frozen_at(DECEMBER), pytest.raises(PriceHolds), unit_of_work():
        price_entry.withdraw_price(price_id, now=clock.utc_now(), actor="staff:2")
    assert rows() == before
    with unit_of_work():
        price_entry.withdraw_price(price_id, now=clock.utc_now(), actor="staff:2")
    assert queries.price_of("Z10", DECEMBER).gross_cents == 2490
    entry = price_entry.changes()[0]
    assert (entry.action, entry.actor, entry.details["gross_cents"]) == ("price.withdrawn", "staff:2", 2690)
    with pytest.raises(PriceHolds), unit_of_work():
        price_entry.withdraw_price(price_id, now=clock.utc_now(), actor="staff:2")
    enter(2650)


def test_finance_enters_and_withdraws_by_the_page_and_the_public_list_announces_it(app: Flask) -> None:
    make_prices()
    client = app.test_client()
    sign_in(client, Role.FINANCE)
    for changes, field in (({"price": ""}, "price"), ({"price": "-5"}, "price"), ({"price": "249"}, "price"),
                           ({"product": "Z99"}, "product"), ({"vat": "13"}, "vat"), ({"valid_on": ""}, "valid_on"),
                           ({"valid_on": "2026-11-22"}, "valid_on"), ({"valid_on": "9999-12-31"}, "valid_on"),
                           ({"valid_on": "0001-01-01"}, "valid_on"), ({"valid_at": "25:00"}, "valid_at")):
        answer = client.post("/finance/prices", data=FORM | changes)
        assert answer.status_code == 422, changes
        assert answer.text.count("field__error") == 1, changes
        assert f'id="{field}-error"' in answer.text, changes
    assert len(rows()) == 4
    assert client.post("/finance/prices", data=FORM | {"price": "249", "sure": "y"}).status_code == 303
    morning = {"valid_on": "2026-11-24", "valid_at": "06:30"}
    assert client.post("/finance/prices", data=FORM | morning).status_code == 303
    price_id = db.session.scalars(sa.select(Price.id).where(Price.gross_cents == 24900)).one()
    assert f"/finance/prices/{price_id}/withdraw" in client.get("/finance/prices").text
    assert client.post(f"/finance/prices/{price_id}/withdraw").status_code == 303
    assert client.post(f"/finance/prices/{price_id}/withdraw").status_code == 409
    assert rows()[-1] == ("Z10", 2690, datetime(2026, 11, 24, 5, 30, tzinfo=UTC))
    assert "26,90\u00a0EUR" in client.get("/cenik").text


def test_an_auditor_reads_prices_and_others_do_not(app: Flask) -> None:
    make_prices()
    auditor, agent = app.test_client(), app.test_client()
    sign_in(auditor, Role.AUDITOR)
    sign_in(agent, Role.AGENT)
    page = auditor.get("/finance/prices")
    assert (page.status_code, 'data-testid="price-form"' in page.text) == (200, False)
    assert auditor.post("/finance/prices", data=FORM).status_code == 403
    assert agent.get("/finance/prices").status_code == 403
    assert len(rows()) == 4
