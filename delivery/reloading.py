"""A van goes to its depot to load: asked for by the dispatcher, carried out by the driver (P5)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.db import after_commit, db
from core.tasks import kick
from delivery.errors import NothingToLoad, ReloadPlanned, ShiftClosed, StalePlan, UnknownShift
from delivery.live import AT_WORK, OPEN_SHIFTS, live_stops
from delivery.models import Shift, Stop
from delivery.plan_state import bump_from
from delivery.planning import new_reload, note_stop, retime_shift
from delivery.states import StopKind, StopStatus

IMPROVE = "delivery.improve"


def send_to_load(shift_id: int, *, seen_version: int, now: datetime, actor: str) -> int:
    """Put a call at the depot right after what the van is doing now; locked, because a person decided it.

    Inside a unit of work; gives the stop's id. Raises UnknownShift, ShiftClosed, NothingToLoad without a standard
    load, ReloadPlanned when one is in the route already, StalePlan.
    """
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    if not shift.vehicle.standard_load:
        raise NothingToLoad(shift_id=shift_id)
    if not bump_from(shift.depot_id, seen_version, now):
        raise StalePlan(seen=seen_version)
    shift = db.session.get_one(Shift, shift_id)
    if shift.status not in OPEN_SHIFTS or shift.ends_at <= now:
        raise ShiftClosed(shift_id=shift_id, status=shift.status.value)
    route = sorted(live_stops(shift.depot_id, shift_id), key=lambda stop: (
        stop.status not in AT_WORK, stop.position, stop.id))
    if any(stop.kind is StopKind.RELOAD for stop in route):
        raise ReloadPlanned(shift_id=shift_id)
    busy = [stop for stop in route if stop.status in AT_WORK]
    made = new_reload(shift, _place(shift_id, route, busy), now)
    made.locked = True
    for number, stop in enumerate(route[len(busy):], start=made.position + 1):
        stop.position = number
    db.session.flush()
    note_stop(made, "planned", now=now, actor=actor, to_shift=shift_id, position=made.position)
    retime_shift(db.session.get_one(Shift, shift_id), now)
    after_commit(lambda: kick(IMPROVE))
    return made.id


def _place(shift_id: int, route: list[Stop], busy: list[Stop]) -> int:
    """The number in the list that follows what is over and what the van is at."""
    over = db.session.scalar(sa.select(sa.func.max(Stop.position)).where(
        Stop.shift_id == shift_id, Stop.status.in_([StopStatus.DONE, StopStatus.FAILED]))) or 0
    first = min((stop.position for stop in route[len(busy):]), default=over + len(busy) + 1)
    return max(first, over + 1)
