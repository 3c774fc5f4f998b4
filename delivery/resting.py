"""The driver says that the rest begins, and that it is over (PRODUCT P6). Inside the view's unit of work."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.db import after_commit, changed_rows, db
from core.tasks import kick
from delivery.errors import OnAnotherStop, RestOver, UnknownShift
from delivery.live import AT_WORK, OPEN_SHIFTS
from delivery.models import Shift, Stop
from delivery.plan_state import bump
from delivery.planning import retime_shift

IMPROVE = "delivery.improve"


def begin_rest(shift_id: int, *, now: datetime) -> None:
    """The driver rests from now on. OnAnotherStop while on the way or at a door, RestOver when it was taken."""
    _take(shift_id, now)
    busy = db.session.scalar(sa.select(Stop.id).where(Stop.shift_id == shift_id, Stop.status.in_(AT_WORK)).limit(1))
    if busy is not None:
        raise OnAnotherStop(stop_id=busy)
    if changed_rows(sa.update(Shift).where(
            Shift.id == shift_id, Shift.status.in_(OPEN_SHIFTS), Shift.break_started_at.is_(None),
    ).values(break_started_at=now)) != 1:
        raise RestOver(shift_id=shift_id)
    _finish(shift_id, now)


def end_rest(shift_id: int, *, now: datetime) -> None:
    """The driver drives on. RestOver unless resting."""
    _take(shift_id, now)
    if changed_rows(sa.update(Shift).where(
            Shift.id == shift_id, Shift.break_started_at.is_not(None), Shift.break_ended_at.is_(None),
    ).values(break_ended_at=now)) != 1:
        raise RestOver(shift_id=shift_id)
    _finish(shift_id, now)


def _take(shift_id: int, now: datetime) -> None:
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    bump(shift.depot_id, now)


def _finish(shift_id: int, now: datetime) -> None:
    retime_shift(db.session.get_one(Shift, shift_id), now)
    after_commit(lambda: kick(IMPROVE))
