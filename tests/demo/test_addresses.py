"""The demo's addresses lie where their street runs."""
from __future__ import annotations

import gzip
import itertools
import json
import math
from pathlib import Path

import pytest

from demo.addresses import ADDRESSES, DEPOT, PLACE_DAYS, ZONE
from routing.zone import contains

ROADS = Path(__file__).parents[2].parent / "shared" / "data" / "ljubljana" / "ljubljana_roads_2019.geojson.gz"
METRES_PER_DEGREE = 111_320.0
AT_THE_STREET_M = 60


def _metres_to_line(lat: float, lon: float, line: list[list[float]]) -> float:
    shrink = math.cos(math.radians(lat))
    best = math.inf
    for (lon_a, lat_a), (lon_b, lat_b) in itertools.pairwise(line):
        ax, ay = (lon_a - lon) * METRES_PER_DEGREE * shrink, (lat_a - lat) * METRES_PER_DEGREE
        dx, dy = (lon_b - lon_a) * METRES_PER_DEGREE * shrink, (lat_b - lat_a) * METRES_PER_DEGREE
        length = dx * dx + dy * dy
        share = 0.0 if length == 0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / length))
        best = min(best, math.hypot(ax + share * dx, ay + share * dy))
    return best


def _roads_by_name() -> dict[str, list[list[list[float]]]]:
    if not ROADS.exists():
        pytest.skip("the road extract is not beside the project (../shared/data/ljubljana)")
    roads: dict[str, list[list[list[float]]]] = {}
    for feature in json.loads(gzip.decompress(ROADS.read_bytes()))["features"]:
        roads.setdefault(feature["properties"].get("n") or "", []).append(feature["geometry"]["coordinates"])
    return roads


def test_every_demo_address_lies_within_60_metres_of_the_street_it_names() -> None:
    roads = _roads_by_name()
    places = [(street, lat, lon) for street, _, _, lat, lon in ADDRESSES]
    places.append(("Verovškova ulica", DEPOT["lat"], DEPOT["lon"]))
    far = {street: round(min(_metres_to_line(lat, lon, line) for line in roads[street]))
           for street, lat, lon in places
           if min(_metres_to_line(lat, lon, line) for line in roads[street]) > AT_THE_STREET_M}
    assert far == {}


def test_there_are_about_forty_different_addresses_all_inside_the_zone() -> None:
    assert len({(street, number) for street, number, *_ in ADDRESSES}) == len(ADDRESSES) == 51
    outside = [street for street, _, _, lat, lon in ADDRESSES if not contains(ZONE, lat, lon)]
    assert outside == []


def test_the_delivery_plan_outside_the_city_has_working_days_only() -> None:
    assert {weekday for _, _, weekday, _, _ in PLACE_DAYS} <= {0, 1, 2, 3, 4}
