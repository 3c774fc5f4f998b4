"""The interface that every source of travel times offers."""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

Point = tuple[float, float]  # latitude, longitude in degrees (WGS 84)
Row = tuple[int, ...]


class BadPoint(ValueError):
    """A coordinate that is no place on earth; the message names its number in the list."""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Whole seconds and metres from each source (row) to each target (column).

    `estimated`: some pair comes from a formula, not from roads; whoever shows such a time says so. `estimates` tells
    which pairs; None where the flag holds for all of them alike. `provisional`: a better source is out of reach for
    the moment, so nobody should remember this answer.
    """

    durations_s: tuple[Row, ...]
    distances_m: tuple[Row, ...]
    estimated: bool
    estimates: tuple[tuple[bool, ...], ...] | None = None
    provisional: bool = False

    def is_estimate(self, source: int, target: int) -> bool:
        """Whether this pair comes from a formula."""
        return self.estimated if self.estimates is None else self.estimates[source][target]


class TravelTimes(Protocol):
    """A source of travel times. Both raise BadPoint."""

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All points against all points: what `routing.Problem` takes."""

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """Sources against targets: one new row or column costs no whole matrix."""


def check_points(points: Iterable[Point]) -> None:
    """Raise BadPoint for anything that is no coordinate."""
    for number, (lat, lon) in enumerate(points):
        if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
            raise BadPoint(f"point {number}: {lat}, {lon} is no place on earth")
