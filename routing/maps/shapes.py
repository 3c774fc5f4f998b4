"""How the quickest way runs, for drawing: polylines along the road, simplified and encoded."""
from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse.csgraph import dijkstra

from routing.maps.geometry import METRES_PER_DEGREE
from routing.maps.graph import E7
from routing.maps.roads import Joined, Network, with_starts
from routing.maps.snapping import Point

NOTICEABLE_M = 5.0  # a bend smaller than that is left out
DECIMALS = 5
SAME_PLACE_DEG = 1e-6


def way_between(network: Network, origin: Joined, end: Joined, reach: float) -> list[Point] | None:
    """The corners of the quickest way from place to place, both included; None where there is none.

    The search looks as far as `reach` at first (a weight), and then at the whole network.
    """
    direct = network.direct(origin, end)
    larger = with_starts(network.forward, [origin.leaves])
    start = network.forward.shape[0]
    entering = np.array(end.enters.nodes, dtype=np.int64)
    for limit in (reach, np.inf):
        weights, before = dijkstra(larger, indices=start, limit=limit, return_predecessors=True)
        total = weights[entering] + np.array(end.enters.weights, dtype=np.float64)
        if np.isfinite(total).any() or direct is not None:
            break
    best = int(total.argmin())
    if direct is not None and direct <= total[best]:
        return _joined_up(origin, _between(network, origin.snap.edge, origin.snap.along, end.snap.along), end)
    if not np.isfinite(total[best]):
        return None
    nodes = [int(entering[best])]
    while (node := int(before[nodes[-1]])) != start:
        nodes.append(node)
    nodes.reverse()
    leaves = origin.leaves.to_end[origin.leaves.nodes.index(nodes[0])]
    points = _between(network, origin.snap.edge, origin.snap.along, float(leaves))
    for tail, head in pairwise(nodes):
        points += _along(network, tail, head)
    points += _between(network, end.snap.edge, float(end.enters.to_end[best]), end.snap.along)
    return _joined_up(origin, points, end)


def _joined_up(origin: Joined, road: list[Point], end: Joined) -> list[Point]:
    """From door to door, no corner twice in a row."""
    found = [origin.point]
    for point in (*road, end.point):
        if max(abs(point[0] - found[-1][0]), abs(point[1] - found[-1][1])) > SAME_PLACE_DEG:
            found.append(point)
    return found if len(found) > 1 else [origin.point, end.point]


def _line(network: Network, edge: int) -> Any:
    """The corners of a road as rows of latitude and longitude."""
    graph = network.graph
    inner = slice(graph.shape_start[edge], graph.shape_start[edge + 1])
    ends = [graph.edge_from[edge]], [graph.edge_to[edge]]
    return np.column_stack([
        np.concatenate([of_node[ends[0]], of_corner[inner], of_node[ends[1]]])
        for of_node, of_corner in ((graph.lat_e7, graph.shape_lat_e7), (graph.lon_e7, graph.shape_lon_e7))]) / E7


def _along(network: Network, tail: int, head: int) -> list[Point]:
    """The corners of the quickest road between two nodes."""
    links = network.forward
    first, last = links.indptr[tail], links.indptr[tail + 1]
    place = first + int(np.flatnonzero(links.indices[first:last] == head)[0])
    arc = int(network.arcs.arc[network.order[place]])
    line = _line(network, arc // 2)
    return _points(line if arc % 2 == 0 else line[::-1])


def _between(network: Network, edge: int, one: float, two: float) -> list[Point]:
    """The part of a road between two shares of its length, in that direction."""
    line = _line(network, edge)
    low, high = min(one, two), max(one, two)
    scale = np.array([1.0, math.cos(math.radians(line[0, 0]))])
    travelled = np.concatenate([[0.0], np.cumsum(np.hypot(*(np.diff(line, axis=0) * scale).T))])
    travelled /= max(travelled[-1], 1e-12)
    inner = line[(travelled > low) & (travelled < high)]
    ends = [[np.interp(share, travelled, line[:, 0]), np.interp(share, travelled, line[:, 1])] for share in (low, high)]
    part = np.concatenate([ends[:1], inner, ends[1:]])
    return _points(part if one <= two else part[::-1])


def _points(rows: Any) -> list[Point]:
    return [(lat, lon) for lat, lon in rows.tolist()]


def simplified(points: Sequence[Point], noticeable_m: float = NOTICEABLE_M) -> list[Point]:
    """Fewer corners, none of the others further off than that (Douglas and Peucker), rounded to about a metre."""
    if not points:
        return []
    scale = math.cos(math.radians(points[0][0])) * METRES_PER_DEGREE
    plane = [(lat * METRES_PER_DEGREE, lon * scale) for lat, lon in points]
    kept = {0, len(points) - 1}
    open_parts = [(0, len(points) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        worst, place = noticeable_m, 0
        for number in range(first + 1, last):
            off = _off_line(plane[number], plane[first], plane[last])
            if off > worst:
                worst, place = off, number
        if place:
            kept.add(place)
            open_parts += [(first, place), (place, last)]
    return [(round(points[number][0], DECIMALS), round(points[number][1], DECIMALS)) for number in sorted(kept)]


def _off_line(point: Point, one: Point, two: Point) -> float:
    """How far a point lies from the straight line between two others."""
    north, east = two[0] - one[0], two[1] - one[1]
    length = north * north + east * east
    share = 0.0
    if length:
        share = min(1.0, max(0.0, ((point[0] - one[0]) * north + (point[1] - one[1]) * east) / length))
    return math.hypot(point[0] - one[0] - share * north, point[1] - one[1] - share * east)


def encoded(points: Sequence[Point]) -> str:
    """The polyline in Google's encoding with five decimals: about five characters a corner."""
    text, before = [], (0, 0)
    for lat, lon in points:
        here = round(lat * 10**DECIMALS), round(lon * 10**DECIMALS)
        for value in (here[0] - before[0], here[1] - before[1]):
            rest = ~(value << 1) if value < 0 else value << 1
            while rest >= 0x20:
                text.append(chr((0x20 | (rest & 0x1F)) + 63))
                rest >>= 5
            text.append(chr(rest + 63))
        before = here
    return "".join(text)
