"""How Valhalla and OSRM are asked for a table, and how their answers are read."""
from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.request import Request

from routing.travel_times.base import Point

MAX_SNAP_M = 500.0  # a place so far from the server's nearest road is beyond its map
LONGEST_WAY = 2**31 - 1
Cell = tuple[int, int] | None  # seconds and metres; None where the server knows no way


class ServerFailed(Exception):
    """No usable answer: out of reach, too slow, broken, or not understood."""


class QuestionRefused(ServerFailed):
    """The server lives and refuses this very question (HTTP 4xx): a place off its map, too many pairs."""


class Dialect(Protocol):
    """How to put a table to a server and read its answer."""

    @property
    def name(self) -> str:
        """What people call the server."""

    @property
    def most_places(self) -> int:
        """How many places one question may hold."""

    def request(self, url: str, sources: Sequence[Point], targets: Sequence[Point]) -> Request:
        """The question."""

    def read(self, answer: Any, rows: int, columns: int) -> list[list[Cell]]:
        """The answer's cells. Raises ServerFailed for what is no table of that size."""


@dataclass(frozen=True)
class Valhalla:
    """`/sources_to_targets`. Without a cap the quickest way leads over the ring motorway at a car's speed."""

    name: str = "valhalla"
    most_places: int = 1000
    top_speed_kmh: int = 90

    def request(self, url: str, sources: Sequence[Point], targets: Sequence[Point]) -> Request:
        """The question."""
        body = {"sources": [{"lat": lat, "lon": lon} for lat, lon in sources],
                "targets": [{"lat": lat, "lon": lon} for lat, lon in targets],
                "costing": "auto", "costing_options": {"auto": {"top_speed": self.top_speed_kmh}},
                "units": "kilometers", "verbose": True}
        return Request(  # noqa: S310 - ServerTravelTimes lets http addresses in only
            f"{url}/sources_to_targets", data=json.dumps(body).encode(),
                       headers={"Content-Type": "application/json"})

    def read(self, answer: Any, rows: int, columns: int) -> list[list[Cell]]:
        """The answer's cells; a row the server has nothing for may be null."""
        try:
            table = answer["sources_to_targets"]
            filled = [row if row is not None else [None] * columns for row in table]
            _check_size(filled, rows, columns)
            return [[_cell(cell["time"], cell["distance"], 1000.0) if cell else None for cell in row]
                    for row in filled]
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise ServerFailed("the answer is no table") from error


@dataclass(frozen=True)
class Osrm:
    """`/table/v1/driving` with durations and distances. Places ride in the URL: not too many at once."""

    name: str = "osrm"
    most_places: int = 100

    def request(self, url: str, sources: Sequence[Point], targets: Sequence[Point]) -> Request:
        """The question."""
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in [*sources, *targets])
        first, last = len(sources), len(sources) + len(targets)
        return Request(  # noqa: S310 - ServerTravelTimes lets http addresses in only
            f"{url}/table/v1/driving/{places}?annotations=duration,distance"
                       f"&sources={_numbers(0, first)}&destinations={_numbers(first, last)}")

    def read(self, answer: Any, rows: int, columns: int) -> list[list[Cell]]:
        """The answer's cells; a place that was moved too far to the next road is taken for unknown."""
        try:
            if answer["code"] != "Ok":
                raise ServerFailed(f"the answer says {str(answer['code'])[:40]}")
            seconds, metres = answer["durations"], answer["distances"]
            _check_size(seconds, rows, columns)
            _check_size(metres, rows, columns)
            far_rows, far_columns = _far(answer.get("sources"), rows), _far(answer.get("destinations"), columns)
            return [[None if far_rows[a] or far_columns[b] else _cell(seconds[a][b], metres[a][b], 1.0)
                     for b in range(columns)] for a in range(rows)]
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise ServerFailed("the answer is no table") from error


def _numbers(first: int, last: int) -> str:
    return ";".join(map(str, range(first, last)))


def _check_size(table: Any, rows: int, columns: int) -> None:
    if len(table) != rows or any(len(row) != columns for row in table):
        raise ServerFailed(f"the answer is no table of {rows} x {columns}")


def _far(waypoints: Any, number: int) -> list[bool]:
    if not isinstance(waypoints, list) or len(waypoints) != number:
        return [False] * number
    return [isinstance(way, dict) and float(way.get("distance") or 0) > MAX_SNAP_M for way in waypoints]


def _cell(seconds: Any, distance: Any, metres_each: float) -> Cell:
    if seconds is None or distance is None:
        return None
    found = float(seconds), float(distance) * metres_each
    if not all(math.isfinite(value) and 0 <= value < LONGEST_WAY for value in found):
        raise ServerFailed("the answer holds a way that makes no sense")
    return int(found[0] + 0.5), int(found[1] + 0.5)
