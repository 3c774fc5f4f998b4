from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import osmium
import pytest

from routing.maps.errors import MapError
from routing.maps.graph import load_graph, save_graph
from routing.maps.importing import import_extract
from routing.maps.profile import blocks, directions, may_enter, road_of, speed_limit
from routing.travel_times.formula import FormulaTravelTimes
from routing.travel_times.map_file import MapFileTravelTimes
from tests.routing.osm_files import LAT, LON, NOW, Town, place

RING = {"a": (0, 0), "b": (100, 0), "c": (100, 100), "d": (0, 100)}
AB, BC = place(50, 0), place(100, 50)


def ring(**tags: str) -> Town:
    town = Town(RING)
    town.street("abcda", **tags)
    return town


def refusal(extract: Path, folder: Path, **how: object) -> str:
    """Why an extract is refused; the map that was there is still the same."""
    out = folder / "map.npz"
    out.write_bytes(b"as it was")
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(MapError) as caught:
        import_extract(extract, out, now=NOW, **how)  # type: ignore[arg-type]
    assert out.read_bytes() == b"as it was"
    assert sorted(path.name for path in folder.iterdir()) == before
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(f"{extract}: ")
    return said.removeprefix(f"{extract}: ")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.osm.pbf", tmp_path) == "no such file or directory"


@pytest.mark.parametrize(("content", "why"), [
    (b"", "it is empty"), (b"<osm version='0.6'></osm>", "it is no .osm.pbf file"),
    (b"PK\x03\x04" + bytes(100), "it is no .osm.pbf file"), (b"\x00\x00", "it is no .osm.pbf file")])
def test_a_file_that_is_no_extract_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "file.osm.pbf").write_bytes(content)
    assert refusal(tmp_path / "file.osm.pbf", tmp_path) == why


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_an_extract_that_was_cut_off_is_refused(tmp_path: Path, kept: float) -> None:
    whole = ring().write(tmp_path / "whole.osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[:int(kept * len(whole))])
    assert refusal(tmp_path / "cut.osm.pbf", tmp_path).startswith("it is no whole extract: ")


def test_an_extract_with_a_spoilt_byte_is_refused(tmp_path: Path) -> None:
    content = bytearray(ring().write(tmp_path / "town.osm.pbf").read_bytes())
    content[-10] ^= 0xFF
    (tmp_path / "town.osm.pbf").write_bytes(content)
    assert refusal(tmp_path / "town.osm.pbf", tmp_path).startswith("it is no whole extract: ")


def test_an_extract_without_roads_is_refused(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcda", highway="footway")
    assert refusal(town.write(tmp_path / "town.osm.pbf"), tmp_path) == "there is no road in it"


def test_an_extract_of_another_country_is_refused(tmp_path: Path) -> None:
    extract = ring().write(tmp_path / "town.osm.pbf")
    assert refusal(extract, tmp_path, bbox=(50.0, 14.0, 51.0, 15.0)) == "no road of it lies inside the area"


def test_roads_that_lead_nowhere_and_back_are_refused(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcd", oneway="yes")
    assert refusal(town.write(tmp_path / "town.osm.pbf"), tmp_path) == (
        "its roads inside the area do not hang together")


def test_the_map_ends_at_the_box(tmp_path: Path) -> None:
    town = Town({**RING, "k": (200, 0)})
    town.street("abcda")
    town.street("bk")
    extract = town.write(tmp_path / "town.osm.pbf")
    box = (LAT - 0.01, LON - 0.01, LAT + 0.01, BC[1] + 1e-5)
    graph = import_extract(extract, tmp_path / "map.npz", now=NOW, bbox=box)
    assert (int(graph.edge_dm.sum()), graph.info.bbox) == (4000, box)


def test_the_map_says_where_it_comes_from(tmp_path: Path) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-11-20T20:21:00Z")
    path = tmp_path / "town.osm.pbf"
    writer = osmium.SimpleWriter(str(path), header=header)
    for number, metres in enumerate(RING.values(), start=1):
        lat, lon = place(*metres)
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), version=1))
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3, 4, 1], tags={"highway": "residential"}, version=1))
    writer.close()
    info = import_extract(path, tmp_path / "map.npz", now=NOW).info
    assert (info.source, info.data_date) == ("town.osm.pbf", "2026-11-20")
    assert info.imported_at == "2026-11-23T08:00:00+00:00"
    assert (len(info.sha256), info.attribution) == (64, "© OpenStreetMap contributors")
    assert load_graph(tmp_path / "map.npz").info == info


def test_a_way_whose_corners_are_missing_is_cut_there(tmp_path: Path) -> None:
    town = ring()
    town.street("ac")
    path = tmp_path / "town.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    for thing in osmium.FileProcessor(str(town.write(tmp_path / "other.osm.pbf"))):
        writer.add(thing.replace(nodes=[1, 999, 3]) if thing.is_way() and thing.id == 2 else thing)
    writer.close()
    graph = import_extract(path, tmp_path / "map.npz", now=NOW)
    assert int(graph.edge_dm.sum()) == 4000


def test_a_failed_write_leaves_the_old_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = ring().graph(tmp_path)
    save_graph(graph, tmp_path / "map.npz")
    before = (tmp_path / "map.npz").read_bytes()

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(MapError, match=r"map\.npz: no space left on device"):
        import_extract(tmp_path / "town.osm.pbf", tmp_path / "map.npz", now=NOW)
    assert (tmp_path / "map.npz").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.npz", "town.osm.pbf"]


@pytest.mark.parametrize("content", [b"", b"no map", b"PK\x05\x06" + bytes(18)])
def test_a_map_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "map.npz").write_bytes(content)
    with pytest.raises(MapError, match=r"map\.npz: it is no"):
        load_graph(tmp_path / "map.npz")


def test_a_map_file_of_another_version_is_refused(tmp_path: Path) -> None:
    save_graph(ring().graph(tmp_path), tmp_path / "map.npz")
    with np.load(tmp_path / "map.npz") as file:
        parts = {name: file[name] for name in file.files}
    info = {**json.loads(parts["info"].tobytes()), "version": 2}
    np.savez(tmp_path / "map.npz", **{**parts, "info": np.frombuffer(json.dumps(info).encode(), dtype=np.uint8)})
    with pytest.raises(MapError, match="it is of another version; import the map again"):
        load_graph(tmp_path / "map.npz")


def test_a_map_is_taken_when_it_appears_and_again_when_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "map.npz"
    formula = FormulaTravelTimes(1.0)
    times = MapFileTravelTimes(path, fallback=formula)
    assert times.current() is None
    assert times.table([AB], [BC]) == formula.table([AB], [BC])
    save_graph(ring().graph(tmp_path), path)
    assert (times.table([AB], [BC]).durations_s, times.matrix([AB, BC]).estimated) == (((20,),), False)
    save_graph(ring(maxspeed="9").graph(tmp_path), path)
    assert times.table([AB], [BC]).durations_s == ((40,),)
    path.unlink()
    assert times.table([AB], [BC]) == formula.table([AB], [BC])
    assert (times.current(), times.note) == (None, "")


def test_a_broken_new_map_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    path = tmp_path / "map.npz"
    times = MapFileTravelTimes(path, fallback=FormulaTravelTimes(1.0))
    save_graph(ring().graph(tmp_path), path)
    assert times.table([AB], [BC]).durations_s == ((20,),)
    path.write_bytes(b"spoilt")
    assert times.table([AB], [BC]).durations_s == ((20,),)
    assert times.note == f"the map cannot be read: {path}: it is no whole map file"
    save_graph(ring(maxspeed="9").graph(tmp_path), path)
    assert (times.table([AB], [BC]).durations_s, times.note) == (((40,),), "")


@pytest.mark.parametrize(("text", "kmh"), [
    ("50", 50.0), ("50 km/h", 50.0), ("30 mph", 48.28032), ("SI:urban", 50.0), ("walk", 7.0), ("none", 130.0),
    ("50;30", 50.0), ("signals", None), ("", None), ("0", None), ("-5", None)])
def test_speed_limits_are_read_as_they_are_tagged(text: str, kmh: float | None) -> None:
    assert speed_limit(text) == kmh


@pytest.mark.parametrize(("tags", "kmh"), [
    ({"highway": "residential"}, 42.33), ({"highway": "residential", "maxspeed": "30"}, 30.0),
    ({"highway": "residential", "maxspeed": "70"}, 42.33), ({"highway": "motorway"}, 120.0),
    ({"highway": "motorway", "maxspeed": "130"}, 130.0), ({"highway": "service", "maxspeed": "3"}, 5.0),
    ({"highway": "track"}, None), ({"highway": "construction"}, None), ({}, None)])
def test_a_road_is_driven_at_the_speed_of_its_class_or_of_its_sign(tags: dict[str, str], kmh: float | None) -> None:
    road = road_of(tags)
    assert (road.speed_kmh if road else None) == kmh


@pytest.mark.parametrize(("tags", "enters"), [
    ({}, True), ({"access": "no"}, False), ({"access": "no", "motor_vehicle": "yes"}, True),
    ({"motor_vehicle": "no", "motorcar": "yes"}, True), ({"vehicle": "private", "access": "yes"}, False),
    ({"access": "delivery"}, True), ({"access": "destination"}, True), ({"access": "permit"}, True),
    ({"access": "forestry"}, False)])
def test_the_most_specific_tag_says_who_may_enter(tags: dict[str, str], enters: bool) -> None:
    assert may_enter(tags) is enters


@pytest.mark.parametrize(("tags", "both"), [
    ({}, (True, True)), ({"oneway": "yes"}, (True, False)), ({"oneway": "1"}, (True, False)),
    ({"oneway": "-1"}, (False, True)), ({"oneway": "reverse"}, (False, True)), ({"oneway": "no"}, (True, True)),
    ({"oneway": "reversible"}, (False, False)), ({"junction": "roundabout"}, (True, False)),
    ({"junction": "roundabout", "oneway": "no"}, (True, True)), ({"highway": "motorway_link"}, (True, False)),
    ({"highway": "trunk_link"}, (True, True)), ({"oneway": "yes", "oneway:motor_vehicle": "no"}, (True, True))])
def test_one_ways_are_read_as_they_are_tagged(tags: dict[str, str], both: tuple[bool, bool]) -> None:
    assert directions(tags) == both


@pytest.mark.parametrize(("tags", "ends"), [
    ({}, False), ({"barrier": "bollard"}, True), ({"barrier": "kerb"}, False), ({"barrier": "lift_gate"}, False),
    ({"barrier": "gate", "access": "private"}, True), ({"barrier": "block", "access": "yes"}, False),
    ({"access": "no"}, False)])
def test_barriers_end_the_road_unless_everybody_may_pass(tags: dict[str, str], ends: bool) -> None:
    assert blocks(tags) is ends
