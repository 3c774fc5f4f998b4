"""A vehicle routing problem of the literature: one depot, like vehicles, windows or none. Solomon and VRPLIB."""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm

from routing.checker import check
from routing.formats.errors import FormatError
from routing.plan import Plan
from routing.problem import GREATEST, Problem, Vehicle, Visit

Row = tuple[int, ...]
LOAD = "load"
TENTHS = 10
MOST = 10**9
MOST_PLACES = 3000
LONGEST_WORD = 20
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Place 0 is the depot, the others are customers. Distances and times are whole, `scale` of them a unit.

    `latest` of the depot is the latest return; None: no bound. The fleet's size is a bound, not an aim.
    """

    name: str
    vehicles: int
    capacity: int
    scale: int
    distances: tuple[Row, ...]
    demands: tuple[int, ...]
    services: tuple[int, ...]
    earliest: tuple[int, ...]
    latest: tuple[int | None, ...]

    @property
    def customers(self) -> range:
        """The customers' numbers."""
        return range(1, len(self.distances))

    def units(self, value: int) -> str:
        """A distance or time as the file has it."""
        return str(value) if self.scale == 1 else f"{value / self.scale:.1f}"

    def problem(self) -> Problem:
        """The instance for this planner: every customer is wanted more than any way is long."""
        longest = max(max(row) for row in self.distances)
        size = len(self.distances)
        closing = self.latest[0]
        if closing is None:
            closing = sum(self.services) + longest * (size + 1) + max(self.earliest)
        vehicles = tuple(
            Vehicle(id=str(number + 1), start_location=0, end_location=0, start_s=max(0, self.earliest[0]),
                    end_s=closing, full_stock={LOAD: self.capacity}, slots=self.capacity, slots_used=self.capacity,
                    gas_limit_g=0, gas_on_board_g=0) for number in range(self.vehicles))
        visits = tuple(
            Visit(id=str(number), location=number, service_s=self.services[number],
                  earliest_s=self.earliest[number], latest_s=self.latest[number], deliver={LOAD: self.demands[number]},
                  drop_penalty=min(GREATEST, 2 * longest * size + 1)) for number in self.customers)
        return Problem(vehicles=vehicles, visits=visits, durations_s=self.distances, distances_m=self.distances)

    def cost(self, routes: Iterable[Sequence[int]]) -> int:
        """The distance of all routes."""
        return sum(self.distances[a][b] for route in routes for a, b in zip((0, *route), (*route, 0), strict=True))

    def unreachable(self) -> list[int]:
        """Customers that no vehicle can serve even alone: too much for it, or too far away for the windows."""
        found = []
        for number in self.customers:
            start = max(self.earliest[0] + self.distances[0][number], self.earliest[number])
            home = start + self.services[number] + self.distances[number][0]
            late, closing = self.latest[number], self.latest[0]
            if (self.demands[number] > self.capacity or (late is not None and start > late)
                    or (closing is not None and home > closing)):
                found.append(number)
        return found


def routes_of(plan: Plan) -> tuple[tuple[int, ...], ...]:
    """The used routes of an instance's plan."""
    return tuple(tuple(map(int, route)) for route in plan.routes.values() if route)


def faults(instance: Instance, routes: Sequence[Sequence[int]]) -> list[str]:
    """What is wrong with a solution, in words with its places."""
    problem = instance.problem()
    names = [str(number + 1) for number in range(len(routes))]
    plan = Plan(routes={name: tuple(map(str, route)) for name, route in zip(names, routes, strict=True)})
    if not all(name in problem.visit_by_id for route in plan.routes.values() for name in route):
        strangers = sorted({number for route in routes for number in route} - set(instance.customers))
        return [f"customer {number}: there is none of that number" for number in strangers]
    found = []
    if len(routes) > instance.vehicles:
        found.append(f"{len(routes)} routes where there are {instance.vehicles} vehicles")
        plan = Plan(routes={name: plan.routes[name] for name in names[:instance.vehicles]},
                    unserved={name: "" for extra in names[instance.vehicles:] for name in plan.routes[extra]})
    for violation in check(problem, plan):
        place = ", ".join(part for part in (
            f"route {violation.vehicle_id}" if violation.vehicle_id else "",
            f"customer {violation.visit_id}" if violation.visit_id else "") if part)
        timed = violation.kind in ("window_missed", "shift_over")
        amount = instance.units(violation.amount) if timed else str(violation.amount)
        found.append(f"{place}: {violation.kind.value.replace('_', ' ')} by {amount}")
    return found


def decimal(place: str, word: str, scale: int, *, least: int = 0) -> int:
    """A number of a text file in `scale`ths; more digits than that are refused."""
    number = exact(place, word) * scale
    if number.denominator != 1:
        raise FormatError(place, f"{word} is not a multiple of 1/{scale}" if scale > 1 else f"{word} is not whole")
    if number < least:
        raise FormatError(place, f"{word} is negative" if least == 0 else f"{word} is below {least}")
    return int(number)


def exact(place: str, word: str) -> Fraction:
    """A number of a text file as it is written."""
    if len(word) > LONGEST_WORD or not NUMBER.fullmatch(word):
        raise FormatError(place, f"{word[:LONGEST_WORD]!r} is no number")
    number = Fraction(word)
    if abs(number) > MOST:
        raise FormatError(place, f"{word} is too big")
    return number


def euclidean(points: Sequence[tuple[Fraction, Fraction]], scale: int, *, rounded: bool) -> tuple[Row, ...]:
    """Distances in `scale`ths: cut off (DIMACS, for windows), or rounded (CVRPLIB, for capacity alone). Exact."""
    shared = lcm(*(value.denominator for pair in points for value in pair))
    whole = [(int(x * shared), int(y * shared)) for x, y in points]
    grain = shared * shared
    rows = []
    for x, y in whole:
        squares = [scale * scale * ((x - a) ** 2 + (y - b) ** 2) for a, b in whole]
        if rounded:  # half of (what is below twice the distance, plus one)
            rows.append(tuple((isqrt(4 * square // grain) + 1) // 2 for square in squares))
        else:
            rows.append(tuple(isqrt(square // grain) for square in squares))
    return tuple(rows)
