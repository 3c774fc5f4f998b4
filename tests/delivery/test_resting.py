"""The driver's break (PRODUCT P6): planned in its window, shown, begun and ended by the driver."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, settings
from core.db import db, unit_of_work
from core.roles import Role
from delivery import planning
from delivery.driving import leave_for
from delivery.errors import OnAnotherStop, RestOver
from delivery.models import Shift
from delivery.queries import board_view, driver_list
from delivery.resting import begin_rest, end_rest
from routing.problem import Break
from tests.delivery.factories import Fleet, fleet, order_live, stop_of, version
from tests.factories import signed_in

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


def rested(now: datetime, vans: int = 1, *, minutes: int = 30, after: int = 60, before: int = 90) -> Fleet:
    """Vans on shift for an hour; their drivers rest between one hour and one and a half after the beginning."""
    with unit_of_work():
        for key, value in (("break_minutes", minutes), ("break_after_minutes", after),
                           ("break_before_minutes", before)):
            settings.put(key, value, valid_from=now - timedelta(days=1), set_by="test")
    return fleet(vans)


def test_a_due_break_is_planned_before_the_next_service_ends_too_late_for_it(now: datetime) -> None:
    """The break may begin at once, so the van rests before it drives on, and everything comes later by it."""
    with unit_of_work():
        settings.put("break_minutes", 0, valid_from=now - timedelta(days=1), set_by="test")
    made = fleet(1)
    first = order_live(1)
    alone = stop_of(first).planned_start_at
    with unit_of_work():
        for shift in made.shifts:
            shift.break_minutes = 30
        for key, value in (("break_after_minutes", 60), ("break_before_minutes", 90)):
            settings.put(key, value, valid_from=now - timedelta(days=1), set_by="test")
    vehicle = planning.snapshot(made.depot_id, now).problem.vehicles[0]
    assert vehicle.breaks == (Break(id="rest", earliest_s=0, latest_s=1800, duration_s=1800),)
    with unit_of_work():
        planning.retime_shift(made.shifts[0], now)
    assert alone is not None
    assert stop_of(first).planned_start_at == alone + 30 * MINUTE
    assert board_view(made.depot_id, now).routes[0].rests == ((now, now + 30 * MINUTE),)


def test_a_break_whose_time_has_passed_or_that_was_taken_is_planned_no_more(now: datetime) -> None:
    made = rested(now)
    later = now + 31 * MINUTE
    assert planning.snapshot(made.depot_id, later).problem.vehicles[0].breaks == ()
    with unit_of_work():
        begin_rest(made.shift_ids[0], now=now)
    vehicle = planning.snapshot(made.depot_id, now).problem.vehicles[0]
    assert (vehicle.breaks, vehicle.start_s) == ((), 1800)
    with unit_of_work():
        end_rest(made.shift_ids[0], now=now + 10 * MINUTE)
    assert planning.snapshot(made.depot_id, now + 10 * MINUTE).problem.vehicles[0].start_s == 0


def test_no_break_is_planned_without_the_setting_or_in_a_short_shift(now: datetime) -> None:
    made = rested(now, minutes=0)
    assert planning.snapshot(made.depot_id, now).problem.vehicles[0].breaks == ()
    with unit_of_work():
        made.shifts[0].break_minutes = 20
        made.shifts[0].ends_at = made.shifts[0].starts_at + 90 * MINUTE
    assert planning.snapshot(made.depot_id, now).problem.vehicles[0].breaks == ()


def test_a_break_is_begun_once_and_not_between_leaving_and_the_door(now: datetime) -> None:
    made = rested(now)
    stop = stop_of(order_live(1))
    stop_id, shift_id = stop.id, made.shift_ids[0]
    with pytest.raises(RestOver), unit_of_work():
        end_rest(shift_id, now=now)
    with unit_of_work():
        begin_rest(shift_id, now=now)
    at = version(made.depot_id)
    with pytest.raises(RestOver), unit_of_work():
        begin_rest(shift_id, now=now)
    assert version(made.depot_id) == at
    assert driver_list(shift_id, now).resting_until == now + 30 * MINUTE
    with unit_of_work():
        leave_for(shift_id, stop_id, now=now + MINUTE)
    assert db.session.get_one(Shift, shift_id).break_ended_at == now + MINUTE
    with unit_of_work():
        db.session.execute(sa.update(Shift).values(break_started_at=None, break_ended_at=None))
    with pytest.raises(OnAnotherStop), unit_of_work():
        begin_rest(shift_id, now=now)
    assert db.session.get_one(Shift, shift_id).break_started_at is None


def test_the_driver_begins_and_ends_the_break_on_the_phone_and_the_board_shows_it(app: Flask, now: datetime) -> None:
    made = rested(now)
    order_live(1)
    board = signed_in(app, Role.DISPATCHER)
    assert 'data-testid="rest"' in board.get("/dispatch").text
    path = board.post(f"/dispatch/shifts/{made.shift_ids[0]}/driver").headers["Location"]
    phone = app.test_client()
    assert 'data-testid="rest-begin"' in phone.get(path).text
    assert phone.post(f"{path}/rest").status_code == 303
    clock.advance(5 * MINUTE)
    assert 'data-testid="resting"' in phone.get(path).text
    assert phone.post(f"{path}/rest", data={"over": "1"}).status_code == 303
    page = phone.get(path).text
    assert 'data-testid="resting"' not in page
    assert 'data-testid="rest-begin"' not in page
    assert phone.post(f"{path}/rest").status_code == RestOver.status
