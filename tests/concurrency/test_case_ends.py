"""Two ends of one complaint at the same instant, on both databases (X-25)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask

from core.db import db, unit_of_work
from orders.returns.complaints import end_credited, end_replaced
from orders.returns.models import ReturnCase
from orders.returns.states import CaseKind, CaseStatus, Outcome
from tests.concurrency.racing import race
from tests.factories import any_promise
from tests.orders.test_complaint_ends import justified


def test_of_two_ends_of_a_complaint_at_once_one_wins(app: Flask, now: datetime) -> None:
    """X-25. Without the status in the WHERE of `move_case` two ends won on PostgreSQL: a replacement on its way and
    a credit note over the same cylinder; SQLite lets one writer in at a time."""
    with any_promise():
        case_id = justified().id

    def end(n: int) -> None:
        with unit_of_work():
            if n % 2:
                end_credited(case_id, now=now, actor=f"staff:{n}")
            else:
                end_replaced(case_id, now=now, actor=f"staff:{n}")

    results = race(app, 8, end)
    assert results["won"] == 1
    assert set(results) <= {"won", "StaleCase", "WrongCaseState"}
    case = db.session.get_one(ReturnCase, case_id)
    brought = db.session.scalar(sa.select(sa.func.count()).select_from(ReturnCase).where(
        ReturnCase.kind == CaseKind.REPLACEMENT))
    assert (case.status, case.outcome, case.bank_cents, brought) in {
        (CaseStatus.COMPLETED, Outcome.REPLACED, 0, 1), (CaseStatus.REFUND_DUE, Outcome.CREDITED, 3490, 0)}
