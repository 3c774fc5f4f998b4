"""The driver's day: each step once, in turn, with what it does to order, van and plan (Y-07)."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from billing.ledger import balance, trial_balance, vehicle_stock
from core import clock
from core.db import db, unit_of_work
from delivery.driving import accept_list, arrive, collect, deliver, fail, leave_for, turn_back
from delivery.errors import (
    NotNextStop,
    OldList,
    OnAnotherStop,
    StopOver,
    UnknownShift,
    UnknownStop,
    WrongStopState,
)
from delivery.models import Shift, Stop, StopEvent
from delivery.services import publish
from delivery.states import FailReason, ShiftStatus, StopStatus
from orders.errors import OnItsWay, TotalChanged
from orders.models import Order
from orders.returns.collecting import CaseDoor
from orders.returns.models import ReturnCase
from orders.returns.opening import contact_of, open_deposit_return
from orders.returns.rules import CylinderCheck
from orders.returns.states import CaseStatus
from orders.services import cancel_order, give_window
from orders.settlement import DoorSettlement, as_agreed
from orders.states import Channel, OrderStatus, PaymentMethod
from tests.delivery.factories import FLOAT_CENTS, best_offer, fleet, order_live, somewhere, stop_of
from tests.factories import as_ordered

pytestmark = pytest.mark.usefixtures("app")


def step(what, shift_id: int, stop_id: int, *args, **more):  # type: ignore[no-untyped-def]
    """One step in a unit of work of its own, at the clock's time."""
    with unit_of_work():
        return what(shift_id, stop_id, *args, now=clock.utc_now(), **more)


def first_stop(shift_id: int) -> Stop:
    db.session.rollback()
    return db.session.scalars(sa.select(Stop).where(Stop.shift_id == shift_id, Stop.status == StopStatus.PLANNED)
                              .order_by(Stop.position)).first()  # type: ignore[return-value]


def test_leaving_sets_the_order_out_for_delivery_and_the_customer_cannot_cancel_any_more(now: datetime) -> None:
    """Y-07."""
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    step(leave_for, shift_id, stop_of(order).id)
    stop = stop_of(order)
    assert (stop.status, stop.left_for_at, stop.next_told_at) == (StopStatus.EN_ROUTE, now, now)
    assert order.status is OrderStatus.OUT_FOR_DELIVERY
    with pytest.raises(OnItsWay), unit_of_work():
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
    assert db.session.get_one(Order, order.id).status is OrderStatus.OUT_FOR_DELIVERY


def test_another_stop_first_needs_the_drivers_word_and_then_comes_first(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    for seed in (1, 2, 3):
        order_live(seed)
    stops = db.session.scalars(sa.select(Stop.id).order_by(Stop.position)).all()
    with pytest.raises(NotNextStop):
        step(leave_for, shift_id, stops[2])
    assert db.session.get_one(Stop, stops[2]).status is StopStatus.PLANNED
    step(leave_for, shift_id, stops[2], out_of_turn=True)
    assert db.session.scalars(sa.select(Stop.id).order_by(Stop.position)).all() == [stops[2], stops[0], stops[1]]


def test_a_van_goes_to_one_stop_at_a_time(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order_live(1)
    order_live(2)
    step(leave_for, shift_id, first_stop(shift_id).id)
    second = first_stop(shift_id).id
    with pytest.raises(OnAnotherStop):
        step(leave_for, shift_id, second)
    assert db.session.get_one(Stop, second).status is StopStatus.PLANNED


def test_delivering_settles_closes_and_places_the_van_there(now: datetime) -> None:
    """The van's position is its last confirmed stop; the ledger balances."""
    made = fleet(1)
    shift_id = made.shift_ids[0]
    order = order_live(1)
    stop_id = stop_of(order).id
    step(leave_for, shift_id, stop_id)
    clock.advance(timedelta(minutes=7))
    step(arrive, shift_id, stop_id)
    clock.advance(timedelta(minutes=4))
    delivered = step(deliver, shift_id, stop_id, as_ordered(order))
    stop, shift = stop_of(order), db.session.get_one(Shift, shift_id)
    assert (stop.status, stop.arrived_at, stop.ended_at) == (
        StopStatus.DONE, now + timedelta(minutes=7), now + timedelta(minutes=11))
    assert (shift.last_lat, shift.last_lon, shift.free_at) == (order.lat, order.lon, now + timedelta(minutes=11))
    assert order.status is OrderStatus.DELIVERED
    assert delivered.settlement.door_cents == 2490
    assert balance(f"cash:driver:{shift.driver_id}", "EUR") == FLOAT_CENTS + 2490
    stock = vehicle_stock([shift.vehicle_id])[shift.vehicle_id]
    assert (stock.full["Z10"], stock.empty["Z10"]) == (15, 1)
    assert set(trial_balance().values()) == {0}
    assert db.session.scalars(sa.select(StopEvent.what).where(StopEvent.stop_id == stop_id).order_by(StopEvent.id)
                              ).all() == ["made", "planned", "left", "arrived", "delivered"]


def test_delivering_twice_books_once(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    stop_id = stop_of(order).id
    step(leave_for, shift_id, stop_id)
    step(deliver, shift_id, stop_id, as_ordered(order))
    for again in (lambda: step(deliver, shift_id, stop_id, as_ordered(order)),
                  lambda: step(fail, shift_id, stop_id, FailReason.OTHER),
                  lambda: step(arrive, shift_id, stop_id), lambda: step(leave_for, shift_id, stop_id),
                  lambda: step(turn_back, shift_id, stop_id)):
        with pytest.raises(StopOver):
            again()
    assert balance(f"cash:driver:{db.session.get_one(Shift, shift_id).driver_id}", "EUR") == FLOAT_CENTS + 2490


def test_an_amount_that_differs_from_the_one_shown_books_nothing(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    stop_id = stop_of(order).id
    step(leave_for, shift_id, stop_id)
    wrong = DoorSettlement(lines=as_agreed(order), payment=PaymentMethod.CASH, shown_total_cents=2489)
    with pytest.raises(TotalChanged):
        step(deliver, shift_id, stop_id, wrong)
    stop = stop_of(order)
    assert (stop.status, stop.ended_at, order.status) == (StopStatus.EN_ROUTE, None, OrderStatus.OUT_FOR_DELIVERY)
    assert db.session.get_one(Shift, shift_id).last_lat is None


def test_steps_out_of_order_are_refused(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    stop_id = stop_of(order).id
    for early in (lambda: step(arrive, shift_id, stop_id), lambda: step(deliver, shift_id, stop_id, as_ordered(order)),
                  lambda: step(fail, shift_id, stop_id, FailReason.OTHER), lambda: step(turn_back, shift_id, stop_id)):
        with pytest.raises(WrongStopState):
            early()
    assert stop_of(order).status is StopStatus.PLANNED
    assert order.status is OrderStatus.CONFIRMED


def test_a_stop_of_another_van_is_unknown(now: datetime) -> None:
    made = fleet(2)
    stop = stop_of(order_live(1))
    other = next(shift_id for shift_id in made.shift_ids if shift_id != stop.shift_id)
    with pytest.raises(UnknownStop):
        step(leave_for, other, stop.id)
    with pytest.raises(UnknownStop):
        step(leave_for, other, 10**6)
    with pytest.raises(UnknownShift):
        step(leave_for, 10**6, stop.id)
    assert stop_of(db.session.get_one(Order, stop.order_id)).status is StopStatus.PLANNED


def test_turning_back_recalls_the_order_step_by_step(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    stop_id = stop_of(order).id
    step(leave_for, shift_id, stop_id)
    step(arrive, shift_id, stop_id)
    step(turn_back, shift_id, stop_id)
    assert (stop_of(order).status, order.status) == (StopStatus.EN_ROUTE, OrderStatus.OUT_FOR_DELIVERY)
    step(turn_back, shift_id, stop_id)
    assert (stop_of(order).status, order.status) == (StopStatus.PLANNED, OrderStatus.CONFIRMED)
    assert stop_of(order).left_for_at is None


def test_a_failed_stop_closes_the_promise_until_a_new_window_makes_a_new_stop(now: datetime) -> None:
    """Y-07."""
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    stop_id = stop_of(order).id
    step(leave_for, shift_id, stop_id)
    step(fail, shift_id, stop_id, FailReason.NOT_HOME)
    failed = stop_of(order)
    assert (failed.id, failed.status, failed.fail_reason) == (stop_id, StopStatus.FAILED, FailReason.NOT_HOME)
    assert (order.status, order.promise_closed_at) == (OrderStatus.CONFIRMED, now)
    offer = best_offer(somewhere(1), which=1)
    with unit_of_work():
        give_window(order.id, offer, now=now, actor="staff:1")
    again = stop_of(order)
    assert again.id != stop_id
    assert (again.status, order.promise_closed_at) == (StopStatus.PLANNED, None)


def test_the_rest_of_the_route_is_reckoned_anew_after_each_step(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order_live(1)
    order_live(2)
    stop = first_stop(shift_id)
    step(leave_for, shift_id, stop.id)
    step(arrive, shift_id, stop.id)
    before = first_stop(shift_id).planned_start_at
    clock.advance(timedelta(minutes=20))
    order = db.session.get_one(Order, db.session.get_one(Stop, stop.id).order_id)
    step(deliver, shift_id, stop.id, as_ordered(order))
    after = first_stop(shift_id).planned_start_at
    assert before is not None
    assert after is not None
    assert after == before + timedelta(minutes=20) - timedelta(seconds=db.session.get_one(Stop, stop.id).service_s)


def test_the_list_is_accepted_in_the_version_that_was_sent(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order_live(1)
    with pytest.raises(OldList), unit_of_work():
        accept_list(shift_id, 0, now=now)
    with unit_of_work():
        publish(shift_id, now=now, actor="staff:1")
    with pytest.raises(OldList), unit_of_work():
        accept_list(shift_id, 2, now=now)
    with unit_of_work():
        accept_list(shift_id, 1, now=now)
    assert db.session.get_one(Shift, shift_id).accepted_version == 1


def test_leaving_begins_a_shift_that_was_only_planned(now: datetime) -> None:
    made = fleet(1)
    with unit_of_work():
        db.session.execute(sa.update(Shift).values(status=ShiftStatus.PLANNED))
    order = order_live(1)
    step(leave_for, made.shift_ids[0], stop_of(order).id)
    assert made.shifts[0].status is ShiftStatus.ACTIVE


def test_a_pick_up_is_driven_like_a_delivery(now: datetime) -> None:
    """Y-02: a stop for a case; the deposit is paid out of the driver's cash."""
    made = fleet(1)
    shift_id = made.shift_ids[0]
    order = order_live(1)
    offer = best_offer(somewhere(1), which=0)
    with unit_of_work():
        case_id = open_deposit_return(
            contact_of(order), request_key="vracilo-1", channel=Channel.PHONE, quantity=1, damaged=False,
            test_due=None, offer=offer, now=now, actor="staff:1").id
    with unit_of_work():
        case = db.session.get_one(ReturnCase, case_id)
        if case.status is CaseStatus.REQUESTED:
            pytest.fail("by phone it is accepted at once")
    stop = db.session.scalars(sa.select(Stop).where(Stop.case_id == case_id)).one()
    assert stop.status is StopStatus.PLANNED
    step(leave_for, shift_id, stop.id, out_of_turn=True)
    assert db.session.get_one(ReturnCase, case_id).status is CaseStatus.ON_THE_WAY
    with pytest.raises(WrongStopState):
        step(deliver, shift_id, stop.id, as_ordered(order))
    collected = step(collect, shift_id, stop.id, CaseDoor(shown_total_cents=1000, cylinders=(CylinderCheck(),)))
    assert (collected.cash_cents, collected.status) == (1000, CaseStatus.COMPLETED)
    assert db.session.get_one(Stop, stop.id).status is StopStatus.DONE
    assert balance(f"cash:driver:{made.shifts[0].driver_id}", "EUR") == FLOAT_CENTS - 1000
