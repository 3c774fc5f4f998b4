"""What the dispatcher's board shows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from delivery.states import ShiftStatus, StopStatus
from orders.states import DelayReason, PaymentMethod, PromiseKind


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
    start after promise. `travel_s` is the drive to it. `frozen`: automatic planning leaves it where it is (Y-05);
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
    lateness_s: int
    locked: bool
    frozen: bool
    announced_at: datetime | None
    next_told_at: datetime | None
    ended_at: datetime | None
    unserved_reason: str
    fail_reason: str


@dataclass(frozen=True, kw_only=True)
class RouteView:
    """A van's day. `stops` are open ones in order, `ended` those done or failed; stock as the ledger has it."""

    shift_id: int
    vehicle_code: str
    plate: str
    driver_name: str
    driver_phone: str
    status: ShiftStatus
    starts_at: datetime
    ends_at: datetime
    list_version: int
    accepted_version: int
    list_published_at: datetime | None
    list_changed: bool
    card_terminal: bool
    lat: float
    lon: float
    position_at: datetime | None
    stops: tuple[StopView, ...]
    ended: tuple[StopView, ...]
    full: Mapping[str, int]
    empty: Mapping[str, int]
    slots: int
    distance_m: int
    finish_at: datetime | None

    @property
    def accepted(self) -> bool:
        return 0 < self.list_version <= self.accepted_version

    @property
    def late(self) -> int:
        return sum(stop.state is StopState.LATE for stop in self.stops)


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """A proposal. Each row of `diff` has `stop_id`, `from_van`, `from_at`, `to_van`, `to_at` (ISO instants or None),
    `breaks` (seconds late, 0 when the promise holds)."""

    id: int
    created_at: datetime
    fits: bool
    diff: tuple[Mapping[str, Any], ...]
    moved: int
    broken: int


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """The board of a depot at one version of its plan. `pool` is sorted by time left. `undo_stop_id`: the stop of
    the last move by hand while it can be undone."""

    depot_id: int
    depot_name: str
    depot_lat: float
    depot_lon: float
    version: int
    changed_at: datetime | None
    now: datetime
    pool: tuple[StopView, ...]
    routes: tuple[RouteView, ...]
    proposals: tuple[ProposalView, ...]
    zone: Mapping[str, Any] | None
    undo_stop_id: int | None

    def stop(self, stop_id: int | None) -> StopView | None:
        """A stop of the board by id; None when it is not there (any more)."""
        everything = [*self.pool, *(stop for route in self.routes for stop in (*route.stops, *route.ended))]
        return next((stop for stop in everything if stop.id == stop_id), None)


def board_view(depot_id: int, now: datetime) -> BoardView:
    """The board of a depot: its open stops and every shift of today that is not over, and of the next day."""
    raise NotImplementedError


def plan_version(depot_id: int) -> int:
    """The version of the live plan: cheap, for polling."""
    raise NotImplementedError
