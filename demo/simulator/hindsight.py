"""The same day with everything known beforehand: what not knowing costs.

One problem holds all orders that were not cancelled, with the drives and the services as they really turn out. A
service may not start before its order was placed, and a promise at 60 minutes is soft, the bound at 120 hard. The
solver sees the whole day at once, so no plan made as the day goes can be expected to do better; it has no proof that
it did its best either, so the figure is a bound only as far as the search went.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter

from demo.simulator.daylog import DayLog, What
from demo.simulator.script import Arrival, DaySpec
from demo.simulator.script import at as at_second
from routing.plan import Plan, route_times
from routing.pool import SolverPool
from routing.problem import Problem, Vehicle, Visit
from routing.solving import SolveParams
from routing.travel_times.base import Matrix, Row

HINDSIGHT = "hindsight"
HOUR_S, TWO_HOURS_S = 3600, 7200
SHIFT_S = 15 * HOUR_S
NO_LIMIT = 10_000
LATENESS_WEIGHT = 20
MISSED = 20_000
NEVER = 50_000_000
Tick = Callable[[float], object]
Act = Callable[[], object]
PATIENCE_S = 0.25


def play_hindsight(spec: DaySpec, script: Sequence[Arrival], vans: int, ways: Matrix, *, seconds: float,
                   processes: int, tick: Tick = lambda part: None) -> DayLog:
    """Plan the whole day in about so many seconds and play the plan. `ways` as `baseline.matrix_of` gives them.

    Two plans are made: one for the shortest waits, and one that first serves as many as it can within the hour and
    then finds a place within two hours for the rest. Taken is the one with more orders within 120 minutes, and of
    equals the one with more within 60.
    """
    wanted = [one for one in script if one.cancel_after_s is None]
    day = _problem(wanted, vans, ways)
    share_s, begun = seconds / 3, perf_counter()
    with SolverPool(processes) as pool:
        def solved(problem: Problem, initial: Plan | None = None) -> list[Plan]:
            return _solved(pool, problem, initial, share_s, lambda: tick((perf_counter() - begun) / seconds))

        plans = solved(_with(day, lambda visit: replace(visit, announced_s=visit.earliest_s)))
        first = max(solved(_with(day, _within_the_hour)), key=lambda plan: -len(plan.unserved))
        plans += solved(_with(day, lambda visit: replace(visit, due_s=None) if visit.id in first.unserved else visit),
                        first)
    log = _log(spec, {str(one.number): one for one in wanted}, vans, day, max(plans, key=lambda one: _worth(day, one)))
    log.most_within_60 = len(wanted) - len(first.unserved)
    log.took("solve", (perf_counter() - begun) * 1000)
    return log


def _solved(pool: SolverPool, problem: Problem, initial: Plan | None, seconds: float, tick: Act) -> list[Plan]:
    """The plans of all processes, each from a seed of its own."""
    params = SolveParams(time_limit_ms=max(1, round(seconds * 1000)))
    answers = [pool.submit(problem, replace(params, seed=member), initial) for member in range(pool.workers)]
    while wait(answers, timeout=PATIENCE_S).not_done:
        tick()
    return [answer.result().plan for answer in answers]


def _problem(wanted: Sequence[Arrival], vans: int, ways: Matrix) -> Problem:
    """The day as one problem: columns of the ways are those of the drives as they will be."""
    factors = {one.number: one.drive_factor for one in wanted}
    durations: tuple[Row, ...] = tuple(
        tuple(round(seconds * factors.get(number, 1.0)) for number, seconds in enumerate(row))
        for row in ways.durations_s)
    visits = tuple(Visit(
        id=str(one.number), location=one.number, service_s=one.service_s, earliest_s=one.at_s,
        latest_s=one.at_s + TWO_HOURS_S, due_s=one.at_s + HOUR_S, lateness_weight=LATENESS_WEIGHT,
        drop_penalty=NEVER) for one in wanted)
    vehicles = tuple(Vehicle(id=str(number), start_location=0, start_s=0, end_s=SHIFT_S, slots=NO_LIMIT, slots_used=0,
                             gas_limit_g=0, gas_on_board_g=0) for number in range(vans))
    return Problem(vehicles=vehicles, visits=visits, durations_s=durations, distances_m=ways.distances_m,
                   announced_weight=1, announced_slack_s=0)


def _with(problem: Problem, change: Callable[[Visit], Visit]) -> Problem:
    return replace(problem, visits=tuple(change(visit) for visit in problem.visits))


def _within_the_hour(visit: Visit) -> Visit:
    """A visit that is made within the hour or, at a price that no drive is worth, not at all."""
    return replace(visit, latest_s=visit.due_s, due_s=None, drop_penalty=MISSED)


def _worth(problem: Problem, plan: Plan) -> tuple[int, int]:
    """Orders within 120 and within 60 minutes."""
    waits = [stop.start_s - problem.visit_by_id[stop.visit_id].earliest_s for vehicle in problem.vehicles
             for stop in route_times(problem, vehicle, plan.route(vehicle.id)).stops]
    return sum(wait <= TWO_HOURS_S for wait in waits), sum(wait <= HOUR_S for wait in waits)


def _log(spec: DaySpec, wanted: dict[str, Arrival], vans: int, problem: Problem, plan: Plan) -> DayLog:
    """The plan as a day that went exactly so."""
    def instant(second: int) -> datetime:
        return at_second(spec, second)

    log = DayLog(policy=HINDSIGHT, vans=vans)
    for name, one in wanted.items():
        asked_at = instant(one.at_s)
        log.note(asked_at, What.ASKED, order=one.number)
        if name in plan.unserved:
            log.note(asked_at, What.REFUSED, order=one.number, why=plan.unserved[name])
        else:
            log.note(asked_at, What.PLACED, order=one.number, clock_start_at=asked_at, reason="",
                     promised_by_at=asked_at + timedelta(hours=2))
    for number, vehicle in enumerate(problem.vehicles):
        last = 0
        for stop in route_times(problem, vehicle, plan.route(vehicle.id)).stops:
            one = wanted[stop.visit_id]
            log.note(instant(stop.arrive_s - stop.travel_s), What.LEFT, order=one.number, van=number,
                     drive_s=stop.travel_s, drive_m=stop.distance_m)
            log.note(instant(stop.start_s), What.STARTED, order=one.number, van=number, service_s=one.service_s)
            log.note(instant(stop.leave_s), What.FAILED if one.no_show else What.DELIVERED, order=one.number,
                     van=number)
            last = one.number
        if last:
            log.note(instant(stop.leave_s), What.HOME, van=number, drive_s=problem.durations_s[last][0],
                     drive_m=problem.distances_m[last][0])
    log.events.sort(key=lambda event: event.at)
    return log
