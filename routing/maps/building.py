"""From an extract to the compact graph: cut to a box, chains of corners made one road, only what hangs together."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from routing.maps.errors import MapError
from routing.maps.extract import Extract
from routing.maps.geometry import metres_between
from routing.maps.graph import BACKWARD, E7, FORWARD, HOUSES, MAIN, Bbox
from routing.maps.network import arcs_of
from routing.maps.profile import JUNCTION_MS, Road
from routing.maps.turns import banned_pairs

Edge = list[tuple[int, bool]]  # segments in order; True where one is taken against its own direction


@dataclass(frozen=True, kw_only=True, eq=False)
class Segments:
    """Straight pieces of road from vertex `a` to vertex `b`, with the kind and the way they belong to."""

    a: Any
    b: Any
    kind: Any
    way: Any
    vertex_id: Any  # OSM's number of each vertex
    lat_e7: Any
    lon_e7: Any
    metres: Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Built:
    """The arrays of a RoadGraph, and what was left out of the restrictions."""

    arrays: Mapping[str, Any]
    restrictions: int
    ignored: Counter[str]


def build(extract: Extract, bbox: Bbox, top_speed_kmh: float) -> Built:
    """The largest part of the roads in the box in which every place can be reached from every other one.

    MapError where there is none.
    """
    segments = _segments(extract, bbox)
    if not len(segments.a):
        raise MapError("no road of it lies inside the area")
    via = {restriction.via_node for restriction in extract.restrictions}
    chains = _chains(segments, extract.kinds, via)
    edges = _edges(segments, chains, extract.kinds, top_speed_kmh)
    pairs, ignored = banned_pairs(extract.restrictions, edges, segments.vertex_id)
    arrays = _connected({**edges, "turns": pairs})
    if not len(arrays["edge_from"]):
        raise MapError("its roads inside the area do not hang together")
    return Built(arrays=arrays, restrictions=len(arrays["turns"]), ignored=extract.ignored + ignored)


def _segments(extract: Extract, bbox: Bbox) -> Segments:
    """Neighbouring nodes of a way that both lie in the box; a barrier ends the road on either side of it."""
    south, west, north, east = (round(value * E7) for value in bbox)
    inside = ((extract.lat_e7 >= south) & (extract.lat_e7 <= north)
              & (extract.lon_e7 >= west) & (extract.lon_e7 <= east))
    place = np.minimum(np.searchsorted(extract.node_ids, extract.refs), max(len(extract.node_ids) - 1, 0))
    known = (extract.node_ids[place] == extract.refs) & inside[place] if len(extract.node_ids) else np.zeros(0, bool)
    way = np.repeat(np.arange(len(extract.way_ids)), np.diff(extract.starts))
    joined = known[:-1] & known[1:] & (way[:-1] == way[1:]) & (place[:-1] != place[1:])
    a, b, way = place[:-1][joined], place[1:][joined], way[:-1][joined]
    a, b, origin = _cut_at_barriers(a, b, np.isin(extract.node_ids, list(extract.blocked)))
    lat, lon = extract.lat_e7[origin], extract.lon_e7[origin]
    return Segments(a=a, b=b, kind=extract.kind_of[way], way=extract.way_ids[way],
                    vertex_id=np.where(np.arange(len(origin)) < len(extract.node_ids), extract.node_ids[origin], -1),
                    lat_e7=lat, lon_e7=lon, metres=metres_between(lat[a], lon[a], lat[b], lon[b]))


def _cut_at_barriers(a: Any, b: Any, blocked: Any) -> tuple[Any, Any, Any]:
    """Give each piece that ends at a barrier an end of its own; `origin` says which node a vertex was."""
    ends = np.concatenate([a, b])
    cut = np.flatnonzero(blocked[ends])
    origin = np.concatenate([np.arange(len(blocked)), ends[cut]])
    ends[cut] = len(blocked) + np.arange(len(cut))
    return ends[:len(a)], ends[len(a):], origin


def _chains(segments: Segments, kinds: tuple[Road, ...], via: set[int]) -> list[Edge]:
    """Segments that follow each other without a choice and without a change, in the order they are driven."""
    a, b, kind = segments.a.tolist(), segments.b.tolist(), segments.kind.tolist()
    number = len(segments.vertex_id)
    order = np.argsort(np.concatenate([segments.a, segments.b]), kind="stable")
    ends = (order % len(a)).tolist()
    start = np.zeros(number + 1, dtype=np.int64)
    np.cumsum(np.bincount(np.concatenate([segments.a, segments.b]), minlength=number), out=start[1:])
    starts = start.tolist()
    plain = [(road.speed_kmh, road.junctions, road.houses, road.main) for road in kinds]
    through = bytearray(number)
    for vertex in np.flatnonzero(np.diff(start) == 2).tolist():
        one, two = ends[starts[vertex]], ends[starts[vertex] + 1]
        if one == two or plain[kind[one]] != plain[kind[two]]:
            continue
        first, second = kinds[kind[one]], kinds[kind[two]]
        into, away = _flows(first, b[one] == vertex), _flows(second, a[two] == vertex)
        through[vertex] = into == away
    for vertex in np.flatnonzero(np.isin(segments.vertex_id, list(via))).tolist():
        through[vertex] = False
    return _walked(a, b, ends, starts, through)


def _flows(road: Road, along: bool) -> tuple[bool, bool]:
    """Whether it may be driven in the direction looked at, and against it."""
    return (road.forward, road.backward) if along else (road.backward, road.forward)


def _walked(a: list[int], b: list[int], ends: list[int], starts: list[int], through: bytearray) -> list[Edge]:
    used = bytearray(len(a))
    chains: list[Edge] = []

    def walk(vertex: int, segment: int) -> None:
        chain: Edge = []
        while not used[segment]:
            used[segment] = True
            against = b[segment] == vertex
            chain.append((segment, against))
            vertex = a[segment] if against else b[segment]
            if not through[vertex]:
                break
            one, two = ends[starts[vertex]], ends[starts[vertex] + 1]
            segment = two if one == segment else one
        chains.append(chain)

    for segment in range(len(a)):
        for vertex in (a[segment], b[segment]):
            if not through[vertex] and not used[segment]:
                walk(vertex, segment)
    for segment in range(len(a)):  # what is left are rings that nothing else meets
        if not used[segment]:
            walk(a[segment], segment)
    return chains


def _edges(segments: Segments, chains: list[Edge], kinds: tuple[Road, ...], top_speed_kmh: float) -> dict[str, Any]:
    """One edge for each chain, its ends renumbered later; `first_way` and `last_way` are for the turns."""
    count = np.array([len(chain) for chain in chains], dtype=np.int64)
    start = np.zeros(len(chains) + 1, dtype=np.int64)
    np.cumsum(count, out=start[1:])
    flat = np.array([segment for chain in chains for segment, _ in chain], dtype=np.int64)
    against = np.array([turned for chain in chains for _, turned in chain], dtype=np.bool_)
    tail = np.where(against, segments.b[flat], segments.a[flat])
    head = np.where(against, segments.a[flat], segments.b[flat])
    first, last = start[:-1], start[1:] - 1
    kind = segments.kind[flat[first]]
    turned = against[first]
    forward = np.array([road.forward for road in kinds], dtype=np.bool_)[kind]
    backward = np.array([road.backward for road in kinds], dtype=np.bool_)[kind]
    shown = np.array([HOUSES * road.houses | MAIN * road.main for road in kinds], dtype=np.uint8)[kind]
    speed = np.minimum(np.array([road.speed_kmh for road in kinds]), top_speed_kmh)[kind]
    metres = np.add.reduceat(segments.metres[flat], first)
    edge_from, edge_to = tail[first], head[last]
    lost = _lost_ms(edge_from, edge_to, np.array([road.junctions for road in kinds], dtype=np.bool_)[kind],
                    len(segments.vertex_id))
    inner = np.ones(len(flat), dtype=np.bool_)
    inner[first] = False
    return {
        "lat_e7": segments.lat_e7, "lon_e7": segments.lon_e7, "edge_from": edge_from, "edge_to": edge_to,
        "edge_ms": np.maximum(1, np.rint(metres * 3600 / speed + lost)).astype(np.int32),
        "edge_dm": np.rint(metres * 10).astype(np.int32),
        "edge_flags": (np.where(np.where(turned, backward, forward), FORWARD, 0)
                       | np.where(np.where(turned, forward, backward), BACKWARD, 0)
                       | shown).astype(np.uint8),
        "shape_start": start - np.arange(len(start)), "shape_lat_e7": segments.lat_e7[tail[inner]],
        "shape_lon_e7": segments.lon_e7[tail[inner]],
        "first_way": segments.way[flat[first]], "last_way": segments.way[flat[last]]}


def _lost_ms(edge_from: Any, edge_to: Any, loses: Any, vertices: int) -> Any:
    """Half of what a junction costs for each end where at least three roads meet."""
    degree = np.bincount(np.concatenate([edge_from, edge_to]), minlength=vertices)
    return loses * ((degree[edge_from] > 2).astype(np.int64) + (degree[edge_to] > 2)) * JUNCTION_MS / 2


def _connected(edges: dict[str, Any]) -> dict[str, Any]:
    """Keep the arcs of the largest strongly connected part, turns heeded, and number its junctions anew."""
    arcs = arcs_of(edges["edge_from"], edges["edge_to"], edges["edge_flags"], edges["turns"], len(edges["lat_e7"]))
    links = csr_array((np.ones(len(arcs.tail), dtype=np.int8), (arcs.tail, arcs.head)), shape=(arcs.nodes, arcs.nodes))
    _, label = connected_components(links, directed=True, connection="strong")
    within = label[arcs.tail] == label[arcs.head]
    weight = np.bincount(label[arcs.tail[within]], minlength=1)
    kept = np.unique(arcs.arc[within & (label[arcs.tail] == weight.argmax())]) if within.any() else arcs.arc[:0]
    flags = edges["edge_flags"] & (HOUSES | MAIN)
    flags[kept[kept % 2 == 0] // 2] |= FORWARD
    flags[kept[kept % 2 == 1] // 2] |= BACKWARD
    stays = (flags & (FORWARD | BACKWARD)) > 0
    number = np.cumsum(stays) - 1
    used, ends = np.unique(np.concatenate([edges["edge_from"][stays], edges["edge_to"][stays]]), return_inverse=True)
    corners = np.diff(edges["shape_start"])
    of_corner = np.repeat(stays, corners)
    turns = edges["turns"][np.isin(edges["turns"], kept).all(axis=1)]
    return {
        "lat_e7": edges["lat_e7"][used], "lon_e7": edges["lon_e7"][used],
        "edge_from": ends[:stays.sum()].astype(np.int32), "edge_to": ends[stays.sum():].astype(np.int32),
        "edge_ms": edges["edge_ms"][stays], "edge_dm": edges["edge_dm"][stays], "edge_flags": flags[stays],
        "shape_start": np.concatenate([[0], np.cumsum(corners[stays])]).astype(np.int64),
        "shape_lat_e7": edges["shape_lat_e7"][of_corner], "shape_lon_e7": edges["shape_lon_e7"][of_corner],
        "turns": (2 * number[turns // 2] + turns % 2).astype(np.int32)}
