from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from core.db import db, unit_of_work
from delivery.map_cli import SLOVENIA, service_area
from delivery.models import Depot, Zone
from delivery.travel import free_flow
from routing.maps.graph import load_graph
from tests.routing.osm_files import LAT, LON, Town, place
from tests.routing.test_maps_downloading import shop

RING = {"a": (0, 0), "b": (100, 0), "c": (100, 100), "d": (0, 100)}
AREA = f"{LAT - 0.1},{LON - 0.1},{LAT + 0.1},{LON + 0.1}"


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def map_path(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(app.config, "MAP_PATH", str(tmp_path / "map.npz"))
    return tmp_path / "map.npz"


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    town = Town(RING)
    town.street("abcd")
    town.street("da", oneway="yes")
    return town.write(tmp_path / "town.osm.pbf")


def test_a_map_is_imported_and_described(runner: FlaskCliRunner, map_path: Path, extract: Path) -> None:
    result = runner.invoke(args=["routing", "import-map", str(extract), "--bbox", AREA])
    assert result.exit_code == 0
    assert f"Written: {map_path}" in result.stdout
    assert "1 one-way" in result.stdout
    assert "© OpenStreetMap contributors" in result.stdout
    assert result.stderr.splitlines() == ["reading roads: 2", "reading corners: 4", "joining ways: 2"]
    assert load_graph(map_path).info.source == "town.osm.pbf"
    told = runner.invoke(args=["routing", "map-info"])
    assert (told.exit_code, result.stdout.splitlines()[1:]) == (0, told.stdout.splitlines())


@pytest.mark.usefixtures("map_path")
def test_without_a_map_its_absence_is_said(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["routing", "map-info"])
    assert result.exit_code == 2
    assert "there is no such file. Travel times come from elsewhere." in result.stderr


@pytest.mark.parametrize(("box", "why"), [
    ("50,14,51,15", "no road of it lies inside the area. Nothing was written."),
    ("46,14,45,15", "is no box: south,west,north,east in degrees"),
    ("46,14,47", "is not four numbers"), ("a,b,c,d", "is not four numbers"), ("46,nan,47,15", "is no box")])
def test_a_wrong_area_is_refused(runner: FlaskCliRunner, map_path: Path, extract: Path, box: str, why: str) -> None:
    result = runner.invoke(args=["routing", "import-map", str(extract), "--bbox", box])
    assert (result.exit_code, why in result.stderr) == (2, True)
    assert not map_path.exists()


@pytest.mark.parametrize("kept", [0, 100])
def test_a_bad_extract_is_refused_in_one_line(runner: FlaskCliRunner, map_path: Path, extract: Path, kept: int) -> None:
    extract.write_bytes(extract.read_bytes()[:kept])
    result = runner.invoke(args=["routing", "import-map", str(extract)])
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {extract}: it is ")
    assert line.endswith(". Nothing was written.")
    assert not map_path.exists()


def test_a_missing_folder_is_named(runner: FlaskCliRunner, tmp_path: Path, extract: Path) -> None:
    result = runner.invoke(args=["routing", "import-map", str(extract), "--out", str(tmp_path / "no" / "map.npz")])
    assert (result.exit_code, "there is no such folder. Nothing was written." in result.stderr) == (2, True)


def test_an_extract_is_fetched_and_imported(app: Flask, runner: FlaskCliRunner, map_path: Path, extract: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(content=extract.read_bytes(), md5=None) as store:
        monkeypatch.setitem(app.config, "MAP_URL", store.url)
        result = runner.invoke(args=["routing", "fetch-map", "--bbox", AREA])
    assert result.exit_code == 0
    assert "no checksum is published for it" in result.stdout
    assert load_graph(map_path).info.source == "area.osm.pbf"


def test_a_failed_download_leaves_the_map(runner: FlaskCliRunner, map_path: Path) -> None:
    map_path.write_bytes(b"as it was")
    with shop(status=404) as store:
        result = runner.invoke(args=["routing", "fetch-map", "--url", store.url])
    assert (result.exit_code, "the server answers 404 Not Found. The map is as it was." in result.stderr) == (2, True)
    assert map_path.read_bytes() == b"as it was"


@pytest.mark.usefixtures("map_path")
def test_a_depot_outside_the_map_is_named(runner: FlaskCliRunner, extract: Path) -> None:
    with unit_of_work():
        db.session.add_all([Depot(name="Ljubljana", address="-", lat=LAT, lon=LON),
                            Depot(name="Maribor", address="-", lat=46.55, lon=15.64)])
    result = runner.invoke(args=["routing", "import-map", str(extract), "--bbox", AREA])
    assert result.exit_code == 0
    assert "The depot Maribor lies outside the map: travel times from and to it stay estimates." in result.stderr
    assert "The depot Ljubljana" not in result.stderr


@pytest.mark.usefixtures("app")
def test_the_area_is_what_the_depots_serve() -> None:
    assert service_area() == SLOVENIA
    with unit_of_work():
        depot = Depot(name="Ljubljana", address="-", lat=46.05, lon=14.5)
        db.session.add(depot)
        db.session.flush()
        depot_id = depot.id
    assert service_area() == pytest.approx((45.9, 14.3, 46.2, 14.7))
    ring = [[14.4, 46.0], [14.6, 46.0], [14.6, 46.1], [14.4, 46.0]]
    with unit_of_work():
        db.session.add(Zone(name="Ljubljana", depot_id=depot_id, postcodes=[],
                            polygon={"type": "Polygon", "coordinates": [ring]}))
    assert service_area() == pytest.approx((45.95, 14.33, 46.15, 14.67))
    with unit_of_work():
        db.session.execute(sa.update(Zone).values(polygon={"type": "MultiPolygon", "coordinates": [[ring], [[
            [15.6, 46.5], [15.7, 46.5], [15.7, 46.6], [15.6, 46.5]]]]}))
    assert service_area() == pytest.approx((45.95, 14.33, 46.65, 15.77))


def test_travel_times_take_the_map_as_soon_as_it_is_there(app: Flask, runner: FlaskCliRunner, extract: Path) -> None:
    points = [place(50, 0), place(100, 50)]
    assert (free_flow().engine, free_flow().times.matrix(points).estimated) == ("formula", True)
    path = Path(app.config["MAP_PATH"])
    try:
        assert runner.invoke(args=["routing", "import-map", str(extract), "--bbox", AREA]).exit_code == 0
        found = free_flow()
        assert (found.engine, found.times.matrix(points).durations_s) == ("map", ((0, 20), (20, 0)))
        assert not found.times.matrix(points).estimated
    finally:
        path.unlink()
    assert free_flow().engine == "formula"
