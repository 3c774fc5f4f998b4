"""What is wrong with a plan. Every plan passes here, computed or dragged by hand."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from routing.plan import Plan, RouteTimes, route_times
from routing.problem import UNREACHABLE, Problem, Vehicle, Visit
from routing.standing import Freight


class ViolationKind(StrEnum):
    """What can be wrong. `amount` of a violation is in seconds, cylinders, slots, grams or units of freight; else 1.
    """

    SHIFT_OVER = "shift_over"
    WINDOW_MISSED = "window_missed"
    STOCK_SHORT = "stock_short"
    SPARE_USED = "spare_used"
    SLOTS_OVER = "slots_over"
    GAS_OVER = "gas_over"
    CAPACITY_OVER = "capacity_over"
    BREAK_MISSED = "break_missed"
    UNREACHABLE = "unreachable"
    WRONG_VEHICLE = "wrong_vehicle"
    SKILL_MISSING = "skill_missing"
    FROZEN_MOVED = "frozen_moved"
    VISIT_TWICE = "visit_twice"
    VISIT_MISSING = "visit_missing"
    UNKNOWN_VISIT = "unknown_visit"
    UNKNOWN_VEHICLE = "unknown_vehicle"
    PROMISE_LATE = "promise_late"


class Severity(StrEnum):
    """HARD: no such plan may be applied. SOFT: a broken promise, or a limit broken by frozen stops or overdue
    orders alone, which no plan can mend. WARNING: allowed to a dispatcher, never planned by itself."""

    HARD = "hard"
    SOFT = "soft"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing wrong. `detail` names the cylinder type, skill, break, dimension of freight or place: a key, not a
    sentence."""

    kind: ViolationKind
    severity: Severity
    vehicle_id: str | None = None
    visit_id: str | None = None
    amount: int = 1
    detail: str = ""


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """All violations of a plan, those of its make-up first, then vehicle by vehicle."""
    found = list(_make_up(problem, plan))
    for vehicle in problem.vehicles:
        route = tuple(name for name in plan.route(vehicle.id) if name in problem.visit_by_id)
        if route[:len(vehicle.frozen)] != vehicle.frozen:
            found.append(Violation(kind=ViolationKind.FROZEN_MOVED, severity=Severity.HARD, vehicle_id=vehicle.id,
                                   visit_id=_first_moved(vehicle.frozen, route)))
        found += _times(problem, vehicle, route)
        visits = [problem.visit_by_id[name] for name in route]
        found += _skills(problem, vehicle, visits)
        found += _stock(vehicle, visits)
        found += _level(problem, vehicle, visits, ViolationKind.SLOTS_OVER)
        found += _level(problem, vehicle, visits, ViolationKind.GAS_OVER)
        found += _freight(problem, vehicle, visits)
    return tuple(found)


def hard_violations(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """The violations with which a plan may not be applied."""
    return tuple(found for found in check(problem, plan) if found.severity is Severity.HARD)


def _make_up(problem: Problem, plan: Plan) -> Iterator[Violation]:
    hard = Severity.HARD
    places = Counter(name for route in plan.routes.values() for name in route)
    for vehicle_id, route in plan.routes.items():
        if vehicle_id not in problem.vehicle_by_id:
            yield Violation(kind=ViolationKind.UNKNOWN_VEHICLE, severity=hard, vehicle_id=vehicle_id)
        for name in dict.fromkeys(route):
            if name not in problem.visit_by_id:
                yield Violation(kind=ViolationKind.UNKNOWN_VISIT, severity=hard, vehicle_id=vehicle_id, visit_id=name)
    for name in plan.unserved:
        if name not in problem.visit_by_id:
            yield Violation(kind=ViolationKind.UNKNOWN_VISIT, severity=hard, visit_id=name, detail="unserved")
    for visit in problem.visits:
        times = places[visit.id] + (visit.id in plan.unserved)
        if times > 1:
            yield Violation(kind=ViolationKind.VISIT_TWICE, severity=hard, visit_id=visit.id, amount=times,
                            vehicle_id=plan.vehicle_of(visit.id))
        elif times == 0 and visit.reload is None:
            yield Violation(kind=ViolationKind.VISIT_MISSING, severity=hard, visit_id=visit.id)


def _first_moved(frozen: Sequence[str], route: Sequence[str]) -> str:
    for number, name in enumerate(frozen):
        if number >= len(route) or route[number] != name:
            return name
    raise AssertionError("nothing moved")


def _times(problem: Problem, vehicle: Vehicle, route: tuple[str, ...]) -> Iterator[Violation]:
    if problem.has_gaps:
        yield from _cut_off(problem, vehicle, route)
    times = route_times(problem, vehicle, route)
    for stop in times.stops:
        visit, terms = problem.visit_by_id[stop.visit_id], problem.terms[stop.visit_id]
        if visit.latest_s is not None and stop.start_s > visit.latest_s:
            yield Violation(kind=ViolationKind.WINDOW_MISSED, vehicle_id=vehicle.id, visit_id=visit.id,
                            severity=Severity.SOFT if terms.latest_s is None else Severity.HARD,
                            amount=stop.start_s - visit.latest_s)
        if visit.due_s is not None and stop.start_s > visit.due_s:
            yield Violation(kind=ViolationKind.PROMISE_LATE, severity=Severity.SOFT, vehicle_id=vehicle.id,
                            visit_id=visit.id, amount=stop.start_s - visit.due_s)
    yield from _rests(problem, vehicle, route, times)
    if times.finish_s > vehicle.end_s and (route or vehicle.end_location is not None):
        forced = times.finish_s <= problem.standings[vehicle.id].end_s
        first = next((stop.visit_id for stop in times.stops if stop.leave_s > vehicle.end_s), None)
        yield Violation(kind=ViolationKind.SHIFT_OVER, severity=Severity.SOFT if forced else Severity.HARD,
                        vehicle_id=vehicle.id, visit_id=first, amount=times.finish_s - vehicle.end_s)


def _cut_off(problem: Problem, vehicle: Vehicle, route: tuple[str, ...]) -> Iterator[Violation]:
    """Visits to which no way leads from the one before; none named: the way home."""
    location, kind = vehicle.start_location, ViolationKind.UNREACHABLE
    for number, name in enumerate(route):
        target = problem.visit_by_id[name].location
        if problem.durations_s[location][target] >= UNREACHABLE:
            yield Violation(kind=kind, vehicle_id=vehicle.id, visit_id=name,
                            severity=Severity.SOFT if number < len(vehicle.frozen) else Severity.HARD)
        location = target
    if vehicle.end_location is not None and problem.durations_s[location][vehicle.end_location] >= UNREACHABLE:
        yield Violation(kind=kind, vehicle_id=vehicle.id,
                        severity=Severity.SOFT if route == vehicle.frozen else Severity.HARD)


def _rests(problem: Problem, vehicle: Vehicle, route: tuple[str, ...], times: RouteTimes) -> Iterator[Violation]:
    """Breaks begun too late; soft where no plan can mend it."""
    lost = problem.standings[vehicle.id].breaks_lost
    for rest in times.rests:
        if rest.missed_s:
            yield Violation(kind=ViolationKind.BREAK_MISSED, vehicle_id=vehicle.id, detail=rest.break_id,
                            severity=Severity.SOFT if rest.break_id in lost else Severity.HARD,
                            visit_id=route[rest.after_visits - 1] if rest.after_visits else None,
                            amount=rest.missed_s)


def _skills(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    for visit in visits:
        severity = Severity.SOFT if visit.id in vehicle.frozen else Severity.HARD
        if visit.only_vehicle not in (None, vehicle.id):
            yield Violation(kind=ViolationKind.WRONG_VEHICLE, vehicle_id=vehicle.id, visit_id=visit.id,
                            severity=severity)
        for skill in sorted(visit.skills - vehicle.skills):
            yield Violation(kind=ViolationKind.SKILL_MISSING, vehicle_id=vehicle.id, visit_id=visit.id, detail=skill,
                            severity=severity)


def _stock(vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    """Stock by type at every point from one reload to the next; the first visit that runs short is named."""
    stock, begin = vehicle.full_stock, 0
    for end, visit in enumerate(visits):
        if visit.reload is not None:
            yield from _stock_between(vehicle, visits[begin:end], stock)
            stock, begin = visit.reload.full_stock, end + 1
    yield from _stock_between(vehicle, visits[begin:], stock)


def _stock_between(vehicle: Vehicle, visits: Sequence[Visit], stock: Mapping[str, int]) -> Iterator[Violation]:
    for kind in sorted({kind for visit in visits for kind, number in visit.deliver.items() if number}):
        left = stock.get(kind, 0)
        spare = min(vehicle.spare.get(kind, 0), left)
        frozen_left, first_short, first_spare = left, None, None
        for visit in visits:
            number = visit.deliver.get(kind, 0)
            left -= number
            if visit.id in vehicle.frozen:
                frozen_left -= number
            if number and left < 0 and first_short is None:
                first_short = visit
            if number and spare and left < spare and first_spare is None:
                first_spare = visit
        if first_short is not None:
            forced = left >= min(0, frozen_left)
            yield Violation(kind=ViolationKind.STOCK_SHORT, severity=Severity.SOFT if forced else Severity.HARD,
                            vehicle_id=vehicle.id, visit_id=first_short.id, amount=-left, detail=kind)
        if first_spare is not None:
            yield Violation(kind=ViolationKind.SPARE_USED, severity=Severity.WARNING, vehicle_id=vehicle.id,
                            visit_id=first_spare.id, amount=min(spare, spare - left), detail=kind)


def _level(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit], kind: ViolationKind) -> Iterator[Violation]:
    """Slots or gas on board after every visit: the worst point counts, the first point over the limit is named."""
    standing = problem.standings[vehicle.id]
    slots = kind is ViolationKind.SLOTS_OVER
    if slots:
        level, limit, forced_limit = vehicle.slots_used, vehicle.slots, standing.slots_limit
    else:
        level, limit, forced_limit = vehicle.gas_on_board_g, vehicle.gas_limit_g, standing.gas_limit_g
    peak, first, severity = 0, None, Severity.SOFT
    for visit in visits:
        if visit.reload is not None:
            level = visit.reload.slots_used if slots else visit.reload.gas_on_board_g
        else:
            level += visit.slots_net if slots else visit.gas_net_g
        if level <= limit:
            continue
        peak, first = max(peak, level - limit), first or visit
        if visit.id not in vehicle.frozen and level > forced_limit:
            severity = Severity.HARD
    if first is not None:
        yield Violation(kind=kind, severity=severity, vehicle_id=vehicle.id, visit_id=first.id, amount=peak)


def _freight(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    """Freight by dimension: what is still to be brought and what has been taken, at every point of the route.

    The visit named is the first that the van leaves with too much, or the first that it sets out with too much for.
    """
    room = {line.dimension: line for line in problem.standings[vehicle.id].freight}
    for dimension in sorted({name for visit in visits for name in (*visit.brings, *visit.takes)}):
        capacity = vehicle.capacity.get(dimension, 0)
        free = room.get(dimension, Freight(dimension, 0, 0, 0))
        bringing = [visit for visit in visits if visit.brings.get(dimension)]
        ahead = sum(visit.brings[dimension] for visit in bringing if visit.id not in vehicle.frozen)
        load = peak = sum(visit.brings[dimension] for visit in bringing)
        first = bringing[0] if load > capacity else None
        hard = ahead > free.room
        for visit in visits:
            load += visit.takes.get(dimension, 0) - visit.brings.get(dimension, 0)
            peak = max(peak, load)
            first = first or (visit if load > capacity else None)
            hard = hard or (visit.id not in vehicle.frozen and load > free.limit)
        if first is not None:
            yield Violation(kind=ViolationKind.CAPACITY_OVER, vehicle_id=vehicle.id, visit_id=first.id,
                            severity=Severity.HARD if hard else Severity.SOFT, amount=peak - capacity,
                            detail=dimension)
