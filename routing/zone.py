"""Whether a place lies in a zone: GeoJSON polygons on the plane, borders included."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Position = tuple[float, float]  # longitude, latitude: GeoJSON's order
Ring = tuple[Position, ...]


class ZoneError(ValueError):
    """The GeoJSON is no polygon; the message says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Zone:
    """An area of polygons, each an outer ring and holes. The border of either belongs to the area.

    Longitude and latitude are taken as a plane, which is exact enough for a town and wrong across the date line.
    """

    polygons: tuple[tuple[Ring, ...], ...]

    @classmethod
    def from_geojson(cls, value: Mapping[str, Any]) -> Zone:
        """From a Polygon, MultiPolygon or a Feature of one. Raises ZoneError."""
        if value.get("type") == "Feature":
            geometry = value.get("geometry")
            if not isinstance(geometry, Mapping):
                raise ZoneError("the feature has no geometry")
            return cls.from_geojson(geometry)
        coordinates = value.get("coordinates")
        if value.get("type") == "Polygon":
            return cls(polygons=(_rings(coordinates),))
        if value.get("type") == "MultiPolygon" and isinstance(coordinates, Sequence) and coordinates:
            return cls(polygons=tuple(_rings(rings) for rings in coordinates))
        raise ZoneError(f"a polygon is needed, not {value.get('type')!r}")

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the place lies in the area or on its border."""
        return any(_in_polygon((lon, lat), rings) for rings in self.polygons)


def contains(geojson: Mapping[str, Any], lat: float, lon: float) -> bool:
    """Whether the place lies in the GeoJSON polygon or on its border. Raises ZoneError."""
    return Zone.from_geojson(geojson).contains(lat, lon)


def _rings(value: Any) -> tuple[Ring, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise ZoneError("the polygon has no ring")
    return tuple(_ring(number, ring) for number, ring in enumerate(value))


def _ring(number: int, value: Any) -> Ring:
    try:
        ring = tuple((float(position[0]), float(position[1])) for position in value)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ZoneError(f"ring {number}: a position is no pair of numbers") from error
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in ring):
        raise ZoneError(f"ring {number}: a position is no pair of numbers")
    if ring and ring[0] != ring[-1]:
        raise ZoneError(f"ring {number} is not closed")
    if len(ring) < 4:
        raise ZoneError(f"ring {number} has fewer than three corners")
    return ring


def _in_polygon(place: Position, rings: tuple[Ring, ...]) -> bool:
    if any(_on_ring(place, ring) for ring in rings):
        return True
    return _in_ring(place, rings[0]) and not any(_in_ring(place, hole) for hole in rings[1:])


def _on_ring(place: Position, ring: Ring) -> bool:
    x, y = place
    for (ax, ay), (bx, by) in pairwise(ring):
        between = min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
        if between and (bx - ax) * (y - ay) == (by - ay) * (x - ax):
            return True
    return False


def _in_ring(place: Position, ring: Ring) -> bool:
    """Count the edges that a ray to the east crosses."""
    x, y = place
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside
