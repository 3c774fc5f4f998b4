"""What the driver's phone shows."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from delivery.states import FailReason, ShiftStatus, StopStatus
from orders.models import Order
from orders.returns.models import ReturnCase


@dataclass(frozen=True, kw_only=True)
class DriverStop:
    """One stop of the list. Exactly one of `order` and `case` is there. `door_cents`: collect (positive) or pay out
    (negative); `cash_cents` of it in cash. `name` is the surname with an initial (H-108)."""

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


@dataclass(frozen=True, kw_only=True)
class DriverList:
    """The list of a shift. `current` is the stop the van is on, else the first open one; `rest` the other open ones;
    `ended` done and failed ones, the newest first. `total` counts all of them."""

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
    rest: tuple[DriverStop, ...]
    ended: tuple[DriverStop, ...]

    @property
    def total(self) -> int:
        return (self.current is not None) + len(self.rest) + len(self.ended)

    @property
    def accepted(self) -> bool:
        return 0 < self.list_version <= self.accepted_version


def driver_list(shift_id: int, now: datetime) -> DriverList:
    """The list as it stands now. UnknownShift."""
    raise NotImplementedError


def driver_stop(shift_id: int, stop_id: int, now: datetime) -> DriverStop:
    """One stop of this shift, open or ended. UnknownStop for one of another van."""
    raise NotImplementedError
