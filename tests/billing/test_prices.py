"""The price list: one place that answers "price of X at T" (H-041), and its public page."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from billing import queries
from billing.errors import NotAvailable, UnknownProduct
from billing.models import Price, Product
from billing.prices import PriceChange, PricedProduct
from core import clock
from core.db import db, unit_of_work
from tests.billing.factories import LONG_AGO, make_prices

RISE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _prices(app: Flask) -> None:
    make_prices()


@pytest.mark.parametrize(("at", "cents"), [
    (LONG_AGO, 2290), (RISE - timedelta(seconds=1), 2290), (RISE, 2490), (RISE + timedelta(days=21), 2490),
    (datetime(2027, 1, 1, tzinfo=UTC), 2590)])
def test_a_price_holds_from_its_instant_until_the_next(at: datetime, cents: int) -> None:
    """H-041: effective-dated; an order of yesterday keeps yesterday's price."""
    assert queries.price_of("Z10", at).gross_cents == cents


def test_a_priced_product_says_everything_an_order_needs(now: datetime) -> None:
    assert queries.price_of("Z10", now) == PricedProduct(
        code="Z10", cylinder_type="Z10", name_sl="Plin v zeleni jeklenki", name_en="Gas in the green cylinder",
        gross_cents=2490, vat_permille=220, exchanges=("swap", "m10", "k"), available=True, net_gas_g=10_000,
        colour="green", picture="green")
    assert queries.price_of("Z10", now).name("en") == "Gas in the green cylinder"
    assert queries.price_of("Z10", now).name("sl") == "Plin v zeleni jeklenki"


def test_the_list_has_its_order_and_shows_what_is_not_available(now: datetime) -> None:
    """H-027."""
    assert [(one.code, one.gross_cents, one.available) for one in queries.price_list(now)] == [
        ("Z10", 2490, True), ("P5", 1590, False)]


def test_before_the_first_price_there_is_nothing(now: datetime) -> None:
    before = LONG_AGO - timedelta(seconds=1)
    assert queries.price_list(before) == []
    assert queries.prices_valid_from(before) is None
    with pytest.raises(UnknownProduct):
        queries.price_of("Z10", before)


def test_an_unknown_product_and_one_that_cannot_be_had_are_refused_apart(now: datetime) -> None:
    with pytest.raises(UnknownProduct):
        queries.price_of("Z99", now)
    with pytest.raises(NotAvailable):
        queries.price_of("P5", now)


def test_the_list_says_since_when_it_holds_and_what_will_change(now: datetime) -> None:
    """H-032."""
    assert queries.prices_valid_from(now) == RISE
    assert queries.price_changes_after(now) == [
        PriceChange(product_code="Z10", gross_cents=2590, valid_from=datetime(2027, 1, 1, tzinfo=UTC))]


@pytest.mark.parametrize("changes", [{"gross_cents": 0}, {"gross_cents": -1}, {"vat_permille": -1},
                                     {"valid_from": RISE}])
def test_a_price_that_cannot_be_is_refused_by_the_database(changes: dict[str, object]) -> None:
    values = {"product_code": "Z10", "gross_cents": 2490, "vat_permille": 220, "valid_from": RISE + timedelta(days=1)}
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.add(Price(**{**values, **changes}))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Price)) == 4


def test_the_public_page_shows_prices_vat_deposit_and_validity(client: FlaskClient, now: datetime) -> None:
    """H-027, H-029, H-030, H-040, H-041, H-045, H-051, H-061, H-064."""
    page = client.get("/cenik?lang=en")
    text = " ".join(page.get_data(as_text=True).replace("\u00a0", " ").split())
    assert page.status_code == 200
    for said in ("24,90 EUR", "15,90 EUR", "10 kg of gas, VAT 22 % included", "5 kg of gas, VAT 9,5 % included",
                 "Valid from 1. 11. 2026", "25,90 EUR from 1. 1. 2027", "10,00 EUR", "−3,00 EUR", "7,00 EUR",
                 "Gas in the green cylinder", "not available at present", "The pictures are symbolic."):
        assert said in text, said


def test_the_page_follows_the_clock(client: FlaskClient, now: datetime) -> None:
    clock.advance(timedelta(days=60))
    text = client.get("/cenik?lang=en").get_data(as_text=True).replace("\u00a0", " ")
    assert "25,90 EUR" in text
    assert "24,90 EUR" not in text
    assert "Valid from 1. 1. 2027" in text


def test_without_prices_the_page_says_whom_to_call(client: FlaskClient, now: datetime) -> None:
    with unit_of_work():
        db.session.execute(sa.delete(Price))
        db.session.execute(sa.delete(Product))
    page = client.get("/cenik?lang=en")
    assert page.status_code == 200
    assert "No prices are published at present" in page.get_data(as_text=True)
