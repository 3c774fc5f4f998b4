"""What the board's explanations propose, carried out in one unit of work (D7).

Each is a decision about the plan that was seen: StalePlan when it moved meanwhile. Afterwards the plan takes what is
open in the same process.
"""
from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from core import audit
from core.db import after_commit, changed_rows, db
from delivery import planning
from delivery.errors import NotMovable, PromiseUnfit, ShiftClosed, StalePlan, UnknownFix, UnknownStop
from delivery.explaining import Explanation
from delivery.fixing import Fix, FixKind
from delivery.live import OPEN_SHIFTS
from delivery.models import Shift, Stop
from delivery.moving import lock_stop, move_stop
from delivery.plan_state import bump_from, version_of
from delivery.planning import note_stop, shift_name
from delivery.promising import LivePromises, delay_reason_now
from delivery.states import MOVABLE
from delivery.vans import to_pool
from delivery.visits import demand_of, promise_of
from delivery.worker import plan_now
from orders.demand import place_of
from orders.models import Order
from orders.ports import Offer, Offers
from orders.returns.services import give_case_window
from orders.services import give_window, lengthen_promise
from orders.states import PromiseKind
from routing.checker import hard_violations
from routing.plan import Plan


def fix_key(fix: Fix) -> str:
    """What names a fix among those of one explanation."""
    return f"{fix.kind.value}-{fix.visit_id}-{fix.vehicle_id or ''}-{fix.by_s or fix.extra_s}".replace(":", "")


def carry_out(found: Explanation, key: str, *, now: datetime, actor: str) -> Fix:
    """Do what one fix of an explanation says. Inside a unit of work.

    UnknownFix where there is none of that name, or it has to be done elsewhere; StalePlan when the plan moved after
    the explanation; what the services behind it refuse passes through. Nothing is written then.
    """
    fix = next((fix for fix in found.fixes if fix_key(fix) == key), None)
    if fix is None or fix.kind is FixKind.MORE_VANS:
        raise UnknownFix(key=key[:60])
    stop_id, seen, reason = found.stops[fix.visit_id], found.seen.version, f"fix: {fix.kind.value}"
    if fix.extra_s:
        _lengthen(found.shifts[fix.vehicle_id or ""], fix.extra_s, seen_version=seen, now=now, actor=actor)
        seen += 1
    if fix.kind in (FixKind.MOVE, FixKind.MOVE_OTHER) and fix.position is not None:
        if not move_stop(stop_id, found.shifts[fix.vehicle_id or ""], fix.position + 1, seen_version=seen, now=now,
                         actor=actor, force_reason=reason).applied:
            raise UnknownFix(key=key[:60])
    elif fix.kind is FixKind.UNLOCK:
        lock_stop(stop_id, False, seen_version=seen, now=now, actor=actor)
    elif fix.kind is FixKind.TWO_HOURS:
        _two_hours(stop_id, found.seen.at(fix.by_s or 0), seen_version=seen, now=now, actor=actor)
    elif fix.kind in (FixKind.LATER_WINDOW, FixKind.OTHER_DAY):
        _agree(stop_id, found.seen.at(fix.from_s or 0), found.seen.at(fix.by_s or 0), seen_version=seen, now=now,
               actor=actor)
    elif version_of(_movable(stop_id).depot_id) != seen:
        raise StalePlan(seen=seen)
    if fix.kind is FixKind.OTHER_DAY:
        _free(stop_id, now=now, actor=actor)
    elif fix.plan is not None:
        _settle(found, fix.plan, now=now, actor=actor)
    after_commit(lambda: plan_now(now))
    return fix


def _settle(found: Explanation, plan: Plan, *, now: datetime, actor: str) -> None:
    """Write the plan that the trial proved, before automatic planning gives the room to somebody else."""
    stop = _movable(found.stop_id)
    seen = planning.snapshot(stop.depot_id, now, by_hand=True)
    if all(seen.plan.route(vehicle.id) == plan.route(vehicle.id) for vehicle in seen.problem.vehicles):
        return
    if hard_violations(seen.problem, plan) or not planning.apply(seen, plan, now=now, actor=actor, what="moved"):
        raise StalePlan(stop_id=found.stop_id)
    _movable(found.stop_id).locked = False
    db.session.flush()


def _lengthen(shift_id: int, extra_s: int, *, seen_version: int, now: datetime, actor: str) -> None:
    """The van stays longer."""
    shift = db.session.get_one(Shift, shift_id)
    ends_at = shift.ends_at
    if not bump_from(shift.depot_id, seen_version, now):
        raise StalePlan(seen=seen_version)
    if changed_rows(sa.update(Shift).where(
            Shift.id == shift_id, Shift.status.in_(OPEN_SHIFTS), Shift.ends_at == ends_at, Shift.ends_at > now,
    ).values(ends_at=ends_at + timedelta(seconds=extra_s))) != 1:
        raise ShiftClosed(shift_id=shift_id)
    audit.record("shift_lengthened", shift_name(shift_id), actor=actor, extra_s=extra_s)


def _two_hours(stop_id: int, by_at: datetime, *, seen_version: int, now: datetime, actor: str) -> None:
    """The order's hour becomes at most two, for a reason that the customer is told (H-111, H-112, X-26)."""
    stop = _movable(stop_id)
    if not bump_from(stop.depot_id, seen_version, now):
        raise StalePlan(seen=seen_version)
    stop = _movable(stop_id)
    if stop.order_id is None:
        raise PromiseUnfit(stop_id=stop_id)
    reason = delay_reason_now(now)
    lengthen_promise(stop.order_id, by_at, reason, now=now, actor=actor)
    note_stop(_movable(stop_id), "promise_lengthened", now=now, actor=actor, reason=reason.value)


def _agree(stop_id: int, from_at: datetime, by_at: datetime, *, seen_version: int, now: datetime, actor: str) -> None:
    """A later time that was agreed with the customer (Y-03)."""
    stop = _movable(stop_id)
    if not (from_at < by_at and by_at > max(now, promise_of(stop.source).by_at)):
        raise PromiseUnfit(stop_id=stop_id)
    if version_of(stop.depot_id) != seen_version:
        raise StalePlan(seen=seen_version)
    source = stop.customer
    offer = Offer(quote_key=f"{secrets.token_hex(8)}-{seen_version}", kind=PromiseKind.AGREED, in_zone=True,
                  clock_start_at=from_at, promised_from_at=from_at, promised_by_at=by_at, reason=None,
                  estimated_at=None, expires_at=now, estimated_travel=True)
    LivePromises().keep(Offers(in_zone=True, offers=(offer,)), place_of(source), demand_of(source), now=now)
    if isinstance(source, Order):
        give_window(source.id, offer, now=now, actor=actor)
    else:
        give_case_window(source.id, offer, now=now, actor=actor)
    note_stop(_movable(stop_id), "window_agreed", now=now, actor=actor)


def _free(stop_id: int, *, now: datetime, actor: str) -> None:
    """Take a stop that is now for another day out of today's route."""
    stop = _movable(stop_id)
    if stop.shift_id is not None:
        note_stop(stop, "unassigned", now=now, actor=actor, from_shift=stop.shift_id)
    to_pool(stop)
    stop.locked = False
    db.session.flush()


def _movable(stop_id: int) -> Stop:
    stop = db.session.get(Stop, stop_id)
    if stop is None:
        raise UnknownStop(stop_id=stop_id)
    if stop.status not in MOVABLE:
        raise NotMovable(stop_id=stop_id, status=stop.status.value)
    return stop
