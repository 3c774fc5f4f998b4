"""orders/views/returns.py: the customer's pages for withdrawal and for returning a green cylinder."""
from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from core import clock
from core.db import db
from orders.errors import StaleQuote
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.queries import why_no_withdrawal, withdrawal_of
from orders.returns.states import CaseKind, CaseStatus, WithdrawalRefusal
from orders.states import Channel, PromiseKind
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from tests.factories import KRANJ, make_delivered_order, make_order, one, order_token
from tests.orders.cases import withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything

IBAN = "SI56 0201 7001 4356 205"


def form(order: Order, **changes: Any) -> dict[str, Any]:
    assert order.handover is not None
    lines = {f"line_{line.id}": line.quantity for line in order.handover.lines}
    return {"request_key": "form-of-the-customer", "window": "hour", "iban": "", **lines, **changes}


def cases() -> int:
    return db.session.scalar(sa.select(sa.func.count(ReturnCase.id))) or 0


def test_the_page_shows_clock_refund_and_cost_before_anything_is_confirmed(client: FlaskClient, plan: FakePromises,
                                                                           now: datetime) -> None:
    """X-18, X-23, H-033; looking writes nothing."""
    order = make_delivered_order(lines=one(E.K))
    before = everything()
    page = client.get(f"/t/{order_token(order)}/odstop").get_data(as_text=True)
    assert everything() == before
    assert "1. 12. 2026" in page
    assert re.search(r'data-testid="total">34,90\s*EUR', page)
    assert 'data-testid="confirm-withdrawal"' in page
    assert 'name="iban"' not in page


def test_confirming_opens_the_case_and_leads_back_to_the_order(client: FlaskClient, plan: FakePromises,
                                                               now: datetime) -> None:
    order = make_delivered_order()
    token = order_token(order)
    answer = client.post(f"/t/{token}/odstop", data=form(order))
    assert (answer.status_code, answer.location) == (303, f"/t/{token}")
    case = withdrawal_of(order.id)
    assert case is not None
    assert (case.kind, case.status, case.channel, case.window_closed_at) == (
        CaseKind.WITHDRAWAL, CaseStatus.AWAITING_PICKUP, Channel.WEB, None)
    assert plan.accepted[-1].kind is PromiseKind.HOUR


def test_the_form_pressed_twice_opens_one_case(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    url = f"/t/{order_token(order)}/odstop"
    assert [client.post(url, data=form(order)).status_code for _ in range(2)] == [303, 303]
    assert cases() == 1
    assert client.post(url, data=form(order, request_key="another-form")).status_code == 409
    assert cases() == 1


def test_a_customer_may_ask_to_be_called_about_the_time(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    assert client.post(f"/t/{order_token(order)}/odstop", data=form(order, window="call")).status_code == 303
    case = withdrawal_of(order.id)
    assert case is not None
    assert case.window_closed_at == now


def test_an_agreed_window_is_matched_by_its_times(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order(place=KRANJ)
    start = datetime.fromisoformat("2026-11-24T07:00:00+00:00")
    key = f"{int(start.timestamp())}-{int((start + timedelta(hours=2)).timestamp())}"
    url = f"/t/{order_token(order)}/odstop"
    assert f'value="{key}"' in client.get(url).get_data(as_text=True)
    assert client.post(url, data=form(order, window=key)).status_code == 303
    case = withdrawal_of(order.id)
    assert case is not None
    assert (case.window_from_at, case.window_by_at) == (start, start + timedelta(hours=2))


def test_a_window_that_moved_while_writing_is_tried_again(client: FlaskClient, plan: FakePromises,
                                                          now: datetime) -> None:
    order = make_delivered_order()
    plan.stale = 2
    assert client.post(f"/t/{order_token(order)}/odstop", data=form(order)).status_code == 303
    assert cases() == 1


def test_a_window_that_is_gone_is_said_beside_its_field_and_nothing_typed_is_lost(
        client: FlaskClient, plan: FakePromises, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_delivered_order(payment=P.CARD)
    before = everything()

    def gone(*_args: object, **_kwargs: object) -> None:
        raise StaleQuote

    monkeypatch.setattr(plan, "accept", gone)
    answer = client.post(f"/t/{order_token(order)}/odstop", data=form(order, iban=IBAN))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'id="window-error"' in page
    assert f'value="{IBAN}"' in page
    assert everything() == before


BAD = [
    {"iban": "SI56020170014356206"}, {"iban": "<script>alert(1)</script>"}, {"iban": "X" * 500}, {"iban": "Ж" * 19},
    {"window": ""}, {"window": "1-2"}, {"window": "'; DROP TABLE orders; --"},
    {"line": "-1"}, {"line": "2"}, {"line": "abc"}, {"line": ""}, {"line": "9" * 400}, {"request_key": "x"},
    {"line": "0"},
]


@pytest.mark.parametrize("wrong", BAD)
def test_bad_input_is_refused_with_a_sentence_and_changes_nothing(client: FlaskClient, plan: FakePromises,
                                                                  now: datetime, wrong: dict[str, str]) -> None:
    order = make_delivered_order(payment=P.CARD)
    assert order.handover is not None
    if "line" in wrong:
        wrong = {f"line_{order.handover.lines[0].id}": wrong["line"]}
    before = everything()
    answer = client.post(f"/t/{order_token(order)}/odstop", data=form(order) | wrong)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'data-testid="errors"' in page
    assert "<script>alert" not in page
    assert everything() == before


def test_nothing_at_all_is_no_withdrawal(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    before = everything()
    assert client.post(f"/t/{order_token(order)}/odstop", data={}).status_code == 422
    assert everything() == before


def test_an_order_not_yet_delivered_or_out_of_time_says_why(client: FlaskClient, plan: FakePromises,
                                                            now: datetime) -> None:
    """H-140."""
    for order, reason in ((make_order(), "not_delivered"), (make_delivered_order(), "too_late")):
        token = order_token(order)
        with clock.frozen_at(now + timedelta(days=9)):
            for answer in (client.get(f"/t/{token}/odstop"), client.post(f"/t/{token}/odstop", data={})):
                assert answer.status_code == 409
                assert f'data-reason="{reason}"' in answer.get_data(as_text=True)
    assert cases() == 0


def test_an_open_withdrawal_is_not_opened_again(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    withdraw(order)
    answer = client.get(f"/t/{order_token(order)}/odstop")
    assert (answer.status_code, 'data-reason="already_open"' in answer.get_data(as_text=True)) == (409, True)


def test_of_two_withdrawals_at_once_the_database_lets_one_through(client: FlaskClient, plan: FakePromises,
                                                                  now: datetime,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither saw the other when it looked: the partial unique index decides, and the other one is told."""
    order = make_delivered_order()
    withdraw(order)
    blind = iter([None, None])

    def look(seen: Order, at: datetime) -> WithdrawalRefusal | None:
        return next(blind, why_no_withdrawal(seen, at))

    monkeypatch.setattr("orders.views.returns.why_no_withdrawal", look)
    monkeypatch.setattr("orders.returns.opening.why_no_withdrawal", look)
    monkeypatch.setattr("orders.returns.opening.remaining",
                        lambda handover: {line.id: line.quantity for line in handover.lines})
    before = everything()
    answer = client.post(f"/t/{order_token(order)}/odstop", data=form(order))
    assert (answer.status_code, 'data-reason="already_open"' in answer.get_data(as_text=True)) == (409, True)
    assert everything() == before


@pytest.mark.parametrize("page", ["odstop", "vracilo"])
def test_a_foreign_or_expired_link_shows_nothing(client: FlaskClient, plan: FakePromises, now: datetime,
                                                 page: str) -> None:
    token = order_token(make_delivered_order())
    assert client.get(f"/t/AAAAAAAAAA/{page}").status_code == 404
    with clock.frozen_at(now + timedelta(days=61)):
        assert client.get(f"/t/{token}/{page}").status_code == 410


def test_a_return_is_asked_for_and_waits_for_an_agent(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    """H-091, X-12."""
    order = make_delivered_order()
    token = order_token(order)
    assert client.get(f"/t/{token}/vracilo").status_code == 200
    data = {"request_key": "form-of-the-customer", "quantity": "2", "condition": "whole", "stamp": "11/2030"}
    for _ in range(2):
        answer = client.post(f"/t/{token}/vracilo", data=data)
        assert (answer.status_code, answer.location) == (303, f"/t/{token}")
    case = db.session.scalars(sa.select(ReturnCase)).one()
    assert (case.status, case.channel, case.cylinders, case.pay_out_expected) == (
        CaseStatus.REQUESTED, Channel.WEB, 2, "expected")
    assert (case.order_id, case.checks) == (order.id, {"damaged": False, "test_due": "2030-11-01"})


@pytest.mark.parametrize("wrong", [
    {"quantity": "0"}, {"quantity": "21"}, {"quantity": "dve"}, {"quantity": ""}, {"condition": "kaj"},
    {"stamp": "13/2027"}, {"stamp": "11/1999"}, {"stamp": "<b>"}, {"stamp": "jutri"}])
def test_a_wrong_return_request_changes_nothing(client: FlaskClient, plan: FakePromises, now: datetime,
                                                wrong: dict[str, str]) -> None:
    order = make_delivered_order()
    token = order_token(order)
    data = {"request_key": "form-of-the-customer", "quantity": "1", "condition": "whole", "stamp": ""} | wrong
    before = everything()
    answer = client.post(f"/t/{token}/vracilo", data=data)
    assert (answer.status_code, 'data-testid="errors"' in answer.get_data(as_text=True)) == (422, True)
    assert everything() == before


def test_pages_speak_english_on_request(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    page = client.get(f"/t/{order_token(order)}/odstop?lang=en").get_data(as_text=True)
    assert "Confirm withdrawal" in page
