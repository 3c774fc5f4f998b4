"""A plan improved piece by piece: a stretch of some neighbouring routes is solved anew, all else stands.

Ruin and recreate takes many more steps in a second on thirty stops than on two hundred, and it starts from the plan
that is there. A piece is about a stop: the routes that come nearest to it, and of each of them what happens around
the same time. What stands before and after is kept feasible by the piece's own bounds, nothing there gets later
than it costs nothing, and the outcome is priced as a whole before it is taken.
"""
from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from routing.route_state import RouteState
from routing.search.model import Model
from routing.search.open_problem import UNFIT, OpenProblem, Routes, as_rows
from routing.solving import Strategy
from routing.standing import Standing

WAITING_WEIGHT = 0.2  # a second between windows is as far as this many seconds of driving
JITTER = 0.3
MOST_LEFT_OUT = 8  # unserved visits that a piece tries to take in


class Stretch(NamedTuple):
    """The visits begin..end-1 of one vehicle's route."""

    vehicle: int
    begin: int
    end: int


class Decomposition:
    """The best routes so far of an open problem, and pieces of them made better."""

    def __init__(self, problem: OpenProblem, routes: Routes, seed: int,
                 seen: Callable[[Routes, list[int]], None]) -> None:
        self.problem = problem
        self.adopt(routes)
        self.dice = random.Random(seed)  # noqa: S311 - variety, not a secret
        self.seen = seen
        self.takes = any(takes.any() for _, takes, *_ in problem.freight)  # then a stretch bounds what is before it
        at = problem
        windows = at.latest.clip(max=10 ** 7)
        gap = np.maximum(0, at.earliest[None, :] - windows[:, None])
        way = at.durations[at.place][:, at.place]
        self.apart = np.minimum(way, way.T) + WAITING_WEIGHT * np.maximum(gap, gap.T)

    def adopt(self, routes: Routes) -> None:
        """Go on with another plan."""
        self.routes = [list(route) for route in routes]
        self.prices = [self._price(vehicle, route) for vehicle, route in enumerate(routes)]

    def _price(self, vehicle: int, route: list[int]) -> int:
        if not route:
            return 0
        kind = np.array([self.problem.kind_of[vehicle]], dtype=np.int64)
        return int(self.problem.price(kind, as_rows([route]))[0])

    def step(self, size: int, strategy: Strategy, parameters: Any) -> int:
        """Solve one piece of about so many stops with these search parameters; by how much the plan got better."""
        at = self.problem
        stretches = self._piece(size)
        served = {visit for route in self.routes for visit in route}
        left_out = [visit for visit in range(len(at.visits)) if visit not in served]
        self.dice.shuffle(left_out)
        numbers = [visit for vehicle, begin, end in stretches for visit in self.routes[vehicle][begin:end]]
        numbers += left_out[:MOST_LEFT_OUT]
        model = Model(at.problem, [at.visits[number] for number in numbers],
                      [self._standing(stretch) for stretch in stretches])
        known = [at.number[visit.id] for visit in model.visits]
        routes = model.search_routes(strategy, parameters, at.plan_of(self.routes),
                                     follow_base=strategy is Strategy.SISR)
        if routes is None:
            return 0
        return self._take([[*self.routes[vehicle][:begin], *(known[k] for k in route), *self.routes[vehicle][end:]]
                           for (vehicle, begin, end), route in zip(stretches, routes, strict=True)], stretches)

    def _take(self, routes: Routes, stretches: list[Stretch]) -> int:
        """Take the outcome unless it costs more; what it saves."""
        vehicles = [stretch.vehicle for stretch in stretches]
        self.seen(routes, [self.problem.kind_of[vehicle] for vehicle in vehicles])
        prices = [self._price(vehicle, route) for vehicle, route in zip(vehicles, routes, strict=True)]
        if max(prices) >= UNFIT:
            return 0
        before = {visit for vehicle in vehicles for visit in self.routes[vehicle]}
        after = {visit for route in routes for visit in route}
        penalties = self.problem.penalties
        gain = (sum(self.prices[vehicle] for vehicle in vehicles) - sum(prices)
                + sum(int(penalties[visit]) for visit in after - before)
                - sum(int(penalties[visit]) for visit in before - after))
        if gain < 0:
            return 0
        for vehicle, route, price in zip(vehicles, routes, prices, strict=True):
            self.routes[vehicle], self.prices[vehicle] = route, price
        return gain

    def _piece(self, size: int) -> list[Stretch]:
        """Stretches around a stop drawn at random, one empty vehicle of each kind nearby with them."""
        used = [vehicle for vehicle, route in enumerate(self.routes) if route]
        if not used:
            return [Stretch(vehicle, 0, 0) for vehicle in range(len(self.routes))]
        home = self.dice.choices(used, [len(self.routes[vehicle]) for vehicle in used])[0]
        centre = self.dice.choice(self.routes[home])
        near = {vehicle: float(self.apart[centre, self.routes[vehicle]].min())
                * self.dice.uniform(1 - JITTER, 1 + JITTER) for vehicle in used}
        near[home] = -1.0
        ranked = sorted(used, key=near.__getitem__)
        mean = sum(len(route) for route in self.routes) / len(used)
        count = min(len(ranked), max(2, round(size / mean), self.dice.choice((2, 3, 4, 5, 6))))
        each = max(3, size // count)
        stretches = [self._stretch(vehicle, centre, each) for vehicle in ranked[:count]]
        return stretches + self._empty_ones(count)

    def _stretch(self, vehicle: int, centre: int, length: int) -> Stretch:
        route = self.routes[vehicle]
        if len(route) <= length * 1.3 or self.problem.slow[self.problem.kind_of[vehicle]] or self.takes:
            return Stretch(vehicle, 0, len(route))
        middle = int(np.argmin(self.apart[centre, route]))
        begin = min(max(0, middle - self.dice.randrange(length)), len(route) - length)
        return Stretch(vehicle, begin, begin + length)

    def _empty_ones(self, count: int) -> list[Stretch]:
        empty = [vehicle for vehicle, route in enumerate(self.routes) if not route]
        first_of = {self.problem.kind_of[vehicle]: vehicle for vehicle in empty}
        return [Stretch(vehicle, 0, 0) for vehicle in self.dice.sample(
            list(first_of.values()), min(len(first_of), max(1, count // 2)))]

    def _standing(self, stretch: Stretch) -> Standing:
        """The vehicle as it stands before its stretch, bound to be in time for what follows it."""
        at = self.problem
        standing = at.problem.standings[at.problem.vehicles[stretch.vehicle].id]
        route = self.routes[stretch.vehicle]
        if (stretch.begin, stretch.end) == (0, len(route)):
            return standing
        visits = [at.visits[number] for number in route]
        state = RouteState(at.problem, standing, visits)
        before, behind = visits[:stretch.begin], visits[stretch.end:]
        stock = dict(standing.stock_left)
        for visit in before + behind:
            for kind, number in visit.deliver.items():
                stock[kind] = stock.get(kind, 0) - number
        changes: dict[str, Any] = {
            "stock_left": stock,
            "slots_used": standing.slots_used + sum(visit.slots_net for visit in before),
            "gas_on_board_g": standing.gas_on_board_g + sum(visit.gas_net_g for visit in before),
            "slots_limit": standing.slots_limit - _peak([visit.slots_net for visit in behind]),
            "freight": tuple(freight._replace(room=freight.room - sum(
                visit.brings.get(freight.dimension, 0) for visit in before + behind)) for freight in standing.freight),
            "gas_limit_g": standing.gas_limit_g - _peak([visit.gas_net_g for visit in behind]), "fixed_cost": 0}
        if before:
            changes |= {"location": state.terms[stretch.begin - 1].location, "ready_s": state.leave[stretch.begin - 1]}
        if behind:
            changes |= {"end_location": state.terms[stretch.end].location,
                        "end_s": min(state.hard_latest[stretch.end], state.free_latest[stretch.end])}
        return replace(standing, **changes)


def _peak(changes: list[int]) -> int:
    level = peak = 0
    for change in changes:
        level += change
        peak = max(peak, level)
    return peak

