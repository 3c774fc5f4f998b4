"""Shifts of the demo: two a day for every van, so that somebody drives whatever hour it is."""
from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from core import calendar
from core.db import db, unit_of_work
from delivery.models import Driver, Shift, Vehicle

FLOAT_CENTS = 8000
_STARTS = (time(6), time(18))
LENGTH = timedelta(hours=12)


def add_missing_shifts(now: datetime, *, since: datetime | None = None) -> None:
    """Make the shifts from yesterday evening to tomorrow night that are not there.

    Shifts that ended before `since` (now, if not given) are left out. Vans are loaded and drivers given their change
    when a shift begins.
    """
    today = calendar.local_date(now)
    with unit_of_work():
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            for number, start in enumerate(_STARTS):
                begins = calendar.at_local(day, start)
                if begins + LENGTH > (since or now):
                    add_shifts(number, begins)


def add_shifts(number: int, begins: datetime) -> None:
    """The shift that begins then of every van that has none; the first (0) or the second (1) of the day. Inside a unit
    of work."""
    vehicles = db.session.scalars(sa.select(Vehicle).where(Vehicle.active).order_by(Vehicle.id)).all()
    drivers = db.session.scalars(sa.select(Driver).where(Driver.active).order_by(Driver.id)).all()
    there = set(db.session.scalars(sa.select(Shift.vehicle_id).where(Shift.starts_at == begins)))
    for index, vehicle in enumerate(vehicles):
        if vehicle.id in there:
            continue
        driver = drivers[(index + number * len(vehicles)) % len(drivers)]
        shift = Shift(vehicle_id=vehicle.id, driver_id=driver.id, depot_id=vehicle.depot_id, starts_at=begins,
                      ends_at=begins + LENGTH, float_cents=FLOAT_CENTS)
        db.session.add(shift)
