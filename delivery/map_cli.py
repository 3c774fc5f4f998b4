"""`flask routing import-map | fetch-map | map-info`: the map that travel times and roads on the screen come from."""
from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from core.clock import utc_now
from core.db import db
from delivery.models import Depot, Zone
from delivery.routing_cli import bbox_option, group
from routing.maps.downloading import fetch
from routing.maps.errors import MapError
from routing.maps.graph import BACKWARD, FORWARD, Bbox, RoadGraph, load_graph
from routing.maps.importing import import_extract
from routing.maps.profile import TOP_SPEED_KMH
from routing.travel_times.graph import GraphTravelTimes
from routing.zone import Zone as DrawnZone

SLOVENIA: Bbox = (45.3, 13.3, 46.9, 16.7)
AROUND_LAT, AROUND_LON = 0.05, 0.07  # about 5 km: the quickest way may lead round a zone
DEPOT_ALONE = 0.15, 0.2  # about 16 km around a depot whose zone is not drawn
BOTH_WAYS = FORWARD | BACKWARD
CLEAR_LINE = "\r\x1b[K"


class Refused(click.ClickException):
    """Nothing was written; the message says why."""

    exit_code = 2


out_option = click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
                          help="Map file to write; MAP_PATH if not given.")
speed_option = click.option("--top-speed", type=click.FloatRange(30, 130), default=TOP_SPEED_KMH, show_default=True,
                            help="How fast a van drives at most, km/h.")


@group.command("import-map")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@bbox_option("Area to keep; the zones and depots with some 5 km around if not given.")
@out_option
@speed_option
def import_map(file: Path, bbox: Bbox | None, out: Path | None, top_speed: float) -> None:
    """Make the map of FILE, an .osm.pbf extract. Running services take the new map by themselves."""
    _import(file, bbox, out, top_speed)


@group.command("fetch-map")
@click.option("--url", help="Extract to download; MAP_URL if not given.")
@bbox_option("Area to keep; the zones and depots with some 5 km around if not given.")
@out_option
@speed_option
def fetch_map(url: str | None, bbox: Bbox | None, out: Path | None, top_speed: float) -> None:
    """Download an extract and make the map of it. A download that was cut off goes on where it ended."""
    target = _target(out)
    with click.progressbar(length=0, label="Downloading", file=sys.stderr, width=30) as bar:
        def tell(done: int, total: int) -> None:
            bar.length = total or None
            bar.update(done - bar.pos)

        try:
            fetched = fetch(url or current_app.config["MAP_URL"], target.parent, tell)
        except MapError as error:
            bar.render_finish()
            raise Refused(f"{error}. The map is as it was.") from error
    click.echo(f"{fetched.path}: {_megabytes(fetched.size)}, "
               + ("its checksum is the published one" if fetched.checked else "no checksum is published for it")
               + (f"; gone on from {_megabytes(fetched.resumed_at)}" if fetched.resumed_at else ""))
    _import(fetched.path, bbox, out, top_speed)


@group.command("map-info")
def map_info() -> None:
    """Say what map is in force."""
    try:
        graph = load_graph(Path(current_app.config["MAP_PATH"]))
    except MapError as error:
        raise Refused(f"{error}. Travel times come from elsewhere.") from error
    _describe(graph)
    _warn_of_depots(graph)


def _import(file: Path, bbox: Bbox | None, out: Path | None, top_speed: float) -> None:
    target = _target(out)
    try:
        graph = import_extract(file, target, now=utc_now(), bbox=bbox or service_area(), top_speed_kmh=top_speed,
                               progress=_tell)
    except MapError as error:
        raise Refused(f"{_clear()}{error}. Nothing was written.") from error
    click.echo(_clear(), err=True, nl=False)
    click.echo(f"Written: {target}")
    _describe(graph)
    _warn_of_depots(graph)


def _target(out: Path | None) -> Path:
    target = out or Path(current_app.config["MAP_PATH"])
    if not target.parent.is_dir():
        raise Refused(f"{target}: there is no such folder. Nothing was written.")
    return target


def _tell(what: str, count: int) -> None:
    if count:
        click.echo(f"{_clear()}{what}: {count}", err=True, nl=not sys.stderr.isatty())


def _clear() -> str:
    return CLEAR_LINE if sys.stderr.isatty() else ""


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _describe(graph: RoadGraph) -> None:
    info = graph.info
    one_way = int((graph.edge_flags & BOTH_WAYS != BOTH_WAYS).sum())
    streets_km = float(graph.edge_dm.sum()) / 10_000
    left_out = ", ".join(f"{count} {why}" for why, count in sorted(info.ignored.items()))
    click.echo(f"Source:       {info.source}, state of the data {info.data_date or 'not given'}, "
               f"sha256 {info.sha256[:16]}…\n"
               f"Imported:     {info.imported_at}\n"
               f"Area:         {','.join(f'{value:g}' for value in info.bbox)} (south,west,north,east)\n"
               f"Size:         {graph.nodes} junctions, {graph.edges} roads, {streets_km:.0f} km, {one_way} one-way\n"
               f"Turns:        {info.restrictions} forbidden" + (f"; left out: {left_out}" if left_out else "") + "\n"
               f"Top speed:    {info.top_speed_kmh:g} km/h\n"
               f"{info.attribution}")


def _warn_of_depots(graph: RoadGraph) -> None:
    """Say which depots the map does not reach: their travel times stay estimates."""
    times = GraphTravelTimes(graph)
    for name, lat, lon in _rows(sa.select(Depot.name, Depot.lat, Depot.lon).order_by(Depot.id)):
        if times.place((lat, lon)) is None:
            click.echo(f"The depot {name} lies outside the map: travel times from and to it stay estimates.", err=True)


def service_area() -> Bbox:
    """The box around all zones and depots, with room for ways round them; Slovenia where there are none."""
    boxes = []
    for depot_id, lat, lon in _rows(sa.select(Depot.id, Depot.lat, Depot.lon)):
        drawn = [polygon for polygon, in _rows(sa.select(Zone.polygon).where(Zone.depot_id == depot_id)) if polygon]
        corners = _corners(drawn)
        margin = (AROUND_LAT, AROUND_LON) if corners else DEPOT_ALONE
        lats, lons = [lat, *(corner[1] for corner in corners)], [lon, *(corner[0] for corner in corners)]
        boxes.append((min(lats) - margin[0], min(lons) - margin[1], max(lats) + margin[0], max(lons) + margin[1]))
    if not boxes:
        return SLOVENIA
    south, west, north, east = zip(*boxes, strict=True)
    return min(south), min(west), max(north), max(east)


def _corners(drawn: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Every corner (longitude, latitude) of these polygons."""
    return [corner for geojson in drawn for rings in DrawnZone.from_geojson(geojson).polygons
            for ring in rings for corner in ring]


def _rows(query: sa.Executable) -> list[Any]:
    """Rows of the database; none where it has not been made yet."""
    try:
        return list(db.session.execute(query))
    except SQLAlchemyError:
        db.session.rollback()
        return []
