"""Turn restrictions between ways, made into pairs of arcs that may not follow each other."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from routing.maps.extract import Restriction
from routing.maps.graph import BACKWARD, FORWARD
from routing.maps.profile import Turn

Arc = tuple[int, int]  # its number and the way it touches the junction with


def banned_pairs(restrictions: Sequence[Restriction], edges: Mapping[str, Any], vertex_id: Any,
                 ) -> tuple[Any, Counter[str]]:
    """Pairs of arcs, arriving and leaving, that a restriction forbids; and how many restrictions found no road."""
    wanted = np.array(sorted({restriction.via_node for restriction in restrictions}), dtype=np.int64)
    at = _arcs_at(edges, vertex_id, wanted)
    pairs: set[tuple[int, int]] = set()
    ignored: Counter[str] = Counter()
    for restriction in restrictions:
        arriving, leaving = at.get(restriction.via_node, ([], []))
        from_arcs = [arc for arc, way in arriving if way in restriction.from_ways]
        to_arcs = {arc for arc, way in leaving if way in restriction.to_ways}
        if not from_arcs or not to_arcs:
            ignored["on no road of the map"] += 1
            continue
        pairs |= _forbidden(restriction, from_arcs, to_arcs, [arc for arc, _ in leaving])
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2), ignored


def _forbidden(restriction: Restriction, from_arcs: list[int], to_arcs: set[int], leaving: list[int],
               ) -> set[tuple[int, int]]:
    found = set()
    for arrives in from_arcs:
        back = arrives ^ 1
        if restriction.turn is Turn.ONLY:
            # On a way that runs through the junction the way back is not what is meant.
            ahead = to_arcs - {back} or to_arcs
            found |= {(arrives, leaves) for leaves in leaving if leaves not in ahead}
        elif restriction.u_turn:
            same = to_arcs & {back} or to_arcs
            found |= {(arrives, leaves) for leaves in same}
        else:
            found |= {(arrives, leaves) for leaves in to_arcs - {back}}
    return found


def _arcs_at(edges: Mapping[str, Any], vertex_id: Any, wanted: Any) -> dict[int, tuple[list[Arc], list[Arc]]]:
    """Arcs that arrive at and leave the junctions of these numbers."""
    found: dict[int, tuple[list[Arc], list[Arc]]] = defaultdict(lambda: ([], []))
    for end, way, here, arrives in (("edge_from", "first_way", FORWARD, BACKWARD),
                                    ("edge_to", "last_way", BACKWARD, FORWARD)):
        touching = np.flatnonzero(np.isin(vertex_id[edges[end]], wanted))
        out = 0 if here == FORWARD else 1
        for edge in touching.tolist():
            junction, flags = int(vertex_id[edges[end][edge]]), int(edges["edge_flags"][edge])
            if flags & arrives:
                found[junction][0].append((2 * edge + 1 - out, int(edges[way][edge])))
            if flags & here:
                found[junction][1].append((2 * edge + out, int(edges[way][edge])))
    return found
