"""A day on a running service: real time, other people act as well, and everything is played by the product's steps."""
from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock
from core.db import db
from delivery.models import Shift, Stop
from delivery.states import StopStatus
from demo.simulate_cli import simulate
from demo.simulator import live
from demo.simulator.daylog import What
from demo.simulator.live import Player, orders_per_hour
from demo.simulator.places import Spot
from demo.simulator.script import DaySpec
from orders.models import Order
from orders.states import OrderStatus
from tests.delivery.factories import fleet, order_live

SPOTS = (Spot(lat=46.06, lon=14.50, postcode="1000", weight=1.0, street="Preizkusna ulica"),)
SPEC = DaySpec(on=date(2026, 11, 23), orders=300, seed=1)


class Ticking(threading.Event):
    """Waiting moves the held clock on instead of taking time."""

    def wait(self, timeout: float | None = None) -> bool:
        clock.advance(timedelta(seconds=timeout or 0))
        return False


def play(minutes: float, said: list[str], spec: DaySpec = SPEC) -> live.DayLog:
    player = Player(spec, SPOTS, speed=10.0, address="http://localhost", say=said.append)
    return player.play(Ticking(), until=clock.utc_now() + timedelta(minutes=minutes))


def test_orders_come_and_are_driven_by_the_vans_on_shift(app: Flask, now: datetime) -> None:
    fleet(2)
    said: list[str] = []
    log = play(10, said)
    placed = [event for event in log.events if event.what is What.PLACED]
    done = [event for event in log.events if event.what is What.DELIVERED]
    assert len(placed) >= 15
    assert len(done) >= 5
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == len(placed)
    assert db.session.scalar(sa.select(sa.func.count(Order.id)).where(
        Order.status == OrderStatus.DELIVERED)) == len(done)
    assert sum("promised by" in line and "http://localhost/t/" in line for line in said) == len(placed)


def test_drivers_get_their_lists_and_accept_them(app: Flask, now: datetime) -> None:
    fleet(1)
    play(3, [])
    db.session.rollback()
    shift = db.session.scalars(sa.select(Shift)).one()
    assert shift.list_version >= 1
    assert shift.accepted_version == shift.list_version


def test_an_order_of_somebody_else_is_driven_as_well(app: Flask, now: datetime) -> None:
    fleet(1)
    order = order_live(1)
    order_id = order.id
    play(4, [], DaySpec(on=SPEC.on, orders=1, seed=1))
    db.session.rollback()
    assert db.session.get_one(Order, order_id).status is OrderStatus.DELIVERED


def test_a_step_that_somebody_else_made_unlawful_is_taken_as_news(app: Flask, now: datetime) -> None:
    """A dispatcher takes a van out while it drives: its driver's next step is refused and the day goes on."""
    made = fleet(2)
    order_live(1)
    first = next(stop for stop in db.session.scalars(sa.select(Stop)) if stop.shift_id is not None)
    gone = first.shift_id
    played: list[str] = []

    def say(line: str) -> None:
        played.append(line)
        if "leaves for" in line and gone is not None and len(played) < 50:
            with db.engine.begin() as connection:
                connection.execute(sa.update(Stop).where(Stop.shift_id == gone, Stop.status == StopStatus.EN_ROUTE)
                                   .values(status=StopStatus.VOID))

    player = Player(SPEC, SPOTS, speed=10.0, address="http://localhost", say=say)
    log = player.play(Ticking(), until=clock.utc_now() + timedelta(minutes=10))
    other = next(number for number, shift_id in enumerate(made.shift_ids) if shift_id != gone)
    assert any(event.what is What.DELIVERED and event.van == other for event in log.events)


def test_without_a_depot_there_is_nothing_to_play_on(app: Flask, now: datetime) -> None:
    with pytest.raises(LookupError):
        Player(SPEC, SPOTS, speed=1.0, address="", say=print)


def test_as_many_orders_come_as_at_this_hour_of_a_day() -> None:
    assert orders_per_hour(90, datetime(2026, 11, 23, 11, 30, tzinfo=UTC)) == 9.0  # 12.30 in Ljubljana
    assert orders_per_hour(91, datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) == 7.0


def test_where_no_service_answers_nothing_is_played(app: Flask, now: datetime) -> None:
    fleet(1)
    answer = app.test_cli_runner().invoke(simulate, ["--live", "http://127.0.0.1:9"])
    assert answer.exit_code == 2
    assert "no service answers on http://127.0.0.1:9" in answer.stderr
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 0


def test_invented_orders_are_refused_where_it_is_no_demo(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEMO", False)
    answer = app.test_cli_runner().invoke(simulate, ["--live", "default"])
    assert answer.exit_code == 2
    assert "PLIN_DEMO" in answer.stderr


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@pytest.fixture
def healthy() -> Any:
    """A server that says that it lives."""
    server = HTTPServer(("127.0.0.1", 0), _Healthy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_command_says_what_to_look_at_and_ends_by_itself(app: Flask, now: datetime, healthy: str,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    fleet(1)
    make: Callable[[], threading.Event] = Ticking
    monkeypatch.setattr("demo.simulate_cli.Event", make)
    answer = app.test_cli_runner().invoke(simulate, ["--live", healthy, "--minutes", "2"])
    assert answer.exit_code == 0, answer.output
    assert f"{healthy}/dispatch" in answer.stdout
    assert "promised by" in answer.stdout
    assert "The day is over" in answer.stdout
