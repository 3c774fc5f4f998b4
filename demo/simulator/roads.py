"""The ways of a simulated day: those of a map, or the formula's where none is given."""
from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from core.clock import utc_now
from delivery.travel import FORMULA, FreeFlow
from demo.addresses import ZONE
from routing.maps.graph import Bbox, load_graph
from routing.maps.importing import import_extract
from routing.maps.snapping import Snapper
from routing.travel_times.base import Point, TravelTimes
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.factors import FREE_FLOW, ScaledTravelTimes
from routing.travel_times.formula import FormulaTravelTimes
from routing.travel_times.graph import GraphTravelTimes

MAP = "map"
EXTRACT = ".pbf"
AROUND_LAT, AROUND_LON = 0.05, 0.07


def map_file(path: Path, folder: Path) -> Path:
    """A map file as it is; of an OpenStreetMap extract one made in the folder. Raises MapError."""
    if path.suffix != EXTRACT:
        load_graph(path)
        return path
    made = folder / "map.npz"
    import_extract(path, made, now=utc_now(), bbox=_around_the_zone())
    return made


def _around_the_zone() -> Bbox:
    longitudes, latitudes = zip(*ZONE["coordinates"][0], strict=True)
    return (min(latitudes) - AROUND_LAT, min(longitudes) - AROUND_LON,
            max(latitudes) + AROUND_LAT, max(longitudes) + AROUND_LON)


@cache
def free_flow_of(path: Path | None) -> FreeFlow:
    """Ways without traffic, remembered; one map is read once in a process. Raises MapError."""
    formula: TravelTimes = CachedTravelTimes(FormulaTravelTimes(1.0))
    if path is None:
        return FreeFlow(engine=FORMULA, times=formula)
    return FreeFlow(engine=MAP, times=CachedTravelTimes(GraphTravelTimes(load_graph(path), fallback=formula)))


@cache
def doors_of(path: Path | None) -> Callable[[Point], Point]:
    """Where a van stops for a place: the nearest point of a road of the map, if there is one. Raises MapError."""
    if path is None:
        return lambda point: point
    snapper = Snapper(load_graph(path))

    def door(point: Point) -> Point:
        found = snapper.snap(point)
        return found.at if found is not None else point

    return door


def believed(roads: FreeFlow, travel_factor: float) -> TravelTimes:
    """The ways as planning believes them: with the traffic of the day."""
    return ScaledTravelTimes(roads.times, lambda _point: round(FREE_FLOW * travel_factor))
