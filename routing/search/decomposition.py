"""A plan improved part by part: districts of whole routes, or pieces, stretches of some neighbouring routes.

A part is solved anew while all else stands. Districts share out all the routes, and so the processes; what a district
costs in steps is a fraction of what the whole costs.

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
DISTRICT_VISITS, LEAST_DISTRICT_VISITS = 100, 25
SPARE_VEHICLES = 2  # empty ones in a district


class Stretch(NamedTuple):
    """The visits begin..end-1 of one vehicle's route."""

    vehicle: int
    begin: int
    end: int


class Part(NamedTuple):
    """Stretches to solve anew, and unserved visits to try with them."""

    stretches: list[Stretch]
    left_out: list[int]
    visits: list[int]  # of the stretches


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
        self.way = np.minimum(way, way.T)
        self.apart = self.way + WAITING_WEIGHT * np.maximum(gap, gap.T)

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
        left_out = self._left_out()
        self.dice.shuffle(left_out)
        return self.solve(self._part(self._piece(size), left_out[:MOST_LEFT_OUT]), strategy, parameters)

    def solve(self, part: Part, strategy: Strategy, parameters: Any) -> int:
        """Solve one part with these search parameters; by how much the plan got better."""
        at = self.problem
        model = Model(at.problem, [at.visits[number] for number in part.visits + part.left_out],
                      [self._standing(stretch) for stretch in part.stretches])
        known = [at.number[visit.id] for visit in model.visits]
        routes = model.search_routes(strategy, parameters, at.plan_of(self.routes),
                                     follow_base=strategy is Strategy.SISR)
        if routes is None:
            return 0
        return self._take([[*self.routes[vehicle][:begin], *(known[k] for k in route), *self.routes[vehicle][end:]]
                           for (vehicle, begin, end), route in zip(part.stretches, routes, strict=True)],
                          part.stretches)

    def districts(self, turn: int, members: int) -> list[list[Part]]:
        """All routes in groups of neighbours, for each member its share; the same in every process with this plan.

        Unserved visits are dealt out among the groups, those for one vehicle alone to its group."""
        dice = random.Random(turn)  # noqa: S311 - variety, not a secret
        used = [vehicle for vehicle, route in enumerate(self.routes) if route]
        visits = sum(map(len, self.routes))
        count = max(1, min(-(-visits // DISTRICT_VISITS), visits // LEAST_DISTRICT_VISITS))
        if members * LEAST_DISTRICT_VISITS <= visits:
            count = members * -(-count // members)
        groups = self._groups(used, -(-visits // count), dice)
        empty = [vehicle for vehicle, route in enumerate(self.routes) if not route]
        dice.shuffle(empty)
        left_out = self._left_out()
        dice.shuffle(left_out)
        shares: list[list[Part]] = [[] for _ in range(members)]
        for number, group in enumerate(groups):
            group = group + empty[number::len(groups)][:SPARE_VEHICLES]
            names = {self.problem.problem.vehicles[vehicle].id for vehicle in group}
            own = [visit for order, visit in enumerate(left_out)
                   if self._only(visit) in names or (self._only(visit) is None and order % len(groups) == number)]
            share = min(shares, key=lambda parts: sum(len(part.visits) for part in parts))
            share.append(self._part([Stretch(vehicle, 0, len(self.routes[vehicle])) for vehicle in group], own))
        return shares

    def _groups(self, used: list[int], size: int, dice: random.Random) -> list[list[int]]:
        """Vehicles of neighbouring routes, each group of about so many visits, begun at the edge of what is left."""
        left, groups = list(used), list[list[int]]()
        while left:
            seed = dice.choice(left)
            seed = max(left, key=lambda vehicle: self._distance(seed, vehicle))
            near = {vehicle: self._distance(seed, vehicle) * dice.uniform(1 - JITTER, 1 + JITTER) for vehicle in left}
            near[seed] = -1.0
            group, visits = list[int](), 0
            for vehicle in sorted(left, key=near.__getitem__):
                if visits >= size:
                    break
                group.append(vehicle)
                visits += len(self.routes[vehicle])
            left = [vehicle for vehicle in left if vehicle not in group]
            groups.append(group)
        return groups

    def _distance(self, one: int, other: int) -> float:
        """How far apart two routes are: the mean of each one's stops to the nearest of the other."""
        way = self.way[np.ix_(self.routes[one], self.routes[other])]
        return float(way.min(axis=0).mean() + way.min(axis=1).mean())

    def _left_out(self) -> list[int]:
        served = {visit for route in self.routes for visit in route}
        return [visit for visit in range(len(self.problem.visits)) if visit not in served]

    def _only(self, visit: int) -> str | None:
        return self.problem.visits[visit].only_vehicle

    def _part(self, stretches: list[Stretch], left_out: list[int]) -> Part:
        return Part(stretches, left_out, [visit for vehicle, begin, end in stretches
                                          for visit in self.routes[vehicle][begin:end]])

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

