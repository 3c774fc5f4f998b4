"""The driver's job list by SMS: versioned, one message per stop, changes only after the first (PRODUCT U4, Y-13)."""
from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core import links
from core.db import changed_rows, db
from core.http import public_url
from core.i18n import show_time
from delivery.errors import NothingToPublish, ShiftClosed, StalePlan, UnknownShift
from delivery.goods import cash_cents
from delivery.list_texts import StopText, fitting, length, stop_text
from delivery.live import OPEN_SHIFTS, live_stops
from delivery.models import ListEntry, PlanState, Shift, Stop
from delivery.plan_state import hold
from delivery.planning import shift_name
from delivery.states import StopKind, StopStatus
from delivery.visits import demand_of, promise_of, wants_visit
from notify.gsm7 import SINGLE_SEPTETS
from notify.services import queue_sms

AFTER_SHIFT = timedelta(hours=12)
SETTLED = timedelta(seconds=30)
PATIENCE = timedelta(minutes=3)
OVER = (StopStatus.DONE, StopStatus.FAILED)


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was sent: the list's version, how many messages, and the driver's page."""

    version: int
    messages: int
    path: str


@dataclass(frozen=True, kw_only=True)
class ListChange:
    """How a route differs from the list that its driver has."""

    new: tuple[int, ...]
    changed: tuple[int, ...]
    dropped: tuple[int, ...]
    reordered: bool

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.dropped or self.reordered)


def publish(shift_id: int, *, now: datetime, actor: str) -> Published:
    """Send the van's list to its driver: all of it the first time, then the changes. Inside a unit of work.

    Where nothing changed since the last list, nothing is sent. Raises UnknownShift, ShiftClosed, NothingToPublish;
    StalePlan when two published at once.
    """
    hold(_shift(shift_id).depot_id)
    shift = _shift(shift_id)
    if shift.status not in OPEN_SHIFTS or shift.ends_at <= now:
        raise ShiftClosed(shift_id=shift_id)
    stops = route_of(shift)
    change = change_of(shift, stops, now)
    path = driver_path(shift_id, now)
    if not stops and shift.list_version == 0:
        raise NothingToPublish(shift_id=shift_id)
    if not change and shift.list_version > 0:
        return Published(version=shift.list_version, messages=0, path=path)
    version = shift.list_version + 1
    if changed_rows(sa.update(Shift).where(Shift.id == shift_id, Shift.list_version == version - 1).values(
            list_version=version, list_published_at=now)) != 1:
        raise StalePlan(shift_id=shift_id)
    shift = _shift(shift_id)
    messages = _send(shift, route_of(shift), change, public_url(path), now)
    for stop in route_of(shift):
        db.session.add(ListEntry(shift_id=shift_id, list_version=version, stop_id=stop.id, number=stop.position,
                                 fingerprint=_fingerprint(stop, now)))
    db.session.flush()
    return Published(version=version, messages=messages, path=path)


def _shift(shift_id: int) -> Shift:
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    return shift


def route_of(shift: Shift) -> list[Stop]:
    """The open stops of a shift that are still wanted, in order."""
    stops = [stop for stop in live_stops(shift.depot_id, shift.id) if wants_visit(stop.source)]
    return sorted(stops, key=lambda stop: (stop.position, stop.id))


def _fingerprint(stop: Stop, now: datetime) -> str:
    """What a change of is worth a new message: everything said of the stop but its number."""
    text = replace(stop_text(stop.source, link="", now=now), until=promise_of(stop.source).by_at.isoformat())
    return hashlib.sha256(repr(text).encode()).hexdigest()


def change_of(shift: Shift, stops: Sequence[Stop], now: datetime) -> ListChange:
    """How a route differs from the list that was sent last."""
    sent = {entry.stop_id: entry for entry in db.session.scalars(sa.select(ListEntry).where(
        ListEntry.shift_id == shift.id, ListEntry.list_version == shift.list_version).order_by(ListEntry.number))}
    gone = [stop_id for stop_id in sent if stop_id not in {stop.id for stop in stops}]
    over = set(db.session.scalars(sa.select(Stop.id).where(
        Stop.id.in_(gone), Stop.shift_id == shift.id, Stop.status.in_(OVER)))) if gone else set()
    common = [stop.id for stop in stops if stop.id in sent]
    return ListChange(
        new=tuple(stop.id for stop in stops if stop.id not in sent),
        changed=tuple(stop.id for stop in stops
                      if stop.id in sent and sent[stop.id].fingerprint != _fingerprint(stop, now)),
        dropped=tuple(stop_id for stop_id in gone if stop_id not in over),
        reordered=common != [stop_id for stop_id in sent if stop_id in common])


def list_changed(shift_id: int, now: datetime) -> bool:
    """Whether the route differs from what its driver was sent last."""
    shift = _shift(shift_id)
    return bool(change_of(shift, route_of(shift), now))


def _send(shift: Shift, stops: Sequence[Stop], change: ListChange, link: str, now: datetime) -> int:
    """Queue the header and one message for every stop to be told of; returns how many."""
    count = len(stops) + _ended(shift)
    first = shift.list_version == 1
    header = _list_header(shift, stops, count, link) if first else _change_header(shift, change, count, link)
    _queue(shift, "driver_list" if first else "driver_change", header, "head")
    messages = 1
    for stop in stops:
        if stop.id in change.new or stop.id in change.changed:
            template = _template(stop, first=first, new=stop.id in change.new)
            text = stop_text(stop.source, link=link, now=now)
            _queue(shift, template, _fit(shift, template, text, number=stop.position, count=count), str(stop.id))
            messages += 1
    for stop_id in change.dropped:
        text = stop_text(db.session.get_one(Stop, stop_id).source, link=link, now=now)
        _queue(shift, "driver_stop_dropped", _fit(shift, "driver_stop_dropped", text, van=shift.vehicle.code,
                                                  version=shift.list_version), str(stop_id))
        messages += 1
    return messages


def _template(stop: Stop, *, first: bool, new: bool) -> str:
    if stop.kind is StopKind.RELOAD:
        return "driver_reload"
    return "driver_stop" if first else "driver_stop_new" if new else "driver_stop_changed"


def _ended(shift: Shift) -> int:
    return db.session.scalar(sa.select(sa.func.count(Stop.id)).where(
        Stop.shift_id == shift.id, Stop.status.in_(OVER))) or 0


def _fit(shift: Shift, template: str, text: StopText, **place: Any) -> dict[str, Any]:
    return fitting(template, shift.driver.language, text, **place)


def _queue(shift: Shift, template: str, context: dict[str, Any], what: str) -> None:
    queue_sms(to_e164=shift.driver.phone_e164, template=template, context=context, ref=shift_name(shift.id),
              dedupe_key=f"list:{shift.id}:{shift.list_version}:{what}", language=shift.driver.language)


def _list_header(shift: Shift, stops: Sequence[Stop], count: int, link: str) -> dict[str, Any]:
    """Van, version, hours, what to load and how much cash to expect; the last two are left out if they do not fit."""
    load: Counter[str] = Counter()
    for stop in stops:
        load.update(demand_of(stop.source).deliver)
    cash = sum(max(0, cash_cents(stop.source)) for stop in stops)
    begins = min((stop.planned_start_at for stop in stops if stop.planned_start_at), default=shift.starts_at)
    ends = max((stop.planned_leave_at for stop in stops if stop.planned_leave_at), default=shift.ends_at)
    context: dict[str, Any] = {
        "van": shift.vehicle.code, "driver": shift.driver.name.split()[-1], "version": shift.list_version,
        "count": count, "begins": show_time(begins), "ends": show_time(ends), "link": link,
        "load": ", ".join(f"{number}x{kind}" for kind, number in sorted(load.items())),
        "cash": f"{cash // 100},{cash % 100:02d}" if cash else ""}
    for less in ({}, {"load": ""}, {"load": "", "cash": ""}, {"load": "", "cash": "", "driver": ""}):
        context |= less
        if length("driver_list", shift.driver.language, context) <= SINGLE_SEPTETS:
            break
    return context


def _change_header(shift: Shift, change: ListChange, count: int, link: str) -> dict[str, Any]:
    return {"van": shift.vehicle.code, "version": shift.list_version, "count": count, "new": len(change.new),
            "dropped": len(change.dropped), "reordered": change.reordered, "link": link}


def driver_path(shift_id: int, now: datetime) -> str:
    """The path of the driver's page `/d/<token>`; makes a link where none is valid. Inside a unit of work."""
    token = links.token_for("driver", shift_id)
    if token is None:
        token = links.issue("driver", shift_id, max(now, _shift(shift_id).ends_at) + AFTER_SHIFT)
    return f"/d/{token}"


def changed_lists(now: datetime) -> list[int]:
    """The shifts whose published list changed while the plan has settled: they get a new version (Y-05)."""
    settled = sa.or_(PlanState.changed_at.is_(None), PlanState.changed_at <= now - SETTLED,
                     Shift.list_published_at <= now - PATIENCE)
    shift_ids = db.session.scalars(
        sa.select(Shift.id).outerjoin(PlanState, PlanState.depot_id == Shift.depot_id)
        .where(Shift.status.in_(OPEN_SHIFTS), Shift.list_version > 0, Shift.ends_at > now, settled)
        .order_by(Shift.id)).all()
    return [shift_id for shift_id in shift_ids if list_changed(shift_id, now)]
