"""Why a stop is late or has no van: the constraint that binds (D7, P3). Pure: a routing problem and its plan."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.checker import ViolationKind, check
from routing.insertion import Insertion, InsertionIndex
from routing.plan import Plan, StopTime, Unserved, route_times
from routing.problem import Problem, Vehicle, Visit
from routing.route_state import NEAREST_FIRST

MANY = 3  # so many stops before a late one are named
AMOUNTS = {Unserved.SHIFT_OVER: ViolationKind.SHIFT_OVER, Unserved.STOCK_SHORT: ViolationKind.STOCK_SHORT,
           Unserved.SLOTS_OVER: ViolationKind.SLOTS_OVER, Unserved.GAS_OVER: ViolationKind.GAS_OVER,
           Unserved.WINDOW_MISSED: ViolationKind.WINDOW_MISSED}


class CauseKind(StrEnum):
    """What binds. The values of routing.plan.Unserved mean a van that cannot take the stop, and why."""

    SKILL_MISSING = "skill_missing"
    STOCK_SHORT = "stock_short"
    SLOTS_OVER = "slots_over"
    GAS_OVER = "gas_over"
    SHIFT_OVER = "shift_over"
    WINDOW_MISSED = "window_missed"
    OTHERS_BOUND = "others_bound"
    NO_VEHICLE = "no_vehicle"
    UNREACHABLE = "unreachable"
    OUTSIDE_MAP = "outside_map"
    VAN_RULED_OUT = "van_ruled_out"  # for any other reason that the planner names
    HELD = "held"
    WINDOW_OVER = "window_over"  # the promise has passed already
    STOPS_BEFORE = "stops_before"  # without these stops the van would be there in time
    VAN_FREE_LATE = "van_free_late"  # even if it drove there at once, the van would be late
    LOCKED_BEFORE = "locked_before"
    NEXT_VAN_LATE = "next_van_late"  # the van that comes nearest would be late as well


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One binding constraint. `amount` is in seconds, cylinders, slots or grams; `detail` a cylinder type or skill;
    `visit_ids` are the stops that it is about."""

    kind: CauseKind
    vehicle_id: str | None = None
    visit_ids: tuple[str, ...] = ()
    amount: int = 0
    detail: str = ""


def causes_of(problem: Problem, plan: Plan, visit_id: str, *, held: bool = False,
              locked: Sequence[str] = ()) -> tuple[Cause, ...]:
    """What binds a visit that is late or unserved, the most telling first; empty for one that is neither.

    `held`: a person keeps it in the pool. `locked` are visits that a person locked where they are.
    """
    visit = problem.visit_by_id[visit_id]
    vehicle_id = plan.vehicle_of(visit_id)
    if held and vehicle_id is None:
        return (Cause(kind=CauseKind.HELD, visit_ids=(visit_id,)), *_over(visit))
    if vehicle_id is None:
        return (*_over(visit), *_ruled_out(problem, plan, visit))
    vehicle = problem.vehicle_by_id[vehicle_id]
    times = {time.visit_id: time for time in route_times(problem, vehicle, plan.route(vehicle_id)).stops}
    if times[visit_id].lateness_s == 0:
        return ()
    return (*_over(visit), *_before(problem, vehicle, plan, times[visit_id], locked),
            *_next_van(problem, plan, visit, vehicle_id))


def _over(visit: Visit) -> Iterator[Cause]:
    if visit.due_s is not None and visit.due_s < 0:
        yield Cause(kind=CauseKind.WINDOW_OVER, visit_ids=(visit.id,), amount=-visit.due_s)


def _ruled_out(problem: Problem, plan: Plan, visit: Visit) -> Iterator[Cause]:
    """Why no van takes it: for each reason the van that comes nearest, and by how much it misses."""
    refusals = dict(_refusals(problem, plan, visit))
    if not refusals:
        yield Cause(kind=CauseKind.NO_VEHICLE)
        return
    for reason in sorted(set(refusals.values()), key=_nearest_first):
        missed = [(*_amount(problem, plan, visit, name, reason), name)
                  for name, found in refusals.items() if found is reason]
        amount, detail, name = min(missed)
        yield Cause(kind=_kind(reason), vehicle_id=name, visit_ids=(visit.id,), amount=amount, detail=detail)


def _refusals(problem: Problem, plan: Plan, visit: Visit) -> Iterator[tuple[str, Unserved]]:
    """Why each van does not take it; one that could, but only by breaking another promise, is bound by others."""
    index = InsertionIndex(problem, plan)
    for vehicle in problem.vehicles:
        found = index.best_on(vehicle.id, visit)
        if isinstance(found, Insertion):
            yield vehicle.id, Unserved.OTHERS_BOUND
        else:
            yield vehicle.id, found


def _nearest_first(reason: Unserved) -> int:
    return NEAREST_FIRST.index(reason) if reason in NEAREST_FIRST else len(NEAREST_FIRST)


def _kind(reason: Unserved) -> CauseKind:
    return CauseKind(reason.value) if reason.value in set(CauseKind) else CauseKind.VAN_RULED_OUT


def _amount(problem: Problem, plan: Plan, visit: Visit, vehicle_id: str, reason: Unserved) -> tuple[int, str]:
    """By how much a van misses, at its best place, and of what."""
    if reason is Unserved.SKILL_MISSING:
        return 0, min(visit.skills - problem.vehicle_by_id[vehicle_id].skills, default="")
    wanted = AMOUNTS.get(reason)
    if wanted is None:
        return 0, ""
    route, frozen = plan.route(vehicle_id), len(problem.vehicle_by_id[vehicle_id].frozen)
    misses: list[tuple[int, str]] = []
    for place in range(frozen, len(route) + 1):
        tried = Plan(routes={vehicle_id: (*route[:place], visit.id, *route[place:])})
        found = [one for one in check(problem, tried) if one.vehicle_id == vehicle_id and one.kind is wanted]
        misses += [(sum(one.amount for one in found), found[0].detail)] if found else []
    return min(misses, default=(0, ""))


def _before(problem: Problem, vehicle: Vehicle, plan: Plan, late: StopTime, locked: Sequence[str]) -> Iterator[Cause]:
    """What in its own route makes it late: locked stops, others before it, or the van itself."""
    route = plan.route(vehicle.id)
    ahead = route[:route.index(late.visit_id)]
    alone = route_times(problem, vehicle, (late.visit_id,)).stops[0]
    held = tuple(name for name in ahead if name in locked)
    if held:
        yield Cause(kind=CauseKind.LOCKED_BEFORE, vehicle_id=vehicle.id, visit_ids=held, amount=late.lateness_s)
    if ahead and alone.start_s < late.start_s:
        dearest = sorted(ahead, key=lambda name: (-_takes(problem, vehicle, ahead, late, name), ahead.index(name)))
        yield Cause(kind=CauseKind.STOPS_BEFORE, vehicle_id=vehicle.id, amount=late.lateness_s,
                    visit_ids=tuple(name for name in ahead if name in dearest[:MANY]))
    if alone.lateness_s:
        yield Cause(kind=CauseKind.VAN_FREE_LATE, vehicle_id=vehicle.id, visit_ids=(late.visit_id,),
                    amount=alone.lateness_s)


def _takes(problem: Problem, vehicle: Vehicle, ahead: Sequence[str], late: StopTime, name: str) -> int:
    """How much earlier the late visit would begin without one that stands before it."""
    rest = [*(other for other in ahead if other != name), late.visit_id]
    return late.start_s - route_times(problem, vehicle, rest).stops[-1].start_s


def _next_van(problem: Problem, plan: Plan, visit: Visit, own: str) -> Iterator[Cause]:
    """The other van that comes nearest to being there in time, or what rules the others out."""
    if visit.id in problem.frozen_ids:
        return
    rest = plan.without(visit.id)
    index = InsertionIndex(problem, rest)
    soonest = replace(visit, due_s=0, announced_s=None, current_vehicle=None)
    lates: list[tuple[int, str, bool]] = []
    refusals: list[tuple[Unserved, str]] = []
    for vehicle in problem.vehicles:
        if vehicle.id == own:
            continue
        found = index.best_on(vehicle.id, soonest)
        if isinstance(found, Insertion):
            lates.append((max(0, found.start_s - (visit.due_s or 0)), vehicle.id, bool(found.newly_late)))
        else:
            refusals.append((found, vehicle.id))
    if lates:
        amount, name, breaks = min(lates)
        if amount or breaks:
            yield Cause(kind=CauseKind.NEXT_VAN_LATE if amount else CauseKind.OTHERS_BOUND, vehicle_id=name,
                        visit_ids=(visit.id,), amount=amount)
    elif refusals:
        reason, name = min(refusals, key=lambda pair: (_nearest_first(pair[0]), pair[1]))
        amount, detail = _amount(problem, rest, visit, name, reason)
        yield Cause(kind=_kind(reason), vehicle_id=name, visit_ids=(visit.id,), amount=amount, detail=detail)
