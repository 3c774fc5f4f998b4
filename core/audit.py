"""Who did what to what, never edited."""
from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import utc_now
from core.db import Base, UtcDateTime, db


class AuditEntry(Base):
    """One act. `actor` is `staff:<id>`, `driver:<id>`, `customer`, `guest` or `system`; `ref` is like `order:12`."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[str] = mapped_column(sa.String(60))
    ref: Mapped[str] = mapped_column(sa.String(60), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


def record(action: str, ref: str, *, actor: str | None = None, **details: Any) -> None:
    """Add an audit entry to the open transaction; ids only in `details`, never a phone number, address or code."""
    db.session.add(AuditEntry(at=utc_now(), actor=actor or current_actor(), action=action, ref=ref, details=details))


def current_actor() -> str:
    """`staff:<id>` for a signed-in person, else `guest`; `system` outside a request."""
    if not current_user:
        return "system"
    return f"staff:{current_user.get_id()}" if current_user.is_authenticated else "guest"
