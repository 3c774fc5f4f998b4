"""A day played against a running service, so that boards, tracking pages and SMS lists come alive.

A server's clock cannot be held, so time is real. Orders come `speed` times as often as they would at this hour of a
day; vans drive and drivers work `speed` times as fast as planned, and are early accordingly. The service plans with
what it knows, and people may order, drive and dispatch at the same time: a step that is refused is taken as news.
"""
from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from flask import Flask, current_app

from core import calendar, links
from core.clock import utc_now
from core.db import db, unit_of_work
from core.errors import DomainError
from core.i18n import show_time
from delivery.driving import accept_list
from delivery.models import Depot, Shift, Stop
from delivery.publishing import publish
from delivery.states import MOVABLE, ShiftStatus
from demo.simulator.agenda import Agenda
from demo.simulator.customers import Customers
from demo.simulator.daylog import DayLog, Event, What
from demo.simulator.drivers import Drivers
from demo.simulator.places import Spot, drawn
from demo.simulator.script import HOUR_S, HOUR_WEIGHTS, OPENS, DaySpec, arrival_of

LOOK_EVERY = timedelta(seconds=2)
LIVE = "live"
PLAYER = "player"
SENTENCES = {
    What.REFUSED: "a customer was offered no time within two hours and went away",
    What.CANCELLED: "order {order} is cancelled by the customer",
    What.CANCELLED_TOO_LATE: "order {order} cannot be cancelled any more: the van is on its way",
    What.LEFT: "{van} leaves for {order}", What.STARTED: "{van} is at the door of {order}",
    What.DELIVERED: "{van} has done {order}", What.FAILED: "{van} found nobody for {order}",
    What.RELOADED: "{van} is loaded at the depot"}


class Player:
    """Customers and drivers of a running service. `say` takes a line for every event."""

    def __init__(self, spec: DaySpec, spots: Sequence[Spot], *, speed: float, address: str,
                 say: Callable[[str], object]) -> None:
        self._spec, self._spots, self._speed, self._address, self._say = spec, spots, speed, address, say
        depot = db.session.scalars(sa.select(Depot).order_by(Depot.id)).first()
        if depot is None:
            raise LookupError("there is no depot: the service has no data yet")
        run = secrets.token_hex(4)
        self._dice = random.Random(f"{spec.seed} {run}")  # noqa: S311 - a day to play, no secret
        self._log = DayLog(policy=LIVE, vans=0)
        self._told = 0
        self._agenda = Agenda()
        self._customers = Customers(self._log, f"played-{run}")
        self._drivers = Drivers((depot.lat, depot.lon), self._agenda, self._log, pace=speed, forgiving=True)
        self._number = 0

    def play(self, stop: threading.Event, *, until: datetime | None = None) -> DayLog:
        """Play until `stop` is set or the instant has come."""
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

        def wait(at: datetime) -> bool:
            if until is not None and at >= until:
                return False
            return not stop.wait(max(0.0, (at - utc_now()).total_seconds()))

        self._agenda.enter(utc_now(), self._look)
        self._agenda.enter(utc_now(), self._ask)
        db.session.rollback()
        self._agenda.run(after_each=self._tell, wait=wait, around=app.app_context)
        return self._log

    def _ask(self) -> None:
        """A customer asks, and the next one is drawn."""
        self._number += 1
        (spot,) = drawn(self._spots, self._dice, 1)
        arrival = arrival_of(self._spec, self._number, 0, spot)
        if self._customers.ask(arrival):
            self._drivers.expect(self._customers.orders[arrival.number], arrival)
            if arrival.cancel_after_s is not None:
                self._agenda.enter(utc_now() + timedelta(seconds=arrival.cancel_after_s / self._speed),
                                   lambda: self._customers.cancel(arrival))
        gap_s = self._dice.expovariate(orders_per_hour(self._spec.orders, utc_now()) * self._speed / HOUR_S)
        self._agenda.enter(utc_now() + timedelta(seconds=gap_s), self._ask)

    def _look(self) -> None:
        """What a dispatcher and the drivers see from time to time: new shifts, new lists, new stops."""
        now = utc_now()
        self._drivers.join(db.session.scalars(sa.select(Shift.id).where(
            Shift.status == ShiftStatus.ACTIVE, Shift.starts_at <= now, Shift.ends_at > now).order_by(Shift.id)).all())
        unlisted = sa.select(Shift.id).join(Stop, Stop.shift_id == Shift.id).where(
            Shift.list_version == 0, Shift.status == ShiftStatus.ACTIVE, Stop.status.in_(MOVABLE)).distinct()
        for shift_id in db.session.scalars(unlisted).all():
            self._try(partial(publish, shift_id, now=now, actor=PLAYER))
        unread = sa.select(Shift.id, Shift.list_version).where(
            Shift.status == ShiftStatus.ACTIVE, Shift.accepted_version < Shift.list_version)
        for shift_id, version in db.session.execute(unread).all():
            self._try(partial(accept_list, shift_id, version, now=now))
        self._drivers.wake()
        self._agenda.enter(now + LOOK_EVERY, self._look)

    def _try(self, act: Callable[[], object]) -> None:
        """A step that others may have taken meanwhile."""
        try:
            with unit_of_work():
                act()
        except DomainError:
            db.session.rollback()

    def _tell(self) -> None:
        """Say what was not said yet."""
        for event in self._log.events[self._told:]:
            line = self._line(event)
            if line:
                self._say(f"{show_time(event.at)}  {line}")
        self._told = len(self._log.events)

    def _line(self, event: Event) -> str:
        if event.what is What.PLACED:
            token = links.token_for("order", self._customers.orders[event.order or 0])
            return (f"order {event.facts['number']}, promised by {show_time(event.facts['promised_by_at'])}: "
                    f"{self._address}/t/{token}")
        van = self._drivers.vans[event.van].code if event.van is not None else ""
        number = self._numbers().get(event.order, "a stop")
        return SENTENCES.get(event.what, "").format(order=number, van=van)

    def _numbers(self) -> dict[int | None, str]:
        return {event.order: event.facts["number"] for event in self._log.events if event.what is What.PLACED}


def orders_per_hour(orders: int, now: datetime) -> float:
    """How many orders of a day come in an hour like this one; by night as many as on average."""
    hour = calendar.local(now).hour - OPENS.hour
    share = HOUR_WEIGHTS[hour] / sum(HOUR_WEIGHTS) if 0 <= hour < len(HOUR_WEIGHTS) else 1 / len(HOUR_WEIGHTS)
    return orders * share
