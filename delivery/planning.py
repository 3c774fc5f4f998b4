"""The live plan of a depot, read as a routing problem and written back.

`snapshot` reads, `apply` writes. Between the two anything may be computed, with no transaction open.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from core import settings
from core.db import db
from delivery.live import with_sources
from delivery.models import Shift, Stop, StopEvent
from delivery.plan_state import bump_from
from delivery.snapshots import PlanSnapshot, build, shift_name, snapshot, stop_name
from delivery.states import LIVE, StopKind, StopStatus
from delivery.visits import wants_visit
from routing.plan import Plan, route_times

__all__ = ["PlanSnapshot", "apply", "build", "note_stop", "retime", "retime_shift", "shift_name", "snapshot",
           "stop_name"]

DRIFT_S = 30


def apply(seen: PlanSnapshot, plan: Plan, *, now: datetime, actor: str, what: str) -> bool:
    """Write a plan that was computed from a snapshot, inside the caller's unit of work.

    False, and nothing written, when the plan's version moved meanwhile or a stop is no longer wanted. `what` names
    the stop events that are written for stops whose van or place in the order changed.
    """
    if not _writable(_stops_of(seen), seen) or not bump_from(seen.depot_id, seen.version, now):
        return False
    stops = {stop_name(stop.id): stop for stop in _stops_of(seen)}
    moved = _moved(seen.plan, plan)
    offsets = _ended_positions(list(seen.shift_ids.values()))
    for vehicle in seen.problem.vehicles:
        shift_id = seen.shift_ids[vehicle.id]
        times = route_times(seen.problem, vehicle, plan.route(vehicle.id))
        estimated = seen.estimated_visits(vehicle, plan.route(vehicle.id))
        for position, time in enumerate(times.stops, start=offsets.get(shift_id, 0) + 1):
            stop = stops.get(time.visit_id) or new_reload(db.session.get_one(Shift, shift_id), position, now)
            if time.visit_id in moved:
                note_stop(stop, what, now=now, actor=actor, from_shift=stop.shift_id, to_shift=shift_id,
                          position=position)
            stop.shift_id, stop.position = shift_id, position
            if stop.status is StopStatus.UNASSIGNED:
                stop.status = StopStatus.PLANNED
            _set_times(stop, seen.at(time.start_s), seen.at(time.leave_s), time.visit_id in estimated)
            stop.unserved_reason = ""
    for name, reason in plan.unserved.items():
        if name in stops:
            _unassign(stops[name], str(reason), what, now=now, actor=actor)
    _end_reloads(seen, plan, stops, what, now=now, actor=actor)
    db.session.flush()
    return True


def new_reload(shift: Shift, position: int, now: datetime) -> Stop:
    """A call at the depot (P5) that a plan or a person puts into a shift's route."""
    made = Stop(kind=StopKind.RELOAD, depot_id=shift.depot_id, shift_id=shift.id, status=StopStatus.PLANNED,
                position=position, service_s=settings.get("reload_seconds", now), created_at=now)
    db.session.add(made)
    db.session.flush()
    return made


def _end_reloads(seen: PlanSnapshot, plan: Plan, stops: Mapping[str, Stop], what: str, *, now: datetime,
                 actor: str) -> None:
    """Calls at the depot that the plan needs no more are void."""
    served = {name for route in plan.routes.values() for name in route}
    for name, stop in stops.items():
        if stop.kind is StopKind.RELOAD and name not in served:
            note_stop(stop, what, now=now, actor=actor, from_shift=stop.shift_id, to_shift=None)
            stop.status, stop.ended_at = StopStatus.VOID, now


def _stops_of(seen: PlanSnapshot) -> Sequence[Stop]:
    """The stops of a snapshot, read anew."""
    return db.session.scalars(sa.select(Stop).where(Stop.id.in_(seen.stop_ids.values()))
                              .options(*with_sources()).execution_options(populate_existing=True)).all()


def _writable(stops: Sequence[Stop], seen: PlanSnapshot) -> bool:
    """Whether every stop of a snapshot is still there and wanted."""
    return (len(stops) == len(seen.stop_ids)
            and all(stop.status in LIVE and wants_visit(stop.source) for stop in stops))


def _moved(before: Plan, after: Plan) -> set[str]:
    """Visits that change the van or their place among those that were in the same route before."""
    moved: set[str] = set()
    for vehicle_id, route in after.routes.items():
        old = before.route(vehicle_id)
        stayed = [name for name in route if name in old]
        was = [name for name in old if name in route]
        moved |= {name for name in route if name not in old}
        moved |= {name for name, other in zip(stayed, was, strict=True) if name != other}
    return moved


def _ended_positions(shift_ids: Sequence[int]) -> dict[int, int]:
    """The last number in each list that a stop took which is over."""
    rows = db.session.execute(
        sa.select(Stop.shift_id, sa.func.max(Stop.position))
        .where(Stop.shift_id.in_(shift_ids), Stop.status.in_([StopStatus.DONE, StopStatus.FAILED]))
        .group_by(Stop.shift_id))
    return {int(shift_id): int(last) for shift_id, last in rows if shift_id is not None}


def _set_times(stop: Stop, start_at: datetime, leave_at: datetime, estimated: bool) -> None:
    if stop.status is not StopStatus.ARRIVED:
        stop.planned_start_at = start_at
    stop.travel_estimated = estimated
    stop.planned_leave_at = leave_at


def _unassign(stop: Stop, reason: str, what: str, *, now: datetime, actor: str) -> None:
    if stop.shift_id is not None:
        note_stop(stop, what, now=now, actor=actor, from_shift=stop.shift_id, to_shift=None, reason=reason)
    stop.shift_id, stop.position, stop.status = None, 0, StopStatus.UNASSIGNED
    stop.planned_start_at, stop.planned_leave_at, stop.travel_estimated = None, None, False
    stop.unserved_reason = reason[:60]


def note_stop(stop: Stop, what: str, *, now: datetime, actor: str, **details: object) -> None:
    """Write down what happened to a stop."""
    db.session.add(StopEvent(stop_id=stop.id, at=now, actor=actor, what=what, details=details))


def retime(seen: PlanSnapshot) -> int:
    """Write the times of routes as they stand, where they drifted; inside a unit of work. Returns how many changed.

    The order of stops does not change, so the plan's version stays.
    """
    changed = 0
    stops = {stop.id: stop for stop in db.session.scalars(
        sa.select(Stop).where(Stop.id.in_(seen.stop_ids.values())).execution_options(populate_existing=True))}
    for vehicle in seen.problem.vehicles:
        route = seen.plan.route(vehicle.id)
        estimated = seen.estimated_visits(vehicle, route)
        for time in route_times(seen.problem, vehicle, route).stops:
            stop = stops.get(seen.stop_ids[time.visit_id])
            if stop is None or stop.shift_id != seen.shift_ids[vehicle.id] or stop.status not in LIVE:
                continue
            rests_on_estimate = time.visit_id in estimated
            if _drifted(stop, seen.at(time.leave_s)) or stop.travel_estimated != rests_on_estimate:
                _set_times(stop, seen.at(time.start_s), seen.at(time.leave_s), rests_on_estimate)
                changed += 1
    db.session.flush()
    return changed


def _drifted(stop: Stop, leave_at: datetime) -> bool:
    return stop.planned_leave_at is None or abs((stop.planned_leave_at - leave_at).total_seconds()) >= DRIFT_S


def retime_shift(shift: Shift, now: datetime) -> int:
    """Reckon the rest of one route anew after its van did something."""
    return retime(snapshot(shift.depot_id, now, only_shift=shift.id))


def unserved_reasons(seen: PlanSnapshot) -> dict[str, str]:
    """The reasons that stand in the database for the stops of a snapshot."""
    rows = db.session.execute(sa.select(Stop.id, Stop.unserved_reason).where(
        Stop.id.in_(seen.stop_ids.values()), Stop.shift_id.is_(None)))
    return {stop_name(stop_id): reason for stop_id, reason in rows}
