"""A van loads at its depot in the middle of its shift (P5): planned, listed, driven, booked once."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from billing.ledger import trial_balance, vehicle_stock
from core.db import db, unit_of_work
from core.roles import Role
from delivery import planning
from delivery.driving import arrive, deliver, fail, leave_for, reload_van, skip_reload
from delivery.errors import NothingToLoad, ReloadPlanned, ShiftClosed, StalePlan, StopOver, WrongStopState
from delivery.models import Stop
from delivery.queries import driver_list
from delivery.services import publish, send_to_load, unassign_stop, van_down
from delivery.states import FailReason, ShiftStatus, StopKind, StopStatus
from delivery.worker import plan_now
from notify.models import OutboxMessage
from orders.models import Order
from orders.services import cancel_order
from orders.states import PromiseKind
from routing.checker import hard_violations
from tests.delivery.factories import Fleet, best_offer, fleet, order_live, somewhere, stop_of, version
from tests.factories import as_ordered, signed_in

pytestmark = pytest.mark.usefixtures("app")
STANDARD = {"Z10": 16, "P5": 2}


def loadable(made: Fleet, load: Mapping[str, int] = STANDARD) -> Fleet:
    """Every van of the fleet with a standard load."""
    with unit_of_work():
        for shift in made.shifts:
            shift.vehicle.standard_load = dict(load)
    return made


def sent_to_load(made: Fleet, now: datetime, number: int = 0) -> int:
    with unit_of_work():
        return send_to_load(made.shift_ids[number], seen_version=version(made.depot_id), now=now, actor="staff:1")


def deliver_all(orders: list[Order], now: datetime) -> None:
    """Each order handed over as ordered."""
    for order in orders:
        stop = stop_of(order)
        shift_id, stop_id = stop.shift_id or 0, stop.id
        with unit_of_work():
            leave_for(shift_id, stop_id, out_of_turn=True, now=now)
        with unit_of_work():
            arrive(shift_id, stop_id, now=now)
        with unit_of_work():
            deliver(shift_id, stop_id, as_ordered(order), now=now)


def fresh(stop_id: int) -> Stop:
    db.session.rollback()
    return db.session.get_one(Stop, stop_id)


def test_a_van_that_is_sent_to_load_goes_there_next_and_the_others_move_one_down(now: datetime) -> None:
    made = loadable(fleet(1))
    orders = [order_live(1), order_live(2)]
    before = {stop_of(order).position for order in orders}
    stop_id = sent_to_load(made, now)
    stop = fresh(stop_id)
    assert (stop.kind, stop.order_id, stop.case_id) == (StopKind.RELOAD, None, None)
    assert (stop.position, stop.locked) == (1, True)
    assert (before, {stop_of(order).position for order in orders}) == ({1, 2}, {2, 3})
    seen = planning.snapshot(made.depot_id, now)
    assert seen.plan.route(f"shift:{made.shift_ids[0]}")[0] == f"stop:{stop_id}"
    assert stop.planned_leave_at == now + timedelta(minutes=15)  # it stands at the depot already


def test_a_reload_serves_neither_order_nor_case_and_the_database_holds_to_it(now: datetime) -> None:
    """Y-02: exactly one of order, case and reload."""
    made = loadable(fleet(1))
    stop_id = sent_to_load(made, now)
    order_id = order_live(1).id
    for values in ({"order_id": order_id}, {"kind": "order"}, {"kind": "case"}):
        with pytest.raises(IntegrityError), unit_of_work():
            db.session.execute(sa.update(Stop).where(Stop.id == stop_id).values(**values))
    assert fresh(stop_id).kind is StopKind.RELOAD


def test_loading_books_empties_off_and_fulls_on_once(now: datetime) -> None:
    """One balanced posting; pressed twice it is refused and books nothing."""
    made = loadable(fleet(1, load={"Z10": 3}))
    vehicle_id = made.shifts[0].vehicle_id
    deliver_all([order_live(1), order_live(2)], now)
    assert vehicle_stock([vehicle_id])[vehicle_id].empty == {"Z10": 2}
    stop_id, shift_id = sent_to_load(made, now), made.shift_ids[0]
    for step in (leave_for, arrive):
        with unit_of_work():
            step(shift_id, stop_id, now=now)
    page = driver_list(shift_id, now)
    assert page.current is not None
    assert (page.current.kind, page.current.goods, page.current.loads, page.current.leaves) == (
        "reload", "2×P5, 16×Z10", "2×P5, 15×Z10", "2×Z10")
    with unit_of_work():
        assert reload_van(shift_id, stop_id, now=now) == {"P5": 2, "Z10": 15}
    with pytest.raises(StopOver), unit_of_work():
        reload_van(shift_id, stop_id, now=now)
    stock = vehicle_stock([vehicle_id])[vehicle_id]
    assert (stock.full, {kind: number for kind, number in stock.empty.items() if number}) == (STANDARD, {})
    assert set(trial_balance().values()) == {0}
    stop = fresh(stop_id)
    assert (stop.status, stop.ended_at) == (StopStatus.DONE, now)
    assert (made.shifts[0].last_lat, made.shifts[0].last_lon) == (made.shifts[0].depot.lat, made.shifts[0].depot.lon)


def test_steps_that_do_not_fit_are_refused_and_change_nothing(now: datetime) -> None:
    made = loadable(fleet(2))
    order_stop = stop_of(order_live(1))
    order_stop_id, order_shift = order_stop.id, order_stop.shift_id or 0
    number = made.shift_ids.index(order_shift)
    stop_id = sent_to_load(made, now, 1 - number)
    at = version(made.depot_id)
    for refusal, act in (
            (WrongStopState, lambda: reload_van(order_shift, order_stop_id, now=now)),
            (WrongStopState, lambda: skip_reload(order_shift, order_stop_id, now=now)),
            (WrongStopState, lambda: fail(made.shift_ids[1 - number], stop_id, FailReason.OTHER, now=now)),
            (WrongStopState, lambda: reload_van(made.shift_ids[1 - number], stop_id, now=now)),
            (ReloadPlanned, lambda: send_to_load(made.shift_ids[1 - number], seen_version=at, now=now, actor="s")),
            (StalePlan, lambda: send_to_load(order_shift, seen_version=at - 1, now=now, actor="s"))):
        with pytest.raises(refusal), unit_of_work():
            act()
    with unit_of_work():
        made.shifts[number].vehicle.standard_load = {}
    with pytest.raises(NothingToLoad), unit_of_work():
        send_to_load(order_shift, seen_version=at, now=now, actor="s")
    with unit_of_work():
        made.shifts[number].vehicle.standard_load = {"Z10": 1}
        made.shifts[number].status = ShiftStatus.DOWN
    with pytest.raises(ShiftClosed), unit_of_work():
        send_to_load(order_shift, seen_version=at, now=now, actor="s")
    assert version(made.depot_id) == at
    assert (fresh(stop_id).status, fresh(order_stop_id).status) == (StopStatus.PLANNED, StopStatus.PLANNED)
    assert db.session.scalar(sa.select(sa.func.count(Stop.id)).where(Stop.kind == StopKind.RELOAD)) == 1


@pytest.mark.parametrize("how", ["skipped", "taken out", "van down"])
def test_a_reload_that_is_off_is_void_and_never_in_the_pool(how: str, now: datetime) -> None:
    made = loadable(fleet(1))
    stop_id, shift_id = sent_to_load(made, now), made.shift_ids[0]
    with unit_of_work():
        if how == "skipped":
            skip_reload(shift_id, stop_id, now=now)
        elif how == "taken out":
            unassign_stop(stop_id, seen_version=version(made.depot_id), now=now, actor="staff:1")
        else:
            van_down(shift_id, reason="", now=now, actor="staff:1")
    plan_now(now)
    assert fresh(stop_id).status is StopStatus.VOID
    assert planning.snapshot(made.depot_id, now).plan.unserved == {}


def test_no_other_van_is_given_a_reload(now: datetime) -> None:
    made = loadable(fleet(2))
    stop_id = sent_to_load(made, now)
    order_live(1)
    seen = planning.snapshot(made.depot_id, now)
    assert seen.plan.vehicle_of(f"stop:{stop_id}") == f"shift:{made.shift_ids[0]}"


def test_the_drivers_list_says_what_to_load(now: datetime) -> None:
    made = loadable(fleet(1))
    order_live(1)
    sent_to_load(made, now)
    with unit_of_work():
        published = publish(made.shift_ids[0], now=now, actor="staff:1")
    assert published.messages == 3
    text = db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.template == "driver_reload")).one().body
    assert text.startswith("1/2 NALAGANJE, Ljubljana")
    assert "2xP5, 16xZ10" in text
    assert len(text) <= 160


def test_the_pages_carry_a_reload_from_the_board_to_the_drivers_phone(app: Flask, now: datetime) -> None:
    made = loadable(fleet(1))
    order_live(1)
    board = signed_in(app, Role.DISPATCHER)
    shift_id = made.shift_ids[0]
    assert 'data-testid="load"' in board.get(f"/dispatch?van={shift_id}").text
    answer = board.post(f"/dispatch/shifts/{shift_id}/load", data={"seen_version": version(made.depot_id)})
    assert answer.status_code == 303
    stop_id = db.session.scalars(sa.select(Stop.id).where(Stop.kind == StopKind.RELOAD)).one()
    assert f'data-testid="stop-{stop_id}"' in board.get(f"/dispatch?stop={stop_id}").text
    path = board.post(f"/dispatch/shifts/{shift_id}/driver").headers["Location"]
    phone = app.test_client()
    assert 'data-testid="leave"' in phone.get(path).text
    for step in ("leave", "arrive"):
        assert phone.post(f"{path}/stops/{stop_id}/{step}").status_code == 303
    page = phone.get(path).text
    assert 'data-testid="loaded"' in page
    assert 'data-testid="skip"' in page
    assert phone.get(f"{path}/stops/{stop_id}/deliver").status_code == 404
    assert phone.post(f"{path}/stops/{stop_id}/loaded").status_code == 303
    assert fresh(stop_id).status is StopStatus.DONE
    assert 'data-testid="loaded"' not in phone.get(path).text


def test_a_van_without_stock_is_planned_to_load_before_the_order_that_needs_it(now: datetime) -> None:
    """The order is promised and planned; the call at the depot stands in the route before it."""
    made = loadable(fleet(1, load={"Z10": 2}))  # one of them is the spare
    first, second = order_live(1), order_live(2)
    stops = {stop.id: stop for stop in db.session.scalars(sa.select(Stop).where(Stop.shift_id == made.shift_ids[0]))}
    reload = next(stop for stop in stops.values() if stop.kind is StopKind.RELOAD)
    assert {stop_of(order).status for order in (first, second)} == {StopStatus.PLANNED}
    assert reload.position < max(stop_of(order).position for order in (first, second))
    seen = planning.snapshot(made.depot_id, now)
    assert hard_violations(seen.problem, seen.plan) == ()
    assert sorted(stop.position for stop in stops.values()) == [1, 2, 3]


def test_a_reload_that_nothing_needs_any_more_is_void(now: datetime) -> None:
    made = loadable(fleet(1, load={"Z10": 2}))
    order_live(1)
    second = order_live(2)
    reload_id = db.session.scalars(sa.select(Stop.id).where(Stop.kind == StopKind.RELOAD)).one()
    with unit_of_work():
        cancel_order(second.id, by="customer", reason="", now=now, actor="customer")
    assert fresh(reload_id).status is StopStatus.VOID
    seen = planning.snapshot(made.depot_id, now)
    assert len(seen.plan.route(f"shift:{made.shift_ids[0]}")) == 1


def test_after_loading_the_plan_counts_on_the_standard_load(now: datetime) -> None:
    made = loadable(fleet(1, load={"Z10": 2}))
    for number in range(6):
        order_live(number)
    assert {stop.status for stop in db.session.scalars(sa.select(Stop))} == {StopStatus.PLANNED}
    assert db.session.scalar(sa.select(sa.func.count(Stop.id)).where(Stop.kind == StopKind.RELOAD)) == 1
    seen = planning.snapshot(made.depot_id, now)
    assert hard_violations(seen.problem, seen.plan) == ()


def test_without_a_standard_load_a_van_without_stock_promises_nothing_today(now: datetime) -> None:
    fleet(1, load={"Z10": 2})
    order_live(1)
    assert best_offer(somewhere(2)).kind is PromiseKind.AGREED
    assert best_offer(somewhere(2)).promised_from_at > now + timedelta(hours=12)
    assert db.session.scalar(sa.select(sa.func.count(Stop.id)).where(Stop.kind == StopKind.RELOAD)) == 0
