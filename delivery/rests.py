"""When a driver's rest is due, from the shift and the settings (PRODUCT P6)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import settings
from delivery.models import Shift

REST = "rest"  # the break's name in a routing problem


@dataclass(frozen=True, kw_only=True)
class DueRest:
    """A rest that is still to come: it begins between two instants and takes `length`."""

    from_at: datetime
    by_at: datetime
    length: timedelta


def rest_due(shift: Shift, now: datetime) -> DueRest | None:
    """The rest that the plan has to reckon with; None where there is none, or it was taken or its time has passed."""
    minutes = shift.break_minutes if shift.break_minutes is not None else settings.get("break_minutes", now)
    from_at = shift.starts_at + timedelta(minutes=settings.get("break_after_minutes", now))
    by_at = shift.starts_at + timedelta(minutes=settings.get("break_before_minutes", now))
    if minutes <= 0 or shift.break_started_at is not None or by_at <= now or shift.ends_at <= by_at:
        return None
    return DueRest(from_at=from_at, by_at=by_at, length=timedelta(minutes=minutes))


def resting_until(shift: Shift, now: datetime) -> datetime | None:
    """Until when the driver rests who said so; None for one who does not."""
    if shift.break_started_at is None or shift.break_ended_at is not None:
        return None
    minutes = shift.break_minutes if shift.break_minutes is not None else settings.get("break_minutes", now)
    until = shift.break_started_at + timedelta(minutes=minutes)
    return until if until > now else None
