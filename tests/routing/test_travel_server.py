"""Valhalla and OSRM over HTTP: their answers, and what happens when there are none."""
from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from routing.travel_times.base import BadPoint, Point
from routing.travel_times.breaker import Breaker
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.formula import FormulaTravelTimes
from routing.travel_times.http import OsrmTravelTimes, ServerTravelTimes, ValhallaTravelTimes
from tests.routing.travel_server import FakeServer, travel_server, way_m, way_s

DEPOT, CASTLE, STATION, FAR = (46.0775, 14.489), (46.0489, 14.5085), (46.0578, 14.5103), (46.5547, 15.6459)
POINTS = [DEPOT, CASTLE, STATION]
FORMULA = FormulaTravelTimes(1.0)
KINDS = [ValhallaTravelTimes, OsrmTravelTimes]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with travel_server() as fake:
        yield fake


@pytest.fixture(params=KINDS, ids=["valhalla", "osrm"])
def source(request: pytest.FixtureRequest, server: FakeServer) -> ServerTravelTimes:
    made: ServerTravelTimes = request.param(server.url, fallback=FORMULA, timeout_s=0.5)
    return made


def expected(points: list[Point]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(way_s(a, b) + 0.5) if a != b else 0 for b in points) for a in points)


def expected_m(points: list[Point]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(way_m(a, b) + 0.5) if a != b else 0 for b in points) for a in points)


def test_a_matrix_is_the_servers_in_whole_seconds_and_metres(source: ServerTravelTimes, server: FakeServer) -> None:
    found = source.matrix(POINTS)
    assert found.durations_s == expected(POINTS)
    assert found.distances_m == expected_m(POINTS)
    assert (found.estimated, found.estimates, found.provisional) == (False, None, False)
    assert server.asked == [(3, 3)]
    assert source.breaker.note == ""


def test_valhalla_is_asked_for_a_vans_speed_and_osrm_for_both_annotations(server: FakeServer) -> None:
    ValhallaTravelTimes(server.url + "/", fallback=FORMULA).table([DEPOT], [CASTLE])
    OsrmTravelTimes(server.url, fallback=FORMULA).table([DEPOT], [CASTLE])
    assert server.bodies[0]["costing_options"] == {"auto": {"top_speed": 90}}
    assert server.paths == ["/sources_to_targets",
                            "/table/v1/driving/14.489000,46.077500;14.508500,46.048900"
                            "?annotations=duration,distance&sources=0&destinations=1"]


@pytest.mark.parametrize("max_pairs", [1, 7, 50, 2500])
def test_a_large_table_is_cut_into_blocks_the_server_takes(server: FakeServer, max_pairs: int) -> None:
    dice = random.Random(7)
    points = [(round(46 + dice.random() / 10, 5), round(14.4 + dice.random() / 5, 5)) for _ in range(17)]
    for kind in KINDS:
        server.asked.clear()
        found = kind(server.url, fallback=FORMULA, max_pairs=max_pairs).table(points[:12], points)
        assert found.durations_s == expected(points)[:12]
        assert all(rows * columns <= max_pairs for rows, columns in server.asked)
        assert sum(rows * columns for rows, columns in server.asked) == 12 * 17


def test_osrm_is_given_at_most_a_hundred_places_at_once(server: FakeServer) -> None:
    points = [(46 + number / 1000, 14.5) for number in range(130)]
    source = OsrmTravelTimes(server.url, fallback=FORMULA, max_pairs=100_000)
    assert source.table(points[:1], points).durations_s == expected(points)[:1]
    assert server.asked == [(1, 99), (1, 31)]


def test_a_pair_without_a_way_comes_from_the_fallback_and_is_marked(source: ServerTravelTimes,
                                                                    server: FakeServer) -> None:
    server.unreachable = {(CASTLE, STATION)}
    found, formula = source.matrix(POINTS), FORMULA.matrix(POINTS)
    seconds = [list(row) for row in expected(POINTS)]
    seconds[1][2] = formula.durations_s[1][2]
    assert found.durations_s == tuple(map(tuple, seconds))
    assert found.distances_m[1][2] == formula.distances_m[1][2]
    assert found.estimated
    assert found.estimates == ((False, False, False), (False, False, True), (False, False, False))
    assert not found.provisional


def test_a_null_row_of_valhalla_comes_from_the_fallback(server: FakeServer) -> None:
    server.mood = lambda number: json.dumps({"sources_to_targets": [
        None, [{"time": 7.5, "distance": 0.1}, {"time": 0, "distance": 0}]]}).encode()
    found = ValhallaTravelTimes(server.url, fallback=FORMULA).matrix([DEPOT, CASTLE])
    assert found.durations_s == ((0, FORMULA.matrix([DEPOT, CASTLE]).durations_s[0][1]), (8, 0))
    assert found.estimates == ((False, True), (False, False))


def test_a_place_off_the_map_spoils_no_other_and_is_asked_for_once(source: ServerTravelTimes,
                                                                   server: FakeServer) -> None:
    server.off_map = {FAR}
    points = [*POINTS, FAR]
    for _ in range(2):
        found = source.matrix(points)
        assert [row[:3] for row in found.durations_s[:3]] == list(expected(POINTS))
        assert found.durations_s[3] == FORMULA.matrix(points).durations_s[3]
        assert found.estimates is not None
        assert [list(row) for row in found.estimates] == [[False, False, False, True]] * 3 + [[True] * 3 + [False]]
    assert server.asked == [(4, 4), (1, 1), (1, 1), (1, 1), (1, 1), (3, 3), (3, 3)]
    assert source.breaker.note == ""


def test_a_place_that_osrm_moved_far_to_a_road_is_off_its_map(server: FakeServer) -> None:
    server.far = {STATION}
    found = OsrmTravelTimes(server.url, fallback=FORMULA).matrix(POINTS)
    assert found.estimates == ((False, False, True), (False, False, True), (True, True, False))
    assert found.durations_s[0] == (0, expected(POINTS)[0][1], FORMULA.matrix(POINTS).durations_s[0][2])


@pytest.mark.parametrize("mood", [
    500, 404, 429, 400, b"", b"no json", b"[]", b"null", b"{}", b'{"sources_to_targets": []}',
    b'{"sources_to_targets": [[1, 2]]}', b'{"sources_to_targets": [[{"time": -1, "distance": 1}]]}',
    b'{"sources_to_targets": [[{"time": "x", "distance": 1}]]}',
    b'{"sources_to_targets": [[{"time": NaN, "distance": 1}]]}', b'{"code": "TooBig"}',
    b'{"code": "Ok", "durations": [[1]]}', b'{"code": "Ok", "durations": [[1]], "distances": 5}',
    b'{"code": "Ok", "durations": [[1e40]], "distances": [[1]]}', b'{"sources_to_targets": [[{"time": 1}]]}',
], ids=repr)
def test_an_answer_that_is_none_is_the_fallbacks_for_now(source: ServerTravelTimes, server: FakeServer,
                                                         mood: int | bytes) -> None:
    server.mood = lambda number: mood
    found = source.table([DEPOT], [CASTLE])
    assert found.durations_s == FORMULA.table([DEPOT], [CASTLE]).durations_s
    assert (found.estimated, found.provisional) == (True, True)
    cache = CachedTravelTimes(source)
    cache.matrix(POINTS)
    assert len(cache) == 0


def test_a_server_that_is_too_slow_is_waited_for_no_longer_than_the_time_out(server: FakeServer) -> None:
    server.mood = lambda number: 0.4
    found = ValhallaTravelTimes(server.url, fallback=FORMULA, timeout_s=0.05).matrix(POINTS)
    assert found.durations_s == FORMULA.matrix(POINTS).durations_s
    assert found.provisional


def test_nobody_there_is_the_fallback() -> None:
    with travel_server() as gone:
        url = gone.url
    source = OsrmTravelTimes(url, fallback=FORMULA)
    assert source.matrix(POINTS).durations_s == FORMULA.matrix(POINTS).durations_s
    for _ in range(2):
        source.matrix(POINTS)
    assert source.breaker.note.startswith("osrm does not answer: ")


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_three_failures_in_a_row_open_the_breaker_and_one_question_tries_it_later(
        server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    hand = Hand()
    source = ValhallaTravelTimes(server.url, fallback=FORMULA, breaker=Breaker("valhalla", clock=hand))
    server.mood = lambda number: 503
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            source.matrix(POINTS)
        assert len(server.asked) == 3
        assert source.breaker.note == "valhalla does not answer: HTTP 503"
        hand.now = 29.0
        source.matrix(POINTS)
        assert len(server.asked) == 3
        hand.now = 30.0
        for _ in range(4):
            source.matrix(POINTS)
        assert len(server.asked) == 4
        server.mood = lambda number: None
        hand.now = 61.0
        assert source.matrix(POINTS).durations_s == expected(POINTS)
        assert source.breaker.note == ""
        assert not source.matrix(POINTS).provisional
    assert [record.message for record in caplog.records] == [
        "travel server valhalla is left alone for 30 s at a time: HTTP 503",
        "travel server valhalla answers again"]


def test_two_failures_and_an_answer_leave_the_breaker_closed(server: FakeServer) -> None:
    source = ValhallaTravelTimes(server.url, fallback=FORMULA)
    server.mood = lambda number: None if number % 3 == 0 else 500
    assert [source.matrix(POINTS).provisional for _ in range(9)] == [True, True, False] * 3
    assert len(server.asked) == 9


def test_a_server_that_refuses_everything_is_left_alone_as_well(server: FakeServer) -> None:
    source = OsrmTravelTimes(server.url, fallback=FORMULA)
    server.mood = lambda number: 400
    for _ in range(6):
        assert source.matrix(POINTS).durations_s == FORMULA.matrix(POINTS).durations_s
    assert len(server.asked) == 3 * 4
    assert source.breaker.note == "osrm does not answer: HTTP 400"
    assert source._outside == set()


def test_while_one_question_tries_the_server_the_others_do_not_wait() -> None:
    hand = Hand()
    breaker = Breaker("osrm", failures=1, clock=hand)
    breaker.failed("gone")
    hand.now = 31.0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.failed("gone")
    hand.now = 62.0
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: breaker.allows(), range(40))) == 1
    breaker.undecided()
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_many_threads_may_ask_at_once(source: ServerTravelTimes) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: source.matrix(POINTS).durations_s, range(24)))
    assert found == [expected(POINTS)] * 24


@pytest.mark.parametrize("url", ["", "valhalla", "ftp://127.0.0.1", "file:///etc/hosts", "http://", "http://a?x=1"])
def test_what_is_no_address_of_a_server_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a travel server"):
        ValhallaTravelTimes(url, fallback=FORMULA)


@pytest.mark.parametrize("options", [{"timeout_s": 0}, {"timeout_s": float("nan")}, {"max_pairs": 0}])
def test_senseless_limits_are_refused(options: dict[str, float]) -> None:
    make: Callable[..., ServerTravelTimes] = OsrmTravelTimes
    with pytest.raises(ValueError, match="a travel server needs"):
        make("http://127.0.0.1:1", fallback=FORMULA, **options)


def test_a_coordinate_that_is_no_place_reaches_no_server(source: ServerTravelTimes, server: FakeServer) -> None:
    with pytest.raises(BadPoint, match=r"^point 1: "):
        source.matrix([DEPOT, (91.0, 14.5)])
    assert source.table([], POINTS).durations_s == ()
    assert server.asked == []
