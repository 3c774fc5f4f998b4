"""A cache in this process: a live trial asks its source for one new row and column, not for a whole matrix."""
from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from routing.travel_times.base import Matrix, Point, TravelTimes, check_points

DECIMALS = 5  # about a metre
Way = tuple[int, int, bool]  # seconds, metres, estimated


class CachedTravelTimes:
    """Remembers the ways between the `most_points` places used last, rounded to about a metre. Thread-safe.

    What is remembered is bounded by `most_points` squared. A source whose answers change with the hour needs one
    cache for each.
    """

    def __init__(self, source: TravelTimes, *, most_points: int = 1500) -> None:
        if most_points < 1:
            raise ValueError("a cache needs room for at least one place")
        self._source = source
        self._most_points = most_points
        self._ways: OrderedDict[Point, dict[Point, Way]] = OrderedDict()  # by source, least recently used first
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._ways)

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All points against all points. Raises BadPoint."""
        return self.table(points, points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """Sources against targets. Raises BadPoint."""
        check_points(sources)
        check_points(targets)
        origins, ends = [_rounded(point) for point in sources], [_rounded(point) for point in targets]
        with self._lock:
            missing = self._missing(origins, ends)
        answers = [(rows, columns, self._source.table(rows, columns)) for rows, columns in missing]
        with self._lock:
            rows_of = {point: self._ways.setdefault(point, {}) for point in [*origins, *ends]}
            for rows, columns, matrix in answers:
                _remember(rows_of, rows, columns, matrix)
            incomplete = self._missing(origins, ends)
            ways = [] if incomplete else [[rows_of[origin][end] for end in ends] for origin in origins]
            self._forget([*origins, *ends])
        if incomplete:  # another thread made room for its own places meanwhile
            return self._source.table(origins, ends)
        return Matrix(durations_s=tuple(tuple(way[0] for way in row) for row in ways),
                      distances_m=tuple(tuple(way[1] for way in row) for row in ways),
                      estimated=any(way[2] for row in ways for way in row))

    def _missing(self, origins: list[Point], ends: list[Point]) -> list[tuple[list[Point], list[Point]]]:
        """What to ask for: whole rows for new origins, and columns of the rest for new ends."""
        known_rows, new_rows = [], []
        new_ends: dict[Point, None] = {}
        for origin in dict.fromkeys(origins):
            row = self._ways.get(origin, {})
            lacking = [end for end in dict.fromkeys(ends) if end not in row]
            if 2 * len(lacking) > len(ends):
                new_rows.append(origin)
            elif lacking:
                known_rows.append(origin)
                new_ends.update(dict.fromkeys(lacking))
        parts = [(new_rows, list(dict.fromkeys(ends))), (known_rows, list(new_ends))]
        return [(rows, columns) for rows, columns in parts if rows and columns]

    def _forget(self, used: list[Point]) -> None:
        for point in dict.fromkeys(used):
            self._ways.move_to_end(point)
        while len(self._ways) > self._most_points:
            gone, _ = self._ways.popitem(last=False)
            for row in self._ways.values():
                row.pop(gone, None)


def _remember(rows_of: dict[Point, dict[Point, Way]], rows: list[Point], columns: list[Point],
              matrix: Matrix) -> None:
    for origin, seconds, metres in zip(rows, matrix.durations_s, matrix.distances_m, strict=True):
        for end, way_s, way_m in zip(columns, seconds, metres, strict=True):
            rows_of[origin][end] = (way_s, way_m, matrix.estimated)


def _rounded(point: Point) -> Point:
    return round(point[0], DECIMALS), round(point[1], DECIMALS)
