"""What the ledger must say of drivers and vans because of stops, shifts and counts (`flask billing verify`)."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from billing import chart, ledger
from billing.models import LedgerEntry, LedgerTransaction
from billing.ports import LedgerCheck
from core.db import db
from delivery.models import Shift, ShiftClosing
from delivery.states import ShiftStatus
from orders.models import Handover, HandoverLine
from orders.returns.models import ReturnCase

DELIVERY = "delivery"
CYLINDERS = (chart.VEHICLES_PREFIX, chart.DEPOTS_PREFIX, chart.UNITS_PREFIX)


def checks() -> Iterator[LedgerCheck]:
    """Drivers' cash, what left the vans, and places that would hold fewer cylinders than none."""
    yield LedgerCheck(
        what="cash with drivers, and change given plus cash taken less cash paid out and handed over",
        in_ledger=sum(amount for (_account, unit), amount in ledger.balances(chart.DRIVERS_PREFIX).items()
                      if unit == chart.EUR),
        elsewhere=_change() + _taken() - _paid_out() - _handed_over())
    yield LedgerCheck(what="full cylinders off the vans, and those handed over at the door",
                      in_ledger=-_from_vans(), elsewhere=_handed_over_at_doors())
    below = [f"{account} {unit}" for prefix in CYLINDERS for (account, unit), amount in ledger.balances(prefix).items()
             if amount < 0]
    yield LedgerCheck(what=f"places with fewer cylinders than none ({', '.join(sorted(below))})" if below
                      else "places with fewer cylinders than none", in_ledger=len(below), elsewhere=0)


def _change() -> int:
    return _sum(sa.select(Shift.float_cents).where(Shift.status != ShiftStatus.PLANNED))


def _taken() -> int:
    return _sum(sa.select(Handover.cash_cents))


def _paid_out() -> int:
    """Cash paid at doors for what was collected there; a unit's counter pays from its own till."""
    return _sum(sa.select(ReturnCase.refund_cents - ReturnCase.bank_cents).where(
        ReturnCase.collected_at.is_not(None), ReturnCase.unit == ""))


def _handed_over() -> int:
    return sum(row["cash"] for row in db.session.scalars(
        sa.select(ShiftClosing.expected).where(ShiftClosing.closed_at.is_not(None))))


def _from_vans() -> int:
    return _sum(sa.select(LedgerEntry.amount).join(LedgerTransaction).where(
        LedgerTransaction.kind == DELIVERY, LedgerEntry.account.startswith(chart.VEHICLES_PREFIX),
        LedgerEntry.account.endswith(":full")))


def _handed_over_at_doors() -> int:
    return _sum(sa.select(HandoverLine.quantity + HandoverLine.replaced))


def _sum(amounts: sa.Select[Any]) -> int:
    column = amounts.subquery().c[0]
    return int(db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0))) or 0)
