"""Drivers of a simulated day: they follow their lists by the same steps as on the driver's page."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from core.clock import utc_now
from core.db import db, unit_of_work
from delivery import driving
from delivery.models import Shift, Stop
from delivery.states import FailReason, ShiftStatus, StopStatus
from delivery.travel import travel_times
from delivery.visits import promise_of, wants_visit
from demo.simulator.agenda import Act, Agenda
from demo.simulator.daylog import DayLog, What
from demo.simulator.script import Arrival
from orders.models import Order
from orders.queries import order_by_id
from orders.services import preview_door
from orders.settlement import DoorSettlement, as_agreed
from orders.states import PaymentMethod
from routing.travel_times.base import Point

SECOND = timedelta(seconds=1)


@dataclass(kw_only=True)
class Van:
    """A van as it really is. What was begun before `trip` was raised does not come to pass any more."""

    number: int
    shift_id: int
    place: Point
    busy: bool = False
    down: bool = False
    trip: int = 0


class Drivers:
    """All vans of a day. `wake` lets those that stand idle look at their lists.

    `as_expected` is true while a driver reports a step that the plan foresaw.
    """

    def __init__(self, vans: Sequence[Van], depot: Point, agenda: Agenda, log: DayLog) -> None:
        self.vans = vans
        self._depot = depot
        self._agenda = agenda
        self._log = log
        self._arrivals: dict[int, Arrival] = {}
        self.as_expected = False

    def expect(self, order_id: int, arrival: Arrival) -> None:
        """Tell what awaits a driver at the door of an order."""
        self._arrivals[order_id] = arrival

    def wake(self) -> None:
        """Everybody who has nothing to do looks at the list."""
        for van in self.vans:
            if not van.busy and not van.down:
                self._go_on(van)

    def break_down(self, number: int) -> None:
        """From now on a van goes nowhere; what it was at is undone by the dispatcher."""
        van = self.vans[number]
        van.down, van.trip = True, van.trip + 1
        self._log.note(utc_now(), What.VAN_DOWN, van=number)

    def go_home(self) -> None:
        """The way from the last door to the depot at the end of the day."""
        for van in self.vans:
            if van.place != self._depot:
                seconds, metres = self._way(van.place, self._depot)
                self._log.note(utc_now(), What.HOME, van=van.number, drive_s=seconds, drive_m=metres)

    def _go_on(self, van: Van) -> None:
        """Leave for the next stop of the list, if there is one whose time has come."""
        stop = _next_stop(van.shift_id)
        if stop is None:
            db.session.rollback()
            return
        now, stop_id, order_id = utc_now(), stop.id, stop.order_id
        source = stop.source
        target, from_at = (source.lat, source.lon), promise_of(source).from_at
        arrival = self._arrivals.get(order_id or 0)
        seconds, metres = self._way(van.place, target)
        db.session.rollback()
        if from_at > now + seconds * SECOND:
            self._agenda.enter(from_at - seconds * SECOND, self.wake)
            return
        with self._expected(), unit_of_work():
            driving.leave_for(van.shift_id, stop_id, now=now)
        drive_s = round(seconds * (arrival.drive_factor if arrival else 1.0))
        van.busy, van.trip = True, van.trip + 1
        number = arrival.number if arrival else None
        self._log.note(now, What.LEFT, order=number, van=van.number, drive_s=drive_s, drive_m=metres)
        self._then(van, drive_s, lambda: self._arrive(van, stop_id, target, arrival))

    @contextmanager
    def _expected(self) -> Iterator[None]:
        """What happens here is news to nobody."""
        self.as_expected = True
        try:
            yield
        finally:
            self.as_expected = False

    def _then(self, van: Van, seconds: int, act: Act) -> None:
        """Go on after so many seconds, unless something came between."""
        trip = van.trip
        self._agenda.enter(utc_now() + seconds * SECOND, lambda: act() if van.trip == trip else None)

    def _way(self, start: Point, end: Point) -> tuple[int, int]:
        matrix = travel_times(utc_now()).table([start], [end])
        return matrix.durations_s[0][0], matrix.distances_m[0][0]

    def _arrive(self, van: Van, stop_id: int, target: Point, arrival: Arrival | None) -> None:
        now = utc_now()
        with self._expected(), unit_of_work():
            driving.arrive(van.shift_id, stop_id, now=now)
        van.place = target
        if arrival is None:
            seconds = db.session.get_one(Stop, stop_id).service_s
            db.session.rollback()
            self._then(van, seconds, lambda: self._reload(van, stop_id))
            return
        self._log.note(now, What.STARTED, order=arrival.number, van=van.number, service_s=arrival.service_s)
        self._then(van, arrival.service_s, lambda: self._finish(van, stop_id, arrival))

    def _reload(self, van: Van, stop_id: int) -> None:
        with unit_of_work():
            driving.reload_van(van.shift_id, stop_id, now=utc_now())
        self._log.note(utc_now(), What.RELOADED, van=van.number)
        self._free(van)

    def _finish(self, van: Van, stop_id: int, arrival: Arrival) -> None:
        now = utc_now()
        if arrival.no_show:
            with unit_of_work():
                driving.fail(van.shift_id, stop_id, FailReason.NOT_HOME, now=now)
        else:
            order_id = db.session.get_one(Stop, stop_id).order_id
            door = door_of(order_by_id(order_id or 0))
            with unit_of_work():
                driving.deliver(van.shift_id, stop_id, door, now=now)
        self._log.note(now, What.FAILED if arrival.no_show else What.DELIVERED, order=arrival.number, van=van.number)
        self._free(van)

    def _free(self, van: Van) -> None:
        van.busy = False
        self._go_on(van)


def _next_stop(shift_id: int) -> Stop | None:
    """The first stop of the list that is still wanted; none for a van that is not on shift."""
    stops = db.session.scalars(
        sa.select(Stop).join(Shift, Shift.id == Stop.shift_id)
        .where(Stop.shift_id == shift_id, Stop.status == StopStatus.PLANNED, Shift.status == ShiftStatus.ACTIVE)
        .order_by(Stop.position, Stop.id).execution_options(populate_existing=True))
    return next((stop for stop in stops if wants_visit(stop.source)), None)


def door_of(order: Order) -> DoorSettlement:
    """Everything as ordered; the amount is what the driver's page shows."""
    card = "Visa" if order.payment_method is PaymentMethod.CARD else ""
    door = DoorSettlement(lines=as_agreed(order), payment=order.payment_method, shown_total_cents=0, card_scheme=card,
                          gdpr="signed")
    return replace(door, shown_total_cents=preview_door(order.id, door, now=utc_now()).door_cents)
