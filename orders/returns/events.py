"""What happened to a case, written down and never edited."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from core.db import db
from orders.returns.models import CaseEvent, ReturnCase
from orders.returns.states import CaseAction


def note_case_event(case: ReturnCase, what: str, *, now: datetime, actor: str, action: CaseAction | None = None,
                    **details: Any) -> None:
    """Add an event to the open unit of work; ids, states and amounts only in `details`."""
    db.session.add(CaseEvent(case_id=case.id, at=now, actor=actor, action=action, what=what, details=details))
