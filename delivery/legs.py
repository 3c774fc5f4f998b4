"""Drives that the fleet recorded: from the last stop of a shift, or the depot, to the next (Y-07)."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from core import calendar
from core.db import db
from delivery.calibration import Leg
from delivery.factors import area_of, day_kind
from delivery.models import Depot, Shift, Stop
from delivery.states import StopStatus
from orders.models import Order
from orders.returns.models import ReturnCase
from routing.travel_times.base import Matrix, Point

ENDED = (StopStatus.DONE, StopStatus.FAILED)


@dataclass(frozen=True, kw_only=True)
class Drive:
    """One stop of a shift that a van left for; `ended` says that the van came there and finished."""

    to: Point
    left_at: datetime
    arrived_at: datetime | None
    ended_at: datetime | None
    ended: bool


@dataclass(frozen=True, kw_only=True)
class Tour:
    """The drives of a shift in their order, and the depot they began at."""

    shift_id: int
    depot: Point
    drives: tuple[Drive, ...]

    @property
    def points(self) -> list[Point]:
        return [self.depot, *(drive.to for drive in self.drives)]


def recorded_tours(since: datetime) -> list[Tour]:
    """The tours of all shifts that began since then."""
    lat = sa.func.coalesce(Order.lat, ReturnCase.lat, Depot.lat)  # a van that loads stands at its depot
    lon = sa.func.coalesce(Order.lon, ReturnCase.lon, Depot.lon)
    rows = db.session.execute(
        sa.select(Stop.shift_id, Depot.lat, Depot.lon, lat, lon, Stop.left_for_at, Stop.arrived_at, Stop.ended_at,
                  Stop.status)
        .join(Shift, Shift.id == Stop.shift_id).join(Depot, Depot.id == Shift.depot_id)
        .outerjoin(Order, Order.id == Stop.order_id).outerjoin(ReturnCase, ReturnCase.id == Stop.case_id)
        .where(Shift.starts_at >= since, Stop.left_for_at.is_not(None))
        .order_by(Stop.shift_id, Stop.left_for_at, Stop.id)).all()
    tours = []
    for shift_id, found in groupby(rows, key=lambda row: int(row[0] or 0)):
        own = list(found)
        tours.append(Tour(shift_id=shift_id, depot=(own[0][1], own[0][2]), drives=tuple(
            Drive(to=(row[3], row[4]), left_at=row[5], arrived_at=row[6], ended_at=row[7], ended=row[8] in ENDED)
            for row in own if row[5] is not None)))
    return tours


def legs_of(tour: Tour, free: Matrix, *, accept_estimates: bool) -> Iterator[Leg]:
    """The drives of a tour whose beginning and end are known; `free` are the ways between its points.

    After a stop that was given up on the way nobody knows where the van was. With `accept_estimates` False a drive
    whose free-flow time is only an estimate is left out: it would fit the formula, not the roads.
    """
    for number, drive in enumerate(tour.drives):
        before = tour.drives[number - 1] if number else None
        known = before is None or (before.ended and before.ended_at is not None and before.ended_at <= drive.left_at)
        if not known or drive.arrived_at is None or not drive.ended:
            continue
        if free.is_estimate(number, number + 1) and not accept_estimates:
            continue
        leg = Leg(free_s=free.durations_s[number][number + 1],
                  took_s=int((drive.arrived_at - drive.left_at).total_seconds()), area=area_of(drive.to),
                  kind=day_kind(drive.left_at), hour=calendar.local(drive.left_at).hour, left_at=drive.left_at)
        if leg.usable:
            yield leg


def count_drives(tours: Sequence[Tour]) -> int:
    """All drives of these tours."""
    return sum(len(tour.drives) for tour in tours)
