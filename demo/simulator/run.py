"""A day played through the product's own services, on a database of its own, faster than real time."""
from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app

from core import clock
from core.clock import utc_now
from core.db import db, unit_of_work
from core.tasks import run_sweep
from delivery.models import Shift, Stop
from delivery.publishing import publish
from delivery.services import van_down
from delivery.states import LIVE as LIVE_STOPS
from delivery.states import MOVABLE, ShiftStatus
from delivery.travel import FreeFlow
from delivery.worker import Improvement, improve
from demo.simulator.agenda import Agenda
from demo.simulator.customers import Customers
from demo.simulator.daylog import DayLog
from demo.simulator.drivers import Drivers
from demo.simulator.script import Arrival, DaySpec, at
from demo.simulator.world import make_world

Factory = Callable[[dict[str, Any]], Flask]
Tick = Callable[[float], object]
LIVE = "live"
BEFORE_OPENING = timedelta(minutes=5)
SHIFTS_EVERY = timedelta(minutes=10)
IMPROVE = "delivery.improve"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How a day is planned: the solver's time for each improvement (0: insertion only) and how often at most, how
    often lists are renewed and customers told, how loaded the vans go out, which vans break down when."""

    improve_ms: int = 500
    improve_every_s: int = 30
    announce_every_s: int = 60
    processes: int = 1
    load: int | None = None
    travel_factor: float = 1.25
    vans_down: Mapping[int, int] = field(default_factory=dict)


def play(factory: Factory, spec: DaySpec, script: Sequence[Arrival], vans: int, ways: Ways, *,
         roads: FreeFlow, tick: Tick = lambda part: None) -> DayLog:
    """Play the script with so many vans. `factory` makes the application, `roads` are the ways without traffic;
    `tick` hears which part of the day is over."""
    log = DayLog(policy=LIVE, vans=vans)
    with _application(factory, ways, roads), clock.frozen_at(spec.opens_at - BEFORE_OPENING):
        _Day(spec, script, vans, ways, log, tick).run()
    return log


@contextmanager
def _application(factory: Factory, ways: Ways, roads: FreeFlow) -> Iterator[Flask]:
    """An application with an empty database in a folder of its own, and its context."""
    with tempfile.TemporaryDirectory(prefix="day-") as folder:
        app = factory({
            "SECRET_KEY": "a simulated day", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{Path(folder) / 'day.db'}",
            "SQLALCHEMY_ENGINE_OPTIONS": {}, "HUEY_URL": "off", "TRAVEL_SERVER": "",
            "TRAVEL_SERVER_URL": "", "SOLVER_PROCESSES": ways.processes, "PUBLIC_URL": "http://localhost",
            "SOLVER_TIME_LIMIT_MS": max(1, ways.improve_ms)})
        app.extensions["free_flow"] = roads
        with app.app_context():
            db.create_all()
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
                pool = app.extensions.get("solver_pool")
                if pool is not None:
                    pool.close()


class _Day:
    """One day: what customers, drivers, dispatcher and worker do, entered in one agenda."""

    def __init__(self, spec: DaySpec, script: Sequence[Arrival], vans: int, ways: Ways, log: DayLog,
                 tick: Tick) -> None:
        self._spec, self._script, self._ways, self._log, self._tick = spec, script, ways, log, tick
        world = make_world(spec, vans=vans, load=ways.load, travel_factor=ways.travel_factor)
        self._depot_id = world.depot_id
        self._agenda = Agenda()
        self._customers = Customers(log)
        self._drivers = Drivers(world.depot, self._agenda, log)
        self._drivers.join(world.shift_ids)
        self._improve_not_before = spec.opens_at
        self._improvement_entered = False
        current_app.extensions["kick_task"] = self.kicked

    def run(self) -> None:
        """Play until the shifts are over and every van is home."""
        spec, agenda = self._spec, self._agenda
        for arrival in self._script:
            agenda.enter(at(spec, arrival.at_s), partial(self._ask, arrival))
        for number, down_at_s in self._ways.vans_down.items():
            agenda.enter(at(spec, down_at_s), partial(self._break_down, number))
        self._every(SHIFTS_EVERY, self._shifts)
        self._every(timedelta(seconds=self._ways.announce_every_s), self._announce)
        length = spec.shift_ends_at - spec.opens_at
        agenda.run(after_each=lambda: self._tick((utc_now() - spec.opens_at) / length))
        self._drivers.go_home()

    def _every(self, step: timedelta, act: Callable[[], object]) -> None:
        """Repeat something from the opening to the end of the shifts."""
        def again() -> None:
            act()
            if utc_now() + step <= self._spec.shift_ends_at:
                self._agenda.enter(utc_now() + step, again)
        self._agenda.enter(self._spec.opens_at, again)

    def _ask(self, arrival: Arrival) -> None:
        if not self._customers.ask(arrival):
            return
        self._drivers.expect(self._customers.orders[arrival.number], arrival)
        if arrival.cancel_after_s is not None:
            self._agenda.enter(utc_now() + timedelta(seconds=arrival.cancel_after_s),
                               lambda: self._customers.cancel(arrival))
        self._drivers.wake()

    def _shifts(self) -> None:
        run_sweep("delivery.shifts")

    def _announce(self) -> None:
        """Every van that got its first stops gets its list; what follows is the sweep's."""
        if db.session.scalar(sa.select(Stop.id).where(Stop.status.in_(LIVE_STOPS)).limit(1)) is None:
            db.session.rollback()
            return
        begun = perf_counter()
        new = db.session.scalars(sa.select(Shift.id).join(Stop, Stop.shift_id == Shift.id).where(
            Shift.list_version == 0, Shift.status == ShiftStatus.ACTIVE, Stop.status.in_(MOVABLE)).distinct()).all()
        for shift_id in new:
            with unit_of_work():
                publish(shift_id, now=utc_now(), actor="simulator")
        run_sweep("delivery.announce")
        self._log.took("lists and announcements", (perf_counter() - begun) * 1000)

    def _break_down(self, number: int) -> None:
        self._drivers.break_down(number)
        with unit_of_work():
            van_down(self._drivers.vans[number].shift_id, reason="simulated", now=utc_now(), actor="simulator")
        self._drivers.wake()

    def kicked(self, name: str) -> None:
        """What the product asks its worker for. Improvements are made one at a time and not all the time."""
        if name == IMPROVE and self._ways.improve_ms and not self._improvement_entered:
            self._improvement_entered = True
            self._agenda.enter(max(utc_now(), self._improve_not_before), self._improve)

    def _improve(self) -> None:
        self._improvement_entered = False
        self._improve_not_before = utc_now() + timedelta(seconds=self._ways.improve_every_s)
        begun = perf_counter()
        outcome = improve(self._depot_id, utc_now())
        if outcome is not Improvement.UNCHANGED:
            self._log.took("improve", (perf_counter() - begun) * 1000)
        self._log.improvements[outcome.value] = self._log.improvements.get(outcome.value, 0) + 1
        self._drivers.wake()
