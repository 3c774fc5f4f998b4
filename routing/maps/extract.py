"""Roads, barriers and turn restrictions of an OpenStreetMap extract, read in two passes."""
from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from routing.maps.errors import MapError
from routing.maps.profile import RESTRICTION_FOR_CARS, Road, Turn, blocks, road_of, turn_of

Progress = Callable[[str, int], None]  # what is done, and how many so far
TOLD_EVERY = 20_000
MAGIC = b"\x0a\x09OSMHeader"
LARGEST_HEADER = 64 * 1024
NODE, WAY, RELATION = osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """No turn, or only this turn, from a way over a node into a way; all are OSM's numbers."""

    turn: Turn
    u_turn: bool
    from_ways: tuple[int, ...]
    via_node: int
    to_ways: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Extract:
    """What was read. `refs` are the nodes of all ways in a row, way `i` at `starts[i]:starts[i + 1]`, of the kind
    `kinds[kind_of[i]]`. Nodes are sorted by number; `lat_e7` and `lon_e7` are tenths of millionths of a degree."""

    way_ids: Any
    starts: Any
    kind_of: Any
    kinds: tuple[Road, ...]
    refs: Any
    node_ids: Any
    lat_e7: Any
    lon_e7: Any
    blocked: frozenset[int]
    restrictions: tuple[Restriction, ...]
    ignored: Counter[str]
    data_date: str


@dataclass(kw_only=True)
class _Ways:
    ids: array[int] = field(default_factory=lambda: array("q"))
    starts: array[int] = field(default_factory=lambda: array("q", [0]))
    kind_of: array[int] = field(default_factory=lambda: array("i"))
    refs: array[int] = field(default_factory=lambda: array("q"))
    kinds: dict[Road, int] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def read_extract(path: Path, progress: Progress | None = None) -> Extract:
    """Read what a van may drive on. MapError for a file that is no whole extract or holds no road."""
    tell = progress or (lambda _what, _count: None)
    _check_header(path)
    try:
        ways = _read_ways(path, tell)
        if not len(ways.ids):
            raise MapError("there is no road in it")
        needed = np.unique(np.array(ways.refs, dtype=np.int64))
        nodes, lat, lon, blocked = _read_nodes(path, needed.tolist(), tell)
        header = osmium.FileProcessor(_file(path), NODE).header
        date = header.get("osmosis_replication_timestamp")[:10]
    except (RuntimeError, OSError) as error:  # osmium's own errors carry no type
        raise MapError(f"it is no whole extract: {_line(error)}") from error
    order = np.argsort(nodes, kind="stable")
    return Extract(
        way_ids=np.array(ways.ids, dtype=np.int64), starts=np.array(ways.starts, dtype=np.int64),
        kind_of=np.array(ways.kind_of, dtype=np.int32), kinds=tuple(ways.kinds),
        refs=np.array(ways.refs, dtype=np.int64), node_ids=nodes[order], lat_e7=lat[order], lon_e7=lon[order],
        blocked=frozenset(blocked), restrictions=tuple(ways.restrictions), ignored=ways.ignored, data_date=date)


def _file(path: Path) -> Any:
    return osmium.io.File(str(path), "pbf")


def _check_header(path: Path) -> None:
    """Tell a wrong file from a broken one before anything is read."""
    try:
        with path.open("rb") as file:
            start = file.read(4 + len(MAGIC))
    except OSError as error:
        raise MapError((error.strerror or str(error)).lower()) from error
    if not start:
        raise MapError("it is empty")
    if start[4:] != MAGIC or int.from_bytes(start[:4], "big") > LARGEST_HEADER:
        raise MapError("it is no .osm.pbf file")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _read_ways(path: Path, tell: Progress) -> _Ways:
    found = _Ways()
    wanted = osmium.filter.KeyFilter("highway", *RESTRICTION_FOR_CARS, "restriction:conditional")
    reader: Iterable[Any] = osmium.FileProcessor(_file(path), WAY | RELATION).with_filter(wanted)
    for number, thing in enumerate(reader):
        if number % TOLD_EVERY == 0:
            tell("reading roads", len(found.ids))
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_way():
            road = road_of(tags)
            if road is not None:
                found.ids.append(thing.id)
                found.kind_of.append(found.kinds.setdefault(road, len(found.kinds)))
                found.refs.extend(node.ref for node in thing.nodes)
                found.starts.append(len(found.refs))
        elif tags.get("type", "").startswith("restriction"):
            _keep_restriction(found, tags, thing.members)
    tell("reading roads", len(found.ids))
    return found


def _keep_restriction(found: _Ways, tags: Mapping[str, str], members: Iterable[Any]) -> None:
    """Keep a restriction over one node; count the others by why they are not kept."""
    said = turn_of(tags)
    if said is None:
        found.ignored["of some hours only" if "restriction:conditional" in tags else "not for vans"] += 1
        return
    by_role: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
    for member in members:
        if member.role in by_role:
            by_role[member.role].append((member.type, member.ref))
    turn, word = said
    sources, targets = _ways_of(by_role["from"]), _ways_of(by_role["to"])
    if [kind for kind, _ in by_role["via"]] != ["n"]:
        found.ignored["over a way"] += 1
    elif not sources or not targets:
        found.ignored["not whole"] += 1
    else:
        found.restrictions.append(Restriction(turn=turn, u_turn=word.endswith("u_turn"), from_ways=sources,
                                              via_node=by_role["via"][0][1], to_ways=targets))


def _ways_of(members: Iterable[tuple[str, int]]) -> tuple[int, ...]:
    return tuple(ref for kind, ref in members if kind == "w")


def _read_nodes(path: Path, needed: list[int], tell: Progress) -> tuple[Any, Any, Any, set[int]]:
    ids, lats, lons, blocked = array("q"), array("i"), array("i"), set()
    reader: Iterable[Any] = osmium.FileProcessor(_file(path), NODE).with_filter(osmium.filter.IdFilter(needed))
    for number, node in enumerate(reader):
        if number % TOLD_EVERY == 0:
            tell("reading corners", number)
        if not node.location.valid():
            continue
        ids.append(node.id)
        lons.append(node.location.x)
        lats.append(node.location.y)
        if len(node.tags) and blocks({tag.k: tag.v for tag in node.tags}):
            blocked.add(node.id)
    tell("reading corners", len(ids))
    return np.array(ids, dtype=np.int64), np.array(lats, dtype=np.int32), np.array(lons, dtype=np.int32), blocked
