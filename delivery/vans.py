"""Vans through their shifts: loaded and begun, down and up again, ended."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from billing import postings
from billing.entries import Entry
from billing.ledger import post, vehicle_stock
from core import audit
from core.db import after_commit, changed_rows, db
from core.tasks import kick
from delivery import live as live_plan
from delivery.closing_rules import EMPTY, FULL
from delivery.errors import ShiftClosed, UnknownShift
from delivery.expecting import CHANGE, unsigned_differences
from delivery.live import OPEN_SHIFTS
from delivery.models import Shift, Stop
from delivery.plan_state import bump
from delivery.planning import note_stop, shift_name
from delivery.states import LIVE, ShiftStatus, StopKind, StopStatus
from delivery.worker import plan_now
from orders.returns.services import recall_case
from orders.services import recall_order

IMPROVE = "delivery.improve"


def to_pool(stop: Stop) -> None:
    """Take a stop out of its route, as if no van had ever had it; a reload is the van's own and ends with that."""
    if stop.kind is StopKind.RELOAD:
        stop.status, stop.locked = StopStatus.VOID, False
        return
    stop.shift_id, stop.position, stop.status = None, 0, StopStatus.UNASSIGNED
    stop.planned_start_at = stop.planned_leave_at = stop.left_for_at = stop.arrived_at = None
    stop.unserved_reason, stop.next_told_at = "", None


def begin_due_shifts(now: datetime) -> int:
    """Begin the shifts whose time has come. Inside a unit of work; returns how many began."""
    due = db.session.scalars(sa.select(Shift.id).where(
        Shift.status == ShiftStatus.PLANNED, Shift.starts_at <= now, Shift.ends_at > now).order_by(Shift.id)).all()
    return sum(begin_shift(shift_id, now=now, actor="system") for shift_id in due)


def begin_shift(shift_id: int, *, now: datetime, actor: str) -> bool:
    """Begin a shift, once: a van with a standard load is filled up to it at the depot and its empties are unloaded, the
    driver is given the shift's change (H-146). Inside a unit of work; False where it had begun."""
    bump(db.session.get_one(Shift, shift_id).depot_id, now)
    if changed_rows(sa.update(Shift).where(Shift.id == shift_id, Shift.status == ShiftStatus.PLANNED).values(
            status=ShiftStatus.ACTIVE)) != 1:
        return False
    shift, name = db.session.get_one(Shift, shift_id), shift_name(shift_id)
    load_van(shift, dedupe_key=f"load:{name}", now=now, actor=actor)
    if shift.float_cents:
        post(CHANGE, name, postings.cash_float(shift.driver_id, shift.float_cents), at=now, dedupe_key=f"float:{name}",
             actor=actor)
    return True


def load_van(shift: Shift, *, dedupe_key: str, now: datetime, actor: str) -> dict[str, int]:
    """Post what a van takes on board at its depot: empties off, full ones on up to its standard load (P5).

    One transaction; the same key posts once. What an earlier shift was counted with goes before what the ledger has.
    Returns what was loaded by type; nothing without a standard load.
    """
    if not shift.vehicle.standard_load:
        return {}
    stock, counted = vehicle_stock([shift.vehicle_id])[shift.vehicle_id], unsigned_differences(shift)
    loaded = {kind: max(0, wanted - stock.full.get(kind, 0) - counted.get((FULL, kind), 0))
              for kind, wanted in sorted(shift.vehicle.standard_load.items())}
    entries: tuple[Entry, ...] = ()
    for kind, number in loaded.items():
        entries += postings.stock_load(shift.depot_id, shift.vehicle_id, kind, number)
    for kind in sorted({*stock.empty, *(kind for place, kind in counted if place == EMPTY)}):
        empty = stock.empty.get(kind, 0) + counted.get((EMPTY, kind), 0)
        entries += postings.stock_unload(shift.depot_id, shift.vehicle_id, kind, empty=max(0, empty))
    if entries:
        post("stock_load", shift_name(shift.id), entries, at=now, dedupe_key=dedupe_key, actor=actor)
    return {kind: number for kind, number in loaded.items() if number}


def end_due_shifts(now: datetime) -> int:
    """End the shifts that are over, once their van is at no stop any more. Inside a unit of work."""
    at_work = sa.exists().where(Stop.shift_id == Shift.id, Stop.status.in_(live_plan.AT_WORK))
    due = db.session.scalars(sa.select(Shift.id).where(
        Shift.status.in_([*OPEN_SHIFTS, ShiftStatus.DOWN]), Shift.ends_at <= now, ~at_work).order_by(Shift.id)).all()
    for shift_id in due:
        bump(db.session.get_one(Shift, shift_id).depot_id, now)
        changed_rows(sa.update(Shift).where(Shift.id == shift_id, ~at_work).values(status=ShiftStatus.ENDED))
        for stop in db.session.scalars(sa.select(Stop).where(Stop.shift_id == shift_id, Stop.status.in_(LIVE))):
            note_stop(stop, "shift_ended", now=now, actor="system", from_shift=shift_id)
            to_pool(stop)
            stop.locked = False
        db.session.flush()
    return len(due)


def van_down(shift_id: int, *, reason: str, now: datetime, actor: str) -> int:
    """The van cannot go on: its stops go back to the pool and are planned anew at once; returns how many.

    Orders it was on the way to are recalled. Inside a unit of work; ShiftClosed for a route that is over.
    """
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    bump(shift.depot_id, now)
    if changed_rows(sa.update(Shift).where(Shift.id == shift_id, Shift.status.in_(OPEN_SHIFTS)).values(
            status=ShiftStatus.DOWN)) != 1:
        raise ShiftClosed(shift_id=shift_id)
    stops = live_plan.live_stops(db.session.get_one(Shift, shift_id).depot_id, shift_id)
    for stop in stops:
        if stop.status in live_plan.AT_WORK and stop.order_id is not None:
            recall_order(stop.order_id, now=now, actor=actor)
        elif stop.status in live_plan.AT_WORK and stop.case_id is not None:
            recall_case(stop.case_id, now=now, actor=actor)
        note_stop(stop, "van_down", now=now, actor=actor, from_shift=shift_id)
        to_pool(stop)
        stop.locked = False
    db.session.flush()
    audit.record("van_down", shift_name(shift_id), actor=actor, reason=reason[:120], stops=len(stops))
    after_commit(lambda: replan(now))
    return len(stops)


def van_up(shift_id: int, *, now: datetime, actor: str) -> None:
    """A van that was down takes stops again."""
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    bump(shift.depot_id, now)
    if changed_rows(sa.update(Shift).where(
            Shift.id == shift_id, Shift.status == ShiftStatus.DOWN, Shift.ends_at > now,
    ).values(status=ShiftStatus.ACTIVE)) != 1:
        raise ShiftClosed(shift_id=shift_id)
    audit.record("van_up", shift_name(shift_id), actor=actor)
    after_commit(lambda: replan(now))


def replan(now: datetime) -> None:
    """Find a place for every open stop at once, and let the plan be improved (D6)."""
    plan_now(now)
    kick(IMPROVE)
