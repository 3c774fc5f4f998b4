"""The driver's day, step by step. Every function works inside the view's unit of work and never commits.

Each step belongs to a shift (the driver's link names it): a stop of another van is an UnknownStop. The position of a
van is its last confirmed stop. A step taken twice raises StopOver or WrongStopState and books nothing.
"""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from accounts.places import Place
from accounts.register import confirm_pin
from core.db import after_commit, changed_rows, db
from core.tasks import kick
from delivery.announcing import tell_next
from delivery.closing import require_open
from delivery.errors import (
    NotNextStop,
    OldList,
    OnAnotherStop,
    StopOver,
    UnknownShift,
    UnknownStop,
    WrongStopState,
)
from delivery.live import AT_WORK
from delivery.models import Shift, Stop
from delivery.plan_state import bump
from delivery.planning import note_stop, retime_shift, stop_name
from delivery.states import LIVE, FailReason, ShiftStatus, StopKind, StopStatus
from delivery.vans import begin_shift, load_van
from delivery.visits import wants_visit
from orders.carrier import Carrier
from orders.returns.services import CaseDoor, Collected, collect_case, dispatch_case, fail_case, recall_case
from orders.services import Delivered, deliver_order, dispatch_order, fail_order, recall_order
from orders.settlement import DoorSettlement

IMPROVE = "delivery.improve"


def accept_list(shift_id: int, version: int, *, now: datetime) -> None:
    """The driver took note of the list. OldList when a newer one was sent."""
    _shift(shift_id)
    if changed_rows(sa.update(Shift).where(
            Shift.id == shift_id, Shift.list_version == version, Shift.list_version > 0,
    ).values(accepted_version=version)) != 1:
        raise OldList(shift_id=shift_id, version=version)


def leave_for(shift_id: int, stop_id: int, *, out_of_turn: bool = False, now: datetime) -> None:
    """The van leaves for this very stop: the order is out for delivery, the customer is told (Y-07).

    A rest is over with that. NotNextStop unless it is the first open one or `out_of_turn` is confirmed;
    OnAnotherStop while another is open.
    """
    shift, stop = _take(shift_id, stop_id, now)
    open_stops = _open_stops(shift_id)
    if any(other.status in AT_WORK and other.id != stop_id for other in open_stops):
        raise OnAnotherStop(stop_id=stop_id)
    first = next((other for other in open_stops if other.status is StopStatus.PLANNED), None)
    if first is not None and first.id != stop_id and not out_of_turn:
        raise NotNextStop(stop_id=stop_id, first=first.id)
    _bring_forward(stop, open_stops)
    _advance(stop_id, [StopStatus.PLANNED], StopStatus.EN_ROUTE, left_for_at=now)
    stop = _stop(shift_id, stop_id)
    if not wants_visit(stop.source):
        raise StopOver(stop_id=stop_id)
    if stop.order_id is not None:
        dispatch_order(stop.order_id, now=now, actor=shift.driver_ref)
    elif stop.case_id is not None:
        dispatch_case(stop.case_id, now=now, actor=shift.driver_ref)
    changed_rows(sa.update(Shift).where(Shift.id == shift_id, Shift.break_started_at.is_not(None),
                                        Shift.break_ended_at.is_(None)).values(break_ended_at=now))
    if db.session.get_one(Shift, shift_id).status is ShiftStatus.PLANNED:
        begin_shift(shift_id, now=now, actor=shift.driver_ref)
    _finish(shift_id, stop_id, "left", now=now)
    if stop.kind is not StopKind.RELOAD:
        tell_next(_stop(shift_id, stop_id), now=now)


def turn_back(shift_id: int, stop_id: int, *, now: datetime) -> None:
    """Undo the last step while it is safe: arrived -> on the way -> planned (the order is recalled)."""
    shift, stop = _take(shift_id, stop_id, now)
    if stop.status is StopStatus.ARRIVED:
        _advance(stop_id, [StopStatus.ARRIVED], StopStatus.EN_ROUTE, arrived_at=None)
    else:
        order_id, case_id = stop.order_id, stop.case_id
        _advance(stop_id, [StopStatus.EN_ROUTE], StopStatus.PLANNED, left_for_at=None)
        if order_id is not None:
            recall_order(order_id, now=now, actor=shift.driver_ref)
        elif case_id is not None:
            recall_case(case_id, now=now, actor=shift.driver_ref)
    _finish(shift_id, stop_id, "turned_back", now=now)


def arrive(shift_id: int, stop_id: int, *, now: datetime) -> None:
    """The van stands at the door."""
    _take(shift_id, stop_id, now)
    _advance(stop_id, [StopStatus.EN_ROUTE], StopStatus.ARRIVED, arrived_at=now)
    _finish(shift_id, stop_id, "arrived", now=now)


def deliver(shift_id: int, stop_id: int, door: DoorSettlement, *, now: datetime) -> Delivered:
    """Handed over and settled. Refusals of orders.services.deliver_order pass through; nothing is written then."""
    shift, stop = _take(shift_id, stop_id, now)
    if stop.order_id is None:
        raise WrongStopState(stop_id=stop_id)
    order_id, carrier, driver = stop.order_id, _carrier(shift, stop_id), shift.driver_ref
    reached = _place(stop) if stop.status is StopStatus.ARRIVED else None
    _end(shift_id, stop_id, StopStatus.DONE, now=now)
    delivered = deliver_order(order_id, door, carrier, now=now, actor=driver)
    if reached is not None:
        confirm_pin(reached, ref=stop_name(stop_id), actor=driver)
    _finish(shift_id, stop_id, "delivered", now=now, invoice_id=delivered.invoice_id)
    return delivered


def collect(shift_id: int, stop_id: int, door: CaseDoor, *, now: datetime) -> Collected:
    """A pick-up is done. Refusals of orders.returns.services.collect_case pass through."""
    shift, stop = _take(shift_id, stop_id, now)
    if stop.case_id is None:
        raise WrongStopState(stop_id=stop_id)
    case_id, carrier, driver = stop.case_id, _carrier(shift, stop_id), shift.driver_ref
    _end(shift_id, stop_id, StopStatus.DONE, now=now)
    collected = collect_case(case_id, door, carrier, now=now, actor=driver)
    _finish(shift_id, stop_id, "collected", now=now, status=collected.status.value)
    return collected


def reload_van(shift_id: int, stop_id: int, *, now: datetime) -> dict[str, int]:
    """The van is loaded at its depot: empties off, full ones on up to the standard load, one balanced posting (P5).

    Returns what was loaded by type. Pressed twice it raises StopOver and books nothing.
    """
    shift, stop = _take(shift_id, stop_id, now)
    if stop.kind is not StopKind.RELOAD:
        raise WrongStopState(stop_id=stop_id)
    _end(shift_id, stop_id, StopStatus.DONE, now=now)
    loaded = load_van(_shift(shift_id), dedupe_key=f"reload:{stop_name(stop_id)}", now=now, actor=shift.driver_ref)
    _finish(shift_id, stop_id, "loaded", now=now, loaded=loaded)
    return loaded


def skip_reload(shift_id: int, stop_id: int, *, now: datetime) -> None:
    """The van does not go to load now: the stop ends, planning puts it back where it is still needed."""
    _shift_row, stop = _take(shift_id, stop_id, now)
    if stop.kind is not StopKind.RELOAD:
        raise WrongStopState(stop_id=stop_id)
    _advance(stop_id, LIVE, StopStatus.VOID, ended_at=now)
    _finish(shift_id, stop_id, "skipped", now=now)


def fail(shift_id: int, stop_id: int, reason: FailReason, *, now: datetime) -> None:
    """Nothing could be handed over or picked up: an attempt; the promise is closed (Y-07)."""
    shift, stop = _take(shift_id, stop_id, now)
    order_id, case_id, driver = stop.order_id, stop.case_id, shift.driver_ref
    if stop.kind is StopKind.RELOAD:
        raise WrongStopState(stop_id=stop_id)
    _end(shift_id, stop_id, StopStatus.FAILED, now=now, fail_reason=reason)
    if order_id is not None:
        fail_order(order_id, reason=reason.value, now=now, actor=driver)
    elif case_id is not None:
        fail_case(case_id, reason=reason.value, now=now, actor=driver)
    _finish(shift_id, stop_id, "failed", now=now, reason=reason.value)


def _place(stop: Stop) -> Place:
    """Where the van stands when it has arrived."""
    source = stop.source
    return Place(street=source.street, house_number=source.house_number, postcode=source.postcode, city=source.city,
                 lat=source.lat, lon=source.lon)


def _shift(shift_id: int) -> Shift:
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    return shift


def _stop(shift_id: int, stop_id: int) -> Stop:
    stop = db.session.get(Stop, stop_id)
    if stop is None or stop.shift_id != shift_id:
        raise UnknownStop(stop_id=stop_id, shift_id=shift_id)
    return stop


def _take(shift_id: int, stop_id: int, now: datetime) -> tuple[Shift, Stop]:
    """Take the depot's plan, then look at the stop. StopOver for one that is closed."""
    bump(_shift(shift_id).depot_id, now)
    require_open(shift_id)
    stop = _stop(shift_id, stop_id)
    if stop.status not in LIVE:
        raise StopOver(stop_id=stop_id, status=stop.status.value)
    return _shift(shift_id), stop


def _open_stops(shift_id: int) -> list[Stop]:
    return list(db.session.scalars(sa.select(Stop).where(Stop.shift_id == shift_id, Stop.status.in_(LIVE))
                                   .order_by(Stop.position, Stop.id)))


def _bring_forward(stop: Stop, open_stops: list[Stop]) -> None:
    """A stop driven to out of turn takes the first place, the others move one down."""
    places = sorted(other.position for other in open_stops)
    for place, other in zip(places, [stop, *(other for other in open_stops if other.id != stop.id)], strict=True):
        other.position = place
    db.session.flush()


def _advance(stop_id: int, before: Iterable[StopStatus], after: StopStatus, **values: Any) -> None:
    if changed_rows(sa.update(Stop).where(Stop.id == stop_id, Stop.status.in_(list(before))).values(
            status=after, **values)) != 1:
        raise WrongStopState(stop_id=stop_id, wanted=after.value)


def _end(shift_id: int, stop_id: int, after: StopStatus, *, now: datetime, **values: Any) -> None:
    """Close a stop that the van drove to; the van now stands there, free for the next."""
    _advance(stop_id, AT_WORK, after, ended_at=now, **values)
    source = _stop(shift_id, stop_id).source
    changed_rows(sa.update(Shift).where(Shift.id == shift_id).values(
        last_lat=source.lat, last_lon=source.lon, last_seen_at=now, free_at=now))


def _finish(shift_id: int, stop_id: int, what: str, *, now: datetime, **details: Any) -> None:
    """Write the step down, reckon the rest of the route anew, let the plan be improved."""
    note_stop(_stop(shift_id, stop_id), what, now=now, actor=_shift(shift_id).driver_ref, **details)
    db.session.flush()
    retime_shift(_shift(shift_id), now)
    after_commit(lambda: kick(IMPROVE))


def _carrier(shift: Shift, stop_id: int) -> Carrier:
    return Carrier(vehicle_id=shift.vehicle_id, driver_id=shift.driver_id, stop_ref=stop_name(stop_id))
