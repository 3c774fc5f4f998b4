"""Ways along the roads for the maps on the screen, and the credit that goes with them."""
from __future__ import annotations

from collections.abc import Sequence

from delivery.travel import map_file
from routing.maps.graph import ATTRIBUTION
from routing.maps.shapes import encoded
from routing.travel_times.base import Point


def road_path(points: Sequence[Point]) -> str:
    """The way through these places along the roads, as an encoded polyline; empty while there is no map."""
    source = map_file()
    roads = source.current() if source is not None and len(points) > 1 else None
    return encoded(roads.shape(points)) if roads is not None else ""


def road_ground() -> list[str] | None:
    """The main roads as encoded polylines; None while there is no map."""
    source = map_file()
    roads = source.current() if source is not None else None
    return roads.main_lines if roads is not None else None


def map_mark() -> str:
    """What tells the map file from the one before; empty while there is none."""
    source = map_file()
    return source.mark() if source is not None else ""


def map_credit() -> str:
    """Whom to name where times or shapes come from the map (ODbL); empty while there is no map."""
    return ATTRIBUTION if map_mark() else ""
