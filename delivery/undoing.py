"""Taking moves by hand back, exactly (Y-06, PRODUCT D5): every move keeps the touched stops before and after."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import changed_rows, db
from delivery.errors import NothingToUndo, StalePlan
from delivery.models import PlanMove, Stop
from delivery.plan_state import bump_from
from delivery.planning import note_stop
from delivery.states import LIVE, StopStatus

Row = dict[str, Any]
_TIMES = ("planned_start_at", "planned_leave_at")
_PLACE = ("stop_id", "shift_id", "position", "status", "locked", "unserved_reason")


def touched(stop_id: int, shift_ids: Sequence[int | None]) -> list[Row]:
    """The open stops of these routes and the moved one, as they stand now."""
    stops = db.session.scalars(
        sa.select(Stop).where(Stop.status.in_(LIVE), sa.or_(
            Stop.id == stop_id, Stop.shift_id.in_([shift_id for shift_id in shift_ids if shift_id is not None])))
        .order_by(Stop.id)).all()
    return [{"stop_id": stop.id, "shift_id": stop.shift_id, "position": stop.position, "status": stop.status.value,
             "locked": stop.locked, "unserved_reason": stop.unserved_reason,
             **{name: _text(getattr(stop, name)) for name in _TIMES}} for stop in stops]


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def remember(depot_id: int, stop_id: int, before: list[Row], after: list[Row], *, now: datetime, actor: str) -> None:
    """Keep a move that was just written, so that it can be taken back."""
    db.session.add(PlanMove(depot_id=depot_id, stop_id=stop_id, at=now, actor=actor, before=before, after=after))
    db.session.flush()


def last_move(depot_id: int) -> PlanMove | None:
    """The last move by hand, if nothing that it touched has changed since (times apart)."""
    move = db.session.scalar(sa.select(PlanMove).where(PlanMove.depot_id == depot_id, PlanMove.undone_at.is_(None))
                             .order_by(PlanMove.id.desc()).limit(1))
    if move is None:
        return None
    shifts = {row["shift_id"] for row in (*move.before, *move.after)}
    present = touched(move.stop_id, sorted(shift_id for shift_id in shifts if shift_id is not None))
    return move if [_place(row) for row in present] == [_place(row) for row in move.after] else None


def _place(row: Row) -> list[Any]:
    return [row[name] for name in _PLACE]


def undo_move(depot_id: int, *, seen_version: int, now: datetime, actor: str) -> int:
    """Take the last move by hand back, exactly; returns the stop's id. Raises NothingToUndo, StalePlan."""
    if not bump_from(depot_id, seen_version, now):
        raise StalePlan(seen=seen_version)
    move = last_move(depot_id)
    if move is None:
        raise NothingToUndo(depot_id=depot_id)
    move_id, stop_id = move.id, move.stop_id
    for row in move.before:
        stop = db.session.get_one(Stop, row["stop_id"])
        stop.shift_id, stop.position, stop.locked = row["shift_id"], row["position"], row["locked"]
        stop.status, stop.unserved_reason = StopStatus(row["status"]), row["unserved_reason"]
        for name in _TIMES:
            setattr(stop, name, None if row[name] is None else datetime.fromisoformat(row[name]))
    note_stop(db.session.get_one(Stop, stop_id), "undone", now=now, actor=actor, move_id=move_id)
    db.session.flush()
    if changed_rows(sa.update(PlanMove).where(PlanMove.id == move_id, PlanMove.undone_at.is_(None)).values(
            undone_at=now)) != 1:
        raise NothingToUndo(depot_id=depot_id)
    return stop_id
