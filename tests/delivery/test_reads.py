"""What board, driver and customer are shown (PRODUCT U1, U3, U4), and the plan on the command line."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import db, unit_of_work
from core.tasks import run_sweep
from delivery.board_rows import StopState
from delivery.driving import arrive, deliver, fail, leave_for
from delivery.errors import UnknownDepot, UnknownShift, UnknownStop
from delivery.models import Stop
from delivery.queries import TrackState, board_view, depots, driver_list, driver_stop, plan_version, tracking_view
from delivery.services import lock_stop, publish, unassign_stop
from delivery.states import FailReason, StopStatus
from orders.errors import UnknownOrder
from orders.models import Order
from orders.services import cancel_order
from orders.states import DelayReason, ExchangeKind, PaymentMethod
from tests.delivery.factories import fleet, order_live, somewhere, stop_of, version
from tests.factories import as_ordered, make_order, one

pytestmark = pytest.mark.usefixtures("app")


def test_the_board_shows_routes_pool_and_version(now: datetime) -> None:
    made = fleet(2)
    orders = [order_live(seed) for seed in range(1, 5)]
    with unit_of_work():
        unassign_stop(stop_of(orders[3]).id, seen_version=version(made.depot_id), now=now, actor="staff:1")
    board = board_view(made.depot_id, now)
    assert (board.version, board.depot_name) == (version(made.depot_id), "Ljubljana")
    assert [route.vehicle_code for route in board.routes] == ["LJ-1", "LJ-2"]
    assert sorted(stop.number for route in board.routes for stop in route.stops) == sorted(
        order.number for order in orders[:3])
    assert [(stop.number, stop.locked, stop.unserved_reason, stop.minutes_left) for stop in board.pool] == [
        (orders[3].number, True, "held", 120)]
    assert board.undo_stop_id == stop_of(orders[3]).id
    assert board.zone is not None
    assert plan_version(made.depot_id) == board.version
    assert [depot.id for depot in depots()] == [made.depot_id]


def test_a_stop_on_the_board_says_who_where_what_and_when(now: datetime) -> None:
    made = fleet(1)
    order = order_live(1, lines=(*one(ExchangeKind.M10, 2), *one(ExchangeKind.K)), contact_name="Ana Žagar",
                       place=somewhere(1, floor=2, note="zvonec"), payment=PaymentMethod.CASH)
    stop = board_view(made.depot_id, now).routes[0].stops[0]
    assert (stop.kind, stop.source_ref, stop.name, stop.street_line, stop.floor, stop.note) == (
        "order", order.ref, "Ana Žagar", "Preizkusna ulica 1", 2, "zvonec")
    assert (stop.goods, stop.cylinders, stop.door_cents) == ("2×M10, 1×K", 3, 3 * 2490 + 30 * 100 - 2 * 300)
    assert (stop.promised_by_at, stop.state, stop.position, stop.frozen) == (
        now + timedelta(minutes=60), StopState.ON_TIME, 1, True)
    assert stop.planned_start_at is not None
    assert stop.planned_start_at == now + timedelta(seconds=stop.travel_s)
    assert stop.planned_leave_at == stop.planned_start_at + timedelta(
        seconds=240 + 3 * 60 + 3 * 2 * 45 + 60 + 120)


def test_late_and_risky_stops_are_marked(now: datetime) -> None:
    made = fleet(1)
    order = order_live(1)
    promised = order.promised_by_at
    for minutes, state, late_s in ((40, StopState.ON_TIME, 0), (52, StopState.AT_RISK, 0), (61, StopState.LATE, 60)):
        with unit_of_work():
            db.session.execute(sa.update(Stop).values(planned_start_at=now + timedelta(minutes=minutes)))
        stop = board_view(made.depot_id, now).routes[0].stops[0]
        assert (stop.state, stop.lateness_s) == (state, late_s)
    assert promised == now + timedelta(minutes=60)


def test_done_and_failed_stops_stay_in_the_vans_list_with_their_numbers(now: datetime) -> None:
    made = fleet(1)
    shift_id = made.shift_ids[0]
    orders = [order_live(seed) for seed in (1, 2, 3)]
    with unit_of_work():
        publish(shift_id, now=now, actor="staff:1")
    for what in ("deliver", "fail"):
        stop_id = db.session.scalars(sa.select(Stop.id).where(Stop.status == StopStatus.PLANNED)
                                     .order_by(Stop.position)).first() or 0
        with unit_of_work():
            leave_for(shift_id, stop_id, now=now)
        with unit_of_work():
            if what == "deliver":
                order = db.session.get_one(Order, db.session.get_one(Stop, stop_id).order_id)
                deliver(shift_id, stop_id, as_ordered(order), now=now)
            else:
                fail(shift_id, stop_id, FailReason.NOT_HOME, now=now)
    route = board_view(made.depot_id, now).routes[0]
    assert [(stop.position, stop.state, stop.fail_reason) for stop in route.ended] == [
        (1, StopState.DONE, ""), (2, StopState.FAILED, "not_home")]
    assert [stop.position for stop in route.stops] == [3]
    assert (route.full["Z10"], route.empty["Z10"], route.list_version, route.accepted, route.list_changed) == (
        15, 1, 1, False, False)
    assert len(orders) == 3


def test_the_board_of_no_depot_does_not_exist(now: datetime) -> None:
    with pytest.raises(UnknownDepot):
        board_view(99, now)


def test_a_later_days_stop_waits_in_the_pool_and_says_so(now: datetime) -> None:
    made = fleet(1)
    order = order_live(1, which=6)
    assert order.promised_from_at.day == 24
    with unit_of_work():
        db.session.execute(sa.update(Order).values(promised_from_at=now + timedelta(days=4),
                                                   promised_by_at=now + timedelta(days=4, hours=2)))
    run_sweep("delivery.insert")
    assert [stop.unserved_reason for stop in board_view(made.depot_id, now).pool] == ["later_day"]


def test_the_driver_sees_the_current_stop_the_rest_and_what_is_done(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    for seed in (1, 2, 3):
        order_live(seed, contact_name="Marija Novak Žagar")
    with unit_of_work():
        publish(shift_id, now=now, actor="staff:1")
    seen = driver_list(shift_id, now)
    assert seen.current is not None
    assert (seen.total, len(seen.later), seen.ended, seen.list_version, seen.accepted) == (3, 2, (), 1, False)
    assert (seen.current.number, seen.current.name, seen.current.goods, seen.current.door_cents,
            seen.current.cash_cents) == (1, "Žagar M.", "1×Z10", 2490, 2490)
    with unit_of_work():
        leave_for(shift_id, seen.later[1].id, out_of_turn=True, now=now)
    with unit_of_work():
        arrive(shift_id, seen.later[1].id, now=now)
    again = driver_list(shift_id, now)
    assert again.current is not None
    assert (again.current.id, again.current.status) == (seen.later[1].id, StopStatus.ARRIVED)
    order = again.current.order
    assert order is not None
    with unit_of_work():
        deliver(shift_id, again.current.id, as_ordered(order), now=now)
    done = driver_list(shift_id, now)
    assert [stop.id for stop in done.ended] == [again.current.id]
    assert done.total == 3
    assert driver_stop(shift_id, again.current.id, now).status is StopStatus.DONE


def test_a_foreign_or_unknown_stop_is_not_shown(now: datetime) -> None:
    made = fleet(2)
    stop = stop_of(order_live(1))
    other = next(shift_id for shift_id in made.shift_ids if shift_id != stop.shift_id)
    with pytest.raises(UnknownStop):
        driver_stop(other, stop.id, now)
    with pytest.raises(UnknownShift):
        driver_list(10**6, now)


def test_the_customer_follows_the_order_from_accepted_to_delivered(now: datetime) -> None:
    """PRODUCT U1, D2: the time shown is the plan's, plus and minus ten minutes."""
    made = fleet(1)
    shift_id = made.shift_ids[0]
    orders = [order_live(seed) for seed in range(1, 5)]
    last = max(orders, key=lambda order: stop_of(order).position)
    view = tracking_view(last.id, now)
    planned = stop_of(last).planned_start_at
    assert planned is not None
    assert (view.state, view.stops_before, view.cancellable, view.late) == (TrackState.CONFIRMED, 3, True, False)
    assert view.expected_to_at == planned + timedelta(minutes=10)
    assert view.expected_from_at == planned - timedelta(minutes=10)
    assert (view.van_lat, view.papers, view.withdrawal) == (None, (), None)
    first = min(orders, key=lambda order: stop_of(order).position)
    with unit_of_work():
        publish(shift_id, now=now, actor="staff:1")
    assert tracking_view(first.id, now).state is TrackState.NEXT
    with unit_of_work():
        leave_for(shift_id, stop_of(first).id, now=now)
    on_the_way = tracking_view(first.id, now)
    assert (on_the_way.state, on_the_way.stops_before, on_the_way.cancellable) == (TrackState.ON_THE_WAY, 0, False)
    with unit_of_work():
        deliver(shift_id, stop_of(first).id, as_ordered(first), now=now)
    done = tracking_view(first.id, now)
    assert done.state is TrackState.DELIVERED
    assert (done.expected_to_at, done.stops_before, done.withdrawal_open) == (None, None, True)
    assert [paper.kind for paper in done.papers] == ["invoice"]
    assert done.withdrawal is not None
    assert done.withdrawal.days_left == 8


def test_the_vans_place_is_shown_only_shortly_before(now: datetime) -> None:
    """PRODUCT U1: only when next but one; the last confirmed stop, said with its time."""
    made = fleet(1)
    shift_id = made.shift_ids[0]
    orders = sorted((order_live(seed) for seed in range(1, 6)), key=lambda order: stop_of(order).position)
    with unit_of_work():
        publish(shift_id, now=now, actor="staff:1")
    with unit_of_work():
        leave_for(shift_id, stop_of(orders[0]).id, now=now)
    with unit_of_work():
        deliver(shift_id, stop_of(orders[0]).id, as_ordered(orders[0]), now=now)
    places = [tracking_view(order.id, now) for order in orders[1:]]
    assert [(view.van_lat, view.van_seen_at) for view in places] == [
        (orders[0].lat, now), (orders[0].lat, now), (None, None), (None, None)]


def test_side_states_are_named(now: datetime) -> None:
    made = fleet(1)
    shift_id = made.shift_ids[0]
    cancelled, failed, paid_later = order_live(1), order_live(2), make_order(payment=PaymentMethod.EBANK)
    with unit_of_work():
        cancel_order(cancelled.id, by="customer", reason="", now=now, actor="customer")
    with unit_of_work():
        leave_for(shift_id, stop_of(failed).id, now=now)
    with unit_of_work():
        fail(shift_id, stop_of(failed).id, FailReason.NOT_HOME, now=now)
    states = [tracking_view(order.id, now).state for order in (cancelled, failed, paid_later)]
    assert states == [TrackState.CANCELLED, TrackState.FAILED, TrackState.AWAITING_PAYMENT]
    assert tracking_view(failed.id, now).promised_by_at is None
    with pytest.raises(UnknownOrder):
        tracking_view(10**6, now)


def test_an_order_without_a_van_is_accepted_and_says_the_promise(now: datetime) -> None:
    made = fleet(1)
    order = order_live(1)
    with unit_of_work():
        unassign_stop(stop_of(order).id, seen_version=version(made.depot_id), now=now, actor="staff:1")
    view = tracking_view(order.id, now)
    assert (view.state, view.promised_by_at, view.expected_to_at, view.stops_before) == (
        TrackState.ACCEPTED, order.promised_by_at, None, None)


def test_the_reason_of_a_delay_is_shown(now: datetime) -> None:
    """H-112, X-26."""
    fleet(1)
    orders = [order_live(seed) for seed in range(1, 9)]
    delayed = next(order for order in orders if order.promise_reason is not None)
    assert tracking_view(delayed.id, now).reason is DelayReason.SEVERAL_ORDERS


def test_the_plan_can_be_printed(app: Flask, now: datetime) -> None:
    made = fleet(1)
    order = order_live(1)
    with unit_of_work():
        lock_stop(stop_of(order).id, True, seen_version=version(made.depot_id), now=now, actor="staff:1")
    result = app.test_cli_runner().invoke(args=["delivery", "plan"])
    assert result.exit_code == 0
    assert f"Ljubljana, version {version(made.depot_id)}" in result.output
    assert f"{order.number}  1×Z10  Preizkusna ulica 1" in result.output
    assert "1 stops" in result.output


def test_a_plan_without_anything_to_improve_says_so_on_the_command_line(app: Flask, now: datetime) -> None:
    fleet(1)
    result = app.test_cli_runner().invoke(args=["delivery", "improve", "--ms", "50"])
    assert (result.exit_code, result.output) == (0, f"depot {depots()[0].id}: unchanged\n")
