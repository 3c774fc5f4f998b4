"""Travel times on a map of our own: free flow along the quickest way, one-ways and turn restrictions heeded.

A place is joined to the nearest point of a road; the last metres off the road are driven at walking pace. Places
outside the map, and pairs without a way, are answered by another source, whose word on estimates stands.
"""
from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse.csgraph import dijkstra

from routing.maps.backdrop import main_lines
from routing.maps.geometry import METRES_PER_DEGREE
from routing.maps.graph import RoadGraph
from routing.maps.roads import UNIT, Ends, Joined, Network, with_starts
from routing.maps.shapes import simplified, way_between
from routing.travel_times.base import Matrix, Point, TravelTimes, check_points
from routing.travel_times.formula import FormulaTravelTimes

OFF_ROAD_KMH = 10.0
CELLS_AT_ONCE = 8_000_000  # 64 MB of distances
FIRST_LOOK_MS, FIRST_LOOK_MS_PER_M = 300_000, 300  # how far a search looks at first; 12 km/h as the crow flies
REMEMBERED_PLACES = 20_000
REMEMBERED_WAYS = 4_000
UNREACHED = float("inf")


class GraphTravelTimes:
    """Travel times of a road graph, times `factor`. Thread-safe."""

    def __init__(self, graph: RoadGraph, factor: float = 1.0, *, fallback: TravelTimes | None = None) -> None:
        if not 0 < factor < 100:
            raise ValueError(f"a travel factor of {factor} makes no sense")
        self.network = Network(graph)
        self.info = graph.info
        self._permille = round(factor * 1000)
        self._fallback = fallback or FormulaTravelTimes(factor)
        self._joined: OrderedDict[Point, Joined | None] = OrderedDict()
        self._ways: OrderedDict[tuple[Point, Point], tuple[Point, ...]] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def main_lines(self) -> list[str]:
        """The main roads as encoded polylines: the ground of a map without tiles."""
        return main_lines(self.network.graph)

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All points against all points. Raises BadPoint."""
        return self.table(points, points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """Sources against targets. Raises BadPoint."""
        check_points(sources)
        check_points(targets)
        if not sources or not targets:
            return self._fallback.table(sources, targets)
        origins, ends = [self.place(point) for point in sources], [self.place(point) for point in targets]
        weights = np.full((len(sources), len(targets)), UNREACHED)
        rows = [number for number, origin in enumerate(origins) if origin is not None]
        columns = [number for number, end in enumerate(ends) if end is not None]
        if rows and columns:
            weights[np.ix_(rows, columns)] = self._weights([place for place in origins if place is not None],
                                                           [place for place in ends if place is not None])
        return self._answer(weights, sources, targets)

    def place(self, point: Point) -> Joined | None:
        """A place joined to its road, remembered; None outside the map."""
        with self._lock:
            if point in self._joined:
                self._joined.move_to_end(point)
                return self._joined[point]
        found = self.network.joined(point)
        with self._lock:
            self._joined[point] = found
            if len(self._joined) > REMEMBERED_PLACES:
                self._joined.popitem(last=False)
        return found

    def shape(self, points: Sequence[Point]) -> list[Point]:
        """The quickest way through these places in turn, along the roads, simplified to about five metres.

        A straight line where the map knows no way. What was asked for lately is remembered. Raises BadPoint.
        """
        check_points(points)
        found: list[Point] = []
        for origin, end in pairwise(points):
            way = self._way(origin, end)
            found += way[1:] if found else way
        return found or list(points)

    def _way(self, origin: Point, end: Point) -> tuple[Point, ...]:
        key = origin, end
        with self._lock:
            if key in self._ways:
                self._ways.move_to_end(key)
                return self._ways[key]
        start, goal = self.place(origin), self.place(end)
        way = None
        if start is not None and goal is not None and origin != end:
            way = way_between(self.network, start, goal, _reach([start], [goal])[0])
        found = tuple(simplified(way or [origin, end]))
        with self._lock:
            self._ways[key] = found
            if len(self._ways) > REMEMBERED_WAYS:
                self._ways.popitem(last=False)
        return found

    def _weights(self, origins: Sequence[Joined], ends: Sequence[Joined]) -> Any:
        """Weights of the quickest ways; infinite where there is none. One search for each of the fewer side."""
        network = self.network
        if len(ends) < len(origins):
            found = _searched(network.backward, [end.enters for end in ends], [origin.leaves for origin in origins],
                              _reach(ends, origins)).T
        else:
            found = _searched(network.forward, [origin.leaves for origin in origins], [end.enters for end in ends],
                              _reach(origins, ends))
        by_edge: dict[int, list[int]] = {}
        for column, end in enumerate(ends):
            by_edge.setdefault(end.snap.edge, []).append(column)
        for row, origin in enumerate(origins):
            for column in by_edge.get(origin.snap.edge, ()):
                weight = network.direct(origin, ends[column])
                if weight is not None:
                    found[row, column] = min(found[row, column], weight)
        return found + np.add.outer([_off_road(origin) for origin in origins], [_off_road(end) for end in ends])

    def _answer(self, weights: Any, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        numbers: dict[Point, int] = {}
        same = np.equal.outer([numbers.setdefault(point, len(numbers)) for point in sources],
                              [numbers.setdefault(point, len(numbers)) for point in targets])
        unknown = ~np.isfinite(weights) & ~same
        whole = np.where(np.isfinite(weights) & ~same, weights, 0).astype(np.int64)
        seconds = (whole // UNIT * self._permille + 500_000) // 1_000_000
        metres = (whole % UNIT + 5) // 10
        provisional = False
        if unknown.any():
            rows, columns = np.flatnonzero(unknown.any(axis=1)), np.flatnonzero(unknown.any(axis=0))
            rest = self._fallback.table([sources[row] for row in rows.tolist()],
                                        [targets[column] for column in columns.tolist()])
            cells, open_cells = np.ix_(rows, columns), unknown[np.ix_(rows, columns)]
            seconds[cells] = np.where(open_cells, rest.durations_s, seconds[cells])
            metres[cells] = np.where(open_cells, rest.distances_m, metres[cells])
            unknown[cells] &= rest.estimated if rest.estimates is None else np.array(rest.estimates)
            provisional = rest.provisional
        estimated = bool(unknown.any())
        return Matrix(durations_s=tuple(map(tuple, seconds.tolist())), distances_m=tuple(map(tuple, metres.tolist())),
                      estimated=estimated, estimates=tuple(map(tuple, unknown.tolist())) if estimated else None,
                      provisional=provisional)


def _off_road(place: Joined) -> int:
    return round(place.snap.off_m * 3600 / OFF_ROAD_KMH) * UNIT + round(place.snap.off_m * 10)


def _reach(starts: Sequence[Joined], ends: Sequence[Joined]) -> list[float]:
    """How far each search looks at first: far enough for every end, on almost any road."""
    lat, lon = np.array([end.point for end in ends]).T
    far = []
    for start in starts:
        north, east = lat - start.point[0], (lon - start.point[1]) * math.cos(math.radians(start.point[0]))
        metres = METRES_PER_DEGREE * float(np.hypot(north, east).max())
        far.append((FIRST_LOOK_MS + FIRST_LOOK_MS_PER_M * metres) * UNIT)
    return far


def _searched(matrix: Any, starts: Sequence[Ends], ends: Sequence[Ends], reach: Sequence[float]) -> Any:
    """Weights from each start to each end."""
    nodes = np.array([node for end in ends for node in end.nodes], dtype=np.int64)
    extra = np.array([weight for end in ends for weight in end.weights], dtype=np.float64)
    counts = np.array([len(end.nodes) for end in ends], dtype=np.int64)
    first = np.cumsum(counts) - counts
    found = np.empty((len(starts), len(ends)))
    at_once = max(1, CELLS_AT_ONCE // (matrix.shape[0] + 1))
    for begin in range(0, len(starts), at_once):
        part = starts[begin:begin + at_once]
        larger = with_starts(matrix, part)
        numbers = np.arange(matrix.shape[0], larger.shape[0])
        limit = max(reach[begin:begin + at_once])
        block = np.minimum.reduceat(dijkstra(larger, indices=numbers, limit=limit)[:, nodes] + extra, first, axis=1)
        short = ~np.isfinite(block).all(axis=1)
        if short.any():  # a detour longer than foreseen, or no way at all
            again = dijkstra(larger, indices=numbers[short])[:, nodes] + extra
            block[short] = np.minimum.reduceat(again, first, axis=1)
        found[begin:begin + len(part)] = block
    return found
