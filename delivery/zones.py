"""Where the 1-2 h promise holds, and which days serve the places outside (X-14, H-113, H-114)."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from core import calendar
from core.db import db
from delivery.models import Depot, PlaceDay, Zone
from routing.zone import contains

DAYS_AHEAD = 28


def zone_of(lat: float, lon: float, postcode: str) -> Zone | None:
    """The zone of a place: by its polygon; by postal code where a zone has none drawn."""
    for zone in db.session.scalars(sa.select(Zone).order_by(Zone.id)):
        if contains(zone.polygon, lat, lon) if zone.polygon else postcode in zone.postcodes:
            return zone
    return None


def place_days(postcode: str) -> Sequence[PlaceDay]:
    """The rows of the delivery plan for a postal code: those with the longest matching beginning."""
    rows = [row for row in db.session.scalars(sa.select(PlaceDay).order_by(PlaceDay.id))
            if row.postcode_prefix and postcode.startswith(row.postcode_prefix)]
    longest = max((len(row.postcode_prefix) for row in rows), default=0)
    return [row for row in rows if len(row.postcode_prefix) == longest]


def place_windows(postcode: str, first_day: date) -> list[tuple[PlaceDay, datetime, datetime]]:
    """The windows of the delivery plan from a day on, the soonest first (H-114)."""
    rows = place_days(postcode)
    found = []
    for number in range(DAYS_AHEAD):
        day = first_day + timedelta(days=number)
        found += [(row, calendar.at_local(day, row.from_time), calendar.at_local(day, row.by_time))
                  for row in rows if row.weekday == day.weekday() and not calendar.is_holiday(day)]
    return sorted(found, key=lambda window: (window[1], window[0].id))


def depot_of(lat: float, lon: float, postcode: str) -> int:
    """The depot that serves a place: its zone's, else its delivery plan's, else the first one.

    LookupError when no depot exists at all (`has_depot`).
    """
    zone = zone_of(lat, lon, postcode)
    if zone is not None:
        return zone.depot_id
    for row in place_days(postcode):
        return row.depot_id
    first = db.session.scalar(sa.select(sa.func.min(Depot.id)))
    if first is None:
        raise LookupError("there is no depot")
    return first


def has_depot() -> bool:
    """Whether there is anything to plan for."""
    return db.session.scalar(sa.select(Depot.id).limit(1)) is not None
