"""The main roads as a quiet ground for maps without tiles."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from routing.maps.graph import E7, MAIN, RoadGraph
from routing.maps.shapes import encoded, simplified
from routing.maps.snapping import Point, polylines

ROUGH_M = 15.0


def main_lines(graph: RoadGraph) -> list[str]:
    """Encoded polylines of the main roads, joined where they go on without a choice."""
    start, lat, lon = polylines(graph)
    corners = np.column_stack([lat, lon]) / E7
    lines = []
    for edges in _chains(graph):
        points: list[Point] = []
        for edge, against in edges:
            part = corners[start[edge]:start[edge + 1]]
            piece = [(north, east) for north, east in (part[::-1] if against else part).tolist()]
            points += piece[1:] if points else piece
        lines.append(encoded(simplified(points, ROUGH_M)))
    return lines


def _chains(graph: RoadGraph) -> Iterator[list[tuple[int, bool]]]:
    """Main roads one after the other; True where one is drawn against its own direction."""
    main = np.flatnonzero(graph.edge_flags & MAIN).tolist()
    begin, end = graph.edge_from.tolist(), graph.edge_to.tolist()
    at: dict[int, list[int]] = {}
    for edge in main:
        at.setdefault(begin[edge], []).append(edge)
        at.setdefault(end[edge], []).append(edge)
    used: set[int] = set()
    ends_first = sorted(main, key=lambda edge: len(at[begin[edge]]) == 2 and len(at[end[edge]]) == 2)
    for first in ends_first:
        if first in used:
            continue
        edge, against = first, len(at[begin[first]]) == 2 and len(at[end[first]]) != 2
        chain: list[tuple[int, bool]] = []
        while edge not in used:
            used.add(edge)
            chain.append((edge, against))
            node = begin[edge] if against else end[edge]
            following = [other for other in at[node] if other != edge]
            if len(at[node]) != 2 or not following:
                break
            edge = following[0]
            against = begin[edge] != node
        yield chain
