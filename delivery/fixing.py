"""What would help a stop that is late or has no van, each proved by a trial (D7, P3). Pure: a problem and its plan."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from delivery.guardrails import broken_by, starts
from routing.checker import hard_violations
from routing.insertion import Insertion, InsertionIndex
from routing.plan import Plan, cost, route_times
from routing.problem import Problem, Vehicle, Visit
from routing.standing import terms_of

LATER_BY_S = 300  # so much later is worth naming
LONGEST_EXTRA_S = 5400  # nobody is asked to stay longer than that
NEIGHBOURS = 12  # so many stops of other routes are tried as those to make room
PER_KIND = 2
MOST = 6


class FixKind(StrEnum):
    """What is changed."""

    MOVE = "move"
    RELOAD = "reload"  # another van, which loads at its depot first
    MOVE_OTHER = "move_other"
    UNLOCK = "unlock"
    LONGER_SHIFT = "longer_shift"
    TWO_HOURS = "two_hours"
    LATER_WINDOW = "later_window"
    OTHER_DAY = "other_day"  # when nothing in the plan helps: a window that is not full yet
    MORE_VANS = "more_vans"


# What a fix costs beside its driving, in seconds of driving: what people have to be asked for is dearer.
PRICES = {FixKind.MOVE: 0, FixKind.RELOAD: 300, FixKind.MOVE_OTHER: 60, FixKind.UNLOCK: 120, FixKind.LONGER_SHIFT: 600,
          FixKind.TWO_HOURS: 1200, FixKind.LATER_WINDOW: 2400, FixKind.MORE_VANS: 3600,
          FixKind.OTHER_DAY: 7200}
LATER_PRICE_S = 120  # for every other customer who gets later
WAIT_PRICE = 0.2  # of each second that somebody has to stay or wait longer


@dataclass(frozen=True, kw_only=True)
class Fix:
    """One change that makes the stop start in time (`start_s`), with what it does to the rest.

    `visit_id` is the visit that is touched: moved to `position` of the vehicle's open route (counted without it),
    unlocked, or given the new promise from `from_s` to `by_s`. `extra_s`: how much longer the shift is. `travel_s`
    and `distance_m` compare the whole plan, `later` names the others who start at least five minutes later. `plan`
    is how it stands afterwards.
    """

    kind: FixKind
    visit_id: str
    vehicle_id: str | None = None
    position: int | None = None
    start_s: int
    from_s: int | None = None
    by_s: int | None = None
    extra_s: int = 0
    travel_s: int
    distance_m: int
    later: tuple[tuple[str, int], ...]
    price: int
    plan: Plan | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Trouble:
    """A visit that is late or unserved, and what may be changed.

    `problem` has the frozen prefixes of automatic planning; `loose` is the same without what people locked.
    `reserve` are vans that could be taken into service. `two_hours_s`: the end of the two hours, for a promise that
    may be lengthened to it. `window` turns a planned start into the window that it keeps.
    """

    problem: Problem
    loose: Problem
    plan: Plan
    visit_id: str
    held: bool = False
    reserve: tuple[Vehicle, ...] = ()
    two_hours_s: int | None = None
    window: Callable[[int], tuple[int, int]]

    @property
    def visit(self) -> Visit:
        return self.problem.visit_by_id[self.visit_id]

    @property
    def frozen(self) -> bool:
        return self.visit_id in self.problem.frozen_ids


def fixes_of(trouble: Trouble) -> tuple[Fix, ...]:
    """What helps, the cheapest first: at most two of each kind. Everything listed was tried and holds."""
    found = [*_moves(trouble), *_moves_of_others(trouble), *_unlocking(trouble), *_longer_shifts(trouble),
             *_more_vans(trouble), *_two_hours(trouble), *_later_window(trouble)]
    chosen: list[Fix] = []
    for fix in sorted(found, key=lambda fix: (fix.price, fix.kind.value, fix.vehicle_id or "", fix.visit_id)):
        if sum(other.kind is fix.kind for other in chosen) < PER_KIND:
            chosen.append(fix)
    return tuple(chosen[:MOST])


def _moves(trouble: Trouble) -> Iterator[Fix]:
    """Another van, or another place in its own route; for a stop that is held in the pool: let it go."""
    if trouble.frozen:
        return
    rest = trouble.plan.without(trouble.visit_id)
    for found in _in_time(trouble.problem, rest, trouble.visit):
        yield from _proved(trouble, trouble.problem, found.into(rest, trouble.visit_id),
                           FixKind.MOVE if found.reload_id is None else FixKind.RELOAD, vehicle_id=found.vehicle_id,
                           position=found.position)


def _in_time(problem: Problem, plan: Plan, visit: Visit, *, due_s: int | None = None) -> Iterator[Insertion]:
    """The cheapest place on each van with which the visit starts in time and no other promise breaks."""
    due = visit.due_s if due_s is None else due_s
    bound = replace(visit, due_s=due, latest_s=max(0, due) if due is not None else None)
    terms = terms_of(problem, bound)
    index = InsertionIndex(problem, plan)
    for vehicle in problem.vehicles:
        found = index.best_on(vehicle.id, bound, terms)
        if isinstance(found, Insertion) and not found.newly_late and (due is None or found.start_s <= due):
            yield found


def _proved(trouble: Trouble, problem: Problem, after: Plan, kind: FixKind, *, visit_id: str = "",
            vehicle_id: str | None = None, position: int | None = None, from_s: int | None = None,
            by_s: int | None = None, extra_s: int = 0) -> Iterator[Fix]:
    """The fix, if the plan after it is legal, the stop starts in time and no other promise breaks by it."""
    before, name = trouble.plan, trouble.visit_id
    times = starts(problem, after)
    due = problem.visit_by_id[name].due_s
    if name not in times or (due is not None and times[name] > due):
        return
    if len(hard_violations(problem, after)) > len(hard_violations(trouble.problem, before)):
        return
    if set(broken_by(problem, before, after)) - {name}:
        return
    old, new = cost(trouble.problem, before), cost(problem, after)
    was = starts(trouble.problem, before)
    later = tuple((other, times[other] - start) for other, start in was.items()
                  if other != name and times.get(other, 0) >= start + LATER_BY_S)
    travel = new.travel_s - old.travel_s
    waits = extra_s + (max(0, by_s - (trouble.visit.due_s or 0)) if by_s is not None else 0)
    yield Fix(
        kind=kind, visit_id=visit_id or name, vehicle_id=vehicle_id,
        position=position, start_s=times[name], from_s=from_s, by_s=by_s, extra_s=extra_s, travel_s=travel,
        distance_m=new.distance_m - old.distance_m, later=later,
        price=travel + PRICES[kind] + LATER_PRICE_S * len(later) + round(WAIT_PRICE * waits), plan=after)


def _moves_of_others(trouble: Trouble) -> Iterator[Fix]:
    """Somebody who makes room: a stop before it in its own route, or near it in another, goes to another place."""
    problem, name = trouble.problem, trouble.visit_id
    for other in _who_makes_room(trouble):
        rest = trouble.plan.without(other)
        with_it = [rest] if trouble.plan.vehicle_of(name) is not None else _best_with(problem, rest, trouble.visit)
        for plan in with_it:
            vehicle_id = plan.vehicle_of(name)
            start, due = starts(problem, plan)[name], trouble.visit.due_s
            if vehicle_id is None or (due is not None and start > due):
                continue
            moved = problem.visit_by_id[other]
            for found in _in_time(problem, plan, moved, due_s=_no_later(problem, trouble.plan, moved)):
                yield from _proved(trouble, problem, found.into(plan, other), FixKind.MOVE_OTHER, visit_id=other,
                                   vehicle_id=found.vehicle_id,
                                   position=found.position)


def _no_later(problem: Problem, plan: Plan, visit: Visit) -> int | None:
    """A visit that is in time has to stay so, one that is late may not get later."""
    return None if visit.due_s is None else max(visit.due_s, starts(problem, plan)[visit.id])


def _best_with(problem: Problem, plan: Plan, visit: Visit) -> list[Plan]:
    """The plan with an unserved visit at its cheapest place in time, if there is one."""
    places = list(_in_time(problem, plan, visit))
    if not places:
        return []
    best = min(places, key=lambda found: found.cost_delta)
    return [best.into(plan, visit.id)]


def _who_makes_room(trouble: Trouble) -> Sequence[str]:
    """For a late stop those before it in its own route without which it is in time; for one in the pool its
    neighbours: once one of them is elsewhere, automatic planning puts it there."""
    problem, name = trouble.problem, trouble.visit_id
    vehicle_id = trouble.plan.vehicle_of(name)
    if trouble.held:
        return ()
    if vehicle_id is None:
        place = trouble.visit.location
        near = [(problem.durations_s[problem.visit_by_id[other].location][place], other)
                for route in trouble.plan.routes.values() for other in route
                if other not in problem.frozen_ids and problem.visit_by_id[other].reload is None]
        return [other for _far, other in sorted(near)[:NEIGHBOURS]]
    vehicle, route = problem.vehicle_by_id[vehicle_id], trouble.plan.route(vehicle_id)
    ahead = [other for other in route[:route.index(name)]
             if other not in problem.frozen_ids and problem.visit_by_id[other].reload is None]
    due = trouble.visit.due_s

    def without(other: str) -> int:
        times = route_times(problem, vehicle, tuple(one for one in route if one != other)).stops
        return next(time.start_s for time in times if time.visit_id == name)

    helps = [(without(other), other) for other in ahead]
    return [other for start, other in sorted(helps) if due is None or start <= due][:NEIGHBOURS]


def _unlocking(trouble: Trouble) -> Iterator[Fix]:
    """Lifting what a person locked: the stop itself, held in the pool, or one that stands before it."""
    name = trouble.visit_id
    if trouble.held:
        for found in _in_time(trouble.problem, trouble.plan, trouble.visit):
            yield from _proved(trouble, trouble.problem, found.into(trouble.plan, name), FixKind.UNLOCK,
                               vehicle_id=found.vehicle_id)
        return
    vehicle_id = trouble.plan.vehicle_of(name)
    if vehicle_id is None or name in trouble.loose.frozen_ids:
        return
    route = trouble.plan.route(vehicle_id)
    freed = [other for other in route[:route.index(name) + 1]
             if other in trouble.problem.frozen_ids and other not in trouble.loose.frozen_ids]
    if freed:
        rest = trouble.plan.without(name)
        for found in _in_time(trouble.loose, rest, trouble.visit):
            yield from _proved(trouble, trouble.loose, found.into(rest, name), FixKind.UNLOCK, visit_id=freed[-1],
                               vehicle_id=found.vehicle_id)


def _longer_shifts(trouble: Trouble) -> Iterator[Fix]:
    """A van that stays longer, by whole five minutes."""
    if trouble.frozen:
        return
    rest = trouble.plan.without(trouble.visit_id)
    for vehicle in trouble.problem.vehicles:
        longer = _with_vehicle(trouble.problem, replace(vehicle, end_s=vehicle.end_s + LONGEST_EXTRA_S))
        for found in _in_time(longer, rest, trouble.visit):
            after = found.into(rest, trouble.visit_id)
            finish = route_times(longer, vehicle, after.route(vehicle.id)).finish_s
            if found.vehicle_id == vehicle.id and finish > vehicle.end_s:
                extra = -(-(finish - vehicle.end_s) // 300) * 300
                enough = _with_vehicle(trouble.problem, replace(vehicle, end_s=vehicle.end_s + extra))
                yield from _proved(trouble, enough, after, FixKind.LONGER_SHIFT, vehicle_id=vehicle.id, extra_s=extra)


def _with_vehicle(problem: Problem, vehicle: Vehicle) -> Problem:
    return replace(problem, vehicles=tuple(vehicle if one.id == vehicle.id else one for one in problem.vehicles))


def _more_vans(trouble: Trouble) -> Iterator[Fix]:
    """A van of the depot that is not on shift, with this stop alone."""
    if trouble.frozen:
        return
    rest = trouble.plan.without(trouble.visit_id)
    for vehicle in trouble.reserve:
        more = replace(trouble.problem, vehicles=(*trouble.problem.vehicles, vehicle))
        after = rest.with_visit(trouble.visit_id, vehicle.id, 0)
        yield from _proved(trouble, more, after, FixKind.MORE_VANS, vehicle_id=vehicle.id)


def _two_hours(trouble: Trouble) -> Iterator[Fix]:
    """The hour becomes two with a reason (H-111, H-112), no later than it has to."""
    if trouble.two_hours_s is not None:
        yield from _promised_later(trouble, FixKind.TWO_HOURS, trouble.two_hours_s)


def _later_window(trouble: Trouble) -> Iterator[Fix]:
    """The earliest window that the plan can keep (Y-03)."""
    yield from _promised_later(trouble, FixKind.LATER_WINDOW, None)


def _promised_later(trouble: Trouble, kind: FixKind, last_s: int | None) -> Iterator[Fix]:
    """A later promise with the earliest start that breaks no other: where the stop stands, at another place, or,
    where no shift has room for it, on a van that stays longer."""
    visit = trouble.visit
    options = [*_where_it_stands(trouble), *_soonest(trouble, trouble.problem)]
    if not options and not trouble.frozen:
        for vehicle in trouble.problem.vehicles:
            longer = _with_vehicle(trouble.problem, replace(vehicle, end_s=vehicle.end_s + LONGEST_EXTRA_S))
            options += [option for option in _soonest(trouble, longer) if option.vehicle_id == vehicle.id]
    for option in sorted(options, key=lambda option: (option.extra_s, option.start_s)):
        begin, by = trouble.window(option.start_s)
        if last_s is not None:
            begin, by = visit.earliest_s, min(by, last_s)
        later = replace(_longer(trouble.problem, option), visits=tuple(
            replace(one, due_s=by, latest_s=None) if one.id == visit.id else one for one in trouble.problem.visits))
        proved = list(_proved(trouble, later, option.after, kind, vehicle_id=option.vehicle_id,
                              position=option.position, from_s=begin, by_s=by, extra_s=option.extra_s))
        if proved:
            yield proved[0]
            return


class _Later(NamedTuple):
    """A place for a later promise; `extra_s`: the van has to stay so much longer."""

    start_s: int
    after: Plan
    vehicle_id: str
    position: int
    extra_s: int


def _where_it_stands(trouble: Trouble) -> Iterator[_Later]:
    where = trouble.plan.vehicle_of(trouble.visit_id)
    if where is not None:
        yield _Later(starts(trouble.problem, trouble.plan)[trouble.visit_id], trouble.plan, where,
                     trouble.plan.route(where).index(trouble.visit_id), 0)


def _soonest(trouble: Trouble, problem: Problem) -> Iterator[_Later]:
    """The earliest place on each van that breaks no other promise."""
    if trouble.frozen:
        return
    rest = trouble.plan.without(trouble.visit_id)
    index = InsertionIndex(problem, rest)
    soonest = replace(trouble.visit, due_s=0, latest_s=None, announced_s=None, current_vehicle=None)
    for vehicle in trouble.problem.vehicles:
        found = index.best_on(vehicle.id, soonest)
        if isinstance(found, Insertion) and not found.newly_late:
            after = found.into(rest, trouble.visit_id)
            over = max(0, route_times(problem, vehicle, after.route(vehicle.id)).finish_s - vehicle.end_s)
            yield _Later(found.start_s, after, vehicle.id, found.position, -(-over // 300) * 300)


def _longer(problem: Problem, option: _Later) -> Problem:
    vehicle = problem.vehicle_by_id[option.vehicle_id]
    return _with_vehicle(problem, replace(vehicle, end_s=vehicle.end_s + option.extra_s))
