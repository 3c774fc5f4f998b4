"""Which figures a problem may hold."""
from __future__ import annotations

from collections.abc import Iterable, Mapping

Row = tuple[int, ...]
GREATEST = 10**12  # costs and times above this would overflow the solver's 64-bit sums
UNREACHABLE = GREATEST  # as a duration: there is no way from the one place to the other


class ProblemError(ValueError):
    """The problem contradicts itself; the message names the place."""


def check_matrix(name: str, matrix: tuple[Row, ...], size: int) -> None:
    """Raise ProblemError unless the matrix is square, of that size, and holds whole numbers in range."""
    if not matrix or len(matrix) != size:
        raise ProblemError(f"{name}: {len(matrix)} rows where {size or 'at least one'} are needed")
    for number, row in enumerate(matrix):
        if len(row) != size:
            raise ProblemError(f"{name}: row {number} has {len(row)} columns where {size} are needed")
        if set(map(type, row)) != {int}:
            raise ProblemError(f"{name}: row {number} holds something else than whole numbers")
        if min(row) < 0 or max(row) > GREATEST:
            column = row.index(min(row) if min(row) < 0 else max(row))
            raise ProblemError(f"{name}: row {number}, column {column}: {row[column]} is out of range")


def check_amounts(place: str, amounts: Mapping[str, int]) -> None:
    """Raise ProblemError unless all are whole numbers from 0 on."""
    for name, number in amounts.items():
        if type(number) is not int:
            raise ProblemError(f"{place}: {name} {number!r} is no whole number")
        if not 0 <= number <= GREATEST:
            raise ProblemError(f"{place}: {name} {number} is out of range")


def check_moments(place: str, moments: Mapping[str, int | None]) -> None:
    """Raise ProblemError unless all are None or whole numbers in range, which may be negative."""
    for name, value in moments.items():
        if value is not None and (type(value) is not int or abs(value) > GREATEST):
            raise ProblemError(f"{place}: {name} {value!r} is no whole number in range")


def check_unique(what: str, names: Iterable[str]) -> None:
    """Raise ProblemError if a name is there twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ProblemError(f"{what} {name} is there twice")
        seen.add(name)
