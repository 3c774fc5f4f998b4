"""The graph as a search sees it: junctions with forbidden turns stand for themselves once more.

A road that may not be left freely at its end leads to a copy of the junction, which has only the permitted ways out.
An ordinary search over nodes then heeds the restriction.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.maps.graph import BACKWARD, FORWARD


@dataclass(frozen=True, kw_only=True, eq=False)
class Arcs:
    """Directed roads between `nodes` nodes. `head_of_arc[arc]` is where an arc leads, -1 where it may not be driven;
    the same arc may begin at several nodes. `origin` says which junction a node is."""

    nodes: int
    arc: Any
    tail: Any
    head: Any
    head_of_arc: Any
    origin: Any


def arcs_of(edge_from: Any, edge_to: Any, edge_flags: Any, turns: Any, junctions: int) -> Arcs:
    """Every arc from each node where it may begin, forbidden `turns` heeded."""
    head_of_arc = np.full(2 * len(edge_from), -1, dtype=np.int64)
    forward, backward = np.flatnonzero(edge_flags & FORWARD), np.flatnonzero(edge_flags & BACKWARD)
    head_of_arc[2 * forward] = edge_to[forward]
    head_of_arc[2 * backward + 1] = edge_from[backward]
    tail_of_arc = np.empty_like(head_of_arc)
    tail_of_arc[0::2], tail_of_arc[1::2] = edge_from, edge_to
    banned: dict[int, set[int]] = {}
    for arrives, leaves in turns.tolist():
        if head_of_arc[arrives] >= 0:
            banned.setdefault(arrives, set()).add(leaves)
    base = np.flatnonzero(head_of_arc >= 0)
    copies: dict[tuple[int, frozenset[int]], int] = {}
    for arrives, forbidden in banned.items():
        key = int(head_of_arc[arrives]), frozenset(forbidden)
        head_of_arc[arrives] = copies.setdefault(key, junctions + len(copies))
    order = base[np.argsort(tail_of_arc[base], kind="stable")]
    first = np.searchsorted(tail_of_arc[order], np.arange(junctions + 1))
    arcs, tails = [base], [tail_of_arc[base]]
    for (junction, forbidden_there), copy in copies.items():
        free = order[first[junction]:first[junction + 1]]
        free = free[~np.isin(free, list(forbidden_there))]
        arcs.append(free)
        tails.append(np.full(len(free), copy, dtype=np.int64))
    arc = np.concatenate(arcs)
    return Arcs(nodes=junctions + len(copies), arc=arc, tail=np.concatenate(tails), head=head_of_arc[arc],
                head_of_arc=head_of_arc,
                origin=np.concatenate([np.arange(junctions), np.array([key[0] for key in copies], dtype=np.int64)]))
