"""A VROOM file as a problem of this planner, with VROOM's own order of aims: most priority, most jobs, least cost."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import gcd

from routing.formats.errors import FILE, FormatError
from routing.formats.vroom import Job, Pause, Point, Row, Van, VroomFile
from routing.problem import GREATEST, Break, Problem, ProblemError, Vehicle, Visit

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
    durations, distances = _ways(file, tables_for)
    scale, per_s, per_km, costs = _costs(file, distances)
    builder = _Builder(
        file=file, scale=scale, per_s=per_s, per_km=per_km, seconds=_with_nowhere(durations),
        metres=_with_nowhere(costs if costs is not None else ((0,) * len(durations),) * len(durations)))
    try:
        problem = builder.problem()
    except ProblemError as error:
        raise FormatError(FILE, str(error)) from error
    return VroomModel(file=file, problem=_reachable(problem), origin_s=builder.origin_s, cost_scale=scale,
                      durations=durations, distances=distances)


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


@dataclass(frozen=True, kw_only=True)
class _Builder:
    """Makes vehicles and visits. The last place of `seconds` and `metres` is nowhere; costs are in `scale`ths."""

    file: VroomFile
    scale: int
    per_s: int
    per_km: int
    seconds: tuple[Row, ...]
    metres: tuple[Row, ...]

    def problem(self) -> Problem:
        """Raises ProblemError."""
        vehicles = (self._vehicle(van) for van in self.file.vehicles)
        return Problem(vehicles=tuple(vehicle for vehicle in vehicles if vehicle is not None),
                       visits=tuple(self._visit(job) for job in self.file.jobs),
                       durations_s=self.seconds, distances_m=self.metres, cost_per_s=self.per_s,
                       cost_per_km=self.per_km)

    @cached_property
    def origin_s(self) -> int:
        """The file's time at the problem's second 0."""
        return min(0 if van.window is None else van.window[0] for van in self.file.vehicles)

    @cached_property
    def open_end_s(self) -> int:
        """An end of shift that binds nobody: all jobs and breaks one after the other, from the last window on."""
        breaks = [pause for van in self.file.vehicles for pause in van.pauses]
        windows = [window[0] for window in (
            *(job.window for job in self.file.jobs), *(van.window for van in self.file.vehicles),
            *(pause.window for pause in breaks)) if window is not None]
        work_s = sum(job.service_s for job in self.file.jobs) + sum(pause.duration_s for pause in breaks)
        longest_s = max(max(row) for row in self.seconds)
        end_s = max(0, max(windows, default=0) - self.origin_s) + work_s + longest_s * (len(self.file.jobs) + 2)
        if end_s > GREATEST:
            raise FormatError(FILE, "its times are too far apart")
        return end_s

    @cached_property
    def freight(self) -> frozenset[int]:
        """The amounts that some jobs bring and others take. Each of the rest is a stock that is only used up."""
        return frozenset(
            number for number in range(self.file.dimensions)
            if any(job.delivery[number] for job in self.file.jobs)
            and any(job.pickup[number] for job in self.file.jobs))

    @cached_property
    def most_tasks(self) -> int | None:
        """A number of tasks that binds nobody; None where no vehicle has a bound."""
        bounded = any(van.max_tasks is not None for van in self.file.vehicles)
        return len(self.file.jobs) if bounded else None

    @cached_property
    def penalties(self) -> tuple[int, int]:
        """What leaving a job out costs, and how many times as much for each step of priority.

        More than all driving; where priorities differ, one job more than all those of less priority.
        """
        longest = (max(max(row) for row in self.seconds) * self.per_s
                   + max(max(row) for row in self.metres) * self.per_km // 1000)
        fixed = sum(van.fixed_cost for van in self.file.vehicles) * self.scale
        whole = longest * (len(self.file.jobs) + len(self.file.vehicles)) + fixed + 1
        priorities = {job.priority for job in self.file.jobs}
        steps = len(self.file.jobs) if len(priorities) > 1 else 0
        return max(1, min(whole, GREATEST // (steps * max(priorities, default=0) + 1))), steps

    def _vehicle(self, van: Van) -> Vehicle | None:
        """The vehicle; None where its hours do not suffice for the way from start to end, or begin after a break.

        Here an unused van drives home all the same, with VROOM it does not exist: the cost of that way is due once
        more with the first visit, so that using a van adds what VROOM says.
        """
        start = len(self.seconds) - 1 if van.start is None else van.start.index
        end = None if van.end is None else van.end.index
        start_s, end_s = 0, self.open_end_s
        if van.window is not None:
            start_s, end_s = van.window[0] - self.origin_s, min(van.window[1] - self.origin_s, end_s)
        breaks = tuple(self._break(pause, end_s) for pause in van.pauses)
        if any(rest.latest_s < start_s for rest in breaks):
            return None
        idle_cost = 0
        if end is not None:
            if start_s + self.seconds[start][end] > end_s:
                return None
            idle_cost = self.seconds[start][end] * self.per_s + self.metres[start][end] * self.per_km // 1000
        stock = {str(number): amount for number, amount in enumerate(van.capacity) if number not in self.freight}
        if self.most_tasks is not None:
            stock[TASKS] = self.most_tasks if van.max_tasks is None else min(self.most_tasks, van.max_tasks)
        return Vehicle(
            id=str(van.id), start_location=start, end_location=end, start_s=start_s, end_s=end_s, full_stock=stock,
            slots=sum(stock.values()), slots_used=sum(stock.values()), gas_limit_g=0, gas_on_board_g=0,
            capacity={str(number): van.capacity[number] for number in self.freight}, breaks=breaks,
            skills=frozenset(map(str, van.skills)), fixed_cost=van.fixed_cost * self.scale + idle_cost)

    def _break(self, pause: Pause, end_s: int) -> Break:
        earliest_s, latest_s = (0, end_s) if pause.window is None else self._on_clock(pause.window)
        return Break(id=str(pause.id), earliest_s=earliest_s, latest_s=latest_s, duration_s=pause.duration_s)

    def _on_clock(self, window: tuple[int, int]) -> tuple[int, int]:
        return max(0, window[0] - self.origin_s), window[1] - self.origin_s

    def _visit(self, job: Job) -> Visit:
        stock = {str(number): job.delivery[number] + job.pickup[number] for number in range(self.file.dimensions)
                 if number not in self.freight}
        if self.most_tasks is not None:
            stock[TASKS] = 1
        earliest_s, latest_s = (0, None) if job.window is None else self._on_clock(job.window)
        whole, steps = self.penalties
        return Visit(
            id=str(job.id), location=job.place.index, service_s=job.service_s, earliest_s=earliest_s,
            latest_s=latest_s, deliver=stock, skills=frozenset(map(str, job.skills)), priority=job.priority,
            brings={str(number): job.delivery[number] for number in self.freight},
            takes={str(number): job.pickup[number] for number in self.freight},
            drop_penalty=whole * (steps * job.priority + 1))
