"""orders/states.py and orders/lifecycle.py: every status by every action."""
from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from core.db import db, unit_of_work
from orders.errors import StaleOrder, UnknownOrder, WrongState
from orders.lifecycle import move
from orders.models import Order, OrderEvent
from orders.returns.states import TRANSITIONS as CASE_TRANSITIONS
from orders.returns.states import CaseAction, CaseStatus
from orders.states import ENDED, OPEN, TRANSITIONS, OrderAction, OrderStatus
from tests.factories import make_order
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything

S, A = OrderStatus, OrderAction
ALLOWED = {
    S.AWAITING_PAYMENT: {A.PAY: S.CONFIRMED, A.CANCEL: S.CANCELLED, A.CANCEL_BY_COMPANY: S.CANCELLED,
                         A.REJECT: S.REJECTED},
    S.CONFIRMED: {A.DISPATCH: S.OUT_FOR_DELIVERY, A.CANCEL: S.CANCELLED, A.CANCEL_BY_COMPANY: S.CANCELLED,
                  A.REJECT: S.REJECTED},
    S.OUT_FOR_DELIVERY: {A.RECALL: S.CONFIRMED, A.DELIVER: S.DELIVERED, A.FAIL: S.CONFIRMED,
                         A.CANCEL_BY_COMPANY: S.CANCELLED},
    S.DELIVERED: {}, S.CANCELLED: {}, S.REJECTED: {},
}


def put(order: Order, status: OrderStatus) -> None:
    db.session.execute(sa.update(Order).where(Order.id == order.id).values(status=status))
    db.session.commit()


def test_the_table_holds_exactly_the_allowed_moves() -> None:
    assert {(status, action): after for status, moves in ALLOWED.items() for action, after in moves.items()} == dict(
        TRANSITIONS)
    assert {S.DELIVERED, S.CANCELLED, S.REJECTED} == ENDED
    assert {S.AWAITING_PAYMENT, S.CONFIRMED, S.OUT_FOR_DELIVERY} == OPEN


def test_every_status_by_every_action_moves_or_refuses(plan: FakePromises, now: datetime) -> None:
    """A move writes the new state and one event; a refusal writes nothing."""
    order_id = make_order().id
    for status in OrderStatus:
        for action in OrderAction:
            order = db.session.get(Order, order_id)
            assert order is not None
            put(order, status)
            wanted = ALLOWED[status].get(action)
            before = everything()
            if wanted is None:
                with pytest.raises(WrongState), unit_of_work():
                    move(order_id, action, now=now, actor="staff:1")
                assert everything() == before, (status, action)
                continue
            with unit_of_work():
                assert move(order_id, action, now=now, actor="staff:1", reason="ker").status is wanted
            event = db.session.scalars(sa.select(OrderEvent).order_by(OrderEvent.id.desc())).first()
            assert event is not None
            assert (event.action, event.what, event.actor, event.at) == (action, action.value, "staff:1", now)
            assert event.details == {"before": status.value, "after": wanted.value, "reason": "ker"}


def test_a_move_of_an_order_that_changed_meanwhile_is_refused(plan: FakePromises, now: datetime,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    """The UPDATE is guarded by the state that was read, whatever was read."""
    order = make_order()
    stale = Order(status=S.OUT_FOR_DELIVERY)
    monkeypatch.setattr("orders.lifecycle.order_by_id", lambda order_id: stale)
    before = everything()
    with pytest.raises(StaleOrder), unit_of_work():
        move(order.id, A.DELIVER, now=now, actor="driver:3")
    assert everything() == before


def test_an_unknown_order_cannot_be_moved(plan: FakePromises, now: datetime) -> None:
    with pytest.raises(UnknownOrder), unit_of_work():
        move(999_999, A.DISPATCH, now=now, actor="driver:3")


C, B = CaseStatus, CaseAction
CASES_ALLOWED = {
    C.REQUESTED: {B.ACCEPT: C.AWAITING_PICKUP, B.REJECT: C.REJECTED, B.CANCEL: C.CANCELLED,
                  B.HAND_IN: C.ON_THE_WAY},
    C.AWAITING_PICKUP: {B.DISPATCH: C.ON_THE_WAY, B.REJECT: C.REJECTED, B.CANCEL: C.CANCELLED,
                        B.HAND_IN: C.ON_THE_WAY},
    C.ON_THE_WAY: {B.RECALL: C.AWAITING_PICKUP, B.FAIL: C.AWAITING_PICKUP, B.REJECT: C.REJECTED,
                   B.COLLECT_PAID: C.COMPLETED, B.COLLECT_REFUND_DUE: C.REFUND_DUE,
                   B.COLLECT_FOR_TESTING: C.TESTING, B.COLLECT_UNPAID: C.COMPLETED, B.HAND_OVER: C.COMPLETED},
    C.REFUND_DUE: {B.REFUND: C.COMPLETED},
    C.TESTING: {B.REJECT: C.REJECTED, B.FIND_JUSTIFIED: C.JUSTIFIED},
    C.JUSTIFIED: {B.REPAIR: C.COMPLETED, B.REPLACE: C.COMPLETED, B.CREDIT: C.REFUND_DUE},
    C.COMPLETED: {B.GOODWILL: C.REFUND_DUE}, C.REJECTED: {B.OVERTURN: C.AWAITING_PICKUP}, C.CANCELLED: {},
}


def test_the_table_of_cases_holds_exactly_the_allowed_moves() -> None:
    assert {(status, action): after for status, moves in CASES_ALLOWED.items()
            for action, after in moves.items()} == dict(CASE_TRANSITIONS)
