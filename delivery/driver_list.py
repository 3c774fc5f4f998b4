"""What the driver's phone shows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.ledger import vehicle_stock
from core.db import db
from delivery.depot_call import DepotCall
from delivery.errors import UnknownShift, UnknownStop
from delivery.goods import cash_cents, door_cents, goods, kind_of, short_name
from delivery.live import AT_WORK, ended_stops, live_stops
from delivery.models import Shift, Stop
from delivery.rests import DueRest, rest_due, resting_until
from delivery.states import FailReason, ShiftStatus, StopKind, StopStatus
from delivery.visits import promise_of, wants_visit
from orders.models import Order
from orders.returns.models import ReturnCase


@dataclass(frozen=True, kw_only=True)
class DriverStop:
    """One stop of the list. At most one of `order` and `case` is there; neither for a call at the depot to load
    (`kind` reload): its `goods` are to be on board then, `loads` and `leaves` are the full ones that are missing and
    the empties on board now. `door_cents`: collect (positive) or pay out (negative); `cash_cents` of it in cash.
    `name` is the surname with an initial (H-108)."""

    id: int
    number: int
    kind: str
    status: StopStatus
    name: str
    street_line: str
    post_line: str
    floor: int
    note: str
    phone_e164: str
    lat: float
    lon: float
    goods: str
    door_cents: int
    cash_cents: int
    promised_from_at: datetime
    promised_by_at: datetime
    planned_start_at: datetime | None
    late: bool
    ended_at: datetime | None
    fail_reason: FailReason | None
    order: Order | None
    case: ReturnCase | None
    loads: str = ""
    leaves: str = ""


@dataclass(frozen=True, kw_only=True)
class DriverList:
    """The list of a shift. `current` is the stop the van is on, else the first open one; `later` the other open
    ones; `ended` done and failed ones, the newest first. `total` counts all of them. `rest` is the break still to come,
    `resting_until` the end of the one that the driver takes now."""

    shift_id: int
    vehicle_id: int
    vehicle_code: str
    driver_id: int
    driver_name: str
    card_terminal: bool
    status: ShiftStatus
    starts_at: datetime
    ends_at: datetime
    list_version: int
    accepted_version: int
    current: DriverStop | None
    later: tuple[DriverStop, ...]
    ended: tuple[DriverStop, ...]
    rest: DueRest | None
    resting_until: datetime | None

    @property
    def total(self) -> int:
        return (self.current is not None) + len(self.later) + len(self.ended)

    @property
    def accepted(self) -> bool:
        return 0 < self.list_version <= self.accepted_version


def driver_list(shift_id: int, now: datetime) -> DriverList:
    """The list as it stands now. UnknownShift."""
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    stops = [stop for stop in live_stops(shift.depot_id, shift_id) if wants_visit(stop.source)]
    stops.sort(key=lambda stop: (stop.status not in AT_WORK, stop.position, stop.id))
    open_rows = [_row(stop) for stop in stops]
    ended = sorted(ended_stops([shift_id]), key=lambda stop: (stop.ended_at or now, stop.id), reverse=True)
    return DriverList(
        shift_id=shift_id, vehicle_id=shift.vehicle_id, vehicle_code=shift.vehicle.code, driver_id=shift.driver_id,
        driver_name=shift.driver.name, card_terminal=shift.vehicle.card_terminal, status=shift.status,
        starts_at=shift.starts_at, ends_at=shift.ends_at, list_version=shift.list_version,
        accepted_version=shift.accepted_version, current=open_rows[0] if open_rows else None,
        later=tuple(open_rows[1:]), ended=tuple(_row(stop) for stop in ended), rest=rest_due(shift, now),
        resting_until=resting_until(shift, now))


def driver_stop(shift_id: int, stop_id: int, now: datetime) -> DriverStop:
    """One stop of this shift, open or ended. UnknownStop for one of another van."""
    stop = db.session.get(Stop, stop_id)
    if stop is None or stop.shift_id != shift_id:
        raise UnknownStop(stop_id=stop_id, shift_id=shift_id)
    return _row(stop)


def _row(stop: Stop) -> DriverStop:
    source, promise = stop.source, promise_of(stop.source)
    loads, leaves = _loading(stop)
    at = stop.ended_at or stop.arrived_at or stop.planned_start_at
    return DriverStop(
        id=stop.id, number=stop.position, kind=kind_of(source), status=stop.status,
        name=source.contact_name if stop.kind is StopKind.RELOAD else short_name(source.contact_name),
        street_line=f"{source.street} {source.house_number}".strip(),
        post_line=f"{source.postcode} {source.city}".strip(), floor=source.floor, note=source.note,
        phone_e164=source.phone_e164, lat=source.lat, lon=source.lon, goods=goods(source),
        door_cents=door_cents(source), cash_cents=cash_cents(source), promised_from_at=promise.from_at,
        promised_by_at=promise.by_at, planned_start_at=stop.planned_start_at,
        late=at is not None and at > promise.by_at, ended_at=stop.ended_at, fail_reason=stop.fail_reason,
        order=stop.order, case=stop.case, loads=loads, leaves=leaves)


def _loading(stop: Stop) -> tuple[str, str]:
    """For a call at the depot that is open: the full cylinders missing on board, and the empties there."""
    source = stop.source
    if not isinstance(source, DepotCall) or stop.shift is None or stop.ended_at is not None:
        return "", ""
    stock = vehicle_stock([stop.shift.vehicle_id])[stop.shift.vehicle_id]
    missing = {kind: number - stock.full.get(kind, 0) for kind, number in source.load.items()}
    return _listed(missing), _listed(stock.empty)


def _listed(cylinders: Mapping[str, int]) -> str:
    return ", ".join(f"{number}×{kind}" for kind, number in sorted(cylinders.items()) if number > 0)
