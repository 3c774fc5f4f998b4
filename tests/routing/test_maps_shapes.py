from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from routing.maps.geometry import METRES_PER_DEGREE
from routing.maps.shapes import encoded, simplified
from routing.travel_times.base import BadPoint, Point
from routing.travel_times.graph import GraphTravelTimes
from tests.routing.osm_files import COS, LAT, LON, Town, place

RING = {"a": (0, 0), "b": (100, 0), "c": (100, 100), "d": (0, 100)}


def metres(points: list[Point]) -> list[tuple[int, int]]:
    """East and north of the corner of the town, whole metres."""
    return [(round((lon - LON) * METRES_PER_DEGREE * COS), round((lat - LAT) * METRES_PER_DEGREE))
            for lat, lon in points]


def roads(town: Town, folder: Path) -> GraphTravelTimes:
    return GraphTravelTimes(town.graph(folder))


def ring(folder: Path, **tags: str) -> GraphTravelTimes:
    town = Town(RING)
    town.street("ab", **tags)
    town.street("bcda")
    return roads(town, folder)


def test_a_way_runs_along_the_roads_from_door_to_door(tmp_path: Path) -> None:
    found = ring(tmp_path).shape([place(50, -20), place(120, 50)])
    assert metres(found) == [(50, -20), (50, 0), (100, 0), (100, 50), (120, 50)]


def test_a_way_goes_round_a_one_way_street(tmp_path: Path) -> None:
    found = ring(tmp_path, oneway="yes").shape([place(75, 0), place(25, 0)])
    assert metres(found) == [(75, 0), (100, 0), (100, 100), (0, 100), (0, 0), (25, 0)]


def test_a_way_on_one_street_stays_on_it(tmp_path: Path) -> None:
    assert metres(ring(tmp_path).shape([place(20, 0), place(70, 0)])) == [(20, 0), (70, 0)]


def test_a_way_through_several_places_is_one_line(tmp_path: Path) -> None:
    found = ring(tmp_path).shape([place(50, 0), place(100, 50), place(50, 100)])
    assert metres(found) == [(50, 0), (100, 0), (100, 50), (100, 100), (50, 100)]


def test_a_way_heeds_a_forbidden_turn(tmp_path: Path) -> None:
    town = Town({"x": (0, 0), "n": (0, 100), "e": (100, 0), "s": (0, -100), "w": (-100, 0)})
    streets = [town.street("x" + arm) for arm in "nesw"]
    town.turn("only_straight_on", streets[2], "x", streets[0])
    assert metres(roads(town, tmp_path).shape([place(0, -50), place(-50, 0)])) == [
        (0, -50), (0, 100), (0, 0), (-50, 0)]


def test_a_place_outside_the_map_is_joined_by_a_straight_line(tmp_path: Path) -> None:
    assert metres(ring(tmp_path).shape([place(50, 0), place(50, -600)])) == [(50, 0), (50, -600)]


def test_fewer_than_two_places_are_no_way(tmp_path: Path) -> None:
    times = ring(tmp_path)
    assert (times.shape([]), times.shape([(46.05, 14.5)])) == ([], [(46.05, 14.5)])
    assert metres(times.shape([place(50, 0), place(50, 0)])) == [(50, 0), (50, 0)]
    with pytest.raises(BadPoint):
        times.shape([(46.05, 14.5), (99.0, 14.5)])


def test_a_drawn_way_is_as_long_as_the_distance_says(tmp_path: Path) -> None:
    rng = random.Random(4)
    town = Town({chr(65 + 5 * x + y): (100.0 * x + rng.randrange(40), 100.0 * y + rng.randrange(40))
                 for x in range(5) for y in range(5)})
    for number in range(25):
        x, y = divmod(number, 5)
        if x < 4:
            town.street(chr(65 + number) + chr(70 + number), **({"oneway": "yes"} if rng.random() < 0.2 else {}))
        if y < 4:
            town.street(chr(65 + number) + chr(66 + number))
    times = roads(town, tmp_path)
    points = [place(rng.uniform(0, 430), rng.uniform(0, 430)) for _ in range(10)]
    answer = times.matrix(points)
    for row, origin in enumerate(points):
        for column, end in enumerate(points):
            line = times.shape([origin, end])
            length = sum((((b[0] - a[0]) ** 2 + ((b[1] - a[1]) * COS) ** 2) ** 0.5) * METRES_PER_DEGREE
                         for a, b in pairwise(line)) if row != column else 0.0
            assert length == pytest.approx(answer.distances_m[row][column], abs=12)


def drawn(town: Town, folder: Path) -> list[list[tuple[int, int]]]:
    lines = []
    for line in roads(town, folder).main_lines:
        numbers, value, shift = [], 0, 0
        for letter in line:
            value |= (ord(letter) - 63 & 31) << shift
            shift += 5
            if ord(letter) - 63 < 32:
                numbers.append((value >> 1) ^ -(value & 1))
                value = shift = 0
        corners, at = [], [0, 0]
        for north, east in zip(numbers[::2], numbers[1::2], strict=True):
            at = [at[0] + north, at[1] + east]
            corners.append((at[0] / 1e5, at[1] / 1e5))
        lines.append(metres(corners))
    return sorted(lines)


def test_main_roads_are_drawn_as_one_line_where_they_go_on(tmp_path: Path) -> None:
    town = Town({**RING, "k": (200, 0), "l": (300, 100), "m": (100, -100)})
    town.street("abcda")
    town.street("ab", highway="primary")
    town.street("bk", highway="primary", maxspeed="50")  # another speed: another edge, the same line
    town.street("bm")
    town.street("kl", highway="secondary")
    assert [[(round(east, -1), round(north, -1)) for east, north in line] for line in drawn(town, tmp_path)] == [
        [(0, 0), (200, 0), (300, 100)]]


def test_a_main_ring_and_a_fork_are_drawn_once(tmp_path: Path) -> None:
    town = Town({**RING, "k": (200, 0), "l": (200, 100)})
    town.street("abcda", highway="primary")
    town.street("bk")
    town.street("kl", highway="motorway", oneway="no")
    town.street("lc")
    lines = [[(round(east, -1), round(north, -1)) for east, north in line] for line in drawn(town, tmp_path)]
    assert len(lines) == 2
    ring_line, link = sorted(lines, key=len, reverse=True)
    assert (ring_line[0] == ring_line[-1], set(ring_line)) == (True, {(0, 0), (100, 0), (100, 100), (0, 100)})
    assert set(link) == {(200, 0), (200, 100)}


def test_small_bends_are_left_out_and_corners_stay() -> None:
    line = [place(0, 0), place(50, 4), place(100, 0), place(104, 50), place(100, 100)]
    assert metres(simplified(line)) == [(0, 0), (100, 0), (100, 100)]
    assert metres(simplified([place(0, 0), place(50, 6), place(100, 0)])) == [(0, 0), (50, 6), (100, 0)]
    assert simplified([]) == []


def test_polylines_are_encoded_as_everybody_does() -> None:
    assert encoded([(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
    assert encoded([]) == ""
