"""Changes by the company: asked, held, answered once by link or phone (H-046, X-27)."""
from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from billing import ledger
from core.db import db, unit_of_work
from delivery.states import LIVE, StopStatus
from delivery.visits import wants_visit
from orders import verifying
from orders.cases.changes import (
    accept_change,
    cancel_for_change,
    open_change,
    open_changes,
    propose_item,
    propose_price,
    propose_time,
    substitute_item,
    substitute_time,
)
from orders.cases.errors import ChangeAnswered, ChangeNotPossible, NothingChanges
from orders.cases.models import OrderChange
from orders.cases.states import ChangeStatus
from orders.errors import ExchangeNotPossible, TotalChanged, WaitsForAnswer
from orders.models import Order
from orders.services import deliver_order, dispatch_order, give_window, mark_paid
from orders.states import Channel, OrderStatus, PromiseKind
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from promos.models import PromoCode
from promos.states import CodeState
from tests.concurrency.racing import race
from tests.delivery.factories import fleet, order_live, stop_of
from tests.factories import CARRIER, as_ordered, make_dispatched_order, make_offer, make_order, one
from tests.orders.cases import sent
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything
from tests.promos.factories import issued


def asked(order: Order, now: datetime) -> OrderChange:
    """A proposal of an own 5 kg cylinder instead of the green one."""
    with unit_of_work():
        return propose_item(order.id, order.lines[0].id, "P5", E.PURCHASE, reason="Zelenih jeklenk ni na zalogi.",
                            now=now, actor="staff:1")


def test_nothing_is_delivered_while_a_change_waits_for_its_answer(plan: FakePromises, now: datetime) -> None:
    """X-27: no van, no new window, one question at a time; the customer is asked by SMS and e-mail with a link."""
    order = make_order()
    assert wants_visit(order)
    change = asked(order, now)
    assert (order.on_hold_at, wants_visit(order), open_change(order.id), list(open_changes())) == (
        now, False, change, [change])
    text = sent("order_change")[1].body
    assert "Zelenih jeklenk ni na zalogi." in text
    assert "/c/" in text
    before = everything()
    with pytest.raises(WaitsForAnswer), unit_of_work():
        dispatch_order(order.id, now=now, actor="driver:3")
    with pytest.raises(WaitsForAnswer), unit_of_work():
        give_window(order.id, make_offer(days=1), now=now, actor="staff:1")
    with pytest.raises(ChangeNotPossible):
        asked(order, now)
    assert everything() == before


def test_an_accepted_item_is_written_with_its_amounts(plan: FakePromises, now: datetime) -> None:
    """H-046: 3 x 24,90 becomes 3 x 15,90; the other line keeps what was agreed."""
    order = make_order(lines=(*one(E.SWAP, 3), *one(E.K)))
    change = asked(order, now)
    with unit_of_work():
        accept_change(change.id, channel=Channel.WEB, now=now, actor="customer")
    assert (change.status, change.answered_by, change.channel) == (ChangeStatus.ACCEPTED, "customer", Channel.WEB)
    assert [(line.product_code, line.exchange, line.quantity, line.unit_price_cents) for line in order.lines] == [
        ("P5", E.PURCHASE, 3, 1590), ("Z10", E.K, 1, 2490)]
    assert (order.gas_cents, order.deposit_cents, order.total_cents, order.cash_part_cents) == (7260, 1000, 8260, 8260)
    assert order.on_hold_at is None
    assert wants_visit(order)
    before = everything()
    with pytest.raises(ChangeAnswered), unit_of_work():
        cancel_for_change(change.id, channel=Channel.PHONE, now=now, actor="staff:1")
    assert everything() == before


def test_another_price_holds_only_when_accepted(plan: FakePromises, now: datetime) -> None:
    """H-047: an obvious error in the price."""
    order = make_order()
    with unit_of_work():
        change = propose_price(order.id, order.lines[0].id, 2690, reason="Napaka v ceni.", now=now, actor="staff:1")
    assert order.total_cents == 2490
    with unit_of_work():
        accept_change(change.id, channel=Channel.PHONE, now=now, actor="staff:1")
    assert (order.lines[0].unit_price_cents, order.gas_cents, order.total_cents) == (2690, 2690, 2690)


def test_the_customer_may_take_another_item_instead(plan: FakePromises, now: datetime) -> None:
    """H-046: at its list price, and only at the total that was shown."""
    order = make_order()
    change = asked(order, now)

    def take(shown: int, exchange: E = E.PURCHASE_WITH_EMPTY) -> None:
        with unit_of_work():
            substitute_item(change.id, "P35", exchange, shown_total_cents=shown, channel=Channel.WEB, now=now,
                            actor="customer")

    before = everything()
    with pytest.raises(TotalChanged):
        take(7900)
    with pytest.raises(ExchangeNotPossible):
        take(7990, E.SWAP)
    assert everything() == before
    take(7990)
    assert (order.lines[0].product_code, order.total_cents, change.status, order.on_hold_at) == (
        "P35", 7990, ChangeStatus.SUBSTITUTED, None)


def test_another_time_is_accepted_or_exchanged_for_a_free_one(plan: FakePromises, now: datetime) -> None:
    """H-046, X-27."""
    first, second, tomorrow, later = make_order(), make_order(), make_offer(days=1), make_offer(days=2)
    changes = []
    for order in (first, second):
        with unit_of_work():
            changes.append(propose_time(order.id, tomorrow, reason="Okvara vozila.", now=now, actor="staff:2"))
    with unit_of_work():
        accept_change(changes[0].id, channel=Channel.WEB, now=now, actor="customer")
        substitute_time(changes[1].id, later, channel=Channel.WEB, now=now, actor="customer")
    assert (first.promise_kind, first.promised_from_at, first.promised_by_at, first.on_hold_at) == (
        PromiseKind.AGREED, tomorrow.promised_from_at, tomorrow.promised_by_at, None)
    assert (second.promised_by_at, second.on_hold_at, plan.accepted[-1]) == (later.promised_by_at, None, later)


def test_cancelling_because_of_a_change_gives_the_code_back(plan: FakePromises, now: datetime) -> None:
    """X-09, X-27: the company's change ended the order."""
    [code] = issued()
    order = make_order(promo_code=code, shown_total_cents=2190)
    assert db.session.query(PromoCode).one().state is CodeState.REDEEMED
    change = asked(order, now)
    with unit_of_work():
        cancel_for_change(change.id, channel=Channel.PHONE, now=now, actor="staff:1")
    assert (order.status, change.status) == (OrderStatus.CANCELLED, ChangeStatus.CANCELLED)
    assert db.session.query(PromoCode).one().state is CodeState.ISSUED
    assert list(open_changes()) == []


def test_what_cannot_be_changed_is_not_asked(plan: FakePromises, now: datetime) -> None:
    on_its_way, paid, order = make_dispatched_order(), make_order(payment=P.EBANK), make_order()
    with unit_of_work():
        mark_paid(paid.id, amount_cents=2490, now=now, actor="staff:4")
    before = everything()
    for wrong in (on_its_way, paid):
        with pytest.raises(ChangeNotPossible):
            asked(wrong, now)
    for cents in (0, -1, 2490):
        with pytest.raises(NothingChanges), unit_of_work():
            propose_price(order.id, order.lines[0].id, cents, reason="x", now=now, actor="staff:1")
    with pytest.raises(ExchangeNotPossible), unit_of_work():
        propose_item(order.id, order.lines[0].id, "P5", E.SWAP, reason="x", now=now, actor="staff:1")
    assert everything() == before


def test_the_stop_of_an_order_is_void_until_the_customer_answers(app: Flask, now: datetime) -> None:
    """X-27, Y-02: on the live plan; with the answer it is planned again."""
    fleet(1)
    order = order_live(1)
    assert stop_of(order).status in LIVE
    change = asked(order, now)
    assert stop_of(order).status is StopStatus.VOID
    with unit_of_work():
        accept_change(change.id, channel=Channel.WEB, now=now, actor="customer")
    assert stop_of(order).status in LIVE


def test_of_eight_answers_to_a_change_at_once_one_counts(app: Flask, now: datetime) -> None:
    """X-27. Without the status in the WHERE of `_answer` the guards of the order stood alone: on PostgreSQL two answers
    counted, a change accepted and its order cancelled."""
    change_id = asked(make_order(), now).id

    def answer(n: int) -> None:
        with unit_of_work():
            act = accept_change if n % 2 else cancel_for_change
            act(change_id, channel=Channel.WEB, now=now, actor=f"staff:{n}")

    assert race(app, 8, answer) == {"won": 1, "ChangeAnswered": 7}
    change = db.session.get_one(OrderChange, change_id)
    assert (change.status, change.order.status) in {
        (ChangeStatus.ACCEPTED, OrderStatus.CONFIRMED), (ChangeStatus.CANCELLED, OrderStatus.CANCELLED)}


@pytest.mark.parametrize(("price", "door", "back"), [(1990, 0, 500), (2990, 500, 0)])
def test_what_was_paid_while_a_new_price_was_asked_is_settled_to_the_cent(app: Flask, plan: FakePromises, now: datetime,
                                                                         price: int, door: int, back: int) -> None:
    """H-046, X-03, X-27: 24,90 came by e-bank. At 19,90 5,00 go back to the account, at 29,90 5,00 are due at the
    door."""
    order = make_order(payment=P.EBANK)
    with unit_of_work():
        change = propose_price(order.id, order.lines[0].id, price, reason="Nova cena.", now=now, actor="staff:1")
    with unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
    with unit_of_work():
        accept_change(change.id, channel=Channel.WEB, now=now, actor="customer")
    assert (order.total_cents, order.prepaid_cents, order.door_cents) == (price, 2490, door)
    with unit_of_work():
        dispatch_order(order.id, now=now, actor="driver:3")
        done = deliver_order(order.id, as_ordered(order), CARRIER, now=now, actor="driver:3")
    made = done.settlement
    assert (made.prepaid_cents, made.cash_cents, made.refund_due_cents) == (2490, door, back)
    assert (ledger.balance("liability:prepayments", "EUR"), ledger.balance("liability:refunds", "EUR")) == (0, -back)
    assert [check for check in verifying.checks() if not check.agrees] == []
