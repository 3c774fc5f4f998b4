"""Shifts of the demo: two a day for every van, so that somebody drives whatever hour it is."""
from __future__ import annotations

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from billing import postings
from billing.ledger import post, vehicle_stock
from core import calendar
from core.db import db, unit_of_work
from delivery.models import Driver, Shift, Vehicle
from demo.price_list import LOAD_OF_A_VAN

FLOAT_CENTS = 8000
_STARTS = (time(6), time(18))
_LENGTH = timedelta(hours=12)


def add_missing_shifts(now: datetime, *, since: datetime | None = None) -> None:
    """Make the shifts from yesterday evening to tomorrow night that are not there, with float and load.

    Shifts that ended before `since` (now, if not given) are left out.
    """
    today = calendar.local_date(now)
    with unit_of_work():
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            for number, start in enumerate(_STARTS):
                begins = calendar.at_local(day, start)
                if begins + _LENGTH > (since or now):
                    _add_shifts(day, number, begins, now)


def _add_shifts(day: date, number: int, begins: datetime, now: datetime) -> None:
    vehicles = db.session.scalars(sa.select(Vehicle).where(Vehicle.active).order_by(Vehicle.id)).all()
    drivers = db.session.scalars(sa.select(Driver).where(Driver.active).order_by(Driver.id)).all()
    there = set(db.session.scalars(sa.select(Shift.vehicle_id).where(Shift.starts_at == begins)))
    for index, vehicle in enumerate(vehicles):
        if vehicle.id in there:
            continue
        driver = drivers[(index + number * len(vehicles)) % len(drivers)]
        shift = Shift(vehicle_id=vehicle.id, driver_id=driver.id, depot_id=vehicle.depot_id, starts_at=begins,
                      ends_at=begins + _LENGTH, float_cents=FLOAT_CENTS)
        db.session.add(shift)
        db.session.flush()
        at = min(begins, now)
        post("cash_float", f"shift:{shift.id}", postings.cash_float(driver.id, FLOAT_CENTS), at=at,
             dedupe_key=f"demo-float:{shift.id}", actor="system")
        _load(vehicle, day, at)


def _load(vehicle: Vehicle, day: date, at: datetime) -> None:
    """Unload the empties and fill the van up, once a day."""
    stock = vehicle_stock([vehicle.id])[vehicle.id]
    for cylinder_type, wanted in LOAD_OF_A_VAN.items():
        missing = wanted - stock.full.get(cylinder_type, 0)
        empty = stock.empty.get(cylinder_type, 0)
        entries = postings.stock_load(vehicle.depot_id, vehicle.id, cylinder_type, missing) if missing > 0 else ()
        if empty > 0:
            entries += postings.stock_unload(vehicle.depot_id, vehicle.id, cylinder_type, empty=empty)
        if entries:
            post("stock_load", f"vehicle:{vehicle.id}", entries, at=at,
                 dedupe_key=f"demo-load:{vehicle.id}:{day.isoformat()}:{cylinder_type}", actor="system")
