"""The road graph made ready for searches, and how a place is joined to it."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from routing.maps.graph import RoadGraph
from routing.maps.network import Arcs, arcs_of
from routing.maps.snapping import Point, Snap, Snapper

# A weight is milliseconds and tenths of a metre in one number: a search by time sums up the way's length as well, and
# takes the shorter of two ways that take equally long. All sums stay whole numbers below 2**53.
UNIT = 1 << 26  # tenths of a metre below: 6,700 km
AT_JUNCTION_DM = 50  # so near to a junction a van stands at it, on whichever of its roads


@dataclass(frozen=True, slots=True)
class Ends:
    """Where one gets to from a place (or comes from to it): nodes, and the weight of the way between. `to_end`: it is
    the end of its road, not the beginning, that lies between."""

    nodes: tuple[int, ...]
    weights: tuple[int, ...]
    to_end: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """A place joined to its road."""

    point: Point
    snap: Snap
    leaves: Ends
    enters: Ends


class Network:
    """A road graph made ready for searches. Reading only, so threads may share it."""

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self.arcs: Arcs = arcs_of(graph.edge_from, graph.edge_to, graph.edge_flags, graph.turns, graph.nodes)
        arcs = self.arcs
        weight = (graph.edge_ms.astype(np.int64) * UNIT + graph.edge_dm)[arcs.arc // 2]
        order = np.lexsort((weight, arcs.head, arcs.tail))
        lone = np.ones(len(order), dtype=np.bool_)  # of roads between the same two nodes the quickest
        lone[1:] = (np.diff(arcs.tail[order]) != 0) | (np.diff(arcs.head[order]) != 0)
        self.order = order[lone]
        self.forward = _matrix(arcs.tail[self.order], arcs.head[self.order], weight[self.order], arcs.nodes)
        self.backward = self.forward.T.tocsr()
        by_arc = np.argsort(arcs.arc, kind="stable")
        self._tails = arcs.tail[by_arc]
        self._first_tail = np.searchsorted(arcs.arc[by_arc], np.arange(2 * graph.edges + 1))
        self._copies: dict[int, list[int]] = {}
        for copy in range(graph.nodes, arcs.nodes):
            self._copies.setdefault(int(arcs.origin[copy]), []).append(copy)
        self.snapper = Snapper(graph)

    def joined(self, point: Point) -> Joined | None:
        """The place with its ways to and from the network; None outside the map."""
        snap, graph = self.snapper.snap(point), self.graph
        if snap is None:
            return None
        leaves: list[tuple[int, int, bool]] = []
        enters: list[tuple[int, int, bool]] = []
        for arc in (2 * snap.edge, 2 * snap.edge + 1):
            head, along = int(self.arcs.head_of_arc[arc]), arc % 2 == 0
            if head < 0:
                continue
            share = snap.along if along else 1 - snap.along
            leaves.append((head, self.part(snap.edge, 1 - share), along))
            enters += [(int(tail), self.part(snap.edge, share), not along)
                       for tail in self._tails[self._first_tail[arc]:self._first_tail[arc + 1]]]
        for junction, share, end in ((int(graph.edge_from[snap.edge]), snap.along, False),
                                     (int(graph.edge_to[snap.edge]), 1 - snap.along, True)):
            if share * graph.edge_dm[snap.edge] <= AT_JUNCTION_DM:  # every road there begins at its door
                weight = self.part(snap.edge, share)
                leaves.append((junction, weight, end))
                enters += [(node, weight, end) for node in (junction, *self._copies.get(junction, ()))]
        return Joined(point, snap, _ends(leaves), _ends(enters))

    def part(self, edge: int, share: float) -> int:
        """The weight of a share of an edge."""
        return round(share * int(self.graph.edge_ms[edge])) * UNIT + round(share * int(self.graph.edge_dm[edge]))

    def direct(self, origin: Joined, end: Joined) -> int | None:
        """The weight of the way along the road both lie at, where it may be driven so."""
        if origin.snap.edge != end.snap.edge:
            return None
        share = end.snap.along - origin.snap.along
        arc = 2 * origin.snap.edge + (share < 0)
        if self.arcs.head_of_arc[arc] < 0 and not (share == 0 and self.arcs.head_of_arc[arc ^ 1] >= 0):
            return None
        return self.part(origin.snap.edge, abs(share))


def _ends(found: list[tuple[int, int, bool]]) -> Ends:
    best: dict[int, tuple[int, bool]] = {}
    for node, weight, to_end in found:
        best[node] = min((weight, to_end), best.get(node, (weight, to_end)))
    return Ends(tuple(best), tuple(weight for weight, _ in best.values()), tuple(end for _, end in best.values()))


def _matrix(tail: Any, head: Any, weight: Any, nodes: int) -> Any:
    start = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes), out=start[1:])
    return csr_array((weight.astype(np.float64), head.astype(np.int32), start), shape=(nodes, nodes))


def with_starts(matrix: Any, starts: Sequence[Ends]) -> Any:
    """The network and one more node for each start, from which it leads to its ends."""
    nodes = matrix.shape[0]
    counts = np.cumsum([len(start.nodes) for start in starts])
    larger = nodes + len(starts)
    return csr_array(
        (np.concatenate([matrix.data, [float(weight) for start in starts for weight in start.weights]]),
         np.concatenate([matrix.indices, np.array([node for start in starts for node in start.nodes], dtype=np.int32)]),
         np.concatenate([matrix.indptr, (len(matrix.data) + counts).astype(np.int32)])), shape=(larger, larger))
