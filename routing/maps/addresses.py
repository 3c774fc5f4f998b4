"""House numbers of an OpenStreetMap extract (© OpenStreetMap contributors, ODbL)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import osmium

Bbox = tuple[float, float, float, float]  # south, west, north, east


@dataclass(frozen=True, kw_only=True)
class AddressPoint:
    """One tagged house; what a tag does not say is empty. A village without streets stands in `street`."""

    street: str
    house_number: str
    postcode: str
    city: str
    lat: float
    lon: float


def read_addresses(path: Path | str, bbox: Bbox | None = None) -> Iterator[AddressPoint]:
    """Every node and way with addr:housenumber, a way at the middle of its corners; `5;7` are two houses.

    RuntimeError or ValueError for a file that is no whole extract.
    """
    found = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    for thing in found.with_filter(osmium.filter.KeyFilter("addr:housenumber")):
        position = _position(thing)
        if position is None or (bbox is not None and not _within(position, bbox)):
            continue
        tags = {tag.k: tag.v.strip() for tag in thing.tags}
        for number in tags["addr:housenumber"].split(";"):
            yield AddressPoint(
                street=tags.get("addr:street") or tags.get("addr:place", ""), house_number=number.strip(),
                postcode=tags.get("addr:postcode", ""), city=tags.get("addr:city", ""), lat=position[0],
                lon=position[1])


def _position(thing: Any) -> tuple[float, float] | None:
    """Where it lies; None where the extract cut its corners away."""
    if thing.is_node():
        return (thing.location.lat, thing.location.lon) if thing.location.valid() else None
    corners = [node.location for node in thing.nodes if node.location.valid()]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if not corners:
        return None
    return sum(corner.lat for corner in corners) / len(corners), sum(corner.lon for corner in corners) / len(corners)


def _within(position: tuple[float, float], bbox: Bbox) -> bool:
    south, west, north, east = bbox
    return south <= position[0] <= north and west <= position[1] <= east
