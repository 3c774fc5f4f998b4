"""Roads on the maps of the pages: drawn where there is a map, straight lines where there is none, and the credit."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.db import unit_of_work
from core.roles import Role
from delivery import driving, services
from delivery.travel import free_flow
from orders.models import Order
from routing.maps.graph import save_graph
from tests.delivery.factories import VERSKA, Fleet, fleet, order_live, stop_of
from tests.factories import order_token, signed_in
from tests.routing.osm_files import Town

STEP_M, WIDE = 850, 12
CREDIT = "© OpenStreetMap contributors"


@pytest.fixture
def roads(app: Flask, tmp_path: Path) -> Iterator[None]:
    """Streets in a grid over the whole city, so dense that every place is near one."""
    corners = {chr(192 + WIDE * x + y): (STEP_M * (x - 5.0), STEP_M * (y - 4.0))
               for x in range(WIDE) for y in range(WIDE)}
    town, names = Town(corners), list(corners)
    for line in [names[WIDE * x:WIDE * (x + 1)] for x in range(WIDE)] + [names[y::WIDE] for y in range(WIDE)]:
        town.street("".join(line), highway="residential", maxspeed="40")
    path = Path(app.config["MAP_PATH"])
    save_graph(town.graph(tmp_path), path)
    yield
    path.unlink()
    assert free_flow().engine == "formula"


def board_data(client: FlaskClient) -> dict[str, Any]:
    found = re.search(r'id="board-data"[^>]*>(.*?)</script>', client.get("/dispatch").text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def van_map(client: FlaskClient, order: Order) -> dict[str, Any]:
    found = re.search(r"id=\"van-map\" data-map='([^']*)'", client.get(f"/t/{order_token(order)}").text)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def corners_of(path: str) -> list[tuple[float, float]]:
    """The polyline read by another hand than the one that wrote it."""
    numbers, value, shift = [], 0, 0
    for letter in path:
        part = ord(letter) - 63
        value |= (part & 31) << shift
        shift += 5
        if part < 32:
            numbers.append((value >> 1) ^ -(value & 1))
            value = shift = 0
    sums = [0, 0]
    found = []
    for number, change in enumerate(numbers):
        sums[number % 2] += change
        if number % 2:
            found.append((sums[0] / 1e5, sums[1] / 1e5))
    return found


@pytest.mark.usefixtures("now")
def test_without_a_map_the_board_draws_straight_lines(app: Flask) -> None:
    fleet(1)
    order = order_live(1)
    data = board_data(signed_in(app, Role.DISPATCHER))
    assert (data["routes"][0]["path"], data["credit"]) == ("", "")
    assert data["routes"][0]["points"][1] == [order.lat, order.lon]
    assert stop_of(order).travel_estimated


@pytest.mark.usefixtures("now", "roads")
def test_with_a_map_the_board_draws_the_roads_and_names_their_source(app: Flask) -> None:
    fleet(1)
    orders = sorted((order_live(seed) for seed in (1, 2, 3)), key=lambda order: stop_of(order).position)
    places = [(round(order.lat, 5), round(order.lon, 5)) for order in orders]
    data = board_data(signed_in(app, Role.DISPATCHER))
    assert data["credit"] == CREDIT
    (route,) = data["routes"]
    drawn = corners_of(route["path"])
    assert drawn[-1] == places[-1]
    assert [place for place in drawn if place in places] == places
    assert len(drawn) > 2 * len(places)
    assert any(abs(a[0] - b[0]) < 2e-5 and abs(a[1] - b[1]) > 1e-3 for a, b in pairwise(drawn))  # along a street
    assert not any(stop_of(order).travel_estimated for order in orders)
    assert free_flow().engine == "map"


@pytest.mark.usefixtures("now", "roads")
def test_the_customer_sees_the_way_of_the_van_once_nobody_comes_before(client: FlaskClient) -> None:
    vans: Fleet = fleet(1)
    orders = sorted((order_live(seed) for seed in (1, 2, 3)), key=lambda order: stop_of(order).position)
    with unit_of_work():
        services.publish(vans.shift_ids[0], now=clock.utc_now(), actor="staff:1")
    with unit_of_work():
        driving.leave_for(vans.shift_ids[0], stop_of(orders[0]).id, now=clock.utc_now())
        (van,) = vans.shifts
        van.last_lat, van.last_lon = VERSKA
    data = van_map(client, orders[0])
    assert data["credit"] == CREDIT
    drawn = corners_of(data["routes"][0]["path"])
    assert drawn[-1] == (round(orders[0].lat, 5), round(orders[0].lon, 5))
    assert drawn[0] == VERSKA
    assert len(drawn) > 2
    assert van_map(client, orders[1])["routes"] == []


@pytest.mark.usefixtures("now", "roads")
def test_the_main_roads_are_the_ground_of_every_map(app: Flask, client: FlaskClient) -> None:
    fleet(1)
    found = re.search(r'data-ground="(/ground/\w+\.json)"', client.get("/").text)
    assert found is not None
    answer = client.get(found[1])
    assert (answer.status_code, answer.json) == (200, {"lines": [], "credit": CREDIT})  # streets only
    assert answer.headers["Cache-Control"] == "max-age=2592000"
    assert client.get("/ground/0.json").status_code == 404  # of another map


def test_without_a_map_there_is_no_ground(app: Flask, client: FlaskClient, now: datetime) -> None:
    assert client.get("/ground/0.json").status_code == 404
    assert "data-ground" not in client.get("/").text


@pytest.mark.usefixtures("now")
def test_the_source_of_travel_times_is_named_on_every_page_while_there_is_a_map(
        client: FlaskClient, request: pytest.FixtureRequest) -> None:
    fleet(1)
    assert "openstreetmap.org" not in client.get("/").text
    request.getfixturevalue("roads")
    html = client.get("/").text
    assert 'data-testid="map-credit"' in html
    assert CREDIT in html


def test_a_map_that_was_spoilt_is_a_note_on_healthz(app: Flask, client: FlaskClient, now: datetime) -> None:
    path = Path(app.config["MAP_PATH"])
    path.write_bytes(b"spoilt")
    try:
        said = client.get("/healthz").json["notes"]["travel"]
        assert said == f"the map cannot be read: {path}: it is no whole map file"
        assert free_flow().engine == "formula"
    finally:
        path.unlink()
    assert "notes" not in client.get("/healthz").json
