"""Which road a place lies at."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from routing.maps.geometry import METRES_PER_DEGREE
from routing.maps.graph import E7, HOUSES, RoadGraph

MAX_SNAP_M = 500.0  # a place so far from any road is outside the map
SPACING_M = 60.0  # of the marks along a road by which it is found
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Snap:
    """The nearest point of a road: how far along the edge, from 0 to 1, where, and how far the place lies from it."""

    edge: int
    along: float
    at: Point
    off_m: float


class Snapper:
    """Finds the nearest road where somebody can stop."""

    def __init__(self, graph: RoadGraph) -> None:
        self._longitude_m = METRES_PER_DEGREE * float(np.cos(np.radians(np.mean(graph.lat_e7) / E7)))
        line_start, lat, lon = polylines(graph)
        x, y = self._plane(lat / E7, lon / E7)
        number = np.arange(len(x) - 1)
        edge = np.repeat(np.arange(graph.edges), np.diff(line_start))[:-1]
        inner = np.ones(len(number), dtype=np.bool_)
        inner[line_start[1:-1] - 1] = False  # from the end of one edge to the beginning of the next
        inner &= (graph.edge_flags[edge] & HOUSES) > 0
        lengths = np.hypot(np.diff(x), np.diff(y))
        travelled = np.concatenate([[0.0], np.cumsum(lengths)])
        at_start, at_end = travelled[line_start[:-1]], travelled[line_start[1:] - 1]
        self._edge = edge[inner]
        self._x, self._y = x[:-1][inner], y[:-1][inner]
        self._dx, self._dy = np.diff(x)[inner], np.diff(y)[inner]
        self._length = lengths[inner]
        self._before = (travelled[:-1] - at_start[edge])[inner]
        self._whole = np.maximum(at_end - at_start, 1e-9)
        self._marks = self._tree()

    def _plane(self, lat: Any, lon: Any) -> tuple[Any, Any]:
        return lon * self._longitude_m, lat * METRES_PER_DEGREE

    def _tree(self) -> Any:
        """Marks so dense that each point of a road has one within half the spacing."""
        count = np.maximum(1, np.ceil(self._length / SPACING_M)).astype(np.int64)
        self._segment_of_mark = np.repeat(np.arange(len(count)), count)
        first = np.cumsum(count) - count
        share = (np.arange(len(self._segment_of_mark)) - first[self._segment_of_mark] + 0.5) / count[
            self._segment_of_mark]
        return cKDTree(np.column_stack([self._x[self._segment_of_mark] + share * self._dx[self._segment_of_mark],
                                        self._y[self._segment_of_mark] + share * self._dy[self._segment_of_mark]]))

    def snap(self, point: Point) -> Snap | None:
        """The nearest point of a road; None for a place outside the map."""
        x, y = self._plane(*point)
        near, _ = self._marks.query((x, y), distance_upper_bound=MAX_SNAP_M + SPACING_M)
        if not np.isfinite(near):
            return None
        marks = self._marks.query_ball_point((x, y), near + SPACING_M / 2 + 0.01)
        found = np.unique(self._segment_of_mark[marks])
        dx, dy, length = self._dx[found], self._dy[found], np.maximum(self._length[found], 1e-9)
        share = np.clip(((x - self._x[found]) * dx + (y - self._y[found]) * dy) / length**2, 0.0, 1.0)
        road_x, road_y = self._x[found] + share * dx, self._y[found] + share * dy
        off = np.hypot(road_x - x, road_y - y)
        best = int(off.argmin())
        if off[best] > MAX_SNAP_M:
            return None
        edge = int(self._edge[found[best]])
        along = (self._before[found[best]] + share[best] * self._length[found[best]]) / self._whole[edge]
        at = float(road_y[best]) / METRES_PER_DEGREE, float(road_x[best]) / self._longitude_m
        return Snap(edge, float(min(1.0, along)), at, float(off[best]))


def polylines(graph: RoadGraph) -> tuple[Any, Any, Any]:
    """All edges with both ends and their corners in a row; edge `i` at `start[i]:start[i + 1]`."""
    corners = np.diff(graph.shape_start)
    start = np.concatenate([[0], np.cumsum(corners + 2)])
    inner = np.ones(start[-1], dtype=np.bool_)
    inner[start[:-1]] = inner[start[1:] - 1] = False
    lines = []
    for of_node, of_corner in ((graph.lat_e7, graph.shape_lat_e7), (graph.lon_e7, graph.shape_lon_e7)):
        line = np.empty(start[-1], dtype=np.int32)
        line[start[:-1]], line[start[1:] - 1] = of_node[graph.edge_from], of_node[graph.edge_to]
        line[inner] = of_corner
        lines.append(line)
    return start, lines[0], lines[1]
