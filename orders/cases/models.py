"""Proposed changes of orders, and grievances with their events."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime, str_enum
from orders.cases.states import ChangeKind, ChangeStatus, GrievanceStatus
from orders.models import Order
from orders.states import Channel

_ASKED = sa.text("status = 'asked'")


class OrderChange(Base):
    """A change that the company proposes; while it is asked the order is on hold (X-27).

    `terms` says what is proposed: a line with product, exchange and price, or a window. Of an order one change may be
    asked at a time, and each is answered once.
    """

    __tablename__ = "order_changes"
    __table_args__ = (
        sa.Index("uq_order_changes_asked", "order_id", unique=True, sqlite_where=_ASKED, postgresql_where=_ASKED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    kind: Mapped[ChangeKind] = mapped_column(str_enum(ChangeKind))
    status: Mapped[ChangeStatus] = mapped_column(str_enum(ChangeStatus))
    terms: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    reason: Mapped[str] = mapped_column(sa.String(300))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(sa.String(60))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str] = mapped_column(sa.String(60), default="")
    channel: Mapped[Channel | None] = mapped_column(str_enum(Channel))

    order: Mapped[Order] = relationship()


class Grievance(Base):
    """A grievance (H-168): read by its named contact and the administrator only (H-169).

    `offer` and `answer` are what the case records towards an amicable end (H-170); `answer_by_on` is our own period
    and never moves later (X-19).
    """

    __tablename__ = "grievances"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(14), unique=True)
    request_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    status: Mapped[GrievanceStatus] = mapped_column(str_enum(GrievanceStatus))
    channel: Mapped[Channel] = mapped_column(str_enum(Channel))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by_on: Mapped[date]
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_users.id"))
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_users.id"), index=True)

    name: Mapped[str] = mapped_column(sa.String(80))
    email: Mapped[str] = mapped_column(sa.String(120))
    phone_e164: Mapped[str] = mapped_column(sa.String(20), default="")
    order_number: Mapped[str] = mapped_column(sa.String(20), default="")
    text: Mapped[str] = mapped_column(sa.Text)
    offer: Mapped[str] = mapped_column(sa.Text, default="")
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    events: Mapped[list[GrievanceEvent]] = relationship(order_by="GrievanceEvent.id")

    @property
    def ref(self) -> str:
        """How the audit trail names it."""
        return f"grievance:{self.id}"


class GrievanceEvent(Base):
    """What happened to a grievance; never edited. Offers and answers that were superseded stand here."""

    __tablename__ = "grievance_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    grievance_id: Mapped[int] = mapped_column(sa.ForeignKey("grievances.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    what: Mapped[str] = mapped_column(sa.String(40))
    text: Mapped[str] = mapped_column(sa.Text, default="")
