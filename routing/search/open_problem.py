"""The open part of a problem in arrays: many routes priced and judged at once, to the unit as `routing.plan` does.

A route is a row of visit numbers, filled up with EMPTY. Vehicles that stand alike (same place, time, load, skills,
costs) are one kind, so that ten vans at the depot are not ten times the work. Vehicles with rests or reloads are
reckoned route by route with the functions of `routing.plan` and `routing.checker` instead: exact, but slow.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.checker import Severity, check
from routing.plan import Plan, cost
from routing.problem import GREATEST, UNREACHABLE, Problem, Visit
from routing.standing import Standing

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int16]
Routes = list[list[int]]  # the visits of each vehicle
EMPTY = -1
UNFIT = GREATEST  # the price of a route that breaks a hard rule
AT_ONCE = 20_000  # rows priced together: more would leave the processor's cache


class OpenProblem:
    """Arrays over open visits (numbers 0..n-1) and kinds of vehicles (numbers 0..k-1).

    `number_of` the vehicles of each kind, `kind_of` the kind of each vehicle. `penalties` are what leaving a visit
    out costs. A route's price is what it adds to `plan.cost` against the empty route of the same vehicle.
    """

    def __init__(self, problem: Problem, visits: Sequence[Visit]) -> None:
        self.problem = problem
        self.visits = list(visits)
        self.number = {visit.id: k for k, visit in enumerate(self.visits)}
        self._vehicles()
        self._bounds()
        self._loads()
        self._freight()
        self.penalties = _ints(visit.drop_penalty if visit.reload is None else 0 for visit in self.visits)
        self.slow = [bool(standing.breaks or problem.reloads.get(standing.vehicle_id)) for standing in self.kinds]
        self._idle: dict[int, tuple[int, int]] = {}

    def _vehicles(self) -> None:
        self.kinds: list[Standing] = []
        self.kind_of: list[int] = []
        self.fleet: list[list[str]] = []
        known: dict[Any, int] = {}
        named = {visit.current_vehicle for visit in self.visits if visit.change_vehicle_cost}
        named |= {visit.only_vehicle for visit in self.problem.visits}
        for vehicle in self.problem.vehicles:
            standing = self.problem.standings[vehicle.id]
            alike = replace(standing, frozen=(), vehicle_id=vehicle.id if vehicle.id in named else "",
                            stock_left={})
            key = (tuple(getattr(alike, name) for name in Standing.__dataclass_fields__ if name != "stock_left"),
                   tuple(sorted(standing.stock_left.items())))
            kind = known.setdefault(key, len(self.kinds))
            if kind == len(self.kinds):
                self.kinds.append(standing)
                self.fleet.append([])
            self.kind_of.append(kind)
            self.fleet[kind].append(vehicle.id)
        self.number_of = [len(vehicles) for vehicles in self.fleet]

    def _bounds(self) -> None:
        problem, count = self.problem, len(self.visits)
        terms = [problem.terms[visit.id] for visit in self.visits]
        self.durations = np.array(problem.durations_s, dtype=np.int64)
        self.arcs = self.durations * problem.cost_per_s
        if problem.cost_per_km:
            self.arcs = self.arcs + np.array(problem.distances_m, dtype=np.int64) * problem.cost_per_km // 1000
        self.arcs[self.durations >= UNREACHABLE] = 0  # forbidden, not dear
        self.place = _ints(term.location for term in terms)
        self.service = _ints(term.service_s for term in terms)
        self.earliest = _ints(term.earliest_s for term in terms)
        self.latest = _ints(GREATEST if term.latest_s is None else term.latest_s for term in terms)
        self.due = _ints(GREATEST if term.due_s is None else term.due_s for term in terms)
        self.late_weight = _ints(0 if term.due_s is None else term.lateness_weight for term in terms)
        self.told = _ints(GREATEST if term.told_s is None else term.told_s for term in terms)
        self.told_weight = _ints(0 if term.told_s is None else term.told_weight for term in terms)
        self.target = _ints(GREATEST if term.target_s is None else term.target_s for term in terms)
        self.target_weight = _ints(0 if term.target_s is None else term.target_weight for term in terms)
        self.soft = [(bound, weight) for bound, weight in (
            (self.due, self.late_weight), (self.told, self.told_weight), (self.target, self.target_weight))
            if weight.any()]
        self.may = np.array([[visit.skills <= standing.skills and visit.only_vehicle in (None, standing.vehicle_id)
                              for visit in self.visits] for standing in self.kinds],
                            dtype=bool).reshape(len(self.kinds), count)
        self.change = np.array([[visit.change_vehicle_cost if visit.current_vehicle not in (None, standing.vehicle_id)
                                 else 0 for visit in self.visits] for standing in self.kinds],
                               dtype=np.int64).reshape(len(self.kinds), count)
        self.start_place = _ints(standing.location for standing in self.kinds)
        self.ready = _ints(standing.ready_s for standing in self.kinds)
        self.shift_end = _ints(standing.end_s for standing in self.kinds)
        self.fixed = _ints(standing.fixed_cost for standing in self.kinds)
        homes = [standing.end_location for standing in self.kinds]
        self.home_s = np.array([self.durations[:, home] if home is not None else np.zeros(len(self.durations))
                                for home in homes], dtype=np.int64)
        self.home_cost = np.array([self.arcs[:, home] if home is not None else np.zeros(len(self.durations))
                                   for home in homes], dtype=np.int64)
        self.idle_cost = self.home_cost[np.arange(len(self.kinds)), self.start_place]

    def _loads(self) -> None:
        types = sorted({name for visit in self.visits for name, number in visit.deliver.items() if number})
        self.wanted = [_ints(visit.deliver.get(name, 0) for visit in self.visits) for name in types]
        self.stock = [_ints(max(0, standing.stock_left.get(name, 0)) for standing in self.kinds) for name in types]
        self.levels = [
            (_ints(visit.slots_net for visit in self.visits), _ints(standing.slots_used for standing in self.kinds),
             _ints(standing.slots_limit for standing in self.kinds)),
            (_ints(visit.gas_net_g for visit in self.visits), _ints(standing.gas_on_board_g for standing in self.kinds),
             _ints(standing.gas_limit_g for standing in self.kinds))]
        self.levels = [level for level in self.levels if _can_bind(*level)]

    def _freight(self) -> None:
        """For each dimension what visits bring and take, and each kind's room, load taken and limit."""
        self.freight: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
        for name in sorted({name for visit in self.visits for name in (*visit.brings, *visit.takes)}):
            held = [next((freight for freight in standing.freight if freight.dimension == name), None)
                    for standing in self.kinds]
            self.freight.append((
                _ints(visit.brings.get(name, 0) for visit in self.visits),
                _ints(visit.takes.get(name, 0) for visit in self.visits),
                _ints(freight.room if freight else 0 for freight in held),
                _ints(freight.taken if freight else 0 for freight in held),
                _ints(freight.limit if freight else 0 for freight in held)))

    def price(self, kinds: Ints, rows: Rows) -> Ints:
        """What each route costs more than none; UNFIT where it breaks a hard rule. All rows are non-empty."""
        prices = np.empty(len(rows), dtype=np.int64)
        for begin in range(0, len(rows), AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            prices[part] = self._price(kinds[part], rows[part])
        for number in np.flatnonzero(np.array(self.slow, dtype=bool)[kinds]):
            prices[number] = self._price_slowly(int(kinds[number]), [k for k in rows[number].tolist() if k != EMPTY])
        return prices

    def _price_slowly(self, kind: int, route: list[int]) -> int:
        if kind not in self._idle:
            self._idle[kind] = self._reckoned(kind, [])
        price, wrong = self._reckoned(kind, route)
        return price - self._idle[kind][0] if wrong <= self._idle[kind][1] else UNFIT

    def _reckoned(self, kind: int, route: list[int]) -> tuple[int, int]:
        """What a plan with this route alone costs, drop penalties aside, and how much is wrong with the route."""
        vehicle = self.problem.vehicle_by_id[self.fleet[kind][0]]
        plan = Plan(routes={vehicle.id: (*vehicle.frozen, *(self.visits[k].id for k in route))})
        found = cost(self.problem, plan)
        wrong = sum(violation.vehicle_id == vehicle.id and violation.severity is not Severity.SOFT
                    for violation in check(self.problem, plan))
        return found.total - found.dropped_cost, wrong

    def _price(self, kinds: Ints, rows: Rows) -> Ints:
        lengths = (rows != EMPTY).sum(axis=1)
        order = np.argsort(-lengths, kind="stable")  # so that step by step a shorter head of the rows is left
        rows, kinds, lengths = rows[order], kinds[order], lengths[order]
        here, leave = self.start_place[kinds], self.ready[kinds]
        price = self.fixed[kinds] - self.idle_cost[kinds]
        fit = np.ones(len(rows), dtype=bool)
        loads = [np.zeros(len(rows), dtype=np.int64) for _ in self.wanted]
        levels = [begin[kinds] for _, begin, _ in self.levels]
        freights = []
        for brings, _, room, taken, _ in self.freight:
            brought = np.append(brings, 0)[rows].sum(axis=1)  # EMPTY is the last one
            fit &= brought <= room[kinds]
            freights.append(taken[kinds] + brought)
        for step in range(int(lengths[0]) if len(rows) else 0):
            head = slice(0, int(np.searchsorted(-lengths, -step)))
            visit, kind = rows[head, step].astype(np.intp), kinds[head]
            place = self.place[visit]
            way = self.durations[here[head], place]
            start = np.maximum(leave[head] + way, self.earliest[visit])
            fit[head] &= (start <= self.latest[visit]) & self.may[kind, visit] & (way < UNREACHABLE)
            price[head] += self.arcs[here[head], place] + self.change[kind, visit]
            for bound, weight in self.soft:
                price[head] += np.maximum(0, start - bound[visit]) * weight[visit]
            for load, wanted in zip(loads, self.wanted, strict=True):
                load[head] += wanted[visit]
            for freight, (brings, takes, _, _, limit) in zip(freights, self.freight, strict=True):
                freight[head] += takes[visit] - brings[visit]
                fit[head] &= freight[head] <= limit[kind]
            for level, (gain, _, limit) in zip(levels, self.levels, strict=True):
                level[head] += gain[visit]
                fit[head] &= level[head] <= limit[kind]
            leave[head] = start + self.service[visit]
            here[head] = place
        for load, stock in zip(loads, self.stock, strict=True):
            fit &= load <= stock[kinds]
        fit &= (leave + self.home_s[kinds, here] <= self.shift_end[kinds]) & (self.home_s[kinds, here] < UNREACHABLE)
        price += self.home_cost[kinds, here]
        prices = np.empty(len(rows), dtype=np.int64)
        prices[order] = np.where(fit, price, UNFIT)
        return prices

    def routes_of(self, plan: Plan) -> list[list[int]]:
        """The open part of each vehicle's route; what is not open is left out."""
        return [[self.number[name] for name in plan.route(vehicle.id)[len(vehicle.frozen):] if name in self.number]
                for vehicle in self.problem.vehicles]

    def plan_of(self, routes: Sequence[Sequence[int]]) -> Plan:
        """The plan with these open parts, the unserved without reasons."""
        names = {vehicle.id: (*vehicle.frozen, *(self.visits[k].id for k in route))
                 for vehicle, route in zip(self.problem.vehicles, routes, strict=True)}
        served = {name for route in names.values() for name in route}
        return Plan(routes=names, unserved={visit.id: "" for visit in self.problem.visits
                                            if visit.id not in served and visit.reload is None})


def as_rows(routes: Sequence[Sequence[int]], width: int = 0) -> Rows:
    """Routes as rows of equal length."""
    longest = max([width, 1, *map(len, routes)])
    rows = np.full((len(routes), longest), EMPTY, dtype=np.int16)
    for row, route in zip(rows, routes, strict=True):
        row[:len(route)] = route
    return rows


def _ints(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, dtype=np.int64)


def _can_bind(gain: Ints, begin: Ints, limit: Ints) -> bool:
    return bool((begin + gain[gain > 0].sum() > limit).any())
