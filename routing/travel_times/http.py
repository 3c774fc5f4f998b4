"""Travel times of a Valhalla or an OSRM server, free flow; what it does not answer comes from another source.

Places beyond the server's map, pairs it finds no way for, and everything while it is out of reach are answered by the
fallback, whose word on estimates stands. Three failures in a row open the circuit breaker: for half a minute nobody
waits for the server, then one question tries it.
"""
from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from routing.travel_times.base import Matrix, Point, TravelTimes, check_points
from routing.travel_times.breaker import Breaker
from routing.travel_times.dialects import Cell, Dialect, Osrm, QuestionRefused, ServerFailed, Valhalla

MAX_ANSWER_BYTES = 32 * 1024 * 1024
REMEMBERED_OUTSIDE = 10_000
Block = tuple[range, range]


class ServerTravelTimes:
    """A server's matrices, chunked, with another source behind it. Thread-safe.

    `url` is the server's address without a path of its own. ValueError for one that is no http address.
    """

    def __init__(self, dialect: Dialect, url: str, *, fallback: TravelTimes, timeout_s: float = 2.0,
                 max_pairs: int = 2500, breaker: Breaker | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no address of a travel server: write it like http://127.0.0.1:8002")
        if not timeout_s > 0 or max_pairs < 1:
            raise ValueError("a travel server needs a time-out above 0 and at least one pair a question")
        self._dialect, self._url, self._fallback = dialect, url.rstrip("/"), fallback
        self._timeout_s, self._max_pairs = timeout_s, max_pairs
        self.breaker = breaker or Breaker(dialect.name)
        self._opener: OpenerDirector = build_opener(ProxyHandler({}))  # an engine stands in the house
        self._outside: set[Point] = set()

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All points against all points. Raises BadPoint."""
        return self.table(points, points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """Sources against targets. Raises BadPoint."""
        check_points(sources)
        check_points(targets)
        if not sources or not targets:
            return self._fallback.table(sources, targets)
        try:
            cells = self._cells(sources, targets)
        except ServerFailed:
            return replace(self._fallback.table(sources, targets), provisional=True)
        return self._completed(cells, sources, targets)

    def _cells(self, sources: Sequence[Point], targets: Sequence[Point]) -> list[list[Cell]]:
        cells: list[list[Cell]] = [[None] * len(targets) for _ in sources]
        for rows, columns in _blocks(len(sources), len(targets), self._max_pairs, self._dialect.most_places):
            self._fill(cells, list(rows), list(columns), sources, targets)
        for a, source in enumerate(sources):
            for b, target in enumerate(targets):
                if source == target:
                    cells[a][b] = (0, 0)
        return cells

    def _fill(self, cells: list[list[Cell]], rows: list[int], columns: list[int], sources: Sequence[Point],
              targets: Sequence[Point]) -> None:
        """Ask for one block; places off the server's map are found out once and left to the fallback."""
        for last_try in (False, True):
            rows = [row for row in rows if sources[row] not in self._outside]
            columns = [column for column in columns if targets[column] not in self._outside]
            if not rows or not columns:
                return
            asked = [sources[row] for row in rows], [targets[column] for column in columns]
            try:
                found = self._ask(*asked)
                break
            except QuestionRefused as error:
                if last_try or not self._find_outside({*asked[0], *asked[1]}):
                    self.breaker.failed(str(error))
                    raise
        for row, line in zip(rows, found, strict=True):
            for column, cell in zip(columns, line, strict=True):
                cells[row][column] = cell

    def _find_outside(self, places: set[Point]) -> bool:
        """Whether the server refuses some of these places by themselves; they are not asked for again."""
        outside = set()
        for place in sorted(places):
            try:
                self._ask([place], [place])
            except QuestionRefused:
                outside.add(place)
        if len(outside) == len(places) and len(places) > 1:  # it is not the places
            return False
        if len(self._outside) + len(outside) > REMEMBERED_OUTSIDE:
            self._outside = set()
        self._outside |= outside
        return bool(outside)

    def _ask(self, sources: Sequence[Point], targets: Sequence[Point]) -> list[list[Cell]]:
        if not self.breaker.allows():
            raise ServerFailed("left alone for a while")
        try:
            answer = self._read(self._dialect.request(self._url, sources, targets))
            cells = self._dialect.read(answer, len(sources), len(targets))
        except QuestionRefused:
            self.breaker.undecided()
            raise
        except ServerFailed as error:
            self.breaker.failed(str(error))
            raise
        except BaseException:
            self.breaker.failed("interrupted")
            raise
        self.breaker.succeeded()
        return cells

    def _read(self, request: Request) -> Any:
        """The answer's JSON, all of it within the time-out."""
        ends = time.monotonic() + self._timeout_s
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                parts, size = [], 0
                while part := response.read1(1 << 20):
                    parts.append(part)
                    size += len(part)
                    if size > MAX_ANSWER_BYTES:
                        raise ServerFailed("the answer is too long")
                    if time.monotonic() > ends:
                        raise ServerFailed(f"no whole answer within {self._timeout_s:g} s")
            return json.loads(b"".join(parts))
        except HTTPError as error:
            with error:
                refused = QuestionRefused if error.code in (400, 422) else ServerFailed
                raise refused(f"HTTP {error.code}") from None
        except (OSError, HTTPException, ValueError, RecursionError) as error:  # sockets, time-outs; no JSON
            raise ServerFailed(type(error).__name__) from error

    def _completed(self, cells: list[list[Cell]], sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """The pairs the server knew, and the others from the fallback."""
        lacking = [a for a, row in enumerate(cells) if None in row]
        wanted = sorted({b for a in lacking for b, cell in enumerate(cells[a]) if cell is None})
        seconds = [[cell[0] if cell else 0 for cell in row] for row in cells]
        metres = [[cell[1] if cell else 0 for cell in row] for row in cells]
        estimates = [[False] * len(targets) for _ in sources]
        provisional = False
        if lacking:
            rest = self._fallback.table([sources[a] for a in lacking], [targets[b] for b in wanted])
            provisional = rest.provisional
            for row, a in enumerate(lacking):
                for column, b in enumerate(wanted):
                    if cells[a][b] is None:
                        seconds[a][b] = rest.durations_s[row][column]
                        metres[a][b] = rest.distances_m[row][column]
                        estimates[a][b] = rest.is_estimate(row, column)
        estimated = any(map(any, estimates))
        return Matrix(durations_s=tuple(map(tuple, seconds)), distances_m=tuple(map(tuple, metres)),
                      estimated=estimated, estimates=tuple(map(tuple, estimates)) if estimated else None,
                      provisional=provisional)


def _blocks(rows: int, columns: int, max_pairs: int, most_places: int) -> Iterator[Block]:
    """Cut a table into blocks of at most so many pairs and places, near to square."""
    width = min(columns, max(1, most_places - min(rows, most_places // 2)),
                max(1, max_pairs // min(rows, math.isqrt(max_pairs))))
    height = min(rows, max(1, most_places - width), max(1, max_pairs // width))
    for top in range(0, rows, height):
        for left in range(0, columns, width):
            yield range(top, min(rows, top + height)), range(left, min(columns, left + width))


class ValhallaTravelTimes(ServerTravelTimes):
    """Travel times of a Valhalla server."""

    def __init__(self, url: str, *, fallback: TravelTimes, timeout_s: float = 2.0, max_pairs: int = 2500,
                 breaker: Breaker | None = None) -> None:
        super().__init__(Valhalla(), url, fallback=fallback, timeout_s=timeout_s, max_pairs=max_pairs,
                         breaker=breaker)


class OsrmTravelTimes(ServerTravelTimes):
    """Travel times of an OSRM server; its profile decides how fast a van may go."""

    def __init__(self, url: str, *, fallback: TravelTimes, timeout_s: float = 2.0, max_pairs: int = 2500,
                 breaker: Breaker | None = None) -> None:
        super().__init__(Osrm(), url, fallback=fallback, timeout_s=timeout_s, max_pairs=max_pairs, breaker=breaker)
