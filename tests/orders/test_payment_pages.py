"""orders/views/payments.py: finance marks payments and refunds."""
from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db import db, unit_of_work
from core.roles import Role
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.states import CaseStatus
from orders.services import cancel_order
from orders.states import ExchangeKind as E
from orders.states import OrderStatus
from orders.states import PaymentMethod as P
from tests.factories import make_delivered_order, make_order, one, signed_in
from tests.orders.cases import IBAN, collect, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


@pytest.fixture
def finance(app: Flask, plan: FakePromises, now: datetime) -> FlaskClient:
    return signed_in(app, Role.FINANCE)


def test_the_list_says_what_is_due_and_marking_confirms_the_order(finance: FlaskClient) -> None:
    """X-03, X-04."""
    order = make_order(payment=P.EBANK, lines=one(E.K))
    page = finance.get("/finance/payments").get_data(as_text=True)
    assert (order.number in page, "24,90" in page, 'data-testid="count">1<' in page) == (True, True, True)
    answer = finance.post(f"/finance/payments/{order.id}", data={"amount": "24,90"})
    assert (answer.status_code, answer.location) == (303, "/finance/payments")
    db.session.expire_all()
    assert order.status is OrderStatus.CONFIRMED
    assert 'data-testid="count">0<' in finance.get("/finance/payments").get_data(as_text=True)


@pytest.mark.parametrize(("typed", "status"), [("34,90", 422), ("24,89", 422), ("", 422), ("abc", 422), ("-24,90", 422),
                                               ("1e9", 422), ("24,901", 422), ("<script>", 422), ("9" * 50, 422)])
def test_another_amount_is_refused_beside_its_field_and_changes_nothing(finance: FlaskClient, typed: str,
                                                                        status: int) -> None:
    order = make_order(payment=P.EBANK, lines=one(E.K))
    before = everything()
    answer = finance.post(f"/finance/payments/{order.id}", data={"amount": typed})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, 'id="amount-error"' in page) == (status, True)
    assert "<script>\"" not in page
    assert everything() == before


def test_an_order_that_is_paid_already_says_so(finance: FlaskClient) -> None:
    order = make_order(payment=P.EBANK)
    assert finance.post(f"/finance/payments/{order.id}", data={"amount": "24,90"}).status_code == 303
    before = everything()
    assert finance.post(f"/finance/payments/{order.id}", data={"amount": "24,90"}).status_code == 409
    assert everything() == before
    assert finance.post("/finance/payments/999999", data={"amount": "24,90"}).status_code == 404


def refund_due() -> ReturnCase:
    case = withdraw(make_delivered_order(payment=P.CARD), iban=IBAN)
    collect(case, 0, empties_left={"Z10": 1})
    return case


def test_refunds_of_cases_and_of_cancelled_orders_are_marked(finance: FlaskClient, now: datetime) -> None:
    """H-147, X-22."""
    case, order = refund_due(), make_order(payment=P.EBANK)
    assert finance.post(f"/finance/payments/{order.id}", data={"amount": "24,90"}).status_code == 303
    with unit_of_work():
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
    page = finance.get("/finance/refunds").get_data(as_text=True)
    assert 'data-testid="count">2<' in page
    assert "SI56 0201 7001 4356 205" in page
    assert "23. 12. 2026" in page
    for ref in (f"case/{case.id}", f"order/{order.id}"):
        answer = finance.post(f"/finance/refunds/{ref}", data={"iban": IBAN})
        assert (answer.status_code, answer.location) == (303, "/finance/refunds")
    db.session.expire_all()
    assert (case.status, order.refunded_at) == (CaseStatus.COMPLETED, now)
    assert 'data-testid="count">0<' in finance.get("/finance/refunds").get_data(as_text=True)
    assert finance.post(f"/finance/refunds/case/{case.id}", data={"iban": IBAN}).status_code == 409


@pytest.mark.parametrize("iban", ["", "SI56020170014356206", "abc", "<script>", "Ж" * 19, "1" * 300])
def test_a_wrong_account_is_refused_and_changes_nothing(finance: FlaskClient, iban: str) -> None:
    case = refund_due()
    before = everything()
    answer = finance.post(f"/finance/refunds/case/{case.id}", data={"iban": iban})
    assert (answer.status_code, 'id="iban-error"' in answer.get_data(as_text=True)) == (422, True)
    assert everything() == before


def test_a_refund_of_nothing_is_not_found(finance: FlaskClient) -> None:
    assert finance.post("/finance/refunds/case/999999", data={"iban": IBAN}).status_code == 404
    assert finance.post("/finance/refunds/order/999999", data={"iban": IBAN}).status_code == 404
    assert finance.post("/finance/refunds/cash/1", data={"iban": IBAN}).status_code == 404


@pytest.mark.parametrize("role", [Role.AGENT, Role.DISPATCHER, Role.MARKETING, Role.AUDITOR, Role.TECHNICAL])
def test_only_finance_marks_money(app: Flask, plan: FakePromises, now: datetime, role: Role) -> None:
    order: Order = make_order(payment=P.EBANK)
    client = signed_in(app, role)
    before = everything()
    assert client.get("/finance/payments").status_code == 403
    assert client.post(f"/finance/payments/{order.id}", data={"amount": "24,90"}).status_code == 403
    assert client.post("/finance/refunds/case/1", data={"iban": IBAN}).status_code == 403
    assert everything() == before


def test_a_guest_is_sent_to_sign_in(client: FlaskClient, plan: FakePromises, now: datetime) -> None:
    assert client.get("/finance/refunds").status_code == 302
