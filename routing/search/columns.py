"""Routes seen so far, each once, with its price: the columns from which plans are put together anew."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from routing.search.open_problem import EMPTY, UNFIT, Ints, OpenProblem, Rows, as_rows

MOST_COLUMNS = 40_000  # 40,000 rows of 30 visits are a few megabytes


class Columns(NamedTuple):
    """Routes by kind of vehicle, with their prices."""

    kinds: Ints
    rows: Rows
    prices: Ints

    def taken(self, numbers: Ints) -> Columns:
        """Some of them."""
        return Columns(self.kinds[numbers], self.rows[numbers], self.prices[numbers])

    def lists(self) -> list[tuple[int, list[int]]]:
        """Kind and visits of each."""
        return [(kind, [visit for visit in row if visit != EMPTY])
                for kind, row in zip(self.kinds.tolist(), self.rows.tolist(), strict=True)]


def no_columns() -> Columns:
    """Nothing yet."""
    return Columns(np.empty(0, np.int64), np.empty((0, 1), np.int16), np.empty(0, np.int64))


def joined(parts: Sequence[Columns]) -> Columns:
    """All legal columns of the parts, each route once, rows no wider than need be."""
    width = max(part.rows.shape[1] for part in parts)
    kinds = np.concatenate([part.kinds for part in parts])
    rows = np.concatenate([_widened(part.rows, width) for part in parts])
    prices = np.concatenate([part.prices for part in parts])
    keys = np.ascontiguousarray(np.hstack([kinds[:, None].astype(np.int16), rows]))
    _, first = np.unique(keys.view(f"V{keys.shape[1] * keys.itemsize}").ravel(), return_index=True)
    first = np.sort(first[prices[first] < UNFIT])
    return Columns(kinds[first], _narrowed(rows[first]), prices[first])


def without(problem: OpenProblem, columns: Columns, served: np.ndarray) -> Columns:
    """The columns with visits that are served elsewhere left out of their routes."""
    gone = np.append(served, False)[columns.rows]
    touched = np.flatnonzero(gone.any(axis=1))
    rows, prices = columns.rows.copy(), columns.prices.copy()
    part = np.where(gone[touched], EMPTY, rows[touched])
    part = np.take_along_axis(part, np.argsort(part == EMPTY, axis=1, kind="stable"), axis=1)
    rows[touched] = part
    filled = touched[part[:, 0] != EMPTY]
    prices[touched] = UNFIT
    prices[filled] = problem.price(columns.kinds[filled], rows[filled])
    return joined([Columns(columns.kinds, rows, prices)])


class ColumnPool:
    """Legal routes of one open problem. Full, it takes nothing more."""

    def __init__(self, problem: OpenProblem) -> None:
        self.problem = problem
        self._seen: set[tuple[int, tuple[int, ...]]] = set()
        self._waiting: list[tuple[int, tuple[int, ...]]] = []
        self._columns = no_columns()

    def see(self, routes: Sequence[Sequence[int]], kinds: Sequence[int]) -> None:
        """Note the routes of a plan; they are priced when somebody asks for columns."""
        for kind, route in zip(kinds, routes, strict=True):
            key = (kind, tuple(route))
            if route and key not in self._seen and len(self._seen) < MOST_COLUMNS:
                self._seen.add(key)
                self._waiting.append(key)

    def add(self, columns: Columns) -> None:
        """Take priced routes in."""
        if len(self._columns.prices) < MOST_COLUMNS:
            self._columns = joined([self._columns, columns])

    def columns(self) -> Columns:
        """All of them."""
        if self._waiting:
            kinds = np.array([kind for kind, _ in self._waiting], dtype=np.int64)
            rows = as_rows([route for _, route in self._waiting])
            self._waiting = []
            self._columns = joined([self._columns, Columns(kinds, rows, self.problem.price(kinds, rows))])
        return self._columns


def _widened(rows: Rows, width: int) -> Rows:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=EMPTY)


def _narrowed(rows: Rows) -> Rows:
    return rows[:, :max(1, int((rows != EMPTY).any(axis=0).sum()))]
