"""Tiny towns written as .osm.pbf files: corners in metres from a point in Ljubljana, streets between them."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import osmium

from routing.maps.geometry import METRES_PER_DEGREE
from routing.maps.graph import RoadGraph
from routing.maps.importing import build_graph
from routing.travel_times.base import Point

LAT, LON = 46.05, 14.5
COS = math.cos(math.radians(LAT))
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FIVE_M_S = {"highway": "service", "maxspeed": "18"}  # 5 m/s and nothing lost at junctions


def place(east_m: float, north_m: float) -> Point:
    """The coordinate so many metres from the corner of the town."""
    return LAT + north_m / METRES_PER_DEGREE, LON + east_m / METRES_PER_DEGREE / COS


@dataclass
class Town:
    """Corners by letter, streets as words of letters; numbers are given in the order things are added."""

    corners: Mapping[str, tuple[float, float]]
    tags_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ways: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    turns: list[tuple[Sequence[tuple[str, int, str]], Mapping[str, str]]] = field(default_factory=list)

    def street(self, corners: str, **tags: str) -> int:
        """Add a street through these corners and return its number."""
        self.ways.append((corners, {**FIVE_M_S, **{key.replace("__", ":"): value for key, value in tags.items()}}))
        return len(self.ways)

    def turn(self, rule: str, from_way: int, via: str, to_way: int, **tags: str) -> None:
        """Forbid or command a turn."""
        self.turns.append(([("w", from_way, "from"), ("n", self.number(via), "via"), ("w", to_way, "to")],
                           {"type": "restriction", "restriction": rule, **tags}))

    def number(self, corner: str) -> int:
        """OSM's number of a corner."""
        return list(self.corners).index(corner) + 1

    def write(self, path: Path) -> Path:
        """Write the extract."""
        writer = osmium.SimpleWriter(str(path), overwrite=True)
        for letter, metres in self.corners.items():
            lat, lon = place(*metres)
            writer.add_node(osmium.osm.mutable.Node(id=self.number(letter), location=(lon, lat), version=1,
                                                    tags=dict(self.tags_of.get(letter, {}))))
        for number, (corners, tags) in enumerate(self.ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=[self.number(letter) for letter in corners],
                                                  tags=dict(tags), version=1))
        for number, (members, tags) in enumerate(self.turns, start=1):
            writer.add_relation(osmium.osm.mutable.Relation(id=number, members=list(members), tags=dict(tags),
                                                            version=1))
        writer.close()
        return path

    def graph(self, folder: Path) -> RoadGraph:
        """The town's road graph."""
        return build_graph(self.write(folder / "town.osm.pbf"), now=NOW)
