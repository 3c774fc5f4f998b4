"""What the phone desk refuses: beside its field, with the right status, nothing changed, nothing lost."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core import calendar, clock
from core.db import db
from demo.people import PASSWORD
from demo.seed import lay_the_ground
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.states import CaseStatus
from orders.states import OrderStatus
from promos.models import PromoCode
from promos.states import CodeState
from tests.scenario.visitor import Visitor

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ADDRESS = "Zaloška cesta 54, 1000 Ljubljana"
TICKS = {"terms": "y", "adult": "y", "data": "y", "duties": "y"}


@pytest.fixture
def agent(app: Flask) -> Iterator[Visitor]:
    """An agent with a caller's order on the desk, ready to be placed."""
    with clock.frozen_at(NOON):
        lay_the_ground(NOON)
        visitor = Visitor(app).sign_in("agent@plin.test", PASSWORD).open("/agent?q=041 555 666")
        yield visitor.press("look", q__Z10__swap=2, name="Marija Horvat", address=ADDRESS, email="marija@primer.si")


def orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Order).order_by(Order.id)))


def placed(agent: Visitor) -> Order:
    agent.press("place-order", **TICKS)
    return orders()[-1]


def test_every_wrong_value_is_refused_beside_its_field_and_nothing_is_lost(agent: Visitor) -> None:
    wrong = [
        ("name", "", "name"), ("name", "Иван Петров", "name"), ("name", "<script>alert(1)</script>", "name"),
        ("name", "x" * 81, "name"), ("phone", "", "phone"), ("phone", "112", "phone"), ("phone", "ne vem", "phone"),
        ("phone", "041 123 45", "phone"), ("email", "ni naslov", "email"), ("floor", "-1", "floor"),
        ("floor", "99", "floor"), ("floor", "dve", "floor"), ("note", "Ж" * 5, "note"), ("note", "x" * 201, "note"),
        ("address", "", "address"), ("address", "Neznana ulica 999, 1000 Ljubljana", "address"),
        ("q-Z10-swap", "-2", "lines"), ("q-Z10-swap", "veliko", "lines"), ("q-Z10-swap", "999999999", "lines"),
        ("q-Z10-swap", "40", "lines"), ("payment", "bitcoin", "payment"),
        ("terms", "<off>", "terms"), ("adult", "<off>", "adult"), ("data", "<off>", "data"),
        ("duties", "<off>", "duties"),
    ]
    for field, value, beside in wrong:
        agent.open("/agent?q=041 555 666")
        agent.press("look", q__Z10__swap=2, name="Marija Horvat", address=ADDRESS, email="marija@primer.si")
        agent.press("place-order", expect=422, **{**TICKS, field.replace("-", "__"): value})
        assert f'id="{beside}-error"' in agent.html, (field, value)
        kept = agent.form("desk-form").values
        if field != "email":
            assert kept["email"] == "marija@primer.si", (field, value)
        assert "<script>alert" not in agent.html
    assert orders() == []


def test_an_address_abroad_a_changed_total_and_an_unknown_code_change_nothing(agent: Visitor) -> None:
    agent.press("place-order", expect=422, lat="48.2082", lon="16.3738", **TICKS)
    assert 'id="address-error"' in agent.html
    agent.press("look", lat="", lon="")
    agent.press("place-order", expect=409, shown_total_cents="100", **TICKS)
    agent.press("apply-code", code="JESEN-AAAAAAAA")
    assert 'id="code-error"' in agent.html
    assert not agent.shows("coupon-held")
    assert orders() == []
    free = sa.select(sa.func.count()).select_from(PromoCode).where(PromoCode.state == CodeState.ISSUED)
    assert db.session.scalar(free) == 20


def test_e_bank_for_today_is_answered_with_the_next_delivery_day_before_anything_is_written(agent: Visitor) -> None:
    """H-123, X-03: the new time is shown and asked for again."""
    agent.press("place-order", expect=409, payment="ebank", **TICKS)
    assert orders() == []
    agent.press("place-order", **TICKS)
    assert orders()[0].status is OrderStatus.AWAITING_PAYMENT
    assert calendar.local_date(orders()[0].promised_from_at) > calendar.local_date(NOON)


def test_the_same_form_sent_twice_makes_one_order(agent: Visitor) -> None:
    form = agent.form("desk-form")
    values = {**form.values, **TICKS, "action": "order"}
    first = agent.client.post("/agent", data=values)
    second = agent.client.post("/agent", data=values)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(orders()) == 1


def test_an_order_is_cancelled_with_a_reason_only_and_once(agent: Visitor) -> None:
    order = placed(agent)
    agent.press("cancel", by="customer", reason="", expect=422)
    assert orders()[0].status is OrderStatus.CONFIRMED
    agent.press("cancel", by="company", reason="vozilo v okvari")
    assert orders()[0].status is OrderStatus.CANCELLED
    again = agent.client.post(f"/agent/orders/{order.id}/cancel", data={"by": "customer", "reason": "še enkrat"})
    assert again.status_code == 409


def test_cases_of_an_undelivered_order_are_not_opened(agent: Visitor) -> None:
    order = placed(agent)
    for kind in ("withdrawal", "complaint"):
        answer = agent.client.get(f"/agent/orders/{order.id}/{kind}")
        assert (answer.status_code, answer.location) == (303, f"/agent/orders/{order.id}")
    assert db.session.scalars(sa.select(ReturnCase)).all() == []


def test_a_return_pick_up_checks_every_field_and_says_what_to_expect(agent: Visitor) -> None:
    good = {"phone": "041 555 666", "name": "Marija Horvat", "address": ADDRESS, "quantity": 2, "condition": "whole",
            "stamp": "11/2030"}
    for field, value in (("phone", "080"), ("name", ""), ("address", "brez številke"), ("quantity", "0"),
                         ("quantity", "200"), ("stamp", "lani"), ("condition", "morda"), ("email", "x@")):
        agent.open("/agent/return").press("open-case", expect=422, **{**good, field: value})
        assert db.session.scalars(sa.select(ReturnCase)).all() == [], field
    agent.open("/agent/return").press("open-case", **{**good, "condition": "damaged"})
    case = db.session.scalars(sa.select(ReturnCase)).one()
    assert (case.pay_out_expected, case.refund_cents) == ("not_expected", 0)
    agent.client.post(f"/agent/cases/{case.id}/cancel", data={"reason": "stranka si je premislila"})
    db.session.rollback()
    assert db.session.scalars(sa.select(ReturnCase)).one().status is CaseStatus.CANCELLED


def test_the_desk_is_for_agents(app: Flask, agent: Visitor) -> None:
    guest, driver = Visitor(app), Visitor(app).sign_in("trzenje@plin.test", PASSWORD)
    assert guest.open("/agent").url == "/sign-in"
    for path in ("/agent", "/agent/orders", "/agent/cases", "/agent/return", "/agent/addresses"):
        driver.open(path, expect=403)
    clock.advance(timedelta(seconds=1))


def test_without_general_terms_the_terms_page_says_that_nothing_can_be_ordered(app: Flask) -> None:
    """H-020, H-021: there is nothing to confirm yet."""
    page = Visitor(app).open("/pogoji", expect=503)
    assert "080 2005" in page.text("error-message")
