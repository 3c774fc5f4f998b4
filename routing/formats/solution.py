"""Solutions as CVRPLIB writes them: `Route #1: 3 5 8`, one line a route, and `Cost 1637.7`."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.formats.errors import FILE, FormatError
from routing.formats.instance import Instance, decimal


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Customers in order, route by route; `cost` is what the file says it is, None where it says nothing."""

    routes: tuple[tuple[int, ...], ...]
    cost: int | None = None


def write_solution(instance: Instance, routes: Sequence[Sequence[int]]) -> str:
    """The text of a solution."""
    lines = [f"Route #{number}: {' '.join(map(str, route))}" for number, route in enumerate(routes, 1)]
    return "\n".join([*lines, f"Cost {instance.units(instance.cost(routes))}", ""])


def read_solution(text: str, scale: int) -> Solution:
    """Read a solution; its cost in `scale`ths. Raises FormatError with the line."""
    routes: list[tuple[int, ...]] = []
    cost = None
    for number, line in enumerate(text.splitlines(), 1):
        place, words = f"line {number}", line.split()
        if not words:
            continue
        if words[0].upper() == "COST" and len(words) == 2:
            cost = decimal(place, words[1], scale)
        elif words[0] == "Route" and ":" in line:
            routes.append(tuple(decimal(place, word, 1) for word in line.partition(":")[2].split()))
        else:
            raise FormatError(place, f"{line.strip()[:40]!r} is neither a route nor the cost")
    if not routes:
        raise FormatError(FILE, "it has no route")
    return Solution(routes=tuple(routes), cost=cost)
