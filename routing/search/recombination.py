"""Plans put together anew from routes seen: column generation by neighbourhood, then a dive.

A dive takes the routes that the linear relaxation is surest of for good, prices what is left afresh, makes columns
for it, and goes on until everything is served (Sadykov and others 2019 call it a diving heuristic with column
generation). Never worse than the plan given, and every route is priced by the rules of `routing.plan`.
"""
from __future__ import annotations

import random
from time import perf_counter

import numpy as np

from routing.search.columns import ColumnPool
from routing.search.master import Master, Relaxed
from routing.search.neighbours import Floats
from routing.search.open_problem import UNFIT, Ints, OpenProblem, Routes, as_rows

SURE = 0.9  # a column taken to this part is taken for good
DIVE_ROUNDS = 2


class Recombination:
    """One open problem's columns and the plans put together from them."""

    def __init__(self, problem: OpenProblem, pool: ColumnPool, seed: int = 0) -> None:
        self.problem = problem
        self.pool = pool
        self.dice = random.Random(seed)  # noqa: S311 - variety, not a secret

    def relaxed(self, routes: Routes, deadline: float) -> tuple[Master, Relaxed] | None:
        """The master problem with columns made until the deadline."""
        self.pool.see(routes, self.problem.kind_of)
        master = Master(self.problem, self.pool.columns())
        relaxed = master.relax()
        if relaxed is None:
            return None
        hope = max(0.02 * relaxed.value, 0.25 * (self.cost(routes) - relaxed.value))
        relaxed = master.enrich(relaxed, hope, deadline, guess=relaxed._replace(
            duals=self.worth(routes), kind_duals=np.zeros(len(self.problem.kinds))))
        self.pool.add(master.columns)
        return master, relaxed

    def worth(self, routes: Routes) -> Floats:
        """What serving each visit costs in these routes: what leaving it out would save, and a share of the rest."""
        worth = self.problem.penalties.astype(float)
        for kind, route in zip(self.problem.kind_of, routes, strict=True):
            if not route:
                continue
            rows = as_rows([route, *([visit for visit in route if visit != gone] for gone in route)])
            prices = self.problem.price(np.full(len(rows), kind, dtype=np.int64), rows)
            saved = np.where(prices[1:] < UNFIT, prices[0] - prices[1:], 0) if len(route) > 1 else prices[:1]
            worth[route] = saved + (prices[0] - saved.sum()) / len(route)
        return worth

    def dive(self, master: Master, relaxed: Relaxed, deadline: float) -> Routes | None:
        """Routes for all that can be served, found by taking the surest columns first; None if time is over."""
        master, taken = master.copy(), list[tuple[int, list[int]]]()
        while master.left.any() and len(master.columns.prices) and master.fleet.any():
            if perf_counter() >= deadline:
                return None
            chosen = self._surest(master, relaxed)
            if not len(chosen):
                break
            taken += master.fix(chosen).lists()
            if not len(master.columns.prices):
                break
            again = master.relax()
            if again is None:
                break
            relaxed = master.enrich(again, 1.0, deadline, DIVE_ROUNDS)
        return self.handed_out(taken)

    def _surest(self, master: Master, relaxed: Relaxed) -> Ints:
        """The columns to take now: the surest one, and others nearly sure that share no visit with those."""
        part = relaxed.taken * np.array([self.dice.uniform(0.8, 1.0) for _ in relaxed.taken])
        order = np.argsort(-part)
        order = order[relaxed.taken[order] > 1e-6]
        served: set[int] = set()
        fleet = master.fleet.copy()
        chosen: list[int] = []
        for number, (kind, route) in zip(order.tolist(), master.columns.taken(order).lists(), strict=True):
            if chosen and relaxed.taken[number] < SURE:
                continue
            if fleet[kind] and served.isdisjoint(route):
                chosen.append(number)
                served.update(route)
                fleet[kind] -= 1
        return np.array(chosen, dtype=np.int64)

    def cost(self, routes: Routes) -> int:
        """What routes cost more than doing nothing, left out visits included."""
        used = [(kind, route) for kind, route in zip(self.problem.kind_of, routes, strict=True) if route]
        left_out = int(self.problem.penalties.sum()) - sum(
            int(self.problem.penalties[visit]) for _, route in used for visit in route)
        if not used:
            return left_out
        kinds = np.array([kind for kind, _ in used], dtype=np.int64)
        return int(self.problem.price(kinds, as_rows([route for _, route in used])).sum()) + left_out

    def handed_out(self, taken: list[tuple[int, list[int]]]) -> Routes:
        """Each visit once, each route to a vehicle of its kind."""
        self._thin_out(taken)
        routes: Routes = [[] for _ in self.problem.kind_of]
        free = [[number for number, kind in enumerate(self.problem.kind_of) if kind == wanted]
                for wanted in range(len(self.problem.kinds))]
        for kind, route in taken:
            routes[free[kind].pop(0)] = route
        return routes

    def _thin_out(self, taken: list[tuple[int, list[int]]]) -> None:
        """A visit covered twice stays where leaving it out would save less."""
        where: dict[int, list[int]] = {}
        for number, (_, route) in enumerate(taken):
            for visit in route:
                where.setdefault(visit, []).append(number)
        for visit, numbers in where.items():
            while len(numbers) > 1:
                saved = [self._saved(*taken[number], visit) for number in numbers]
                worst = numbers.pop(saved.index(max(saved)))
                taken[worst][1].remove(visit)

    def _saved(self, kind: int, route: list[int], visit: int) -> int:
        rest = [other for other in route if other != visit]
        rows = [route, rest] if rest else [route]
        prices = self.problem.price(np.full(len(rows), kind, dtype=np.int64), as_rows(rows))
        after = int(prices[1]) if rest else 0
        return -UNFIT if after >= UNFIT else int(prices[0]) - after
