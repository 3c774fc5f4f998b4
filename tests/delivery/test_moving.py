"""Moves by hand: what they break is said first, what is hard is refused, everything can be taken back (Y-05, D5)."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.audit import AuditEntry
from core.db import db, unit_of_work
from delivery import planning
from delivery.driving import leave_for
from delivery.errors import (
    NothingToUndo,
    NotMovable,
    OtherDepot,
    ShiftClosed,
    StalePlan,
    UnknownShift,
    UnknownStop,
)
from delivery.models import Depot, PlanMove, Shift, Stop, StopEvent
from delivery.services import check_move, lock_stop, move_stop, unassign_stop, undo_move
from delivery.states import ShiftStatus, StopStatus
from delivery.tasks import insert
from delivery.words import breach_word
from orders.states import PaymentMethod
from routing.checker import Severity
from tests.delivery.factories import Fleet, fleet, order_live, stop_of, van, version

pytestmark = pytest.mark.usefixtures("app")
COLUMNS = (Stop.id, Stop.shift_id, Stop.position, Stop.status, Stop.locked, Stop.planned_start_at,
           Stop.planned_leave_at, Stop.unserved_reason)


def rows() -> list[tuple[Any, ...]]:
    """Every stop as it stands, to the byte."""
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(sa.select(*COLUMNS).order_by(Stop.id))]


def other(made: Fleet, stop: Stop) -> int:
    return next(shift_id for shift_id in made.shift_ids if shift_id != stop.shift_id)


def move(stop_id: int, shift_id: int, position: int | None = None, *, seen: int | None = None, now: datetime,
         reason: str = "") -> Any:
    with unit_of_work():
        return move_stop(stop_id, shift_id, position, seen_version=version_now() if seen is None else seen, now=now,
                         actor="staff:1", force_reason=reason)


def version_now() -> int:
    return db.session.scalar(sa.text("SELECT version FROM plan_states")) or 0


def afternoon(seed: int, **changes: Any) -> Stop:
    """A stop in an agreed window of the afternoon: nothing is frozen yet."""
    return stop_of(order_live(seed, which=1, **changes))


def test_a_check_says_what_a_move_does_and_writes_nothing(now: datetime) -> None:
    made = fleet(2)
    stop = afternoon(1)
    before = rows()
    found = check_move(stop.id, other(made, stop), None, now=now)
    assert (found.applied, found.breaches, found.version) == (False, (), version(made.depot_id))
    assert found.planned_start_at is not None
    assert found.late_s == 0
    assert rows() == before


def test_a_legal_move_is_applied_with_its_event_and_counts_the_version_up(now: datetime) -> None:
    made = fleet(2)
    stop = afternoon(1)
    target, seen = other(made, stop), version(made.depot_id)
    result = move(stop.id, target, now=now)
    assert (result.applied, result.version, version(made.depot_id)) == (True, seen + 1, seen + 1)
    moved = db.session.get_one(Stop, stop.id)
    assert (moved.shift_id, moved.position, moved.status) == (target, 1, StopStatus.PLANNED)
    assert moved.planned_start_at == result.planned_start_at
    event = db.session.scalars(sa.select(StopEvent).where(StopEvent.what == "moved")).one()
    assert (event.stop_id, event.actor, event.details["to_shift"]) == (stop.id, "staff:1", target)


def test_the_position_counts_the_open_stops_from_one(now: datetime) -> None:
    made = fleet(1)
    first, second, third = (afternoon(seed).id for seed in (1, 2, 3))
    shift_id = made.shift_ids[0]
    move(third, shift_id, 1, now=now, reason="x")
    order = db.session.scalars(sa.select(Stop.id).order_by(Stop.position)).all()
    assert order[0] == third
    move(third, shift_id, None, now=now, reason="x")
    order = db.session.scalars(sa.select(Stop.id).order_by(Stop.position)).all()
    assert order[-1] == third
    assert set(order) == {first, second, third}


def test_a_hard_limit_is_never_broken_whatever_the_reason(now: datetime) -> None:
    """A van without a card terminal takes no card stop."""
    made = fleet(2, terminals=[True, False])
    stop = afternoon(1, payment=PaymentMethod.CARD)
    before = rows()
    result = move(stop.id, made.shift_ids[1], now=now, reason="stranka ima gotovino")
    assert (result.applied, result.blocked, [breach.kind for breach in result.breaches]) == (
        False, True, ["skill_missing"])
    assert result.breaches[0].severity is Severity.HARD
    assert "LJ-2" in breach_word(result.breaches[0])
    assert rows() == before
    assert version(made.depot_id) == result.version


def test_stock_that_is_not_on_board_cannot_be_moved_away(now: datetime) -> None:
    made = fleet(1)
    with unit_of_work():
        empty = van(made.depot_id, 7, load={})
    stop = afternoon(1)
    result = move(stop.id, empty, now=now, reason="x")
    assert (result.applied, result.blocked) == (False, True)
    assert {breach.kind for breach in result.breaches} == {"stock_short"}


def test_a_broken_promise_needs_a_reason_and_then_is_written_down(now: datetime) -> None:
    """Only soft limits give way to a reason; it is kept with the stop and audited."""
    made = fleet(2)
    stops = [stop_of(order_live(seed)) for seed in range(1, 8)]
    last = max(stops, key=lambda stop: stop.planned_start_at or now)
    target = other(made, last)
    result = check_move(last.id, target, None, now=now)
    assert not result.blocked
    late = move(last.id, target, None, now=now + timedelta(minutes=40))
    assert {breach.kind for breach in late.breaches} <= {"promise_late", "frozen"}
    if not late.needs_reason:
        pytest.fail("forty minutes later everything would still be in time")
    before = rows()
    assert not late.applied
    forced = move(last.id, target, None, now=now + timedelta(minutes=40), reason="  stranka soglaša ")
    assert forced.applied
    assert rows() != before
    event = db.session.scalars(sa.select(StopEvent).where(StopEvent.what == "forced")).one()
    assert event.details["reason"] == "stranka soglaša"
    assert db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action == "stop_move_forced")).all() == [
        "stop_move_forced"]


def test_the_driver_counts_on_the_next_stop_so_moving_it_needs_a_reason(now: datetime) -> None:
    """Y-05."""
    made = fleet(2)
    stop = stop_of(order_live(1))
    result = check_move(stop.id, other(made, stop), None, now=now)
    assert [(breach.kind, breach.severity) for breach in result.breaches] == [("frozen", Severity.WARNING)]
    assert not move(stop.id, other(made, stop), now=now).applied
    assert move(stop.id, other(made, stop), now=now, reason="drugi kombi je bliže").applied


def test_a_stop_the_van_is_driving_to_is_not_movable(now: datetime) -> None:
    made = fleet(2)
    stop = stop_of(order_live(1))
    target = other(made, stop)
    with unit_of_work():
        leave_for(stop.shift_id or 0, stop.id, now=now)
    before = rows()
    with pytest.raises(NotMovable):
        move(stop.id, target, now=now, reason="x")
    with pytest.raises(NotMovable), unit_of_work():
        unassign_stop(stop.id, seen_version=version_now(), now=now, actor="staff:1")
    with pytest.raises(NotMovable), unit_of_work():
        lock_stop(stop.id, True, seen_version=version_now(), now=now, actor="staff:1")
    assert rows() == before


@pytest.mark.parametrize("status", [ShiftStatus.ENDED, ShiftStatus.DOWN])
def test_a_closed_route_takes_no_stop(now: datetime, status: ShiftStatus) -> None:
    made = fleet(2)
    stop = afternoon(1)
    target = other(made, stop)
    with unit_of_work():
        db.session.execute(sa.update(Shift).where(Shift.id == target).values(status=status))
    before = rows()
    with pytest.raises(ShiftClosed):
        move(stop.id, target, now=now, reason="x")
    assert rows() == before


def test_a_route_whose_time_is_over_takes_no_stop(now: datetime) -> None:
    made = fleet(2)
    stop = afternoon(1)
    with pytest.raises(ShiftClosed):
        move(stop.id, other(made, stop), now=now + timedelta(hours=8), reason="x")


def test_what_does_not_exist_or_belongs_elsewhere_is_refused(now: datetime) -> None:
    made = fleet(1)
    stop = afternoon(1)
    with unit_of_work():
        depot = Depot(name="Maribor", address="Tržaška 1", lat=46.55, lon=15.64)
        db.session.add(depot)
        db.session.flush()
        foreign = van(depot.id, 9, load={})
    with pytest.raises(UnknownStop):
        move(10**6, made.shift_ids[0], now=now)
    with pytest.raises(UnknownShift):
        move(stop.id, 10**6, now=now)
    with pytest.raises(OtherDepot):
        move(stop.id, foreign, now=now)


def test_a_plan_that_changed_since_it_was_seen_refuses_every_decision(now: datetime) -> None:
    made = fleet(2)
    stop = afternoon(1)
    seen = version(made.depot_id)
    afternoon(2)
    before = rows()
    for decide in (lambda: move_stop(stop.id, other(made, stop), None, seen_version=seen, now=now, actor="s"),
                   lambda: unassign_stop(stop.id, seen_version=seen, now=now, actor="s"),
                   lambda: lock_stop(stop.id, True, seen_version=seen, now=now, actor="s"),
                   lambda: undo_move(made.depot_id, seen_version=seen, now=now, actor="s")):
        with pytest.raises(StalePlan), unit_of_work():
            decide()
    assert rows() == before


def test_an_unassigned_stop_is_held_until_it_is_let_go(now: datetime) -> None:
    fleet(1)
    stop = afternoon(1)
    with unit_of_work():
        unassign_stop(stop.id, seen_version=version_now(), now=now, actor="staff:1")
    insert()
    held = db.session.get_one(Stop, stop.id)
    assert (held.status, held.shift_id, held.locked, held.planned_start_at) == (StopStatus.UNASSIGNED, None, True, None)
    with unit_of_work():
        lock_stop(stop.id, False, seen_version=version_now(), now=now, actor="staff:1")
    db.session.rollback()
    assert db.session.get_one(Stop, stop.id).status is StopStatus.PLANNED


def test_a_held_stop_can_be_given_to_a_van_by_hand(now: datetime) -> None:
    made = fleet(1)
    stop = afternoon(1)
    with unit_of_work():
        unassign_stop(stop.id, seen_version=version_now(), now=now, actor="staff:1")
    assert move(stop.id, made.shift_ids[0], now=now).applied
    assert not db.session.get_one(Stop, stop.id).locked


def test_undo_restores_the_plan_to_the_byte_move_by_move(now: datetime) -> None:
    """D5."""
    made = fleet(2)
    stops = [afternoon(seed) for seed in range(1, 5)]
    states = [rows()]
    move(stops[0].id, other(made, stops[0]), now=now, reason="x")
    states.append(rows())
    move(stops[1].id, other(made, stops[1]), 1, now=now, reason="x")
    states.append(rows())
    with unit_of_work():
        unassign_stop(stops[2].id, seen_version=version_now(), now=now, actor="staff:1")
    for state in reversed(states):
        with unit_of_work():
            undo_move(made.depot_id, seen_version=version_now(), now=now, actor="staff:1")
        assert rows() == state
    with pytest.raises(NothingToUndo), unit_of_work():
        undo_move(made.depot_id, seen_version=version_now(), now=now, actor="staff:1")
    assert db.session.scalar(sa.select(sa.func.count(PlanMove.id)).where(PlanMove.undone_at.is_(None))) == 0


def test_a_move_is_not_undone_once_its_routes_changed(now: datetime) -> None:
    made = fleet(1)
    first, second = afternoon(1), afternoon(2)
    move(first.id, made.shift_ids[0], None, now=now, reason="x")
    afternoon(3)
    before = rows()
    with pytest.raises(NothingToUndo), unit_of_work():
        undo_move(made.depot_id, seen_version=version_now(), now=now, actor="staff:1")
    assert rows() == before
    assert second.id != first.id


def test_after_every_move_the_plan_and_its_times_fit_together(now: datetime) -> None:
    made = fleet(2)
    stops = [afternoon(seed) for seed in range(1, 5)]
    for stop in stops:
        move(stop.id, other(made, db.session.get_one(Stop, stop.id)), 1, now=now, reason="x")
        with unit_of_work():
            assert planning.retime(planning.snapshot(made.depot_id, now)) == 0
