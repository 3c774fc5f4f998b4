"""Reads of return cases, and the clocks of an order's returns."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from core import calendar, settings
from core.db import db
from orders.models import Handover, Order
from orders.returns.errors import UnknownCase
from orders.returns.models import ReturnCase
from orders.returns.refunds import BoughtLine
from orders.returns.rules import Clock, add_months, customer_clock, period_start, withdrawal_refusal
from orders.returns.states import ENDED, CaseKind, CaseStatus, Outcome, WithdrawalRefusal
from orders.states import OrderStatus

WITH_THE_BUYER = (Outcome.REPAIRED, Outcome.REPLACED)


def case_by_id(case_id: int) -> ReturnCase:
    """The case; UnknownCase if there is none."""
    case = db.session.get(ReturnCase, case_id)
    if case is None:
        raise UnknownCase(case_id=case_id)
    return case


def case_by_number(number: str) -> ReturnCase | None:
    """The case of a public number like OD-2026-000123."""
    return db.session.scalar(sa.select(ReturnCase).where(ReturnCase.number == number.strip()))


def case_by_request_key(request_key: str) -> ReturnCase | None:
    """The case that this form has made already, if it has."""
    return db.session.scalar(sa.select(ReturnCase).where(ReturnCase.request_key == request_key))


def cases_of_order(order_id: int) -> Sequence[ReturnCase]:
    """Every case about an order, oldest first."""
    return db.session.scalars(sa.select(ReturnCase).where(ReturnCase.order_id == order_id)
                              .order_by(ReturnCase.id)).all()


def open_cases_of_phone(phone_e164: str) -> Sequence[ReturnCase]:
    """The cases of a number that are not ended. For agents only (Y-09)."""
    return db.session.scalars(sa.select(ReturnCase).where(
        ReturnCase.phone_e164 == phone_e164, ReturnCase.status.not_in(ENDED)).order_by(ReturnCase.id)).all()


def open_cases() -> Sequence[ReturnCase]:
    """Every case that is not ended, oldest first."""
    return db.session.scalars(sa.select(ReturnCase).where(ReturnCase.status.not_in(ENDED))
                              .order_by(ReturnCase.id)).all()


def requested_cases() -> Sequence[ReturnCase]:
    """Web requests that wait for an agent (X-12)."""
    return db.session.scalars(sa.select(ReturnCase).where(ReturnCase.status == CaseStatus.REQUESTED)
                              .order_by(ReturnCase.id)).all()


def cases_at_technical() -> Sequence[ReturnCase]:
    """Complaints whose cylinder is collected and that have no verdict, the oldest first (H-165)."""
    return db.session.scalars(sa.select(ReturnCase).where(ReturnCase.status == CaseStatus.TESTING)
                              .order_by(ReturnCase.collected_at, ReturnCase.id)).all()


def cases_with_verdict(page: int = 1, size: int = 25) -> tuple[Sequence[ReturnCase], int]:
    """One page of complaints that have a verdict, newest first, and the number of pages."""
    wanted = sa.select(ReturnCase).where(
        ReturnCase.kind == CaseKind.COMPLAINT, ReturnCase.received_at.is_not(None),
        ReturnCase.status != CaseStatus.TESTING)
    count = db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    rows = db.session.scalars(wanted.order_by(ReturnCase.id.desc()).limit(size)
                              .offset((max(1, page) - 1) * size)).all()
    return rows, max(1, -(-count // size))


def cases_with_refund_due() -> Sequence[ReturnCase]:
    """Refunds to be transferred, the nearest deadline first (H-147)."""
    return db.session.scalars(sa.select(ReturnCase).where(ReturnCase.status == CaseStatus.REFUND_DUE)
                              .order_by(ReturnCase.refund_by_on, ReturnCase.id)).all()


def hold_cases_with_refund_due() -> None:
    """Hold these cases until the transaction ends; on SQLite every unit of work holds all."""
    db.session.execute(sa.select(ReturnCase.id).where(ReturnCase.status == CaseStatus.REFUND_DUE)
                       .order_by(ReturnCase.id).with_for_update())


def withdrawal_of(order_id: int) -> ReturnCase | None:
    """The withdrawal from an order that was not cancelled or rejected."""
    return db.session.scalar(sa.select(ReturnCase).where(
        ReturnCase.order_id == order_id, ReturnCase.kind == CaseKind.WITHDRAWAL,
        ReturnCase.status.not_in([CaseStatus.CANCELLED, CaseStatus.REJECTED])))


def remaining(handover: Handover) -> dict[int, int]:
    """Cylinders of each line that are still the buyer's to return: no withdrawal and no complaint has them.

    A complaint that ended with the cylinder repaired or replaced leaves the buyer one (X-25).
    """
    taken: Counter[int] = Counter()
    for case in cases_of_order(handover.order_id):
        if (case.kind in (CaseKind.WITHDRAWAL, CaseKind.COMPLAINT) and case.outcome not in WITH_THE_BUYER
                and case.status not in (CaseStatus.CANCELLED, CaseStatus.REJECTED)):
            taken.update({int(line): quantity for line, quantity in case.checks.get("quantities", {}).items()})
    return {line.id: line.quantity - taken[line.id] for line in handover.lines}


def hold_order(order_id: int) -> None:
    """Hold an order until the transaction ends, so that its cylinders are asked back by one case at a time."""
    db.session.execute(sa.select(Order.id).where(Order.id == order_id).with_for_update())


def withdrawal_clock(order: Order, now: datetime) -> Clock | None:
    """Until when the buyer may withdraw: counted from delivery, by the period that held when ordering (H-140, X-01)."""
    if order.delivered_at is None:
        return None
    return customer_clock(calendar.local_date(order.delivered_at), calendar.local_date(now),
                          settings.get("withdrawal_days", order.created_at))


def complaint_clocks(order: Order, noticed_on: date, now: datetime) -> tuple[Clock, Clock, Clock]:
    """Until when a defect may be complained of: 8 days visible (H-160), 8 days from noticing (H-161), and the last
    day on which one may show itself (H-162), by the periods that held when the order was placed."""
    delivered = calendar.local_date(order.delivered_at or now)
    today, days = calendar.local_date(now), settings.get("defect_days", order.created_at)
    last = add_months(delivered, settings.get("defect_months", order.created_at))
    left = calendar.days_left(last, today)
    return (customer_clock(delivered, today, days), customer_clock(noticed_on, today, days),
            Clock(last_on=last, days_left=left, open=left >= 0))


def why_no_withdrawal(order: Order, now: datetime) -> WithdrawalRefusal | None:
    """Why the buyer cannot withdraw from this order; None when they can."""
    delivered = order.status is OrderStatus.DELIVERED
    return withdrawal_refusal(
        delivered=delivered, already_open=withdrawal_of(order.id) is not None, clock=withdrawal_clock(order, now),
        complained=bool(delivered and order.handover and not any(remaining(order.handover).values())))


def bought_lines(handover: Handover, returned: Mapping[int, int] | None) -> tuple[BoughtLine, ...]:
    """Handed-over lines with the cylinders that go back (all of them for None); lines with none are left out."""
    lines = []
    for line in handover.lines:
        back = line.quantity if returned is None else returned.get(line.id, 0)
        if back:
            lines.append(BoughtLine(
                line_id=line.id, product_code=line.product_code, cylinder_type=line.cylinder_type,
                exchange=line.exchange, quantity=line.quantity, unit_price_cents=line.unit_price_cents,
                vat_permille=line.vat_permille, discount_cents=line.discount_cents,
                unit_deposit_cents=line.unit_deposit_cents, new_deposits=line.new_deposits, returned=back))
    return tuple(lines)


def paid_returns(phone_e164: str, customer_id: int | None, now: datetime) -> int:
    """Cylinders of a customer whose deposit was paid at returns within the household period (H-096, X-07)."""
    since = calendar.start_of_day(period_start(calendar.local_date(now), settings.get("household_months", now)))
    owner = ReturnCase.phone_e164 == phone_e164
    if customer_id is not None:
        owner = sa.or_(owner, ReturnCase.customer_id == customer_id)
    cases = db.session.scalars(sa.select(ReturnCase).where(
        owner, ReturnCase.kind == CaseKind.DEPOSIT_RETURN, ReturnCase.collected_at >= since))
    return sum(int(case.checks.get("paid_cylinders", 0)) for case in cases)
