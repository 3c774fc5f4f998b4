"""The open part of a problem in arrays: many routes priced and judged at once, to the unit as `routing.plan` does.

A route is a row of visit numbers, filled up with EMPTY. Vehicles that stand alike (same place, time, load, skills,
costs) are one kind, so that ten vans at the depot are not ten times the work.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.plan import Plan
from routing.problem import GREATEST, Problem, Visit
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
        self.penalties = np.array([visit.drop_penalty for visit in self.visits], dtype=np.int64)

    def _vehicles(self) -> None:
        self.kinds: list[Standing] = []
        self.kind_of: list[int] = []
        self.fleet: list[list[str]] = []
        known: dict[Any, int] = {}
        favoured = {visit.current_vehicle for visit in self.visits if visit.change_vehicle_cost}
        for vehicle in self.problem.vehicles:
            standing = self.problem.standings[vehicle.id]
            alike = replace(standing, frozen=(), vehicle_id=vehicle.id if vehicle.id in favoured else "",
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
        self.place = _ints(term.location for term in terms)
        self.service = _ints(term.service_s for term in terms)
        self.earliest = _ints(term.earliest_s for term in terms)
        self.latest = _ints(GREATEST if term.latest_s is None else term.latest_s for term in terms)
        self.due = _ints(GREATEST if term.due_s is None else term.due_s for term in terms)
        self.late_weight = _ints(0 if term.due_s is None else term.lateness_weight for term in terms)
        self.told = _ints(GREATEST if term.told_s is None else term.told_s for term in terms)
        self.told_weight = _ints(0 if term.told_s is None else term.told_weight for term in terms)
        self.has_promises = bool(self.late_weight.any())
        self.has_told = bool(self.told_weight.any())
        self.may = np.array([[visit.skills <= standing.skills for visit in self.visits] for standing in self.kinds],
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

    def price(self, kinds: Ints, rows: Rows) -> Ints:
        """What each route costs more than none; UNFIT where it breaks a hard rule. All rows are non-empty."""
        prices = np.empty(len(rows), dtype=np.int64)
        for begin in range(0, len(rows), AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            prices[part] = self._price(kinds[part], rows[part])
        return prices

    def _price(self, kinds: Ints, rows: Rows) -> Ints:
        lengths = (rows != EMPTY).sum(axis=1)
        order = np.argsort(-lengths, kind="stable")  # so that step by step a shorter head of the rows is left
        rows, kinds, lengths = rows[order], kinds[order], lengths[order]
        here, leave = self.start_place[kinds], self.ready[kinds]
        price = self.fixed[kinds] - self.idle_cost[kinds]
        fit = np.ones(len(rows), dtype=bool)
        loads = [np.zeros(len(rows), dtype=np.int64) for _ in self.wanted]
        levels = [begin[kinds] for _, begin, _ in self.levels]
        for step in range(int(lengths[0]) if len(rows) else 0):
            head = slice(0, int(np.searchsorted(-lengths, -step)))
            visit, kind = rows[head, step].astype(np.intp), kinds[head]
            place = self.place[visit]
            start = np.maximum(leave[head] + self.durations[here[head], place], self.earliest[visit])
            fit[head] &= (start <= self.latest[visit]) & self.may[kind, visit]
            price[head] += self.arcs[here[head], place] + self.change[kind, visit]
            if self.has_promises:
                price[head] += np.maximum(0, start - self.due[visit]) * self.late_weight[visit]
            if self.has_told:
                price[head] += np.maximum(0, start - self.told[visit]) * self.told_weight[visit]
            for load, wanted in zip(loads, self.wanted, strict=True):
                load[head] += wanted[visit]
            for level, (gain, _, limit) in zip(levels, self.levels, strict=True):
                level[head] += gain[visit]
                fit[head] &= level[head] <= limit[kind]
            leave[head] = start + self.service[visit]
            here[head] = place
        for load, stock in zip(loads, self.stock, strict=True):
            fit &= load <= stock[kinds]
        fit &= leave + self.home_s[kinds, here] <= self.shift_end[kinds]
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
        return Plan(routes=names, unserved={visit.id: "" for visit in self.problem.visits if visit.id not in served})


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
