"""A stop as the board shows it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from delivery.goods import door_cents, goods, kind_of
from delivery.live import HORIZON
from delivery.models import Stop
from delivery.states import StopStatus
from delivery.visits import demand_of, promise_of
from orders.models import Order
from orders.states import DelayReason, PaymentMethod, PromiseKind

AT_RISK = timedelta(minutes=10)  # planned so near to the promise
_SECOND = timedelta(seconds=1)


class StopState(StrEnum):
    """How a stop stands to its promise; the words are `ui.state`'s kinds."""

    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    LATE = "late"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class StopView:
    """One stop. `kind` is `order`, `withdrawal`, `deposit_return` or `complaint`; `number` the public number.

    `goods` are words of the trade like `2×Z10 menjava, 1×K`; `door_cents` is collected (positive) or paid out
    (negative) at the door. `minutes_left` counts to the promise's end (negative: past). `lateness_s` is planned
    start after promise. `travel_s` is the drive to it, `travel_estimated` that the planned times rest on an
    estimated drive. `frozen`: automatic planning leaves it where it is (Y-05);
    for a stop in the pool `locked` means that it is held there. `unserved_reason` is a key of
    delivery.words.unserved_word. `position` counts the shift's list from 1 and includes what is done.
    """

    id: int
    kind: str
    source_ref: str
    number: str
    name: str
    street_line: str
    address_line: str
    floor: int
    note: str
    phone_e164: str
    lat: float
    lon: float
    in_zone: bool
    goods: str
    cylinders: int
    door_cents: int
    payment: PaymentMethod
    promise_kind: PromiseKind
    promised_from_at: datetime
    promised_by_at: datetime
    promise_reason: DelayReason | None
    minutes_left: int
    status: StopStatus
    state: StopState
    shift_id: int | None
    vehicle_code: str
    position: int
    planned_start_at: datetime | None
    planned_leave_at: datetime | None
    travel_s: int
    travel_estimated: bool
    lateness_s: int
    locked: bool
    frozen: bool
    announced_at: datetime | None
    next_told_at: datetime | None
    ended_at: datetime | None
    unserved_reason: str
    fail_reason: str


def stop_view(stop: Stop, now: datetime, *, vehicle_code: str = "", travel_s: int = 0,
              frozen: bool = False) -> StopView:
    """The view of a stop."""
    source, promise = stop.source, promise_of(stop.source)
    order = source if isinstance(source, Order) else None
    late = 0 if stop.planned_start_at is None else max(0, (stop.planned_start_at - promise.by_at) // _SECOND)
    return StopView(
        id=stop.id, kind=kind_of(source), source_ref=source.ref, number=source.number, name=source.contact_name,
        street_line=f"{source.street} {source.house_number}".strip(), address_line=source.address_line,
        floor=source.floor,
        note=source.note, phone_e164=source.phone_e164, lat=source.lat, lon=source.lon,
        in_zone=order.in_zone if order else True, goods=goods(source), cylinders=demand_of(source).cylinders,
        door_cents=door_cents(source), payment=order.payment_method if order else PaymentMethod.CASH,
        promise_kind=promise.kind, promised_from_at=promise.from_at, promised_by_at=promise.by_at,
        promise_reason=order.promise_reason if order else None,
        minutes_left=(promise.by_at - now) // timedelta(minutes=1), status=stop.status,
        state=_state(stop, promise.by_at, now), shift_id=stop.shift_id, vehicle_code=vehicle_code,
        position=stop.position, planned_start_at=stop.planned_start_at, planned_leave_at=stop.planned_leave_at,
        travel_s=travel_s, travel_estimated=stop.travel_estimated, lateness_s=late, locked=stop.locked, frozen=frozen,
        announced_at=stop.announced_at,
        next_told_at=stop.next_told_at, ended_at=stop.ended_at, unserved_reason=_reason(stop, promise.from_at, now),
        fail_reason=stop.fail_reason.value if stop.fail_reason else "")


def _state(stop: Stop, by_at: datetime, now: datetime) -> StopState:
    if stop.status is StopStatus.DONE:
        return StopState.DONE
    if stop.status in (StopStatus.FAILED, StopStatus.VOID):
        return StopState.FAILED
    at = stop.arrived_at or stop.planned_start_at
    if (at or now) > by_at:
        return StopState.LATE
    if at is None:
        return StopState.WAITING
    return StopState.AT_RISK if at > by_at - AT_RISK and stop.arrived_at is None else StopState.ON_TIME


def _reason(stop: Stop, from_at: datetime, now: datetime) -> str:
    """Why a stop in the pool has no van."""
    if stop.shift_id is not None:
        return ""
    if stop.locked:
        return "held"
    if from_at >= now + HORIZON:
        return "later_day"
    return stop.unserved_reason or "unplanned"
