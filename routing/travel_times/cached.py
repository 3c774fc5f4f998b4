"""A cache in this process: a live trial asks its source for one new row and column, not for a whole matrix."""
from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from routing.travel_times.base import Matrix, Point, TravelTimes, check_points

DECIMALS = 5  # about a metre
UNKNOWN = -1
FIRST_ROOM = 64
Part = tuple[list[Point], list[Point]]  # sources and targets to ask for
Answer = tuple[list[Point], list[Point], Matrix]


class CachedTravelTimes:
    """Remembers the ways between the `most_points` places used last, rounded to about a metre. Thread-safe.

    What is remembered is bounded by `most_points` squared (9 bytes a pair). A source whose answers change with the
    hour needs one cache for each. Answers that are only provisional are passed on and not remembered.
    """

    def __init__(self, source: TravelTimes, *, most_points: int = 1500) -> None:
        if most_points < 1:
            raise ValueError("a cache needs room for at least one place")
        self._source = source
        self._most_points = most_points
        self._slots: OrderedDict[Point, int] = OrderedDict()  # least recently used first
        self._free: list[int] = []
        self._lock = threading.Lock()
        self._seconds = np.empty((0, 0), dtype=np.int32)
        self._metres = np.empty((0, 0), dtype=np.int32)
        self._estimates = np.empty((0, 0), dtype=np.bool_)

    def __len__(self) -> int:
        return len(self._slots)

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All points against all points. Raises BadPoint."""
        return self.table(points, points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """Sources against targets. Raises BadPoint."""
        check_points(sources)
        check_points(targets)
        origins, ends = [_rounded(point) for point in sources], [_rounded(point) for point in targets]
        places = list(dict.fromkeys([*origins, *ends]))
        if not origins or not ends or len(places) > self._most_points:
            return self._source.table(origins, ends)
        with self._lock:
            missing = self._missing(origins, ends)
            if not missing:
                return self._read(origins, ends, places)
        answers = [(rows, columns, self._source.table(rows, columns)) for rows, columns in missing]
        if any(matrix.provisional for _, _, matrix in answers):
            return self._patched(origins, ends, answers)
        with self._lock:
            self._make_room(places)
            for rows, columns, matrix in answers:
                self._remember(rows, columns, matrix)
            if not self._missing(origins, ends):
                return self._read(origins, ends, places)
        return self._source.table(origins, ends)  # another thread made room for its own places meanwhile

    def _missing(self, origins: list[Point], ends: list[Point]) -> list[Part]:
        """What to ask for: whole rows for new origins, and columns of the rest for new ends."""
        rows, columns = list(dict.fromkeys(origins)), list(dict.fromkeys(ends))
        known = self._known(rows, columns)
        lacking = (~known).sum(axis=1)
        whole = 2 * lacking > len(columns)
        new_rows = [rows[number] for number in np.flatnonzero(whole)]
        partly = np.flatnonzero(~whole & (lacking > 0))
        known_rows = [rows[number] for number in partly]
        new_ends = [columns[number] for number in np.flatnonzero((~known[partly]).any(axis=0))]
        return [(asked, to) for asked, to in ((new_rows, columns), (known_rows, new_ends)) if asked and to]

    def _known(self, rows: list[Point], columns: list[Point]) -> Any:
        """Which pairs are remembered."""
        row_slots = np.array([self._slots.get(point, UNKNOWN) for point in rows], dtype=np.intp)
        column_slots = np.array([self._slots.get(point, UNKNOWN) for point in columns], dtype=np.intp)
        known = (row_slots[:, None] >= 0) & (column_slots[None, :] >= 0)
        if self._seconds.size:
            known &= self._seconds[np.ix_(row_slots, column_slots)] != UNKNOWN
        return known

    def _read(self, origins: list[Point], ends: list[Point], places: list[Point]) -> Matrix:
        cells = self._cells(origins, ends)
        estimates = self._estimates[cells]
        for point in places:
            self._slots.move_to_end(point)
        return _matrix(self._seconds[cells], self._metres[cells], estimates)

    def _cells(self, rows: list[Point], columns: list[Point]) -> Any:
        return np.ix_(np.array([self._slots[point] for point in rows], dtype=np.intp),
                      np.array([self._slots[point] for point in columns], dtype=np.intp))

    def _make_room(self, places: list[Point]) -> None:
        """Give each place a slot; places used least recently lose theirs."""
        for point in places:
            if point in self._slots:
                self._slots.move_to_end(point)
        new = [point for point in places if point not in self._slots]
        while len(self._slots) + len(new) > self._most_points:
            _, slot = self._slots.popitem(last=False)
            self._seconds[slot, :] = self._seconds[:, slot] = UNKNOWN
            self._free.append(slot)
        self._grow(len(self._slots) + len(new))
        for point in new:
            self._slots[point] = self._free.pop()

    def _grow(self, wanted: int) -> None:
        room = len(self._seconds)
        if wanted <= room:
            return
        larger = min(self._most_points, max(wanted, 2 * room, FIRST_ROOM))
        self._free.extend(reversed(range(room, larger)))
        seconds = np.full((larger, larger), UNKNOWN, dtype=np.int32)
        metres, estimates = np.zeros_like(seconds), np.zeros((larger, larger), dtype=np.bool_)
        for new, old in ((seconds, self._seconds), (metres, self._metres), (estimates, self._estimates)):
            new[:room, :room] = old
        self._seconds, self._metres, self._estimates = seconds, metres, estimates

    def _remember(self, rows: list[Point], columns: list[Point], matrix: Matrix) -> None:
        cells = self._cells(rows, columns)
        self._seconds[cells] = matrix.durations_s
        self._metres[cells] = matrix.distances_m
        self._estimates[cells] = matrix.estimated if matrix.estimates is None else matrix.estimates

    def _patched(self, origins: list[Point], ends: list[Point], answers: list[Answer]) -> Matrix:
        """An answer of what is remembered and what is provisional; the latter is not kept."""
        scratch = CachedTravelTimes(self._source, most_points=self._most_points)
        places = list(dict.fromkeys([*origins, *ends]))
        scratch._make_room(places)
        with self._lock:
            kept = [point for point in places if point in self._slots]
            if kept:
                cells, own = scratch._cells(kept, kept), self._cells(kept, kept)
                scratch._seconds[cells] = self._seconds[own]
                scratch._metres[cells] = self._metres[own]
                scratch._estimates[cells] = self._estimates[own]
        for rows, columns, matrix in answers:
            scratch._remember(rows, columns, matrix)
        if scratch._missing(origins, ends):
            return self._source.table(origins, ends)
        cells = scratch._cells(origins, ends)
        return _matrix(scratch._seconds[cells], scratch._metres[cells], scratch._estimates[cells], provisional=True)


def _matrix(seconds: Any, metres: Any, estimates: Any, *, provisional: bool = False) -> Matrix:
    some, every = bool(estimates.any()), bool(estimates.all())
    mixed = some and not every
    return Matrix(durations_s=tuple(map(tuple, seconds.tolist())), distances_m=tuple(map(tuple, metres.tolist())),
                  estimated=some, estimates=tuple(map(tuple, estimates.tolist())) if mixed else None,
                  provisional=provisional)


def _rounded(point: Point) -> Point:
    return round(point[0], DECIMALS), round(point[1], DECIMALS)
