"""Road times on the map of shared/data: importing it, a cold and a warm matrix, one new place, ways to draw.

Places are drawn from the districts inside the ring (fixed seed). The last figures say how far the
formula, which stands in where there is no map, lies from the roads.
"""
from __future__ import annotations

import csv
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.routing_live import Figure, milliseconds
from routing.maps.graph import load_graph
from routing.maps.importing import import_extract
from routing.travel_times.base import Point
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.formula import FormulaTravelTimes
from routing.travel_times.graph import GraphTravelTimes

DATA = Path(__file__).parents[2] / "shared" / "data" / "ljubljana"
PLACES, KNOWN, NEW, VANS, STOPS = 300, 70, 100, 10, 12


def places(number: int) -> list[Point]:
    """So many districts inside the ring."""
    with (DATA / "ljubljana_demand_points.csv").open(encoding="utf-8") as file:
        inside = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)
                  if row["in_road_coverage"] == "1"]
    return random.Random(1).sample(inside, number)


def run() -> list[Figure]:
    """Measure and return the figures; none without the shared data."""
    if not DATA.is_dir():
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.npz"
        importing = milliseconds(lambda: import_extract(DATA / "ljubljana_roads_2019.osm.pbf", path,
                                                        now=datetime(2026, 11, 23, tzinfo=UTC)))
        made: list[GraphTravelTimes] = []
        loading = milliseconds(lambda: made.append(GraphTravelTimes(load_graph(path))))
        size = path.stat().st_size
    times = made[0]
    graph = times.network.graph
    return [
        _figure("importing the extract of Ljubljana", importing, note=f"{graph.nodes} junctions, {graph.edges} roads"),
        _figure("loading the map file", loading, note=f"{size // 1024} kB"),
        *_matrices(times), *_promise(times), *_drawing(times), *_against_formula(times)]


def _figure(name: str, value: float, unit: str = "ms", note: str = "") -> Figure:
    return {"name": name, "value": round(value, 1), "unit": unit, "note": note}


def _matrices(times: GraphTravelTimes) -> list[Figure]:
    points, cached = places(PLACES), CachedTravelTimes(times)
    cold, warm = (milliseconds(lambda: cached.matrix(points)) for _ in range(2))
    return [_figure(f"matrix of {PLACES} places, cold", cold), _figure("the same, warm", warm)]


def _promise(times: GraphTravelTimes) -> list[Figure]:
    """A new place among known ones: one row and one column."""
    points = places(KNOWN + NEW)
    cached = CachedTravelTimes(times)
    cached.matrix(points[:KNOWN])
    took = [milliseconds(lambda place=place: cached.matrix([*points[:KNOWN], place]))  # type: ignore[misc]
            for place in points[KNOWN:]]
    return [_figure(f"a new place among {KNOWN} known ones, p50", median(took)),
            _figure("the same, p95", quantiles(took, n=20)[-1])]


def _drawing(times: GraphTravelTimes) -> list[Figure]:
    points = places(VANS * STOPS)
    routes = [points[first:first + STOPS] for first in range(0, len(points), STOPS)]

    def draw() -> Any:
        return [times.shape(route) for route in routes]

    cold, warm = milliseconds(draw), milliseconds(draw)
    return [_figure(f"ways of {VANS} routes of {STOPS} stops to draw, first time", cold),
            _figure("the same, remembered", warm)]


def _against_formula(times: GraphTravelTimes) -> list[Figure]:
    points = places(PLACES)
    roads, formula = times.matrix(points).durations_s, FormulaTravelTimes(1.0).matrix(points).durations_s
    off = [abs(guess - known) / known for row, guesses in zip(roads, formula, strict=True)
           for known, guess in zip(row, guesses, strict=True) if known]
    return [_figure("the formula's distance from the roads, median", 100 * median(off), "%"),
            _figure("the same, p90", 100 * quantiles(off, n=10)[-1], "%")]
