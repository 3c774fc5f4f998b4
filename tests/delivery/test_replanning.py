"""Continuous re-planning (D6): every event inserts at once and asks for an improvement; frozen prefixes stay."""
from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock
from core.db import db, unit_of_work
from core.roles import Role
from delivery import planning
from delivery.driving import arrive, fail, leave_for
from delivery.models import Stop, StopEvent
from delivery.plan_state import needs_improvement
from delivery.services import lock_stop, van_down
from delivery.solvers import solver_pool
from delivery.states import LIVE, FailReason, StopStatus
from delivery.worker import Improvement, improve, retime_all
from orders.services import cancel_order
from routing.checker import hard_violations
from tests.delivery.factories import Fleet, fleet, order_live, stop_of, version
from tests.factories import signed_in

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def pool(app: Flask) -> Iterator[None]:
    """The solver processes of this application, ended afterwards."""
    yield
    made = app.extensions.pop("solver_pool", None)
    if made is not None:
        made.close()


@pytest.fixture
def kicks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the sweeps that were asked for."""
    asked: list[str] = []
    for module in ("driving", "reacting", "slipping", "vans"):
        monkeypatch.setattr(f"delivery.{module}.kick", asked.append)
    return asked


def open_stops() -> list[Stop]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Stop).where(Stop.status.in_(LIVE)).order_by(Stop.id)))


def settled(made: Fleet) -> None:
    """As if the plan had just been improved."""
    db.session.rollback()
    improve(made.depot_id, clock.utc_now(), time_limit_ms=1)
    assert not needs_improvement(made.depot_id)
    db.session.rollback()


@pytest.mark.parametrize("event", ["order", "cancelled", "failed", "van down"])
def test_an_event_plans_what_is_open_at_once_and_asks_for_an_improvement(event: str, now: datetime,
                                                                         kicks: list[str]) -> None:
    made = fleet(3)
    orders = [order_live(number) for number in range(3)]
    stop = stop_of(orders[0])
    stop_id, shift_id, order_id = stop.id, stop.shift_id or 0, orders[0].id
    settled(made)
    kicks.clear()
    if event == "order":
        order_live(9)
    elif event == "cancelled":
        with unit_of_work():
            cancel_order(order_id, by="customer", reason="", now=now, actor="customer")
    elif event == "failed":
        with unit_of_work():
            leave_for(shift_id, stop_id, out_of_turn=True, now=now)
        with unit_of_work():
            arrive(shift_id, stop_id, now=now)
        with unit_of_work():
            fail(shift_id, stop_id, FailReason.NOT_HOME, now=now)
    else:
        with unit_of_work():
            van_down(shift_id, reason="", now=now, actor="staff:1")
    assert all(stop.status is StopStatus.PLANNED for stop in open_stops())
    assert len(open_stops()) == {"order": 4, "cancelled": 2, "failed": 2, "van down": 3}[event]
    assert needs_improvement(made.depot_id)
    assert kicks[-1] == "delivery.improve"


def test_a_driver_who_is_late_puts_stops_at_risk_once_and_asks_for_an_improvement(now: datetime,
                                                                                  kicks: list[str]) -> None:
    """The van stays at the first door; the second stop slips into the last ten minutes, then beyond its promise."""
    made = fleet(1)
    first, second = order_live(1), order_live(2)
    ids = {stop.position: stop.id for stop in open_stops()}
    with unit_of_work():
        leave_for(made.shift_ids[0], ids[1], now=now)
    with unit_of_work():
        arrive(made.shift_ids[0], ids[1], now=now)
    settled(made)
    kicks.clear()
    crossed: list[tuple[str, int]] = []
    for _ in range(14):
        at = version(made.depot_id)
        clock.advance(timedelta(minutes=5))
        retime_all(made.depot_id, clock.utc_now())
        events = db.session.scalars(sa.select(StopEvent).where(
            StopEvent.stop_id == ids[2], StopEvent.what.in_(["at_risk", "late"])).order_by(StopEvent.id)).all()
        if len(events) > len(crossed):
            crossed.append((events[-1].what, version(made.depot_id) - at))
            assert needs_improvement(made.depot_id)
        else:
            assert version(made.depot_id) == at
        db.session.rollback()
    assert crossed == [("at_risk", 1), ("late", 1)]
    assert kicks == ["delivery.improve", "delivery.improve"]
    assert {first.id, second.id} == {stop.order_id for stop in open_stops()}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_improvement_moves_a_frozen_beginning(now: datetime, seed: int) -> None:
    """Y-05: random plans, some stops under way, some locked; what is frozen stands where it stood, in its van."""
    made = fleet(3, load={"Z10": 12})
    dice = random.Random(seed)
    for number in range(10):
        order_live(seed * 100 + number)
        clock.advance(timedelta(minutes=dice.randrange(3)))
    at = clock.utc_now()
    for stop in dice.sample(open_stops(), 3):
        with unit_of_work():
            if dice.random() < 0.5:
                lock_stop(stop.id, True, seen_version=version(made.depot_id), now=at, actor="staff:1")
            elif stop.shift_id is not None and not any(
                    other.shift_id == stop.shift_id and other.status is StopStatus.EN_ROUTE for other in open_stops()):
                leave_for(stop.shift_id, stop.id, out_of_turn=True, now=at)
    before = planning.snapshot(made.depot_id, at)
    frozen = {vehicle.id: vehicle.frozen for vehicle in before.problem.vehicles}
    assert any(frozen.values())
    db.session.rollback()
    outcome = improve(made.depot_id, at, time_limit_ms=200)
    assert outcome in (Improvement.APPLIED, Improvement.UNCHANGED, Improvement.PROPOSED)
    after = planning.snapshot(made.depot_id, at)
    assert {name: after.plan.route(name)[:len(ids)] for name, ids in frozen.items()} == frozen
    assert hard_violations(after.problem, after.plan) == ()


def test_solver_processes_killed_while_they_improve_cost_nothing_but_the_improvement(app: Flask,
                                                                                    now: datetime) -> None:
    """The insertion's plan stands, pages answer meanwhile, and the next improvement finds new processes."""
    made = fleet(3)
    for number in range(8):
        order_live(number)
    routes = {stop.id: (stop.shift_id, stop.position) for stop in open_stops()}
    solver_pool().start()
    over = Event()
    killed: set[int] = set()

    def kill() -> None:
        while not over.wait(0.02):
            for pid in solver_pool_pids(app):
                killed.add(pid)
                os.kill(pid, signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    try:
        outcome = improve(made.depot_id, now, time_limit_ms=400)
        assert signed_in(app, Role.DISPATCHER).get("/dispatch").status_code == 200
    finally:
        over.set()
        killer.join()
    assert len(killed) >= 2
    assert outcome in (Improvement.UNCHANGED, Improvement.APPLIED)  # what plain insertion found may be better
    assert {stop.id for stop in open_stops()} == set(routes)
    assert all(stop.status is StopStatus.PLANNED for stop in open_stops())
    with unit_of_work():
        lock_stop(min(routes), True, seen_version=version(made.depot_id), now=now, actor="staff:1")
    assert improve(made.depot_id, now, time_limit_ms=400) in (Improvement.UNCHANGED, Improvement.APPLIED)
    assert not needs_improvement(made.depot_id)


def solver_pool_pids(app: Flask) -> tuple[int, ...]:
    made = app.extensions.get("solver_pool")
    return made.pids() if made is not None else ()
