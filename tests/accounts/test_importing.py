"""Addresses from tables, and the register they make."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from accounts import queries, register
from accounts.models import KnownAddress, KnownStreet
from accounts.places import Place, house_key, search_key, street_key
from core.audit import AuditEntry
from core.db import db, unit_of_work

HEAD = "EID_NASLOV;OBCINA_NAZIV;NASELJE_NAZIV;ULICA_NAZIV;POSTNI_OKOLIS_SIFRA;POSTNI_OKOLIS_NAZIV;HS_STEVILKA;" \
       "HS_DODATEK;ST_STANOVANJA;E;N"
VEROVSKOVA = "1;Ljubljana;Ljubljana;Verovškova ulica;1000;Ljubljana;64;a;;460443,12;104211.5"
VILLAGE = "2;Vrhnika;Velika Ligojna;;1360;Vrhnika;7;;;446000;96000"
HOME = Place(street="Šišenska cesta", house_number="12", postcode="1000", city="Ljubljana", lat=46.0655, lon=14.4861)

Import = Callable[..., Result]


@pytest.fixture
def load(app: Flask, tmp_path: Path) -> Import:
    def run(*lines: str, head: str = HEAD, encoding: str = "utf-8-sig", options: tuple[str, ...] = ()) -> Result:
        file = tmp_path / "naslovi.csv"
        file.write_bytes("\r\n".join([head, *lines]).encode(encoding))
        return app.test_cli_runner().invoke(args=["accounts", "import-addresses", str(file), *options])
    return run


def known() -> list[tuple[str, str, str, str, str]]:
    db.session.rollback()
    return [(row.street, row.house_number, row.postcode, row.city, row.source) for row in
            db.session.scalars(sa.select(KnownAddress).order_by(KnownAddress.search_key))]


def last_line(result: Result) -> str:
    return str(result.output.strip().splitlines()[-1])


def test_the_keys_of_the_register_are_those_of_accounts_places() -> None:
    place = replace(HOME, house_number="12 A", city="Ljubljana - Šentvid")
    house = register.house_of(place)
    assert (house.search_key, house.house_key, house.street_key) == (
        search_key(place), house_key(place.street, place.house_number, place.postcode), street_key(place))
    assert house.number_key == "12a"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
def test_the_national_register_becomes_known_addresses(load: Import, encoding: str) -> None:
    """EPSG:3794 to WGS 84; a village without streets numbers its houses by itself; flats of one house are one."""
    result = load(VEROVSKOVA, VEROVSKOVA.replace(";;4604", ";3;4604"), VILLAGE, "", encoding=encoding)
    assert result.exit_code == 0, result.output
    assert last_line(result) == "2 new addresses, 0 brought up to date, 0 lines without a position left out"
    assert known() == [("Velika Ligojna", "7", "1360", "Vrhnika", "register"),
                       ("Verovškova ulica", "64a", "1000", "Ljubljana", "register")]
    found = queries.known_address("Verovškova ulica", "64 A", "1000")
    assert found is not None
    assert (found.lat, found.lon) == (46.076552, 14.48859)
    assert queries.suggest_addresses("velika ligojna 7")[0].house_number == "7"


def test_the_origin_of_the_national_grid_lies_where_it_should(load: Import) -> None:
    """On the meridian 15 E the easting is 500 km; 46 N lies 5,096,085.9 m from the equator, by 0.9999, less
    5,000 km (the meridian of GRS 80, summed up by hand)."""
    assert load(VILLAGE.replace("446000;96000", "500000;95576.32")).exit_code == 0
    row = db.session.scalars(sa.select(KnownAddress)).one()
    assert (row.lat, row.lon) == (46.0, 15.0)


def test_a_table_with_degrees_and_other_names_is_understood(load: Import) -> None:
    assert load("Trubarjeva cesta\t7\t1000\tLjubljana\t46.0521\t14.5090",
                head="street\thouse_number\tpostcode\tcity\tlat\tlon").exit_code == 0
    assert load("Trubarjeva cesta,9 B,1000,Ljubljana,46.0522,14.5093", head="ime,hisna,posta_st,posta,lat,lon",
                options=("--column", "street=ime", "--column", "number=hisna", "--column", "postcode=Posta_ST")
                ).exit_code == 0
    assert [line[:2] for line in known()] == [("Trubarjeva cesta", "7"), ("Trubarjeva cesta", "9b")]


def test_two_villages_of_one_postcode_with_the_same_street_are_told_apart(load: Import) -> None:
    """Never dispatch to the wrong village: the village stands in the place of the town, and must be chosen."""
    street = "3;Grosuplje;Mala vas;Glavna ulica;1290;Grosuplje;5;;;470000;90000"
    assert load(street, street.replace("Mala vas", "Velika vas").replace("470000", "474000")).exit_code == 0
    assert [line[3] for line in known()] == ["Mala vas", "Velika vas"]
    assert queries.known_address("Glavna ulica", "5", "1290") is None
    found = queries.known_address("Glavna ulica", "5", "1290", "velika VAS")
    assert found is not None
    assert found.city == "Velika vas"


def test_loading_again_brings_up_to_date_and_takes_the_place_of_pins(load: Import) -> None:
    pin = replace(HOME, street="Verovškova ulica", house_number="64 a", city="Lubljana", lat=46.2, source="pin")
    with unit_of_work():
        register.confirm_pin(pin, ref="stop:1", actor="driver:1")
    assert [line[3:] for line in known()] == [("Lubljana", "pin")]
    assert last_line(load(VEROVSKOVA)).startswith("1 new addresses, 0 brought up to date")
    moved = VEROVSKOVA.replace("460443,12", "460543")
    assert last_line(load(moved, VILLAGE)).startswith("1 new addresses, 1 brought up to date")
    assert [line[3:] for line in known()] == [("Vrhnika", "register"), ("Ljubljana", "register")]
    found = queries.known_address("Verovškova ulica", "64a", "1000")
    assert found is not None
    assert found.lon == pytest.approx(14.4899, abs=5e-4)


def test_a_town_that_is_called_otherwise_now_is_renamed(load: Import) -> None:
    assert load(VILLAGE).exit_code == 0
    assert load(VILLAGE.replace("1360;Vrhnika", "1360;Vrhnika pri Ljubljani")).exit_code == 0
    assert [line[3] for line in known()] == ["Vrhnika pri Ljubljani"]


def test_osm_never_changes_what_the_register_says(load: Import) -> None:
    assert load(VEROVSKOVA).exit_code == 0
    other = replace(HOME, street="Verovškova ulica", house_number="64a", city="Ljubljana-Bežigrad", lat=46.3,
                    source="osm")
    with unit_of_work():
        assert register.add_known_addresses([other, replace(HOME, source="osm")]) == 1
    assert [(line[0], line[4]) for line in known()] == [("Šišenska cesta", "osm"), ("Verovškova ulica", "register")]


def test_lines_without_a_position_are_left_out_and_counted(load: Import) -> None:
    assert last_line(load(VILLAGE, VEROVSKOVA.replace("460443,12;104211.5", ";"))) == (
        "1 new addresses, 0 brought up to date, 1 lines without a position left out")


@pytest.mark.parametrize(("line", "says"), [
    (VILLAGE + ";x", "line 3: 12 columns instead of 11"),
    (VILLAGE.replace("1360", "136O"), "line 3, postcode: '136O' is no postcode of four digits"),
    (VILLAGE.replace("Vrhnika;7", ";7"), "line 3, city: '' is empty"),
    (VILLAGE.replace(";7;", ";0;"), "line 3, number: '0' is no house number"),
    (VILLAGE.replace(";7;;", ";7;12;"), "line 3, suffix: '12' is no letter of a house number"),
    (VILLAGE.replace("Velika Ligojna", ""), "line 3, street: '' and no settlement"),
    (VILLAGE.replace("446000", "east"), "line 3, e: 'east' is no number"),
    (VILLAGE.replace("446000", "nan"), "line 3, e: 'nan' is not in Slovenia (370000 to 630000)"),
    (VILLAGE.replace("446000;96000", "96000;446000"), "line 3, e: '96000' is not in Slovenia"),
    (VILLAGE.replace("446000", ""), "line 3, e: '' is no number"),
    (VILLAGE.replace("Velika", '"Velika"x'), "no readable table in utf-8-sig"),
])
def test_a_bad_line_refuses_the_whole_file_by_its_number(load: Import, line: str, says: str) -> None:
    result = load(VEROVSKOVA, line)
    assert result.exit_code == 2
    assert says in last_line(result)
    assert last_line(result).endswith("Nothing was written.")
    assert known() == []


@pytest.mark.parametrize(("head", "options", "says"), [
    ("", (), "naslovi.csv: the file is empty"),
    ("A;B", (), "line 1: no column for number, postcode, city, street, e, n: name it by --column number=NAME"),
    (HEAD.replace(";E;N", ";X;Y"), (), "line 1: no column for e, n: name it by --column e=NAME"),
    (HEAD, ("--column", "number=HS"), "line 1: there is no column HS; it has EID_NASLOV, "),
    (HEAD, ("--column", "house=HS"), "there is no house; it is one of street, settlement, number"),
    (HEAD, ("--column", "number"), "Write --column like --column number=HS."),
    (HEAD, (), "naslovi.csv: no address with a position is in it"),
])
def test_a_file_that_is_no_register_is_refused(load: Import, head: str, options: tuple[str, ...], says: str) -> None:
    result = load(head=head, options=options)
    assert result.exit_code == 2
    assert says in result.output
    assert known() == []


def test_what_is_no_text_or_not_there_is_refused(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "map.osm.pbf"
    file.write_bytes(b"\x00\x00\x00\x0dOSMHeader")
    runner = app.test_cli_runner()
    result = runner.invoke(args=["accounts", "import-addresses", str(file)])
    assert (result.exit_code, "map.osm.pbf: this is no text" in result.output) == (2, True)
    assert runner.invoke(args=["accounts", "import-addresses", str(tmp_path / "none.csv")]).exit_code == 2


def test_parts_never_part_houses_of_one_name() -> None:
    found = [replace(HOME, house_number=str(number % 7 + 1), city=f"Vas {number}") for number in range(70)]
    parts = list(register.chunks(found, 15))
    assert [len(part) for part in parts] == [20, 20, 20, 10]
    keys = [{house.house_key for house in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys)) == 7


def confirm(place: Place) -> None:
    with unit_of_work():
        register.confirm_pin(replace(place, source="pin"), ref="stop:7", actor="driver:3")


def test_a_place_a_driver_delivered_to_is_suggested_from_then_on(app: Flask) -> None:
    confirm(replace(HOME, note="zvonec 4", floor=2))
    assert queries.suggest_addresses("sisenska 12") == [replace(HOME, source="pin")]
    assert [(entry.action, entry.ref) for entry in db.session.scalars(sa.select(AuditEntry))] == [
        ("address_confirmed", "stop:7")]
    confirm(replace(HOME, lat=HOME.lat + 0.0005))
    assert queries.known_address("Šišenska cesta", "12", "1000") == replace(HOME, source="pin")


def test_a_pin_never_changes_a_house_of_a_register(app: Flask) -> None:
    with unit_of_work():
        register.add_known_addresses([HOME])
    confirm(replace(HOME, lat=46.2, city="Drugje"))
    assert [line[3:] for line in known()] == [("Ljubljana", "register")]
    assert queries.known_address("Šišenska cesta", "12", "1000") == HOME


def test_two_confirmed_pins_of_one_house_that_lie_apart_cancel_each_other(app: Flask) -> None:
    confirm(HOME)
    confirm(replace(HOME, lat=HOME.lat + 0.01))
    assert known() == []
    assert [entry.action for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))] == [
        "address_confirmed", "address_disputed"]
    assert db.session.scalar(sa.select(sa.func.count(KnownStreet.id))) == 1
