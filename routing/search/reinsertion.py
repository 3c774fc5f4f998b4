"""Take a few stops out of a plan and put each back where it costs least: ruin and recreate with every bound counted.

OR-Tools recreates without looking at soft bounds (docs/adr/0007). Where promises and waits rule the cost, each of its
steps has to be mended by dozens of moves; here a stop's place is judged by what it does to everybody behind it. What
to take out follows Christiaens and Vanden Berghe (2020, SISR): neighbours of one stop, in strings of their routes.
A place is judged by time, cost and hard windows alone; loads, rests and reloads are judged when the routes are priced
(`OpenProblem.price`), before a plan is taken.
"""
from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np

from routing.problem import UNREACHABLE
from routing.search.open_problem import UNFIT, OpenProblem, Routes, as_rows

MOST_OUT = 20  # stops taken out in one step
STRING = 6  # of one route at most in a row
BLINK = 0.02  # places overlooked, so that the same is not tried forever
LATEST_FIRST, NEAREST_LAST = 0.4, 0.2  # of all steps: put back by due time, by distance; else at random
LIKELY = 6  # stops whose routes are tried first
HEAT, COOLED = 1.6, 0.05  # the first temperature, in parts of the drive to a stop; the last, in parts of the first


class _Timeline(NamedTuple):
    """A route as driven: when each stop's predecessor leaves, each stop's start, what it costs, loads aside, and what
    each second of delay there costs at least, those behind included (waits and lateness are convex in time)."""

    leaves: list[int]
    starts: list[int]
    cost: int
    slopes: list[int]


class Reinsertion:
    """One plan of one open problem, changed step by step."""

    def __init__(self, problem: OpenProblem, routes: Routes, seed: int,
                 see: Callable[[Routes, list[int]], None]) -> None:
        self.problem = problem
        self.see = see
        self.dice = random.Random(seed)  # noqa: S311 - variety, not a secret
        self.durations: list[list[int]] = problem.durations.tolist()
        self.arcs: list[list[int]] = problem.arcs.tolist()
        self.place: list[int] = problem.place.tolist()
        self.service: list[int] = problem.service.tolist()
        self.earliest: list[int] = problem.earliest.tolist()
        self.latest: list[int] = problem.latest.tolist()
        self.penalties: list[int] = problem.penalties.tolist()
        self.change: list[list[int]] = problem.change.tolist()
        self.home_s: list[list[int]] = problem.home_s.tolist()
        self.home_cost: list[list[int]] = problem.home_cost.tolist()
        self.shift_end: list[int] = problem.shift_end.tolist()
        self.ready: list[int] = problem.ready.tolist()
        self.start_place: list[int] = problem.start_place.tolist()
        self.unused: list[int] = (problem.idle_cost - problem.fixed).tolist()
        self.may: list[list[bool]] = problem.may.tolist()
        self.soft = [[(int(bound[visit]), int(weight[visit])) for bound, weight in problem.soft if weight[visit]]
                     for visit in range(len(self.place))]
        self.movable = [visit for visit, given in enumerate(problem.visits) if given.reload is None]
        way = problem.durations[problem.place][:, problem.place]
        self.near: list[list[int]] = np.argsort(np.minimum(way, way.T), axis=1, kind="stable").tolist()
        self.adopt(routes)

    def adopt(self, routes: Routes) -> None:
        """Go on with another plan."""
        self.routes = [list(route) for route in routes]
        self.prices = [self._price([vehicle], [route])[0] for vehicle, route in enumerate(self.routes)]
        self.lines = [self._line(vehicle, route) for vehicle, route in enumerate(self.routes)]
        self.vehicle_of = {visit: vehicle for vehicle, route in enumerate(self.routes) for visit in route}

    def run(self, deadline: float) -> Routes:
        """The best routes found until then."""
        begun, heat = perf_counter(), HEAT * self._drive()
        best, gained, now = [list(route) for route in self.routes], 0, 0
        while (clock := perf_counter()) < deadline and self.movable:
            part = (clock - begun) / (deadline - begun)
            temperature = max(1e-9, heat * COOLED ** part)
            change = self._step(temperature)
            if change is None:
                continue
            now += change
            if now < gained:
                gained, best = now, [list(route) for route in self.routes]
                self.see(self.routes, self.problem.kind_of)
        return best

    def _drive(self) -> float:
        """What the drive to a stop costs now: of all costs the one that hardly depends on how good the plan is."""
        ways = [self.arcs[self.place[one]][self.place[other]]
                for route in self.routes for one, other in pairwise(route)]
        return sum(ways) / len(ways) if ways else 1.0

    def _step(self, temperature: float) -> int | None:
        """Ruin and recreate once; what the plan costs more then, None if it stays as it was."""
        out = self._ruined()
        changed = {self.vehicle_of[visit] for visit in out if visit in self.vehicle_of}
        saved = {vehicle: (self.routes[vehicle], self.lines[vehicle]) for vehicle in changed}
        for vehicle in changed:
            self._set(vehicle, [visit for visit in self.routes[vehicle] if visit not in out])
        waiting = [visit for visit in self.movable if visit not in self.vehicle_of]
        missing = list[int]()
        for visit in self._ordered([*out, *waiting]):
            vehicle, position = self._best_place(visit)
            if vehicle < 0:
                missing.append(visit)
                continue
            saved.setdefault(vehicle, (self.routes[vehicle], self.lines[vehicle]))
            route = self.routes[vehicle]
            self._set(vehicle, [*route[:position], visit, *route[position:]])
        vehicles = [vehicle for vehicle, (route, _line) in saved.items() if route != self.routes[vehicle]]
        dropped = sum(self.penalties[visit] for visit in missing) - sum(self.penalties[visit] for visit in waiting)
        most = -temperature * math.log(1 - self.dice.random())  # costlier than this is not taken
        if vehicles and (self._is_rough(vehicles) or dropped + sum(
                self.lines[vehicle].cost - saved[vehicle][1].cost for vehicle in vehicles) <= most):
            prices = self._price(vehicles, [self.routes[vehicle] for vehicle in vehicles])
            more = sum(prices) - sum(self.prices[vehicle] for vehicle in vehicles) + dropped
            if max(prices) < UNFIT and more <= most:
                for vehicle, price in zip(vehicles, prices, strict=True):
                    self.prices[vehicle] = price
                self._index(saved, missing)
                return more
        for vehicle, (route, line) in saved.items():
            self.routes[vehicle], self.lines[vehicle] = route, line
        return None

    def _is_rough(self, vehicles: list[int]) -> bool:
        """Whether rests or reloads make a timeline's cost too rough to judge by."""
        return any(self.problem.slow[self.problem.kind_of[vehicle]] for vehicle in vehicles)

    def _set(self, vehicle: int, route: list[int]) -> None:
        self.routes[vehicle], self.lines[vehicle] = route, self._line(vehicle, route)

    def _index(self, changed: dict[int, tuple[list[int], _Timeline]], missing: list[int]) -> None:
        for visit in missing:
            self.vehicle_of.pop(visit, None)
        for vehicle in changed:
            self.vehicle_of.update(dict.fromkeys(self.routes[vehicle], vehicle))

    def _ruined(self) -> list[int]:
        """Stops near one another, in strings of their routes."""
        wanted = self.dice.randint(1, max(1, min(MOST_OUT, len(self.movable) // 2)))
        out = dict[int, None]()
        for visit in self.near[self.dice.choice(self.movable)]:
            vehicle = self.vehicle_of.get(visit)
            if vehicle is None or visit in out:
                continue
            route = self.routes[vehicle]
            length = self.dice.randint(1, min(STRING, len(route)))
            at = route.index(visit)
            begin = max(0, min(len(route) - length, at - self.dice.randrange(length)))
            out.update(dict.fromkeys(other for other in route[begin:begin + length]
                                     if self.problem.visits[other].reload is None))
            if len(out) >= wanted:
                break
        return list(out)

    def _ordered(self, visits: list[int]) -> list[int]:
        self.dice.shuffle(visits)
        way = self.dice.random()
        if way < LATEST_FIRST:
            return sorted(visits, key=lambda visit: self.soft[visit][0][0] if self.soft[visit] else self.latest[visit])
        if way < LATEST_FIRST + NEAREST_LAST:
            home = self.start_place[0]
            return sorted(visits, key=lambda visit: -self.durations[home][self.place[visit]])
        return visits

    def _line(self, vehicle: int, route: list[int]) -> _Timeline:
        kind = self.problem.kind_of[vehicle]
        here, leave = self.start_place[kind], self.ready[kind]
        leaves, starts, cost = [leave], list[int](), 0
        for visit in route:
            place = self.place[visit]
            start = max(leave + self.durations[here][place], self.earliest[visit])
            cost += self.arcs[here][place] + self.change[kind][visit]
            for bound, weight in self.soft[visit]:
                if start > bound:
                    cost += (start - bound) * weight
            leave, here = start + self.service[visit], place
            starts.append(start)
            leaves.append(leave)
        if route:
            cost += self.home_cost[kind][here] - self.unused[kind]
        slope, slopes = 0, list[int]()
        for visit, start in zip(reversed(route), reversed(starts), strict=True):
            if start <= self.earliest[visit]:
                slope = 0  # a van that waits there anyway takes a little delay for nothing
            else:
                slope += sum(weight for bound, weight in self.soft[visit] if start >= bound)
            slopes.append(slope)
        slopes.reverse()
        return _Timeline(leaves, starts, cost, slopes)

    def _best_place(self, visit: int) -> tuple[int, int]:
        """Vehicle and position where the visit costs least; vehicle -1 where there is none."""
        found, least = (-1, -1), float(self.penalties[visit])
        soft, place, earliest, latest = self.soft[visit], self.place[visit], self.earliest[visit], self.latest[visit]
        onward_s, onward, service = self.durations[place], self.arcs[place], self.service[visit]
        places, durations, arcs, chance = self.place, self.durations, self.arcs, self.dice.random
        tried = set[int]()
        for vehicle in self._likely_first(visit):
            route, kind = self.routes[vehicle], self.problem.kind_of[vehicle]
            if not self.may[kind][visit] or (not route and kind in tried):
                continue
            if not route:
                tried.add(kind)
            leaves, starts, _, slopes = self.lines[vehicle]
            dear, home, here, last = self.change[kind][visit], self.home_cost[kind], self.start_place[kind], len(route)
            for position, leave in enumerate(leaves):
                way = durations[here][place]
                start = leave + way
                if start < earliest:
                    start = earliest
                if start > latest:
                    break
                waits = dear
                for bound, weight in soft:
                    if start > bound:
                        waits += (start - bound) * weight
                if waits >= least:  # later it only costs more
                    break
                price: float = waits + arcs[here][place]
                if position < last:
                    after = places[route[position]]
                    price += onward[after] - arcs[here][after]
                    delay = start + service + onward_s[after] - starts[position]
                    hopeless = price + delay * slopes[position] >= least
                else:
                    after = place
                    price += home[place] - (home[here] if route else self.unused[kind])
                    hopeless = price >= least
                if not hopeless and way < UNREACHABLE and chance() >= BLINK:
                    price = self._pushed(vehicle, position, place, start + service, price, least)
                    if price < least:
                        found, least = (vehicle, position), price
                here = after
        return found

    def _likely_first(self, visit: int) -> list[int]:
        """All vehicles, those near the visit first: the sooner a good place is found, the less else is looked at."""
        near = [self.vehicle_of.get(other, 0) for other in self.near[visit][1:LIKELY]]
        return list(dict.fromkeys([*near, *range(len(self.routes))]))

    def _pushed(self, vehicle: int, position: int, here: int, leave: int, price: float, least: float) -> float:
        """The price with what leaving `here` then does to those behind; `least` or more as soon as that is clear."""
        route, starts = self.routes[vehicle], self.lines[vehicle].starts
        for step in range(position, len(route)):
            other = route[step]
            place = self.place[other]
            begin = leave + self.durations[here][place]
            if begin < self.earliest[other]:
                begin = self.earliest[other]
            was = starts[step]
            if begin == was:
                return price
            if begin > self.latest[other]:
                return math.inf
            for bound, weight in self.soft[other]:
                if begin > bound:
                    price += (begin - (bound if was < bound else was)) * weight
                elif was > bound:
                    price -= (was - bound) * weight
            if price >= least:
                return price
            leave, here = begin + self.service[other], place
        kind = self.problem.kind_of[vehicle]
        return price if leave + self.home_s[kind][here] <= self.shift_end[kind] else math.inf

    def _price(self, vehicles: list[int], routes: Routes) -> list[int]:
        """What each route costs; UNFIT where it breaks a hard rule."""
        prices = [0] * len(routes)
        used = [number for number, route in enumerate(routes) if route]
        if used:
            kinds = np.array([self.problem.kind_of[vehicles[number]] for number in used], dtype=np.int64)
            for number, price in zip(used, self.problem.price(kinds, as_rows([routes[number] for number in used])),
                                     strict=True):
                prices[number] = int(price)
        return prices
