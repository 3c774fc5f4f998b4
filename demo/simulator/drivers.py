"""Drivers of a simulated day: they follow their lists by the same steps as on the driver's page."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from core.clock import utc_now
from core.db import db, unit_of_work
from core.errors import DomainError
from delivery import driving
from delivery.live import AT_WORK
from delivery.models import Shift, Stop
from delivery.states import FailReason, ShiftStatus, StopKind, StopStatus
from delivery.travel import travel_times
from delivery.visits import promise_of, wants_visit
from demo.simulator.agenda import Act, Agenda
from demo.simulator.daylog import DayLog, What
from demo.simulator.doors import close
from demo.simulator.script import Arrival
from routing.travel_times.base import Point

SECOND = timedelta(seconds=1)


@dataclass(kw_only=True)
class Van:
    """A van as it really is; `code` is what it is called.

    What was begun before `trip` was raised does not come to pass any more.
    """

    number: int
    shift_id: int
    code: str
    place: Point
    busy: bool = False
    down: bool = False
    trip: int = 0


class Drivers:
    """All vans of a day. `wake` lets those that stand idle look at their lists.

    `pace` is how many times faster than real they drive and work. `forgiving`: other people act as well, so that a
    step may be refused; the driver then looks at the list again.
    """

    def __init__(self, depot: Point, agenda: Agenda, log: DayLog, *, pace: float = 1.0,
                 forgiving: bool = False) -> None:
        self.vans: list[Van] = []
        self._depot, self._agenda, self._log, self._pace, self._forgiving = depot, agenda, log, pace, forgiving
        self._arrivals: dict[int, Arrival] = {}

    def join(self, shift_ids: Sequence[int]) -> None:
        """These shifts are driven from now on, each from where its van stands."""
        for shift_id in shift_ids:
            if all(van.shift_id != shift_id for van in self.vans):
                shift = db.session.get_one(Shift, shift_id)
                known = shift.last_lat is not None and shift.last_lon is not None
                place = (shift.last_lat or 0.0, shift.last_lon or 0.0) if known else self._depot
                self.vans.append(Van(number=len(self.vans), shift_id=shift_id,
                                     code=shift.vehicle.code, place=place))

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
        now, stop_id, source = utc_now(), stop.id, stop.source
        target, from_at, begun = (source.lat, source.lon), promise_of(source).from_at, stop.status in AT_WORK
        arrival = self._arrivals.get(stop.order_id or 0)
        seconds, metres = self._way(van.place, target)
        drive_s = round(seconds * (arrival.drive_factor if arrival else 1.0))
        db.session.rollback()
        if from_at > now + seconds * SECOND:
            self._agenda.enter(from_at - seconds * SECOND, self.wake)
            return
        van.busy, van.trip = True, van.trip + 1
        with self._step(van):
            if not begun:
                with unit_of_work():
                    driving.leave_for(van.shift_id, stop_id, now=now)
            self._log.note(now, What.LEFT, order=arrival.number if arrival else None, van=van.number,
                           drive_s=drive_s, drive_m=metres)
            self._then(van, drive_s, lambda: self._arrive(van, stop_id, target, arrival))

    @contextmanager
    def _step(self, van: Van, or_else: Act | None = None) -> Iterator[None]:
        """A step that may be refused where others act as well; `or_else` is tried then, and the van is free."""
        try:
            yield
        except DomainError:
            if not self._forgiving:
                raise
            db.session.rollback()
            van.busy, van.trip = False, van.trip + 1
            if or_else is not None:
                with suppress(DomainError), unit_of_work():
                    or_else()

    def _then(self, van: Van, seconds: int, act: Act) -> None:
        """Go on after so many seconds, unless something came between."""
        trip = van.trip
        self._agenda.enter(utc_now() + seconds * SECOND / self._pace, lambda: act() if van.trip == trip else None)

    def _way(self, start: Point, end: Point) -> tuple[int, int]:
        matrix = travel_times(utc_now()).table([start], [end])
        return matrix.durations_s[0][0], matrix.distances_m[0][0]

    def _arrive(self, van: Van, stop_id: int, target: Point, arrival: Arrival | None) -> None:
        now = utc_now()
        with self._step(van):
            stop = db.session.get_one(Stop, stop_id)
            service_s, there = stop.service_s, stop.status is StopStatus.ARRIVED
            if not there:
                with unit_of_work():
                    driving.arrive(van.shift_id, stop_id, now=now)
            van.place = target
            if arrival is not None:
                service_s = arrival.service_s
                self._log.note(now, What.STARTED, order=arrival.number, van=van.number, service_s=service_s)
            db.session.rollback()
            self._then(van, service_s, lambda: self._finish(van, stop_id, arrival))

    def _finish(self, van: Van, stop_id: int, arrival: Arrival | None) -> None:
        no_show = arrival is not None and arrival.no_show
        kind = db.session.get_one(Stop, stop_id).kind
        what = What.FAILED if no_show else What.RELOADED if kind is StopKind.RELOAD else What.DELIVERED
        with self._step(van, or_else=lambda: driving.fail(van.shift_id, stop_id, FailReason.OTHER, now=utc_now())):
            with unit_of_work():
                close(van.shift_id, db.session.get_one(Stop, stop_id), no_show=no_show)
            self._log.note(utc_now(), what, order=arrival.number if arrival else None, van=van.number)
        van.busy = False
        self._go_on(van)


def _next_stop(shift_id: int) -> Stop | None:
    """The stop the van is at, else the first of the list that is still wanted; none for a van not on shift."""
    stops = db.session.scalars(
        sa.select(Stop).join(Shift, Shift.id == Stop.shift_id)
        .where(Stop.shift_id == shift_id, Stop.status.in_([*AT_WORK, StopStatus.PLANNED]),
               Shift.status == ShiftStatus.ACTIVE)
        .order_by(Stop.status == StopStatus.PLANNED, Stop.position, Stop.id)
        .execution_options(populate_existing=True))
    return next((stop for stop in stops if wants_visit(stop.source)), None)
