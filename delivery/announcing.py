"""What customers are told of the van's coming, each thing once (PRODUCT U1): a time, that it moved, that they are next,
a delay.

Landlines get none of these: the promise stands in their confirmation, and they may call.
"""
from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from core import settings
from core.calendar import local
from core.db import changed_rows, db
from core.http import public_url
from core.i18n import in_language, show_time
from core.phone import PhoneKind
from delivery.live import AT_WORK, with_sources
from delivery.models import Shift, Stop
from delivery.plan_state import bump, hold
from delivery.states import ShiftStatus, StopKind, StopStatus
from delivery.visits import promise_of, wants_visit
from notify.queries import was_queued
from notify.services import queue_sms
from orders.messages import tracking_path
from orders.models import Order

NEXT_BEFORE = timedelta(minutes=15)
TIME_BEFORE = timedelta(minutes=30)
LATE_BY = timedelta(minutes=5)
AROUND = timedelta(minutes=10)
FIVE = timedelta(minutes=5)


def announce(now: datetime) -> int:
    """Tell the customers of published routes what is due to be told; inside a unit of work. Returns how many SMS."""
    routes = _published_routes(now)
    due = [stop for route in routes for number, stop in enumerate(route) if _due(stop, number, now)]
    for depot_id in sorted({stop.depot_id for stop in due}):
        if any(_next_is_due(stop, now) for stop in due):
            bump(depot_id, now)  # who is told to be next is frozen: a plan under way must not move them any more
        else:
            hold(depot_id)
    if not due:
        return 0
    return sum(_tell(stop, number, now) for route in _published_routes(now) for number, stop in enumerate(route))


def _due(stop: Stop, number: int, now: datetime) -> bool:
    return stop.kind is not StopKind.RELOAD and stop.status is StopStatus.PLANNED and (
        (number < 2 and _next_is_due(stop, now)) or _time_is_due(stop, now) or _late_is_due(stop)
        or _move_is_due(stop, now))


def _tell(stop: Stop, number: int, now: datetime) -> int:
    """Tell what is due for a stop, the most pressing thing only."""
    if stop.status is not StopStatus.PLANNED or stop.kind is StopKind.RELOAD:
        return 0
    if number < 2 and _next_is_due(stop, now):
        return tell_next(stop, now=now)
    if _late_is_due(stop):
        return _say(stop, "stop_late")
    if _time_is_due(stop, now):
        return _say(stop, "stop_time")
    return _say(stop, "stop_moved") if _move_is_due(stop, now) else 0


def _published_routes(now: datetime) -> list[list[Stop]]:
    """Open stops of vans that are out with a list, in order, the one the van is at first."""
    stops = db.session.scalars(
        sa.select(Stop).join(Shift, Shift.id == Stop.shift_id)
        .where(Stop.status.in_([*AT_WORK, StopStatus.PLANNED]), Shift.status == ShiftStatus.ACTIVE,
               Shift.list_version > 0, Shift.starts_at <= now)
        .options(*with_sources()).order_by(Stop.shift_id, Stop.position, Stop.id)
        .execution_options(populate_existing=True))
    return [[stop for stop in route if wants_visit(stop.source)] for _, route in groupby(stops, lambda s: s.shift_id)]


def _next_is_due(stop: Stop, now: datetime) -> bool:
    """About a quarter of an hour before; who cannot be written to counts as told."""
    return (stop.status is StopStatus.PLANNED and stop.next_told_at is None and stop.planned_start_at is not None
            and stop.planned_start_at <= now + NEXT_BEFORE)


def _late_is_due(stop: Stop) -> bool:
    """The promise will be missed, and the time told so far does not say so."""
    by_at = promise_of(stop.source).by_at
    told = stop.announced_at is not None and stop.announced_at > by_at
    return not told and stop.planned_start_at is not None and stop.planned_start_at > by_at + LATE_BY


def _time_is_due(stop: Stop, now: datetime) -> bool:
    """Soon enough to be a time worth telling, and nothing was told yet."""
    return (stop.announced_at is None and stop.planned_start_at is not None
            and now + NEXT_BEFORE < stop.planned_start_at <= now + TIME_BEFORE)


def _move_is_due(stop: Stop, now: datetime) -> bool:
    """The van comes at another time than the customer was told, by more than was said (PRODUCT U1)."""
    told, at = stop.announced_at, stop.planned_start_at
    return (told is not None and at is not None and at > now + NEXT_BEFORE and abs(at - told) > AROUND
            and stop.customer.phone_kind is PhoneKind.MOBILE and not was_queued(_key(stop, "stop_moved")))


def tell_next(stop: Stop, *, now: datetime) -> int:
    """The van comes next: told once, and from then on the stop is frozen (Y-05). 1 if an SMS was queued."""
    stop_id = stop.id
    if changed_rows(sa.update(Stop).where(Stop.id == stop_id, Stop.next_told_at.is_(None)).values(
            next_told_at=now, announced_at=Stop.planned_start_at)) != 1:
        return 0
    stop = db.session.get_one(Stop, stop_id)
    return _send(stop, "stop_next", at=stop.planned_start_at or now)


def _say(stop: Stop, template: str) -> int:
    """Say the planned time, roughly, as another one or as a delay; each text once for a stop."""
    stop_id, at = stop.id, stop.planned_start_at
    if at is None:
        return 0
    changed_rows(sa.update(Stop).where(Stop.id == stop_id).values(announced_at=at))
    return _send(db.session.get_one(Stop, stop_id), template, at=at)


def _key(stop: Stop, template: str) -> str:
    return f"{template}:{stop.id}"


def _send(stop: Stop, template: str, *, at: datetime) -> int:
    """Queue one SMS to a mobile; nothing for others."""
    source, shift = stop.customer, stop.shift
    if source.phone_kind is not PhoneKind.MOBILE or shift is None:
        return 0
    with in_language(source.language):
        context: dict[str, Any] = {
            "driver": shift.driver.name.split()[0], "at": show_time(_five(at)), "pickup": not isinstance(source, Order),
            "window": f"{show_time(_five(at - AROUND))}-{show_time(_five(at + AROUND))}",
            "promised": show_time(promise_of(source).by_at), "company_phone": settings.get("company")["phone"],
            "link": public_url(tracking_path(source, at)) if isinstance(source, Order) else ""}
    queue_sms(to_e164=source.phone_e164, template=template, context=context, dedupe_key=_key(stop, template),
              ref=source.ref, language=source.language)
    return 1


def _five(instant: datetime) -> datetime:
    """To the nearest five minutes: an estimate is no appointment."""
    past = timedelta(minutes=local(instant).minute % 5, seconds=instant.second, microseconds=instant.microsecond)
    return instant - past + (FIVE if past * 2 >= FIVE else timedelta(0))
