"""Solomon's text format of the vehicle routing problem with windows, by the rule of DIMACS: distances cut off to one
decimal, their sum is the cost, the fleet's size is a bound and not an aim."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from routing.formats.errors import FILE, FormatError
from routing.formats.instance import MOST_PLACES, TENTHS, Instance, decimal, euclidean, exact

COLUMNS = 7
Lines = Iterator[tuple[str, list[str]]]  # the place of each line that is not empty, and its words


@dataclass(frozen=True, kw_only=True)
class _Customer:
    point: tuple[Fraction, Fraction]
    demand: int
    ready: int
    due: int
    service: int


def read_solomon(text: str) -> Instance:
    """Read an instance. Raises FormatError with the line."""
    lines: Lines = ((f"line {number}", line.split()) for number, line in enumerate(text.splitlines(), 1)
                    if line.strip())
    _, name = _next(lines, "the name")
    _heading(lines, "VEHICLE")
    _heading(lines, "NUMBER")
    place, words = _next(lines, "number and capacity of the vehicles")
    if len(words) != 2:
        raise FormatError(place, f"{len(words)} values where number and capacity are needed")
    vehicles, capacity = decimal(place, words[0], 1, least=1), decimal(place, words[1], 1)
    if vehicles > MOST_PLACES:
        raise FormatError(place, f"{vehicles} vehicles are too many (at most {MOST_PLACES})")
    _heading(lines, "CUSTOMER")
    _heading(lines, "CUST")
    customers = [_customer(number, place, words) for number, (place, words) in enumerate(lines)]
    if not customers:
        raise FormatError(FILE, "it is cut off: there is no depot")
    return Instance(
        name=" ".join(name), vehicles=vehicles, capacity=capacity, scale=TENTHS,
        distances=euclidean([customer.point for customer in customers], TENTHS, rounded=False),
        demands=tuple(customer.demand for customer in customers),
        services=tuple(customer.service for customer in customers),
        earliest=tuple(customer.ready for customer in customers),
        latest=tuple(customer.due for customer in customers))


def _next(lines: Lines, what: str) -> tuple[str, list[str]]:
    found = next(lines, None)
    if found is None:
        raise FormatError(FILE, f"it is cut off: {what} is missing")
    return found


def _heading(lines: Lines, word: str) -> None:
    place, words = _next(lines, f"the heading {word}")
    if words[0] != word:
        raise FormatError(place, f"{words[0][:20]!r} where the heading {word} is expected")


def _customer(number: int, place: str, words: list[str]) -> _Customer:
    if number >= MOST_PLACES:
        raise FormatError(place, f"there are too many customers (at most {MOST_PLACES - 1})")
    if len(words) != COLUMNS:
        raise FormatError(place, f"{len(words)} columns where {COLUMNS} are needed")
    if decimal(place, words[0], 1) != number:
        raise FormatError(place, f"customer {words[0]} where {number} is expected")
    ready, due = decimal(place, words[4], TENTHS), decimal(place, words[5], TENTHS)
    if ready > due:
        raise FormatError(place, f"the window ends at {words[5]}, before it begins at {words[4]}")
    return _Customer(point=(exact(place, words[1]), exact(place, words[2])), demand=decimal(place, words[3], 1),
                     ready=ready, due=due, service=decimal(place, words[6], TENTHS))
