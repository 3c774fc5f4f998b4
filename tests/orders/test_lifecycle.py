"""orders/lifecycle.py beyond the table: cancelling, failing, windows, payments, refunds."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from billing.errors import WrongIban
from billing.ledger import balance, trial_balance
from billing.models import Payment
from core import clock, signals
from core.db import db, unit_of_work
from core.errors import DomainError
from notify.models import OutboxMessage
from orders.errors import AlreadyEnded, NotPaid, OnItsWay, StaleQuote, WrongState
from orders.models import Order
from orders.services import (
    cancel_order,
    dispatch_order,
    fail_order,
    give_window,
    mark_paid,
    mark_refunded,
    recall_order,
    reject_order,
)
from orders.states import ExchangeKind, OrderStatus, PaymentMethod, PromiseKind
from tests.factories import make_delivered_order, make_dispatched_order, make_offer, make_order, one
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything

IBAN = "SI56020170014356205"


def templates() -> list[str]:
    return [row.template for row in db.session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.medium == "sms").order_by(OutboxMessage.id))]


def test_a_customer_cancels_until_the_van_leaves_for_the_stop(plan: FakePromises, now: datetime) -> None:
    """Y-07: also after the van was turned elsewhere again."""
    order = make_dispatched_order()
    before = everything()
    with pytest.raises(OnItsWay), unit_of_work():
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
    assert everything() == before
    with unit_of_work():
        recall_order(order.id, now=now, actor="driver:3")
        cancelled = cancel_order(order.id, by="customer", reason="ne potrebujem", now=now, actor="customer")
    assert (cancelled.status, cancelled.ended_reason) == (OrderStatus.CANCELLED, "ne potrebujem")
    assert templates() == ["order_confirmed", "order_cancelled"]


def test_an_order_that_ended_cannot_be_cancelled_again(plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    before = everything()
    for by in ("customer", "company"):
        with pytest.raises(AlreadyEnded), unit_of_work():
            cancel_order(order.id, by=by, reason="", now=now, actor="staff:1")  # type: ignore[arg-type]
    assert everything() == before


def test_the_plan_hears_of_a_cancelled_order(plan: FakePromises, now: datetime) -> None:
    heard: list[int] = []

    def hear(_sender: object, *, order_id: int) -> None:
        heard.append(order_id)

    order = make_order()
    with signals.order_cancelled.connected_to(hear), unit_of_work():
        cancel_order(order.id, by="company", reason="", now=now, actor="staff:1")
        assert heard == []
    assert heard == [order.id]


def test_a_failed_delivery_closes_the_promise_and_keeps_the_order(plan: FakePromises, now: datetime) -> None:
    """Y-07."""
    order = make_dispatched_order()
    clock.advance(timedelta(minutes=40))
    with unit_of_work():
        failed = fail_order(order.id, reason="not_home", now=clock.utc_now(), actor="driver:3")
    assert (failed.status, failed.promise_closed_at) == (OrderStatus.CONFIRMED, now + timedelta(minutes=40))
    assert [(event.what, event.details.get("reason")) for event in failed.events][-1] == ("fail", "not_home")
    assert templates() == ["order_confirmed", "order_failed"]


def test_a_new_window_opens_the_promise_again_as_an_agreed_one(plan: FakePromises, now: datetime) -> None:
    """Y-03, Y-07."""
    order = make_dispatched_order()
    with unit_of_work():
        fail_order(order.id, reason="not_home", now=now, actor="driver:3")
    offer = make_offer(minutes=90)
    heard: list[int] = []

    def hear(_sender: object, *, order_id: int) -> None:
        heard.append(order_id)

    with signals.order_confirmed.connected_to(hear), unit_of_work():
        opened = give_window(order.id, offer, now=now, actor="staff:1")
    assert (opened.promise_kind, opened.promise_closed_at) == (PromiseKind.AGREED, None)
    assert (opened.promised_from_at, opened.promised_by_at) == (now, now + timedelta(minutes=90))
    assert plan.accepted[-1] == offer
    assert heard == [order.id]
    assert templates()[-1] == "order_window"


def test_a_window_that_went_stale_changes_nothing(plan: FakePromises, now: datetime) -> None:
    order = make_order()
    before = everything()
    plan.stale = 1
    with pytest.raises(StaleQuote), unit_of_work():
        give_window(order.id, make_offer(days=1), now=now, actor="staff:1")
    assert everything() == before


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not OrderStatus.CONFIRMED])
def test_a_window_is_given_to_confirmed_orders_only(plan: FakePromises, now: datetime, status: OrderStatus) -> None:
    order = make_order()
    db.session.execute(sa.update(Order).values(status=status))
    db.session.commit()
    before = everything()
    with pytest.raises(WrongState), unit_of_work():
        give_window(order.id, make_offer(days=1), now=now, actor="staff:1")
    assert everything() == before


def test_a_marked_payment_confirms_the_order_and_stands_in_the_books(plan: FakePromises, now: datetime) -> None:
    """X-03: the gas only; the deposit is still due at the door (X-04)."""
    order = make_order(payment=PaymentMethod.EBANK, lines=one(ExchangeKind.K))
    heard: list[int] = []

    def hear(_sender: object, *, order_id: int) -> None:
        heard.append(order_id)

    with signals.order_confirmed.connected_to(hear), unit_of_work():
        paid = mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
    assert (paid.status, paid.paid_at, paid.promise_closed_at) == (OrderStatus.CONFIRMED, now, None)
    assert [(row.method.value, row.amount_cents) for row in db.session.scalars(sa.select(Payment))] == [
        ("ebank", 2490)]
    assert (balance("bank", "EUR"), balance("liability:prepayments", "EUR")) == (2490, -2490)
    assert heard == [order.id]
    assert templates() == ["order_awaiting_payment", "order_confirmed"]


@pytest.mark.parametrize("cents", [0, 1, 2489, 2491, 3490])
def test_another_amount_is_not_a_payment(plan: FakePromises, now: datetime, cents: int) -> None:
    order = make_order(payment=PaymentMethod.EBANK, lines=one(ExchangeKind.K))
    before = everything()
    with pytest.raises(NotPaid), unit_of_work():
        mark_paid(order.id, amount_cents=cents, now=now, actor="staff:1")
    assert everything() == before


def test_a_payment_after_the_window_asks_for_a_new_one(plan: FakePromises, now: datetime) -> None:
    order = make_order(payment=PaymentMethod.EBANK)
    clock.advance(timedelta(days=3))
    with unit_of_work():
        paid = mark_paid(order.id, amount_cents=2490, now=clock.utc_now(), actor="staff:1")
    assert (paid.status, paid.promise_closed_at) == (OrderStatus.CONFIRMED, now + timedelta(days=3))
    assert templates() == ["order_awaiting_payment", "order_failed"]


def test_a_payment_is_marked_once(plan: FakePromises, now: datetime) -> None:
    order = make_order(payment=PaymentMethod.EBANK)
    with unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
    before = everything()
    with pytest.raises(WrongState), unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
    assert everything() == before


@pytest.mark.parametrize("how", ["customer", "company", "rejected"])
def test_a_prepayment_of_an_order_that_ended_is_owed_and_transferred_once(plan: FakePromises, now: datetime,
                                                                          how: str) -> None:
    order = make_order(payment=PaymentMethod.EBANK)
    with unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
        if how == "rejected":
            ended = reject_order(order.id, reason="ni zaloge", now=now, actor="staff:1")
        else:
            ended = cancel_order(order.id, by=how, reason="", now=now, actor="staff:1")  # type: ignore[arg-type]
    assert (ended.refund_due_cents, ended.refunded_at) == (2490, None)
    assert (balance("liability:prepayments", "EUR"), balance("liability:refunds", "EUR")) == (0, -2490)
    with unit_of_work():
        done = mark_refunded(order.id, iban="si56 0201 7001 4356 205", now=now, actor="staff:2")
    assert (done.refunded_at, done.refund_iban) == (now, IBAN)
    assert (balance("liability:refunds", "EUR"), balance("bank", "EUR"), trial_balance()) == (0, 0, {"EUR": 0})
    assert [row.amount_cents for row in db.session.scalars(sa.select(Payment).order_by(Payment.id))] == [2490, -2490]
    before = everything()
    with pytest.raises(WrongState), unit_of_work():
        mark_refunded(order.id, iban=IBAN, now=now, actor="staff:2")
    assert everything() == before


@pytest.mark.parametrize(("iban", "refusal"), [("", WrongIban), ("SI56020170014356206", WrongIban)])
def test_a_refund_needs_an_account(plan: FakePromises, now: datetime, iban: str, refusal: type[DomainError]) -> None:
    order = make_order(payment=PaymentMethod.EBANK)
    with unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
    before = everything()
    with pytest.raises(refusal), unit_of_work():
        mark_refunded(order.id, iban=iban, now=now, actor="staff:2")
    assert everything() == before


def test_an_unpaid_order_leaves_nothing_to_refund(plan: FakePromises, now: datetime) -> None:
    order = make_order(payment=PaymentMethod.EBANK)
    with unit_of_work():
        assert cancel_order(order.id, by="customer", reason="", now=now, actor="customer").refund_due_cents == 0
    with pytest.raises(WrongState), unit_of_work():
        mark_refunded(order.id, iban=IBAN, now=now, actor="staff:2")


def test_dispatch_comes_after_confirmation_only(plan: FakePromises, now: datetime) -> None:
    order = make_order(payment=PaymentMethod.EBANK)
    with pytest.raises(WrongState), unit_of_work():
        dispatch_order(order.id, now=now, actor="driver:3")
