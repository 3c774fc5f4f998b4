"""Changes of the plan by hand, each checked and guarded by the version that the dispatcher saw (Y-05, Y-06)."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import audit, settings
from core.db import after_commit, db
from delivery import live as live_plan
from delivery import planning
from delivery.errors import (
    NotMovable,
    OtherDepot,
    ShiftClosed,
    StalePlan,
    UnknownShift,
    UnknownStop,
)
from delivery.freezing import frozen_count
from delivery.guardrails import lateness, starts
from delivery.live import OPEN_SHIFTS, LivePlan
from delivery.models import Shift, Stop
from delivery.plan_state import bump_from
from delivery.planning import PlanSnapshot, note_stop, shift_name, stop_name
from delivery.states import MOVABLE, StopStatus
from delivery.undoing import remember, touched
from delivery.vans import to_pool
from delivery.worker import plan_now
from routing.checker import Severity, Violation, ViolationKind, check
from routing.plan import Plan, cost

FROZEN = "frozen"


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One thing that a move breaks. `kind` is a routing.checker.ViolationKind value or `frozen`.

    `amount` is in seconds, cylinders, slots or grams; `words` in delivery.words.breach_word(breach). HARD ones are
    never applied; the others with a reason.
    """

    kind: str
    severity: Severity
    stop_id: int | None
    shift_id: int | None
    vehicle_code: str
    amount: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class LateChange:
    """How the lateness of a stop changes by a move, in seconds."""

    stop_id: int
    before_s: int
    after_s: int


@dataclass(frozen=True, kw_only=True)
class MoveResult:
    """What a move does. `applied` says whether it was written; `version` is the plan's version then.

    `blocked`: a hard limit breaks, no reason helps. `needs_reason`: only soft ones break. Deltas compare the whole
    plan after with before: metres driven, seconds driven, seconds late in all.
    """

    applied: bool
    version: int
    planned_start_at: datetime | None
    breaches: tuple[Breach, ...]
    late: tuple[LateChange, ...]
    distance_m: int
    travel_s: int
    late_s: int

    @property
    def blocked(self) -> bool:
        return any(breach.severity is Severity.HARD for breach in self.breaches)

    @property
    def needs_reason(self) -> bool:
        return bool(self.breaches) and not self.blocked


def check_move(stop_id: int, shift_id: int, position: int | None, *, now: datetime) -> MoveResult:
    """What moving a stop would do. Read only; raises like move_stop.

    `position` counts the van's open stops from 1; None is the end of the route.
    """
    return _trial(stop_id, shift_id, position, now)[2]


def move_stop(stop_id: int, shift_id: int, position: int | None, *, seen_version: int, now: datetime, actor: str,
              force_reason: str = "") -> MoveResult:
    """Move a stop to a van's route, or within it. Inside a unit of work.

    Not applied (and nothing written) where a hard limit breaks, or where a soft one breaks and no `force_reason` is
    given. Raises UnknownStop, UnknownShift, NotMovable, ShiftClosed, OtherDepot, StalePlan.
    """
    seen, plan, result = _trial(stop_id, shift_id, position, now)
    if seen.version != seen_version:
        raise StalePlan(seen=seen_version, present=seen.version)
    if result.blocked or (result.needs_reason and not force_reason.strip()):
        return result
    shifts = [shift_id, _stop(stop_id).shift_id]
    before = touched(stop_id, shifts)
    if not planning.apply(seen, plan, now=now, actor=actor, what="moved"):
        raise StalePlan(seen=seen_version)
    stop = _stop(stop_id)
    stop.locked = False
    if force_reason.strip():
        note_stop(stop, "forced", now=now, actor=actor, reason=force_reason.strip()[:120],
                  breaches=[breach.kind for breach in result.breaches])
        audit.record("stop_move_forced", stop_name(stop_id), actor=actor, shift_id=shift_id)
    remember(seen.depot_id, stop_id, before, touched(stop_id, shifts), now=now, actor=actor)
    return replace(result, applied=True, version=seen.version + 1)


def _trial(stop_id: int, shift_id: int, position: int | None, now: datetime) -> tuple[PlanSnapshot, Plan, MoveResult]:
    """The plan as it would be, and what that does."""
    stop = _stop(stop_id)
    if stop.status not in MOVABLE:
        raise NotMovable(stop_id=stop_id, status=stop.status.value)
    _open_shift(stop, shift_id, now)
    live = live_plan.load(stop.depot_id, now)
    seen = planning.build(live, now, by_hand=True)
    name, target = stop_name(stop_id), shift_name(shift_id)
    if name not in seen.stop_ids or target not in seen.shift_ids:
        raise NotMovable(stop_id=stop_id)
    before = seen.plan.without(name)
    length = len(before.route(target))
    index = length if position is None else min(max(0, position - 1), length)
    plan = before.with_visit(name, target, index)
    return seen, plan, _result(seen, live, plan, stop, shift_id, index, now)


def _open_shift(stop: Stop, shift_id: int, now: datetime) -> None:
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    if shift.status not in OPEN_SHIFTS or shift.ends_at <= now:
        raise ShiftClosed(shift_id=shift_id, status=shift.status.value)
    if shift.depot_id != stop.depot_id:
        raise OtherDepot(shift_id=shift_id, stop_id=stop.id)
    if shift.starts_at >= now + live_plan.HORIZON:
        raise ShiftClosed(shift_id=shift_id, starts_at=shift.starts_at.isoformat())


def _stop(stop_id: int) -> Stop:
    stop = db.session.get(Stop, stop_id)
    if stop is None:
        raise UnknownStop(stop_id=stop_id)
    return stop


def _result(seen: PlanSnapshot, live: LivePlan, plan: Plan, stop: Stop, shift_id: int, index: int,
            now: datetime) -> MoveResult:
    problem, name = seen.problem, stop_name(stop.id)
    was, becomes = lateness(problem, seen.plan), lateness(problem, plan)
    before, after = cost(problem, seen.plan), cost(problem, plan)
    codes = {shift.id: shift.vehicle.code for shift in live.shifts}
    found = [_breach(seen, violation, codes) for violation in _new_violations(seen, plan)]
    found += _frozen_breaches(live, stop, shift_id, index, codes, now)
    return MoveResult(
        applied=False, version=seen.version, planned_start_at=seen.at(starts(problem, plan)[name]),
        breaches=tuple(sorted(found, key=lambda breach: breach.severity is not Severity.HARD)),
        late=tuple(LateChange(stop_id=seen.stop_ids[visit], before_s=was.get(visit, 0), after_s=late)
                   for visit, late in becomes.items() if late != was.get(visit, 0)),
        distance_m=after.distance_m - before.distance_m, travel_s=after.travel_s - before.travel_s,
        late_s=after.lateness_s - before.lateness_s)


def _new_violations(seen: PlanSnapshot, plan: Plan) -> list[Violation]:
    """What the plan breaks that the present one does not, or breaks worse."""
    def key(found: Violation) -> tuple[str, str | None, str | None, str]:
        promise = found.kind is ViolationKind.PROMISE_LATE
        return found.kind, found.vehicle_id, found.visit_id if promise else None, found.detail

    present = {key(found): found.amount for found in check(seen.problem, seen.plan)}
    return [found for found in check(seen.problem, plan) if found.amount > present.get(key(found), 0)]


def _breach(seen: PlanSnapshot, found: Violation, codes: dict[int, str]) -> Breach:
    shift_id = seen.shift_ids.get(found.vehicle_id or "")
    return Breach(kind=found.kind.value, severity=found.severity, stop_id=seen.stop_ids.get(found.visit_id or ""),
                  shift_id=shift_id, vehicle_code=codes.get(shift_id or 0, ""), amount=found.amount,
                  detail=found.detail)


def _frozen_breaches(live: LivePlan, stop: Stop, shift_id: int, index: int, codes: dict[int, str],
                     now: datetime) -> list[Breach]:
    """Taking a stop out of a frozen beginning, or putting one before its end: a person may, with a reason (Y-05)."""
    freeze = timedelta(minutes=settings.get("freeze_minutes", now))
    places: list[tuple[int, int]] = [(shift_id, index)]
    if stop.shift_id in live.routes:
        places.append((stop.shift_id, live.routes[stop.shift_id].index(stop)))
    for number, place in places:
        shift = next(shift for shift in live.shifts if shift.id == number)
        if place < frozen_count(shift, live.routes[number], now, freeze, timedelta(0)):
            return [Breach(kind=FROZEN, severity=Severity.WARNING, stop_id=stop.id, shift_id=number,
                           vehicle_code=codes[number], amount=1)]
    return []


def unassign_stop(stop_id: int, *, seen_version: int, now: datetime, actor: str) -> None:
    """Take a stop out of its route and hold it in the pool: automatic planning leaves it there until unlocked."""
    stop = _decide(stop_id, seen_version, now)
    before = touched(stop_id, [stop.shift_id])
    shift_id = stop.shift_id
    note_stop(stop, "unassigned", now=now, actor=actor, from_shift=shift_id)
    to_pool(stop)
    stop.locked = True
    db.session.flush()
    remember(stop.depot_id, stop_id, before, touched(stop_id, [shift_id]), now=now, actor=actor)
    if shift_id is not None:
        planning.retime_shift(db.session.get_one(Shift, shift_id), now)


def lock_stop(stop_id: int, locked: bool, *, seen_version: int, now: datetime, actor: str) -> None:
    """Lock a stop where it is (nothing before it moves either), or let it go again; in the pool: hold it there."""
    stop = _decide(stop_id, seen_version, now)
    if stop.locked == locked:
        return
    stop.locked = locked
    note_stop(stop, "locked" if locked else "unlocked", now=now, actor=actor)
    db.session.flush()
    if not locked and stop.status is StopStatus.UNASSIGNED:
        after_commit(lambda: plan_now(now))


def _decide(stop_id: int, seen_version: int, now: datetime) -> Stop:
    """A movable stop, with the plan taken at the version that was seen."""
    depot_id = _stop(stop_id).depot_id
    if not bump_from(depot_id, seen_version, now):
        raise StalePlan(seen=seen_version)
    stop = _stop(stop_id)
    if stop.status not in MOVABLE:
        raise NotMovable(stop_id=stop_id, status=stop.status.value)
    return stop
