"""What the customer's page shows of the way of an order."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.rules import Clock
from orders.states import DelayReason, PromiseKind


class TrackState(StrEnum):
    """The customer's steps: accepted, confirmed (planned into a van), on the way, next, delivered; and the others.

    ACCEPTED: taken, no van yet. FAILED: nothing could be handed over; a new time is to be agreed.
    """

    AWAITING_PAYMENT = "awaiting_payment"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    NEXT = "next"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class PaperLink:
    """A document of this order: `kind` is `invoice`, `credit_note` or `certificate`."""

    kind: str
    number: str
    path: str


@dataclass(frozen=True, kw_only=True)
class TrackingView:
    """Where the order stands. `promised_*` is the promise while one is open; `expected_from_at` to `expected_to_at`
    is the plan's time plus and minus ten minutes, never narrower (PRODUCT U1), None while no van has it.
    `stops_before` are open stops of the van before this one. `van_lat`, `van_lon` (the last confirmed stop, at
    `van_seen_at`) are given only when the order is next or next but one. `late`: expected after the promise.
    """

    order: Order
    state: TrackState
    promise_kind: PromiseKind
    promised_from_at: datetime | None
    promised_by_at: datetime | None
    reason: DelayReason | None
    late: bool
    expected_from_at: datetime | None
    expected_to_at: datetime | None
    stops_before: int | None
    driver_name: str
    van_lat: float | None
    van_lon: float | None
    van_seen_at: datetime | None
    cancellable: bool
    papers: tuple[PaperLink, ...]
    withdrawal: Clock | None
    withdrawal_open: bool
    cases: tuple[ReturnCase, ...]


def tracking_view(order_id: int, now: datetime) -> TrackingView:
    """The view of an order. UnknownOrder."""
    raise NotImplementedError
