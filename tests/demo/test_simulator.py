"""A simulated day: it repeats, loses nobody, promises nothing beyond two hours, and its figures follow from events."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import create_app
from core import clock
from demo.simulator.baseline import GREEDY
from demo.simulator.daylog import DayLog, Event, What
from demo.simulator.hindsight import HINDSIGHT
from demo.simulator.many import Job, played
from demo.simulator.places import BESIDE, BadPlaces, Spot, at_doors, spots_of
from demo.simulator.report import figures_of
from demo.simulator.roads import doors_of, free_flow_of, map_file
from demo.simulator.run import Ways
from demo.simulator.script import DaySpec, script_of
from routing.maps.geometry import metres_between
from routing.maps.graph import E7

SPEC = DaySpec(on=date(2026, 11, 24), orders=24, seed=3, cancel_share=0.3, no_show_share=0.15)
PLACES = "lat,lon,weight\n46.06,14.50,2\n46.05,14.52,1\n46.07,14.48,1\n46.04,14.49,0.5\n"
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A day of snow, 24 orders and 2 vans, one of which breaks down at 8: planned by insertion alone, so that chance
    has no part in it."""
    places = tmp_path_factory.mktemp("places") / "places.csv"
    places.write_text(PLACES)
    return Job(policy="live", spec=SPEC, vans=2, places=places,
               ways=Ways(improve_ms=0, announce_every_s=900, travel_factor=4.0, vans_down={1: 3600}))


@pytest.fixture(scope="module")
def day(job: Job) -> DayLog:
    """That day, played once for all that look at it."""
    return played(job, create_app)


def of(log: DayLog, *kinds: What) -> list[int | None]:
    """The orders of these events, in order."""
    return sorted((event.order for event in log.events if event.what in kinds), key=str)


def test_the_same_seed_plays_the_same_day(job: Job, day: DayLog) -> None:
    assert [event.as_row() for event in played(job, create_app).events] == [event.as_row() for event in day.events]


def test_another_seed_makes_another_day(job: Job) -> None:
    spots = spots_of(job.places)
    assert script_of(SPEC, spots) == script_of(SPEC, spots)
    assert script_of(SPEC, spots) != script_of(replace(SPEC, seed=4), spots)


def test_nobody_is_lost(day: DayLog) -> None:
    """Asked = refused + placed; placed = delivered + failed + cancelled + open."""
    figures = figures_of(day)
    assert figures.asked == 24
    assert figures.asked == figures.refused + figures.placed
    assert figures.placed == figures.delivered + figures.failed + figures.cancelled + figures.open
    assert of(day, What.STARTED) == of(day, What.DELIVERED, What.FAILED)
    assert len(set(of(day, What.STARTED))) == len(of(day, What.STARTED))


def test_things_do_go_wrong_on_that_day(day: DayLog) -> None:
    """Otherwise the other tests would prove less than they say."""
    figures = figures_of(day)
    assert figures.cancelled >= 1
    assert figures.failed >= 1
    assert of(day, What.VAN_DOWN) == [None]


def test_a_van_that_is_down_leaves_for_nobody(day: DayLog) -> None:
    down_at = next(event.at for event in day.events if event.what is What.VAN_DOWN)
    later = [event.what for event in day.events if event.van == 1 and event.at > down_at]
    assert set(later) <= {What.HOME}


def test_nothing_is_promised_beyond_two_hours_and_more_than_one_has_a_reason(day: DayLog) -> None:
    """H-110 to H-112."""
    for event in day.events:
        if event.what is What.PLACED:
            promised = event.facts["promised_by_at"] - event.facts["clock_start_at"]
            assert timedelta(0) < promised <= timedelta(minutes=120)
            assert bool(event.facts["reason"]) == (promised > timedelta(minutes=60))


def test_nobody_is_served_before_asking_and_a_van_is_at_one_place_at_a_time(day: DayLog) -> None:
    asked = {event.order: event.at for event in day.events if event.what is What.ASKED}
    assert all(event.at >= asked[event.order] for event in day.events if event.what is What.LEFT)
    for van in range(2):
        steps = [event.what for event in day.events if event.van == van and event.what in (
            What.LEFT, What.STARTED, What.DELIVERED, What.FAILED)]
        whole = steps[:len(steps) - len(steps) % 3]  # the van that broke down may have been on its way
        assert all(whole[number] is (What.LEFT, What.STARTED)[number % 3] for number in range(len(whole))
                   if number % 3 < 2)


@pytest.mark.parametrize("policy", [GREEDY, HINDSIGHT])
def test_other_ways_of_planning_meet_the_same_customers(job: Job, day: DayLog, policy: str) -> None:
    """Common random numbers: who asks when, and how long each door takes, does not depend on the planning."""
    other = played(replace(job, policy=policy, hindsight_s=0.4), create_app)
    cancelling = {one.number for one in script_of(SPEC, spots_of(job.places)) if one.cancel_after_s is not None}
    seen = {policy: {event.order: event.at for event in log.events if event.what is What.ASKED}
            for policy, log in (("live", day), (policy, other))}
    gone = cancelling if policy == HINDSIGHT else set()
    assert seen[policy] == {number: at for number, at in seen["live"].items() if number not in gone}
    doors = [{event.order: event.facts["service_s"] for event in log.events if event.what is What.STARTED}
             for log in (day, other)]
    common = set(doors[0]) & set(doors[1])
    assert len(common) >= 6
    assert {number: doors[0][number] for number in common} == {number: doors[1][number] for number in common}


def test_an_improved_day_serves_everybody_too(job: Job) -> None:
    log = played(replace(job, spec=replace(SPEC, orders=8, cancel_share=0), vans=2,
                         ways=Ways(improve_ms=20, improve_every_s=300, announce_every_s=900)), create_app)
    figures = figures_of(log)
    assert (figures.asked, figures.refused, figures.cancelled, figures.open) == (8, 0, 0, 0)
    assert figures.within_120 == 1.0


def test_the_clock_is_given_back(day: DayLog) -> None:
    assert abs(clock.utc_now() - datetime.now(UTC)) < timedelta(minutes=1)


def minutes(after: float) -> datetime:
    return MORNING + timedelta(minutes=after)


def test_the_figures_follow_from_the_events() -> None:
    """By hand: one in 50 min, one in 100 beyond its promise, one refused, one cancelled, one still open."""
    log = DayLog(policy="live", vans=2)
    for number in range(1, 6):
        log.note(minutes(number), What.ASKED, order=number)
    for number, promised in ((1, 60), (2, 60), (4, 120), (5, 120)):
        log.note(minutes(number), What.PLACED, order=number, clock_start_at=minutes(number),
                 promised_by_at=minutes(number + promised), reason="several_orders" if promised > 60 else "")
    log.note(minutes(3), What.REFUSED, order=3, why="agreed")
    log.note(minutes(20), What.CANCELLED, order=4)
    for number, at in ((1, 51), (2, 102)):
        log.note(minutes(at - 10), What.LEFT, order=number, van=0, drive_s=600, drive_m=4000)
        log.note(minutes(at), What.STARTED, order=number, van=0, service_s=300)
        log.note(minutes(at + 5), What.DELIVERED, order=number, van=0)
    log.note(minutes(200), What.HOME, van=0, drive_s=300, drive_m=2000)
    log.took("promise", 5.0)
    figures = figures_of(log)
    assert (figures.asked, figures.refused, figures.placed, figures.cancelled, figures.open) == (5, 1, 4, 1, 1)
    assert (figures.within_60, figures.within_120) == (0.25, 0.5)  # of 1, 2, 3 and 5
    assert figures.kept == 0.3333  # of 1, 2 and 5
    assert figures.wait_min == {"n": 2, "p50": 50.0, "p95": 100.0, "max": 100.0}
    assert figures.promises == {"60 min": 2, "120 min, several_orders": 2}
    assert (figures.km, figures.km_per_stop, figures.driving_min_per_stop) == (10.0, 5.0, 12.5)
    assert (figures.van_hours, figures.busy_hours) == (30.0, 0.6)
    assert figures.planning_ms == {"promise": {"n": 1, "p50": 5.0, "p95": 5.0, "max": 5.0}}


def test_an_event_is_written_as_plain_values() -> None:
    event = Event(at=MORNING, what=What.PLACED, order=1, facts={"promised_by_at": minutes(60), "reason": ""})
    assert json.loads(json.dumps(event.as_row())) == {
        "at": "2026-11-24T07:00:00+00:00", "what": "placed", "order": 1, "van": None,
        "promised_by_at": "2026-11-24T08:00:00+00:00", "reason": ""}


def _metres_moved(before: Sequence[Spot], after: Sequence[Spot]) -> Any:
    """float64[n]: how far each place lies from where it was."""
    columns = [np.array([getattr(spot, axis) for spot in spots])
               for spots in (before, after) for axis in ("lat", "lon")]
    return metres_between(*(np.rint(column * E7).astype(np.int64) for column in columns))


@pytest.mark.skipif(not BESIDE.is_file(), reason="the data of Ljubljana (../shared/data) is not there")
def test_an_extract_gives_the_ways_of_the_day(job: Job, tmp_path: Path) -> None:
    roads = map_file(BESIDE.with_name("ljubljana_roads_2019.osm.pbf"), tmp_path)
    by_road, by_formula = (figures_of(played(replace(job, policy=GREEDY, map_path=path), create_app))
                           for path in (roads, None))
    assert by_road.asked == by_formula.asked == 24
    assert by_road.km != by_formula.km
    assert free_flow_of(roads).times.matrix([(46.06, 14.50), (46.05, 14.52)]).estimated is False
    places = spots_of(None)
    at_road = at_doors(places, doors_of(roads))
    assert 20 < _metres_moved(places, at_road).mean() < 100
    assert _metres_moved(at_road, at_doors(at_road, doors_of(roads))).max() < 1
    assert at_doors(places, doors_of(None)) == places


@pytest.mark.parametrize(("text", "why"), [
    ("lat,lon\n1,2\n", "there is no column weight"), ("lat,lon,weight\n46.05,east,1\n", "line 2"),
    ("lat,lon,weight\n48.2,16.4,1\n", "no place lies inside the zone")])
def test_places_that_cannot_be_used_are_named(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(text)
    with pytest.raises(BadPlaces, match=why):
        spots_of(path)


def test_without_a_file_of_places_the_demos_addresses_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("demo.simulator.places.BESIDE", tmp_path / "none.csv")
    assert len(spots_of(None)) >= 100
    assert spots_of(None) == spots_of(None)


def test_orders_come_by_the_hour_in_the_proportion_of_the_weights(tmp_path: Path) -> None:
    spots = spots_of(_file(tmp_path))
    arrivals = script_of(replace(SPEC, orders=90), spots)
    by_hour = [sum(one.at_s // 3600 == hour for one in arrivals) for hour in range(13)]
    assert by_hour == [3, 4, 6, 8, 9, 9, 8, 6, 6, 7, 9, 9, 6]


def _file(folder: Path) -> Path:
    path = folder / "places.csv"
    path.write_text(PLACES)
    return path
