"""House numbers of an OpenStreetMap extract."""
from __future__ import annotations

from pathlib import Path

import osmium
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from accounts import register
from accounts.models import KnownAddress
from accounts.places import Place
from core.db import db, unit_of_work
from routing.maps.addresses import read_addresses

WHOLE = {"addr:street": "Nova pot", "addr:postcode": "1000", "addr:city": "Ljubljana"}
HERE = (14.5, 46.05)


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """Six tagged nodes and a house with four corners."""
    path = tmp_path / "houses.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (house, tags, position) in enumerate([
                ("3", WHOLE, HERE), ("5 A; 7", WHOLE, HERE), ("9", {**WHOLE, "addr:postcode": ""}, HERE),
                ("b", WHOLE, HERE), ("11", WHOLE, (11.0, 46.05)),
                ("2", {"addr:place": "Mala vas", "addr:postcode": "1290", "addr:city": "Grosuplje"}, (14.7, 45.95)),
                ], 1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=position, version=1,
                                                    tags={"addr:housenumber": house, **tags}))
        corners = ((14.6, 46.0), (14.602, 46.0), (14.602, 46.001), (14.6, 46.001))
        for number, corner in enumerate(corners, 20):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=corner, version=1))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[20, 21, 22, 23, 20], version=1,
                                              tags={"building": "yes", "addr:housenumber": "13", **WHOLE}))
    return path


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["routing", "import-addresses", *arguments])


def known() -> dict[str, tuple[float, float, str]]:
    db.session.rollback()
    return {f"{row.street} {row.house_number}": (row.lat, row.lon, row.source)
            for row in db.session.scalars(sa.select(KnownAddress))}


def test_nodes_and_buildings_with_a_number_are_read(extract: Path) -> None:
    found = {point.house_number: point for point in read_addresses(extract)}
    assert set(found) == {"3", "5 A", "7", "9", "b", "11", "2", "13"}
    assert (found["13"].lat, found["13"].lon) == (pytest.approx(46.0005), pytest.approx(14.601))
    assert (found["2"].street, found["9"].postcode) == ("Mala vas", "")
    assert [point.house_number for point in read_addresses(extract, (45.9, 14.65, 46.0, 14.75))] == ["2"]


def test_whole_addresses_become_known_and_the_register_stays(app: Flask, extract: Path) -> None:
    with unit_of_work():
        register.add_known_addresses([Place(street="Nova pot", house_number="3", postcode="1000", city="Ljubljana",
                                            lat=46.1, lon=14.6)])
    result = run(app, str(extract))
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == (
        "4 new addresses, 0 brought up to date, 3 left out that are not whole or not in Slovenia. "
        "© OpenStreetMap contributors")
    assert known() == {"Nova pot 3": (46.1, 14.6, "register"), "Nova pot 5a": (46.05, 14.5, "osm"),
                       "Nova pot 7": (46.05, 14.5, "osm"), "Nova pot 13": (46.0005, 14.601, "osm"),
                       "Mala vas 2": (45.95, 14.7, "osm")}


def test_an_extract_that_is_cut_off_empty_or_elsewhere_is_refused(app: Flask, extract: Path, tmp_path: Path) -> None:
    whole = extract.read_bytes()
    for name, content in (("cut.osm.pbf", whole[:len(whole) // 2]), ("empty.osm.pbf", b""),
                          ("text.osm.pbf", b"street;number\n" * 50)):
        (tmp_path / name).write_bytes(content)
        result = run(app, str(tmp_path / name))
        assert (result.exit_code, result.output.strip().splitlines()[-1].endswith("Nothing was written.")) == (2, True)
        assert name in result.output
    for options, says in ((["--bbox", "46.2,14.1,46.3,14.2"], "no whole Slovenian address is in it"),
                          (["--bbox", "1,2,3"], "is not four numbers"), (["--bbox", "47,14,46,15"], "is no box"),
                          (["--bbox", "nan,14,46,15"], "is no box")):
        result = run(app, str(extract), *options)
        assert (result.exit_code, says in result.output) == (2, True)
    assert run(app, str(tmp_path / "none.osm.pbf")).exit_code == 2
    assert known() == {}
