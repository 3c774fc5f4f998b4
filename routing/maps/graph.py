"""The compact road graph and its file."""
from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from routing.maps.errors import MapError

VERSION = 1
E7 = 10_000_000
ATTRIBUTION = "© OpenStreetMap contributors"
FORWARD, BACKWARD, HOUSES, MAIN = 1, 2, 4, 8  # bits of `edge_flags`
Bbox = tuple[float, float, float, float]  # south, west, north, east


@dataclass(frozen=True, kw_only=True)
class MapInfo:
    """Where a map comes from. `data_date` is the state of the data where the extract tells, `ignored` counts the turn
    restrictions that were left out, by why."""

    source: str
    sha256: str
    bbox: Bbox
    data_date: str
    imported_at: str
    top_speed_kmh: float
    restrictions: int
    ignored: Mapping[str, int]
    attribution: str = ATTRIBUTION


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadGraph:
    """Junctions and the roads between them; every junction can be reached from every other one.

    Arc `2 * edge` leads from `edge_from` to `edge_to`, arc `2 * edge + 1` back, where `edge_flags` allow it.
    `turns` holds pairs of arcs that may not follow each other. Milliseconds are free flow, `edge_dm` tenths of a
    metre. Shapes are the corners between the two ends; edge `i` has those at `shape_start[i]:shape_start[i + 1]`.
    """

    info: MapInfo
    lat_e7: Any
    lon_e7: Any
    edge_from: Any
    edge_to: Any
    edge_ms: Any
    edge_dm: Any
    edge_flags: Any
    shape_start: Any
    shape_lat_e7: Any
    shape_lon_e7: Any
    turns: Any

    @property
    def nodes(self) -> int:
        return len(self.lat_e7)

    @property
    def edges(self) -> int:
        return len(self.edge_from)


def save_graph(graph: RoadGraph, path: Path) -> None:
    """Write the file whole or not at all; shapes go in as differences, which compress well."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    info = json.dumps({"version": VERSION, **asdict(graph.info)}, ensure_ascii=False).encode()
    try:
        with part.open("wb") as file:
            _write(graph, info, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write(graph: RoadGraph, info: bytes, file: BinaryIO) -> None:
    np.savez_compressed(
        file, info=np.frombuffer(info, dtype=np.uint8), lat_e7=graph.lat_e7, lon_e7=graph.lon_e7,
        edge_from=graph.edge_from, edge_to=graph.edge_to, edge_ms=graph.edge_ms, edge_dm=graph.edge_dm,
        edge_flags=graph.edge_flags, shape_count=np.diff(graph.shape_start).astype(np.int32),
        shape_lat=_differences(graph.shape_lat_e7), shape_lon=_differences(graph.shape_lon_e7), turns=graph.turns)


def _differences(values: Any) -> Any:
    return np.diff(values, prepend=np.int32(0)).astype(np.int32)


def load_graph(path: Path) -> RoadGraph:
    """Read a map file. MapError for one that is missing, broken, or of another version."""
    try:
        with np.load(path, allow_pickle=False) as file:
            parts = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else "it is no whole map file"
        raise MapError(f"{path}: {reason}") from error
    try:
        info = json.loads(parts.pop("info").tobytes())
        if info.pop("version") != VERSION:
            raise MapError(f"{path}: it is of another version; import the map again")
        start = np.zeros(len(parts["shape_count"]) + 1, dtype=np.int64)
        np.cumsum(parts.pop("shape_count"), out=start[1:])
        graph = RoadGraph(info=MapInfo(**{**info, "bbox": tuple(info["bbox"])}), shape_start=start,
                          shape_lat_e7=np.cumsum(parts.pop("shape_lat"), dtype=np.int32),
                          shape_lon_e7=np.cumsum(parts.pop("shape_lon"), dtype=np.int32), **parts)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, MapError):
            raise
        raise MapError(f"{path}: it is no map file") from error
    return graph
