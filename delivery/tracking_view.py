"""What the customer's page shows of the way of an order."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from billing.queries import certificate_link, certificates_of, invoice_link, invoices_of
from core.db import db
from delivery.live import AT_WORK
from delivery.models import Stop
from delivery.states import LIVE, ShiftStatus
from orders.models import Order
from orders.queries import order_by_id
from orders.returns.models import ReturnCase
from orders.returns.queries import cases_of_order, why_no_withdrawal, withdrawal_clock
from orders.returns.rules import Clock
from orders.states import OPEN, TRANSITIONS, DelayReason, OrderAction, OrderStatus, PromiseKind

AROUND = timedelta(minutes=10)  # PRODUCT U1: never narrower


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


_BY_STATUS = {OrderStatus.AWAITING_PAYMENT: TrackState.AWAITING_PAYMENT, OrderStatus.DELIVERED: TrackState.DELIVERED,
          OrderStatus.CANCELLED: TrackState.CANCELLED, OrderStatus.REJECTED: TrackState.REJECTED}


@dataclass(frozen=True, kw_only=True)
class PaperLink:
    """A document of this order: `kind` is `invoice`, `credit_note` or `certificate`."""

    kind: str
    number: str
    path: str


@dataclass(frozen=True, kw_only=True)
class TrackingView:
    """Where the order stands. `promised_*` is the promise while one is open; `expected_from_at` to `expected_to_at`
    is the plan's time plus and minus ten minutes, never narrower (PRODUCT U1), None while no van has it;
    `expected_estimated`: it rests on a drive that was reckoned without roads.
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
    expected_estimated: bool
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
    order = order_by_id(order_id)
    stop = db.session.scalar(sa.select(Stop).where(Stop.order_id == order_id, Stop.status.in_(LIVE)))
    before = _stops_before(stop) if stop is not None and stop.shift_id is not None else None
    state = _state(order, stop, before)
    open_promise = order.status in OPEN and order.promise_closed_at is None
    expected = stop.planned_start_at if stop is not None and open_promise else None
    near = before is not None and before <= 1 and state in (TrackState.NEXT, TrackState.ON_THE_WAY)
    shift = stop.shift if stop is not None and near else None
    clock = withdrawal_clock(order, now)
    return TrackingView(
        order=order, state=state, promise_kind=order.promise_kind,
        promised_from_at=order.promised_from_at if open_promise else None,
        promised_by_at=order.promised_by_at if open_promise else None, reason=order.promise_reason,
        late=expected is not None and expected > order.promised_by_at,
        expected_from_at=_shown_from(expected, order.promised_from_at, now), expected_to_at=_shown_to(expected),
        expected_estimated=expected is not None and stop is not None and stop.travel_estimated, stops_before=before,
        driver_name=stop.shift.driver.name.split()[0] if stop and stop.shift else "",
        van_lat=shift.last_lat if shift else None, van_lon=shift.last_lon if shift else None,
        van_seen_at=shift.last_seen_at if shift else None,
        cancellable=(order.status, OrderAction.CANCEL) in TRANSITIONS, papers=_papers(order), withdrawal=clock,
        withdrawal_open=why_no_withdrawal(order, now) is None, cases=tuple(cases_of_order(order_id)))


def _stops_before(stop: Stop) -> int:
    """Open stops of the same van that come first, the one it is at included."""
    others = db.session.execute(sa.select(Stop.id, Stop.status, Stop.position).where(
        Stop.shift_id == stop.shift_id, Stop.status.in_(LIVE), Stop.id != stop.id))
    if stop.status in AT_WORK:
        return 0
    return sum(status in AT_WORK or (position, number) < (stop.position, stop.id)
               for number, status, position in others)


def _state(order: Order, stop: Stop | None, before: int | None) -> TrackState:
    if order.status in _BY_STATUS:
        return _BY_STATUS[order.status]
    if order.promise_closed_at is not None:
        return TrackState.FAILED
    if order.status is OrderStatus.OUT_FOR_DELIVERY:
        return TrackState.ON_THE_WAY
    if stop is None or stop.shift is None or before is None:
        return TrackState.ACCEPTED
    out = stop.shift.status is ShiftStatus.ACTIVE and stop.shift.list_version > 0
    return TrackState.NEXT if out and (before <= 1 or stop.next_told_at is not None) else TrackState.CONFIRMED


def _shown_from(expected: datetime | None, promised_from: datetime, now: datetime) -> datetime | None:
    """The early end of the expected time: not in the past, and not before the agreed window."""
    return None if expected is None else min(expected, max(expected - AROUND, promised_from, now))


def _shown_to(expected: datetime | None) -> datetime | None:
    return None if expected is None else expected + AROUND


def _papers(order: Order) -> tuple[PaperLink, ...]:
    """Invoice, credit notes and certificates whose links are valid."""
    papers = [PaperLink(kind=invoice.kind.value, number=invoice.number, path=invoice_link(invoice.id))
              for invoice in invoices_of(order.ref)]
    papers += [PaperLink(kind="certificate", number=paper.number, path=certificate_link(paper.id))
               for paper in certificates_of(order.ref)]
    return tuple(paper for paper in papers if paper.path)
