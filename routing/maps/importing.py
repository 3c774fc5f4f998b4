"""An extract made into a map file."""
from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from routing.maps.building import build
from routing.maps.errors import MapError
from routing.maps.extract import Progress, read_extract
from routing.maps.graph import Bbox, MapInfo, RoadGraph, save_graph
from routing.maps.profile import TOP_SPEED_KMH

WORLD: Bbox = (-90.0, -180.0, 90.0, 180.0)
BLOCK_BYTES = 1 << 20


def build_graph(path: Path, *, now: datetime, bbox: Bbox = WORLD, top_speed_kmh: float = TOP_SPEED_KMH,
                progress: Progress | None = None) -> RoadGraph:
    """The road graph of an extract, cut to the box. MapError in one line, with the file's name."""
    try:
        extract = read_extract(path, progress)
        if progress is not None:
            progress("joining ways", len(extract.way_ids))
        built = build(extract, bbox, top_speed_kmh)
        checksum = sha256_of(path)
    except MapError as error:
        raise MapError(f"{path}: {error}") from error
    info = MapInfo(source=path.name, sha256=checksum, bbox=bbox, data_date=extract.data_date,
                   imported_at=now.isoformat(timespec="seconds"), top_speed_kmh=top_speed_kmh,
                   restrictions=built.restrictions, ignored=dict(built.ignored))
    return RoadGraph(info=info, **built.arrays)


def import_extract(path: Path, out: Path, *, now: datetime, bbox: Bbox = WORLD, top_speed_kmh: float = TOP_SPEED_KMH,
                   progress: Progress | None = None) -> RoadGraph:
    """Write the map file of an extract, whole or not at all. MapError for a bad extract, and nothing is written."""
    graph = build_graph(path, now=now, bbox=bbox, top_speed_kmh=top_speed_kmh, progress=progress)
    try:
        save_graph(graph, out)
    except OSError as error:
        raise MapError(f"{out}: {(error.strerror or str(error)).lower()}") from error
    return graph


def sha256_of(path: Path) -> str:
    """The checksum of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
