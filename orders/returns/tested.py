"""Cylinders that the technical sector is done with: to the scrap, or to a unit's empties (H-165, P-D10)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from billing import chart, ledger, postings
from billing.queries import hold_cylinder_type
from core import audit
from core.db import db
from orders.returns.errors import NotThatMany
from orders.returns.models import CaseLine, ReturnCase
from orders.returns.states import CaseStatus
from orders.units import units

SCRAP = "scrap"
REF = "technical"


def releasable() -> dict[str, int]:
    """Cylinders by type that may leave the technical sector: those no complaint waits for."""
    waiting = dict(db.session.execute(
        sa.select(CaseLine.cylinder_type, sa.func.sum(CaseLine.quantity)).join(ReturnCase)
        .where(ReturnCase.status == CaseStatus.TESTING, ReturnCase.received_at.is_not(None))
        .group_by(CaseLine.cylinder_type)).all())
    here = ledger.balances(chart.TECHNICAL)
    return {kind: number - int(waiting.get(kind, 0)) for (_account, kind), number in here.items()
            if number > waiting.get(kind, 0)}


def release(cylinder_type: str, quantity: int, to: str, *, request_key: str, now: datetime, actor: str) -> None:
    """So many go to `to`: SCRAP or the code of a unit. A second call with the same key does nothing.

    NotThatMany where fewer are here, or none of that type.
    """
    hold_cylinder_type(cylinder_type)
    if ledger.is_posted(_key(request_key)):
        return
    here = releasable().get(cylinder_type, 0)
    if not 0 < quantity <= here or to not in (SCRAP, *units(now)):
        raise NotThatMany(cylinder_type=cylinder_type, here=here)
    account = chart.SCRAP if to == SCRAP else chart.unit_empty(to)
    ledger.post("tested", REF, postings.tested(account, cylinder_type, quantity), at=now,
                dedupe_key=_key(request_key), actor=actor)
    audit.record("cylinders_tested", REF, actor=actor, kind=cylinder_type, quantity=quantity, to=to)


def _key(request_key: str) -> str:
    return f"tested:{request_key}"
