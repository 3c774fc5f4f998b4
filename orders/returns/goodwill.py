"""Goodwill: finance pays deposits that an exclusion suspended (X-20), with a reason, once for each case."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from billing.bank.ibans import checked_iban
from core import audit, calendar, settings
from core.db import db
from orders import books
from orders.returns import messages
from orders.returns.errors import NoGoodwill
from orders.returns.lifecycle import move_case
from orders.returns.models import ReturnCase
from orders.returns.queries import case_by_id
from orders.returns.states import CaseAction, CaseKind, CaseStatus, RefundMethod


def suspended_cents(case: ReturnCase, now: datetime) -> int:
    """The deposits of a collected case that were not paid out; 0 where goodwill was paid already."""
    if case.kind is not CaseKind.DEPOSIT_RETURN or case.status is not CaseStatus.COMPLETED or "goodwill" in case.checks:
        return 0
    unpaid = sum(1 for cylinder in case.checks.get("cylinders", ()) if cylinder["exclusion"])
    return unpaid * int(settings.get("deposit_cents", now))


def pay_goodwill(case_id: int, *, amount_cents: int, reason: str, iban: str | None, now: datetime,
                 actor: str) -> ReturnCase:
    """Make an amount due by transfer. NoGoodwill for more than was suspended, or a second time; audited."""
    case = case_by_id(case_id)
    if not 0 < amount_cents <= suspended_cents(case, now):
        raise NoGoodwill(case_id=case_id, amount_cents=amount_cents)
    case = move_case(
        case_id, CaseAction.GOODWILL, now=now, actor=actor, ended_at=None, bank_cents=amount_cents,
        refund_cents=case.refund_cents + amount_cents, refund_method=RefundMethod.BANK, iban=checked_iban(iban),
        refund_by_on=calendar.company_deadline(calendar.local_date(now), settings.get("refund_days", now)),
        checks={**case.checks, "goodwill": {"cents": amount_cents, "reason": reason[:300], "by": actor}})
    books.post_goodwill(case.ref, amount_cents, now=now, actor=actor)
    audit.record("goodwill_paid", case.ref, actor=actor, amount_cents=amount_cents)
    messages.tell_goodwill(case, now=now)
    return case


def suspended_cases(page: int = 1, size: int = 25) -> tuple[Sequence[ReturnCase], int]:
    """One page of collected returns for which something was not paid out, newest first, and the number of pages."""
    wanted = sa.select(ReturnCase).where(
        ReturnCase.kind == CaseKind.DEPOSIT_RETURN, ReturnCase.status == CaseStatus.COMPLETED, ReturnCase.reason != "")
    count = db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    rows = db.session.scalars(wanted.order_by(ReturnCase.id.desc()).limit(size)
                              .offset((max(1, page) - 1) * size)).all()
    return rows, max(1, -(-count // size))
