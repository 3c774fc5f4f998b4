"""In the zone or not (X-14): borders belong to it, holes do not."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.zone import Zone, ZoneError, contains

SQUARE = {"type": "Polygon", "coordinates": [[[14, 46], [15, 46], [15, 47], [14, 47], [14, 46]]]}
WITH_HOLE = {"type": "Polygon", "coordinates": [
    [[14, 46], [18, 46], [18, 50], [14, 50], [14, 46]], [[15, 47], [17, 47], [17, 49], [15, 49], [15, 47]]]}
BAY = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [2, 1], [0, 4], [0, 0]]]}


@pytest.mark.parametrize(("lat", "lon", "inside"), [
    (46.5, 14.5, True), (46.5, 13.9, False), (46.5, 15.1, False), (45.9, 14.5, False), (47.1, 14.5, False),
    (46, 14, True), (47, 15, True), (46, 14.5, True), (46.5, 15, True), (46, 15.5, False), (47, 13.5, False)])
def test_a_square_contains_its_inside_its_corners_and_its_edges(lat: float, lon: float, inside: bool) -> None:
    assert contains(SQUARE, lat, lon) is inside


@pytest.mark.parametrize(("lat", "lon", "inside"), [
    (46.5, 16, True), (48, 16, False), (47, 16, True), (49, 17, True), (48, 14.5, True)])
def test_a_hole_is_outside_and_its_border_inside(lat: float, lon: float, inside: bool) -> None:
    assert contains(WITH_HOLE, lat, lon) is inside


@pytest.mark.parametrize(("lat", "lon", "inside"), [
    (3, 2, False), (1, 2, True), (0.9, 2, True), (3, 0.5, True), (3, 3.5, True), (2.5, 1, True), (2.6, 1, False)])
def test_a_bay_is_outside(lat: float, lon: float, inside: bool) -> None:
    assert contains(BAY, lat, lon) is inside


def test_several_polygons_and_a_feature_of_them() -> None:
    twice = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], BAY["coordinates"]]}
    zone = Zone.from_geojson({"type": "Feature", "properties": {}, "geometry": twice})
    assert [zone.contains(46.5, 14.5), zone.contains(0.5, 2), zone.contains(20, 20)] == [True, True, False]


@given(st.floats(-3, 3), st.floats(-3, 3), st.lists(st.integers(1, 5), min_size=4, max_size=4))
def test_a_convex_zone_contains_what_lies_left_of_all_its_edges(x: float, y: float, reach: list[int]) -> None:
    east, north, west, south = reach
    corners = [(east, 0), (0, north), (-west, 0), (0, -south)]
    turns = [(bx - ax) * (y - ay) - (by - ay) * (x - ax)
             for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True)]
    ring = [list(corner) for corner in [*corners, corners[0]]]
    if min(map(abs, turns)) > 1e-9:
        assert contains({"type": "Polygon", "coordinates": [ring]}, y, x) is (min(turns) > 0)


@pytest.mark.parametrize(("value", "message"), [
    ({}, "a polygon is needed, not None"),
    ({"type": "Point", "coordinates": [14, 46]}, "a polygon is needed, not 'Point'"),
    ({"type": "MultiPolygon", "coordinates": []}, "a polygon is needed, not 'MultiPolygon'"),
    ({"type": "Feature"}, "the feature has no geometry"),
    ({"type": "Polygon", "coordinates": []}, "the polygon has no ring"),
    ({"type": "Polygon", "coordinates": "x"}, "the polygon has no ring"),
    ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "ring 0 has fewer than three corners"),
    ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, "ring 0 is not closed"),
    ({"type": "Polygon", "coordinates": [[["a", 0]]]}, "ring 0: a position is no pair of numbers"),
    ({"type": "Polygon", "coordinates": [[[0]]]}, "ring 0: a position is no pair of numbers"),
    ({"type": "Polygon", "coordinates": [[[float("nan"), 0]] * 5]}, "ring 0: a position is no pair of numbers"),
])
def test_what_is_no_polygon_is_refused(value: dict[str, Any], message: str) -> None:
    with pytest.raises(ZoneError) as refused:
        Zone.from_geojson(value)
    assert str(refused.value) == message
