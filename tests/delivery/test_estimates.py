"""Times that rest on a drive reckoned without roads say so, and no others do."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from core.db import db, unit_of_work
from core.roles import Role
from delivery import planning
from delivery.models import Stop
from delivery.promising import LivePromises
from delivery.tracking_view import tracking_view
from delivery.travel import FreeFlow
from orders.placing import prepare
from routing.travel_times.base import Matrix, Point
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.formula import FormulaTravelTimes
from tests.delivery.factories import fleet, order_live, somewhere, stop_of
from tests.factories import order_request, order_token, signed_in


class Roads:
    """Knows all ways but those from and to the places `outside`; these are estimates."""

    def __init__(self) -> None:
        self.outside: set[Point] = set()

    def matrix(self, points: Sequence[Point]) -> Matrix:
        return self.table(points, points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        estimates = tuple(tuple(a != b and bool({a, b} & self.outside) for b in targets) for a in sources)
        return replace(FormulaTravelTimes(1.0).table(sources, targets), estimated=any(map(any, estimates)),
                       estimates=estimates)


@pytest.fixture
def roads(app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Roads:
    known = Roads()
    monkeypatch.setitem(app.extensions, "free_flow", FreeFlow(engine="map", times=CachedTravelTimes(known)))
    return known


def asked(seed: int, now: datetime) -> list[bool]:
    """Whether the offers for a place are marked, the 1-2 h promise first."""
    place = somewhere(seed)
    request = order_request(place=place)
    demand = prepare(request.lines, payment=request.payment, floor=0, now=now).demand
    return [offer.estimated_travel for offer in LivePromises().find(place, demand, now=now).offers]


def rounded(seed: int) -> Point:
    place = somewhere(seed)
    return round(place.lat, 5), round(place.lon, 5)


def test_an_offer_is_marked_when_the_way_there_is_an_estimate(roads: Roads, now: datetime) -> None:
    fleet(1)
    assert set(asked(1, now)) == {False}
    roads.outside = {rounded(2)}
    first, *later = asked(2, now)
    assert first
    assert set(later) == {True, False}  # tomorrow nobody is rostered: no drive was reckoned
    assert set(asked(1, now)) == {False}


def test_whoever_comes_after_a_stop_outside_the_map_has_an_estimated_time(roads: Roads, now: datetime) -> None:
    fleet(1)
    roads.outside = {rounded(2)}
    marks: dict[int, tuple[int, bool]] = {}
    for seed in (10, 11, 2, 12, 13, 14):
        promised = asked(seed, now)[0]
        order = order_live(seed)
        assert stop_of(order).travel_estimated is promised
        marks = {stop.id: (stop.position, stop.travel_estimated) for stop in db.session.scalars(sa.select(Stop))}
    outside_at = min(position for position, estimated in marks.values() if estimated)
    assert all(estimated is (position >= outside_at) for position, estimated in marks.values())
    assert {estimated for _, estimated in marks.values()} == {True, False}


def test_the_mark_goes_when_the_roads_are_known(roads: Roads, now: datetime, app: Flask) -> None:
    depot_id = fleet(1).depot_id
    roads.outside = {rounded(2)}
    order = order_live(2)
    assert tracking_view(order.id, now).expected_estimated
    app.extensions["free_flow"] = FreeFlow(engine="map", times=CachedTravelTimes(Roads()))
    with unit_of_work():
        assert planning.retime(planning.snapshot(depot_id, now)) == 1
    assert not stop_of(order).travel_estimated
    assert not tracking_view(order.id, now).expected_estimated


@pytest.mark.parametrize("outside", [True, False])
def test_board_and_tracking_page_say_so_when_and_only_when(roads: Roads, app: Flask, client: FlaskClient,
                                                          outside: bool) -> None:
    fleet(1)
    roads.outside = {rounded(2)} if outside else set()
    order = order_live(2)
    stop = db.session.scalars(sa.select(Stop)).one()
    page = client.get(f"/t/{order_token(order)}")
    board = signed_in(app, Role.DISPATCHER).get(f"/dispatch?stop={stop.id}")
    assert (page.status_code, board.status_code) == (200, 200)
    assert ['data-testid="estimated"' in answer.text for answer in (page, board)] == [outside] * 2
