"""Appeals against rejected withdrawals: finance lets the rejection stand or overturns it, once."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from core import audit, calendar, settings
from core.db import changed_rows, db
from orders.returns import messages
from orders.returns.errors import AppealDecided, AppealRefused, UnknownCase
from orders.returns.events import note_case_event
from orders.returns.lifecycle import move_case
from orders.returns.models import CaseAppeal, ReturnCase
from orders.returns.queries import case_by_id, withdrawal_of
from orders.returns.states import AppealDecision, CaseAction, CaseKind, CaseStatus


def appeal_rejection(case_id: int, *, text: str, now: datetime, actor: str) -> CaseAppeal:
    """The buyer disagrees with the rejection of a withdrawal. AppealRefused where there is nothing to appeal."""
    case = case_by_id(case_id)
    if not may_appeal(case):
        raise AppealRefused(case_id=case_id, status=case.status.value)
    appeal = CaseAppeal(case_id=case_id, at=now, actor=actor, text=text[:1000])
    db.session.add(appeal)
    db.session.flush()
    note_case_event(case, "appealed", now=now, actor=actor, appeal_id=appeal.id)
    messages.tell_appeal(case, now=now)
    return appeal


def may_appeal(case: ReturnCase) -> bool:
    """A rejected withdrawal, not appealed against since it was rejected."""
    return (case.kind is CaseKind.WITHDRAWAL and case.status is CaseStatus.REJECTED and case.order_id is not None
            and not appeals_of(case.id) and withdrawal_of(case.order_id) is None)


def decide_appeal(appeal_id: int, decision: AppealDecision, *, reason: str, now: datetime, actor: str) -> CaseAppeal:
    """Finance decides, with a reason; audited, and the customer is told.

    Overturned: the case waits for pick-up again, its window to be agreed, and the reason of the rejection is waived.
    AppealDecided when somebody decided first; AppealRefused when the buyer has withdrawn anew meanwhile.
    """
    if changed_rows(sa.update(CaseAppeal).where(CaseAppeal.id == appeal_id, CaseAppeal.decided_at.is_(None)).values(
            decided_at=now, decided_by=actor, decision=decision, reason=reason[:300])) != 1:
        raise AppealDecided(appeal_id=appeal_id)
    appeal = appeal_by_id(appeal_id)
    case = appeal.case
    if decision is AppealDecision.OVERTURNED:
        case = _overturn(case, now=now, actor=actor)
    else:
        note_case_event(case, "appeal_upheld", now=now, actor=actor, appeal_id=appeal_id)
    audit.record(f"appeal_{decision.value}", case.ref, actor=actor, appeal_id=appeal_id)
    messages.tell_appeal_decided(case, overturned=decision is AppealDecision.OVERTURNED, reason=reason,
                                 appeal_id=appeal_id, now=now)
    return appeal_by_id(appeal_id)


def _overturn(case: ReturnCase, *, now: datetime, actor: str) -> ReturnCase:
    if case.order_id is None or withdrawal_of(case.order_id) is not None:
        raise AppealRefused(case_id=case.id)
    waived = sorted({*case.checks.get("waived", ()), case.reason})
    return move_case(
        case.id, CaseAction.OVERTURN, now=now, actor=actor, ended_at=None, window_closed_at=now,
        checks={**case.checks, "waived": waived},
        goods_back_on=calendar.customer_deadline(calendar.local_date(now), settings.get("goods_back_days", now)))


def appeal_by_id(appeal_id: int) -> CaseAppeal:
    """The appeal; UnknownCase if there is none."""
    appeal = db.session.get(CaseAppeal, appeal_id)
    if appeal is None:
        raise UnknownCase(appeal_id=appeal_id)
    return appeal


def appeals_of(case_id: int) -> Sequence[CaseAppeal]:
    """Every appeal in a case, oldest first."""
    return db.session.scalars(sa.select(CaseAppeal).where(CaseAppeal.case_id == case_id)
                              .order_by(CaseAppeal.id)).all()


def appeals(*, decided: bool, page: int = 1, size: int = 25) -> tuple[Sequence[CaseAppeal], int]:
    """One page of the appeals that are decided or not, and the number of pages; undecided ones oldest first."""
    wanted = sa.select(CaseAppeal).where(CaseAppeal.decided_at.is_not(None) if decided
                                         else CaseAppeal.decided_at.is_(None))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    order = CaseAppeal.id.desc() if decided else CaseAppeal.id.asc()
    rows = db.session.scalars(wanted.order_by(order).limit(size).offset((max(1, page) - 1) * size)).all()
    return rows, max(1, -(-count // size))
