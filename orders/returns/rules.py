"""Clocks, eligibility and exclusions of returns (pure). Days are local days of Ljubljana."""
from __future__ import annotations

import calendar as months
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core import calendar
from orders.returns.states import ComplaintRefusal, DefectKind, Exclusion, Expectation, WithdrawalRefusal


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A customer's period: its last day, whole days left (0 on the last day, negative when over), still open?"""

    last_on: date
    days_left: int
    open: bool


def customer_clock(event_on: date, today: date, days: int) -> Clock:
    """A period of `days` after the event; ends on a working day (X-19)."""
    last = calendar.customer_deadline(event_on, days)
    left = calendar.days_left(last, today)
    return Clock(last_on=last, days_left=left, open=left >= 0)


def withdrawal_refusal(*, delivered: bool, already_open: bool, clock: Clock | None,
                       complained: bool = False) -> WithdrawalRefusal | None:
    """Why the buyer cannot withdraw; None when they can (H-140)."""
    if not delivered or clock is None:
        return WithdrawalRefusal.NOT_DELIVERED
    if already_open:
        return WithdrawalRefusal.ALREADY_OPEN
    if complained:
        return WithdrawalRefusal.COMPLAINED
    return None if clock.open else WithdrawalRefusal.TOO_LATE


def door_refusal(*, foil_intact: bool, undamaged: bool, invoice_shown: bool) -> WithdrawalRefusal | None:
    """Why the driver does not take a withdrawn cylinder back (H-144, H-149, H-150)."""
    if not foil_intact:
        return WithdrawalRefusal.FOIL_REMOVED
    if not undamaged:
        return WithdrawalRefusal.DAMAGED
    return None if invoice_shown else WithdrawalRefusal.NO_INVOICE


def end_of_month(day: date) -> date:
    """The last day of a month: a stamp names a month only."""
    return day.replace(day=months.monthrange(day.year, day.month)[1])


def add_months(day: date, number: int) -> date:
    """The same day `number` months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def stamp_overdue(test_due: date, returned_on: date) -> bool:
    """The stamped test date passed by more than one year on the day of return (H-097).

    The stamp names a month: the test is due at its end, and exactly one year later is not yet too late.
    """
    due = end_of_month(test_due)
    return returned_on > end_of_month(add_months(due.replace(day=1), 12))


@dataclass(frozen=True, kw_only=True)
class CylinderCheck:
    """What the driver saw on one returned empty: damage, stamped test month, certificate number if shown."""

    damaged: bool = False
    test_due: date | None = None
    certificate: str = ""


@dataclass(frozen=True, kw_only=True)
class PayOut:
    """The deposit paid for one returned cylinder, or why none is; `certificate` is the one that is closed by it."""

    amount_cents: int
    exclusion: Exclusion | None
    certificate: str = ""


def exclusion_of(check: CylinderCheck, *, rank: int, household: int, on: date) -> Exclusion | None:
    """The exclusion that holds for a cylinder; `rank` counts the customer's returns of the period, from 1 (X-07)."""
    if check.damaged:
        return Exclusion.DAMAGED
    if check.test_due is not None and stamp_overdue(check.test_due, on):
        return Exclusion.TEST_OVERDUE
    return Exclusion.ABOVE_HOUSEHOLD if rank > household else None


def deposit_pay_outs(checks: Sequence[CylinderCheck], *, returned_before: int, household: int, on: date,
                     certificates: Mapping[str, int], deposit_cents: int) -> tuple[PayOut, ...]:
    """What is paid for each returned cylinder: its certificate's amount, else the full deposit (H-093, H-094).

    The cylinder is taken back either way (X-20). `returned_before` are cylinders paid for within the period;
    only those beyond the usual household quantity are excluded. `certificates` maps numbers to amounts.
    """
    paid: list[PayOut] = []
    rank = returned_before
    for check in checks:
        exclusion = exclusion_of(check, rank=rank + 1, household=household, on=on)
        if exclusion is not None:
            paid.append(PayOut(amount_cents=0, exclusion=exclusion))
            continue
        rank += 1
        paid.append(PayOut(amount_cents=certificates.get(check.certificate, deposit_cents), exclusion=None,
                           certificate=check.certificate if check.certificate in certificates else ""))
    return tuple(paid)


def deposit_return_expectation(*, quantity: int, returned_before: int, household: int, damaged: bool | None,
                               test_due: date | None, on: date) -> Expectation:
    """Is a pay-out to be expected? `damaged` None and `test_due` None mean that the caller does not know (X-20)."""
    overdue = test_due is not None and stamp_overdue(test_due, on)
    if damaged or overdue or returned_before >= household:
        return Expectation.NOT_EXPECTED
    if damaged is None or test_due is None or returned_before + quantity > household:
        return Expectation.AT_DOOR
    return Expectation.EXPECTED


def complaint_clock(defect: DefectKind, *, delivered_on: date, noticed_on: date, today: date, days: int) -> Clock:
    """Obvious defects: from the delivery (H-160); hidden ones: from the day they were noticed (H-161)."""
    return customer_clock(delivered_on if defect is DefectKind.OBVIOUS else noticed_on, today, days)


def complaint_refusal(defect: DefectKind, *, delivered_on: date | None, noticed_on: date, today: date, days: int,
                      liability_months: int) -> ComplaintRefusal | None:
    """Why a complaint cannot be taken; None when it can (H-160, H-161, H-162)."""
    if delivered_on is None:
        return ComplaintRefusal.NOT_DELIVERED
    if noticed_on > today or noticed_on < delivered_on:
        return ComplaintRefusal.NOT_YET
    if noticed_on > add_months(delivered_on, liability_months):
        return ComplaintRefusal.AFTER_LIABILITY
    clock = complaint_clock(defect, delivered_on=delivered_on, noticed_on=noticed_on, today=today, days=days)
    return None if clock.open else ComplaintRefusal.NOTICED_TOO_LATE


def period_start(on: date, number: int) -> date:
    """The first day of the last `number` months up to `on`, exclusive of the same day before."""
    return add_months(on, -number) + timedelta(days=1)
