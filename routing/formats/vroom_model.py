"""A VROOM file as a problem of this planner, with VROOM's own order of aims: most priority, most jobs, least cost."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import gcd

from routing.formats.errors import FILE, FormatError
from routing.formats.vroom import Job, Point, Row, Van, VroomFile
from routing.problem import GREATEST, Problem, ProblemError, Vehicle, Visit

Table = tuple[tuple[Row, ...], tuple[Row, ...]]
TablesFor = Callable[[Sequence[Point]], Table]  # seconds and metres between points given as longitude, latitude
HOUR_S = 3600
TASKS = "tasks"


@dataclass(frozen=True, kw_only=True)
class VroomModel:
    """The problem, and what is needed to read its plan.

    `origin_s` is the file's time at the problem's second 0. Costs in the problem are `cost_scale` times the file's.
    Jobs that nobody can reach in time are not in the problem, nor are vehicles that cannot even drive home in
    theirs. `durations` and `distances` lie between the file's places, whose number is `nowhere`.
    """

    file: VroomFile
    problem: Problem
    origin_s: int
    cost_scale: int
    durations: tuple[Row, ...]
    distances: tuple[Row, ...] | None

    @property
    def nowhere(self) -> int:
        """The place from which all others are reached at once: the start of vehicles that have none."""
        return len(self.durations)

    def route_cost(self, van: Van, jobs: Sequence[Job]) -> int:
        """What the vehicle's route costs in the file's own money, rounded to whole units."""
        places = [place.index for place in (van.start, *(job.place for job in jobs), van.end) if place is not None]
        legs = list(pairwise(places))
        if self.file.tables is not None and self.file.tables.costs is not None:
            return van.fixed_cost + sum(self.file.tables.costs[a][b] for a, b in legs)
        seconds = sum(self.durations[a][b] for a, b in legs)
        metres = 0 if self.distances is None else sum(self.distances[a][b] for a, b in legs)
        thousandths = seconds * self.file.per_hour * 1000 + metres * self.file.per_km * HOUR_S
        return van.fixed_cost + (thousandths + HOUR_S * 500) // (HOUR_S * 1000)


def vroom_model(file: VroomFile, tables_for: TablesFor) -> VroomModel:
    """The file's problem; `tables_for` gives the ways of a file without matrices. Raises FormatError."""
    _refuse_what_the_model_lacks(file)
    durations, distances = _ways(file, tables_for)
    origin_s = min(0 if van.window is None else van.window[0] for van in file.vehicles)
    nowhere = len(durations)
    scale, per_s, per_km, costs = _costs(file, distances)
    seconds = _with_nowhere(durations)
    metres = _with_nowhere(costs if costs is not None else ((0,) * nowhere,) * nowhere)
    end_s = _open_end_s(file, durations, origin_s)
    dropping = _Dropping.of(file, seconds, metres, per_s, per_km, scale)
    tasks = len(file.jobs) if any(van.max_tasks is not None for van in file.vehicles) else None
    vehicles = [_vehicle(van, seconds, metres, per_s, per_km, scale, origin_s, end_s, nowhere, tasks)
                for van in file.vehicles]
    try:
        problem = Problem(
            vehicles=tuple(vehicle for vehicle in vehicles if vehicle is not None),
            visits=tuple(_visit(job, origin_s, dropping, tasks is not None) for job in file.jobs),
            durations_s=seconds, distances_m=metres, cost_per_s=per_s, cost_per_km=per_km)
    except ProblemError as error:
        raise FormatError(FILE, str(error)) from error
    return VroomModel(file=file, problem=_reachable(problem), origin_s=origin_s, cost_scale=scale,
                      durations=durations, distances=distances)


def _refuse_what_the_model_lacks(file: VroomFile) -> None:
    for number, van in enumerate(file.vehicles):
        if van.pauses:
            raise FormatError(f"vehicles[{number}].breaks", "this planner takes no breaks")
    for dimension in range(file.dimensions):
        if any(job.delivery[dimension] for job in file.jobs):
            for number, job in enumerate(file.jobs):
                if job.pickup[dimension]:
                    raise FormatError(f"jobs[{number}].pickup[{dimension}]", "this planner does not mix deliveries and "
                                                                             "pickups of one amount")


def _reachable(problem: Problem) -> Problem:
    """Without the visits whose window nobody can meet: the planner would serve them late rather than not at all."""
    kept = tuple(visit for visit in problem.visits
                 if visit.latest_s is None or problem.terms[visit.id].latest_s is not None)
    return problem if len(kept) == len(problem.visits) else replace(problem, visits=kept)


def _ways(file: VroomFile, tables_for: TablesFor) -> tuple[tuple[Row, ...], tuple[Row, ...] | None]:
    if file.tables is not None:
        durations, distances = file.tables.durations, file.tables.distances
    else:
        durations, distances = tables_for(file.points)
    if file.speed_factor != 1:
        durations = tuple(tuple(_scaled(value, file.speed_factor) for value in row) for row in durations)
    return durations, distances


def _scaled(value: int, factor: Fraction) -> int:
    scaled = round(value / factor)
    if scaled >= GREATEST:
        raise FormatError("vehicles[0].speed_factor", f"it stretches a way of {value} seconds beyond all bounds")
    return scaled


def _costs(file: VroomFile, distances: tuple[Row, ...] | None) -> tuple[int, int, int, tuple[Row, ...] | None]:
    """How much larger the problem's costs are, the price of a second and of a kilometre, and the table that the
    latter goes by. A matrix of costs stands in the place of the metres, at one for a metre."""
    if file.tables is not None and file.tables.costs is not None:
        return 1, 0, 1000, file.tables.costs
    common = gcd(HOUR_S, file.per_hour, HOUR_S * file.per_km)
    return HOUR_S // common, file.per_hour // common, HOUR_S * file.per_km // common, distances


def _with_nowhere(table: tuple[Row, ...]) -> tuple[Row, ...]:
    """The table with one more place, from which and to which no way is long."""
    return (*((*row, 0) for row in table), (0,) * (len(table) + 1))


def _open_end_s(file: VroomFile, durations: tuple[Row, ...], origin_s: int) -> int:
    """An end of shift that binds nobody: all jobs and breaks one after the other, from the last window on."""
    last_s = max((job.window[0] for job in file.jobs if job.window is not None), default=0)
    breaks = [pause for van in file.vehicles for pause in van.pauses]
    last_s = max([last_s, *(pause.window[0] for pause in breaks if pause.window is not None),
                  *(van.window[0] for van in file.vehicles if van.window is not None)])
    longest_s = max(max(row) for row in durations)
    work_s = sum(job.service_s for job in file.jobs) + sum(pause.duration_s for pause in breaks)
    end_s = max(0, last_s - origin_s) + work_s + longest_s * (len(file.jobs) + 2)
    if end_s > GREATEST:
        raise FormatError(FILE, "its times are too far apart")
    return end_s


@dataclass(frozen=True)
class _Dropping:
    """What leaving a job out costs: more than all driving, and more for one of higher priority than for all below."""

    whole: int
    steps: int

    @classmethod
    def of(cls, file: VroomFile, seconds: tuple[Row, ...], metres: tuple[Row, ...], per_s: int, per_km: int,
           scale: int) -> _Dropping:
        longest = max(max(row) for row in seconds) * per_s + max(max(row) for row in metres) * per_km // 1000
        fixed = sum(van.fixed_cost for van in file.vehicles) * scale
        whole = longest * (len(file.jobs) + len(file.vehicles)) + fixed + 1
        priorities = {job.priority for job in file.jobs}
        steps = len(file.jobs) if len(priorities) > 1 else 0
        most = steps * max(priorities, default=0) + 1
        return cls(whole=max(1, min(whole, GREATEST // most)), steps=steps)

    def penalty(self, priority: int) -> int:
        return self.whole * (self.steps * priority + 1)


def _vehicle(van: Van, seconds: tuple[Row, ...], metres: tuple[Row, ...], per_s: int, per_km: int, scale: int,
             origin_s: int, open_end_s: int, nowhere: int, tasks: int | None) -> Vehicle | None:
    """The vehicle; None where its hours do not even suffice for the way from start to end.

    Here an unused van drives home all the same, with VROOM it does not exist: the cost of that way is due once more
    with the first visit, so that using a van adds what VROOM says.
    """
    start = nowhere if van.start is None else van.start.index
    end = None if van.end is None else van.end.index
    start_s = 0 if van.window is None else van.window[0] - origin_s
    end_s = open_end_s if van.window is None else min(van.window[1] - origin_s, open_end_s)
    idle_cost = 0
    if end is not None:
        if start_s + seconds[start][end] > end_s:
            return None
        idle_cost = seconds[start][end] * per_s + metres[start][end] * per_km // 1000
    stock = {str(number): amount for number, amount in enumerate(van.capacity)}
    if tasks is not None:
        stock[TASKS] = tasks if van.max_tasks is None else min(tasks, van.max_tasks)
    return Vehicle(
        id=str(van.id), start_location=start, end_location=end, start_s=start_s, end_s=end_s, full_stock=stock,
        slots=sum(stock.values()), slots_used=sum(stock.values()), gas_limit_g=0, gas_on_board_g=0,
        skills=frozenset(map(str, van.skills)), fixed_cost=van.fixed_cost * scale + idle_cost)


def _visit(job: Job, origin_s: int, dropping: _Dropping, tasks: bool) -> Visit:
    goods = {str(number): out + back for number, (out, back) in enumerate(zip(job.delivery, job.pickup, strict=True))}
    if tasks:
        goods[TASKS] = 1
    return Visit(
        id=str(job.id), location=job.place.index, service_s=job.service_s,
        earliest_s=0 if job.window is None else max(0, job.window[0] - origin_s),
        latest_s=None if job.window is None else job.window[1] - origin_s, deliver=goods,
        skills=frozenset(map(str, job.skills)), priority=job.priority, drop_penalty=dropping.penalty(job.priority))
