"""Traffic by hour and area, and sources of travel times by configuration."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import settings
from core.db import db, unit_of_work
from delivery.factors import Factors, area_of, day_kind, factors_at
from delivery.models import TravelFactor
from delivery.states import DayKind, FactorSource
from delivery.travel import _composed, free_flow, travel_times
from routing.travel_times.formula import FormulaTravelTimes
from routing.travel_times.http import OsrmTravelTimes, ValhallaTravelTimes
from tests.routing.travel_server import travel_server, way_s

CASTLE, CRNUCE, DEPOT = (46.0489, 14.5085), (46.1050, 14.5300), (46.0775, 14.489)
CITY, NORTH = "46.04 14.46", "46.08 14.52"
WORK, ANY = DayKind.WORKDAY, None


def put(now: datetime, *rows: tuple[str, DayKind | None, int | None, int], engine: str = "formula",
        source: FactorSource = FactorSource.FITTED) -> None:
    with unit_of_work():
        for area, kind, hour, permille in rows:
            db.session.add(TravelFactor(engine=engine, area=area, day_kind=kind, hour=hour, permille=permille,
                                        fitted_at=now, samples=9, source=source))


def test_an_area_is_a_cell_of_a_coarse_grid_named_by_its_corner() -> None:
    assert [area_of(point) for point in (CASTLE, CRNUCE, (46.04, 14.46), (46.079999, 14.519999), (46.08, 14.52))] == [
        CITY, NORTH, CITY, CITY, NORTH]


@pytest.mark.parametrize(("day", "kind"), [
    (datetime(2026, 11, 23, 11, tzinfo=UTC), DayKind.WORKDAY),
    (datetime(2026, 11, 28, 11, tzinfo=UTC), DayKind.SATURDAY),
    (datetime(2026, 11, 29, 11, tzinfo=UTC), DayKind.SUNDAY), (datetime(2026, 12, 25, 11, tzinfo=UTC), DayKind.SUNDAY),
    (datetime(2026, 12, 24, 23, 30, tzinfo=UTC), DayKind.SUNDAY)])
def test_a_holiday_is_like_a_sunday_by_ljubljanas_clock(day: datetime, kind: DayKind) -> None:
    assert day_kind(day) is kind


def test_without_any_row_the_setting_holds(app: Flask, now: datetime) -> None:
    assert factors_at(now, "formula") == Factors(hour=1250, usual=1250)
    with unit_of_work():
        settings.put("travel_factor", 1.5, valid_from=now, set_by="test")
    assert factors_at(now, "formula") == Factors(hour=1500, usual=1250)


def test_the_most_specific_row_of_the_hour_wins(app: Flask, now: datetime) -> None:
    put(now, ("", ANY, None, 1100), ("", WORK, 12, 1300), ("", WORK, 13, 1900), (CITY, ANY, None, 1200),
        (CITY, WORK, 12, 1600), (NORTH, ANY, None, 1150), (NORTH, DayKind.SATURDAY, 12, 3000))
    noon = factors_at(now, "formula")
    assert noon == Factors(hour=1300, usual=1100, by_area={CITY: 1600, NORTH: 1150})
    assert [noon.permille_to(point) for point in (CASTLE, CRNUCE, (46.5, 15.6))] == [1600, 1150, 1300]
    assert factors_at(now, "formula", for_drive_at=now + timedelta(hours=4)) == Factors(
        hour=1100, usual=1100, by_area={CITY: 1200, NORTH: 1150})


def test_a_later_fit_supersedes_all_of_an_earlier_one_and_counts_for_its_engine_only(app: Flask, now: datetime) -> None:
    put(now - timedelta(days=9), ("", ANY, None, 1100), (CITY, WORK, 12, 1600))
    put(now - timedelta(days=2), ("", ANY, None, 1200))
    put(now - timedelta(days=1), ("", ANY, None, 1700), engine="osrm")
    put(now + timedelta(days=1), ("", ANY, None, 1900))
    assert factors_at(now, "formula") == Factors(hour=1200, usual=1200)
    assert factors_at(now - timedelta(days=3), "formula") == Factors(hour=1100, usual=1100, by_area={CITY: 1600})
    assert factors_at(now, "valhalla") == Factors(hour=1250, usual=1250)


def test_what_is_set_by_hand_after_a_fit_holds_for_all_that_it_covers(app: Flask, now: datetime) -> None:
    put(now - timedelta(days=5), ("", WORK, 12, 4000), engine="", source=FactorSource.MANUAL)
    put(now - timedelta(days=2), ("", ANY, None, 1200), ("", WORK, 12, 1300), (CITY, WORK, 12, 1600),
        (CITY, ANY, None, 1500), (NORTH, ANY, None, 1150))
    put(now - timedelta(days=1), (CITY, ANY, None, 2000), engine="", source=FactorSource.MANUAL)
    assert factors_at(now, "formula") == Factors(hour=1300, usual=1200, by_area={CITY: 2000, NORTH: 1150})
    put(now, ("", WORK, 12, 2500), engine="", source=FactorSource.MANUAL)
    assert factors_at(now, "formula") == Factors(hour=2500, usual=1200, by_area={CITY: 2000, NORTH: 1150})


def test_a_changed_setting_moves_fitted_factors_in_proportion(app: Flask, now: datetime) -> None:
    put(now - timedelta(days=2), ("", ANY, None, 1200), (CITY, WORK, 12, 1600))
    with unit_of_work():
        settings.put("travel_factor", 2.5, valid_from=now, set_by="test")
    assert factors_at(now, "formula") == Factors(hour=2400, usual=1200, by_area={CITY: 3200})


def test_a_drive_takes_the_factor_of_the_area_it_leads_to(app: Flask, now: datetime) -> None:
    put(now, ("", ANY, None, 1000), (CITY, WORK, 12, 2000))
    points = [DEPOT, CASTLE, CRNUCE]
    free, found = FormulaTravelTimes(1.0).matrix(points), travel_times(now).matrix(points)
    assert found.durations_s[0] == (0, 2 * free.durations_s[0][1], free.durations_s[0][2])
    assert found.durations_s[1][2] == free.durations_s[1][2]
    assert found.distances_m == free.distances_m
    assert found.estimated


CONFIG: dict[str, Any] = {"TRAVEL_SERVER": "", "TRAVEL_SERVER_URL": "", "TRAVEL_SERVER_TIMEOUT_MS": 2000,
                          "TRAVEL_SERVER_MAX_PAIRS": 2500, "MAP_PATH": "/nowhere/map.npz"}


@pytest.mark.parametrize(("changes", "says"), [
    ({"TRAVEL_SERVER": "graphhopper"}, "TRAVEL_SERVER is 'graphhopper': it must be one of osrm, valhalla"),
    ({"TRAVEL_SERVER_URL": "http://a"}, "TRAVEL_SERVER is '': it must be one of"),
    ({"TRAVEL_SERVER": "osrm"}, "TRAVEL_SERVER_URL and its limits: '' is no address"),
    ({"TRAVEL_SERVER": "osrm", "TRAVEL_SERVER_URL": "ftp://a"}, "'ftp://a' is no address"),
    ({"TRAVEL_SERVER": "osrm", "TRAVEL_SERVER_URL": "http://a", "TRAVEL_SERVER_TIMEOUT_MS": 0}, "a time-out above 0"),
])
def test_a_source_that_makes_no_sense_stops_the_start_with_its_name(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RuntimeError, match=says):
        _composed(CONFIG | changes)


@pytest.mark.parametrize(("name", "kind"), [("valhalla", ValhallaTravelTimes), ("osrm", OsrmTravelTimes)])
def test_a_server_is_chosen_by_name(name: str, kind: type) -> None:
    with travel_server() as server:
        found = _composed(CONFIG | {"TRAVEL_SERVER": name, "TRAVEL_SERVER_URL": server.url})
        assert found.engine == name
        assert type(found.server) is kind
        for _ in range(2):
            assert found.times.table([DEPOT], [CASTLE]).durations_s == ((int(way_s(DEPOT, CASTLE) + 0.5),),)
        assert server.asked == [(1, 1)]


@pytest.fixture
def ailing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with travel_server() as gone:
        url = gone.url
    monkeypatch.setitem(app.extensions, "free_flow",
                        _composed(CONFIG | {"TRAVEL_SERVER": "osrm", "TRAVEL_SERVER_URL": url}))


@pytest.mark.usefixtures("ailing")
def test_a_server_that_does_not_answer_is_a_note_on_healthz_and_no_failure(client: FlaskClient) -> None:
    before = client.get("/healthz")
    assert "notes" not in before.json
    for _ in range(3):
        assert free_flow().times.matrix([DEPOT, CASTLE]).provisional
    after = client.get("/healthz")
    assert after.json["notes"]["travel"].startswith("osrm does not answer: ")
    assert after.status_code == before.status_code
