"""Return cases with their lines and events."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime, str_enum
from core.phone import PhoneKind
from orders.models import Order
from orders.returns.states import AppealDecision, CaseAction, CaseKind, CaseStatus, Outcome, RefundMethod
from orders.states import Channel

_LIVE_WITHDRAWAL = sa.text("kind = 'withdrawal' AND status NOT IN ('cancelled', 'rejected')")


class ReturnCase(Base):
    """A withdrawal, a deposit return or a complaint, with its own copy of contact and place.

    `notice_at` starts the clocks; `goods_back_on` and `refund_by_on` are the last days (H-142, H-147).
    `refund_cents` is what is owed to the customer in all, `bank_cents` of it by transfer; `iban` only where the
    bank pays. `window_closed_at`: no pick-up window holds; one is to be agreed. `received_at`: the technical sector
    has the cylinder; `outcome` is the one end of a complaint (X-25), `parent_id` the complaint that a replacement
    ends. `unit` is the unit at whose counter it was handed in (H-090).
    """

    __tablename__ = "return_cases"
    __table_args__ = (
        sa.CheckConstraint("refund_cents >= 0 AND bank_cents >= 0 AND bank_cents <= refund_cents", name="amounts"),
        sa.Index("ix_return_cases_status", "status", "notice_at"),
        sa.Index("uq_return_cases_withdrawal", "order_id", unique=True, sqlite_where=_LIVE_WITHDRAWAL,
                 postgresql_where=_LIVE_WITHDRAWAL),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(14), unique=True)
    request_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    kind: Mapped[CaseKind] = mapped_column(str_enum(CaseKind))
    status: Mapped[CaseStatus] = mapped_column(str_enum(CaseStatus))
    channel: Mapped[Channel] = mapped_column(str_enum(Channel))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_users.id"))
    notice_at: Mapped[datetime] = mapped_column(UtcDateTime)
    goods_back_on: Mapped[date | None]
    refund_by_on: Mapped[date | None]
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")

    contact_name: Mapped[str] = mapped_column(sa.String(80))
    phone_e164: Mapped[str] = mapped_column(sa.String(20), index=True)
    phone_kind: Mapped[PhoneKind] = mapped_column(str_enum(PhoneKind))
    email: Mapped[str | None] = mapped_column(sa.String(120))
    street: Mapped[str] = mapped_column(sa.String(80))
    house_number: Mapped[str] = mapped_column(sa.String(12))
    postcode: Mapped[str] = mapped_column(sa.String(4))
    city: Mapped[str] = mapped_column(sa.String(60))
    lat: Mapped[float]
    lon: Mapped[float]
    floor: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(sa.String(300), default="")

    window_from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    window_by_at: Mapped[datetime] = mapped_column(UtcDateTime)
    window_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    pay_out_expected: Mapped[str] = mapped_column(sa.String(20), default="")
    refund_cents: Mapped[int] = mapped_column(default=0)
    bank_cents: Mapped[int] = mapped_column(default=0)
    refund_method: Mapped[RefundMethod | None] = mapped_column(str_enum(RefundMethod))
    iban: Mapped[str | None] = mapped_column(sa.String(34))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    wish: Mapped[str] = mapped_column(sa.String(20), default="")
    checks: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    collected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(str_enum(Outcome))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("return_cases.id"), unique=True)
    unit: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")

    order: Mapped[Order | None] = relationship()
    lines: Mapped[list[CaseLine]] = relationship(order_by="CaseLine.id", cascade="all, delete-orphan")
    events: Mapped[list[CaseEvent]] = relationship(order_by="CaseEvent.id")

    @property
    def address_line(self) -> str:
        return f"{self.street} {self.house_number}, {self.postcode} {self.city}"

    @property
    def ref(self) -> str:
        """How other packages name this case."""
        return f"case:{self.id}"

    @property
    def cash_cents(self) -> int:
        """What the driver pays out in cash (expected, until it was collected)."""
        return self.refund_cents - self.bank_cents

    @property
    def cylinders(self) -> int:
        return sum(line.quantity for line in self.lines)


class CaseLine(Base):
    """Cylinders that are to come back: `full` for withdrawal and complaint, empty for a deposit return."""

    __tablename__ = "case_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("return_cases.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order_lines.id"))
    cylinder_type: Mapped[str] = mapped_column(sa.String(10))
    quantity: Mapped[int]
    full: Mapped[bool]
    net_gas_g: Mapped[int]


class CaseEvent(Base):
    """What happened to a case; never edited."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("return_cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[CaseAction | None] = mapped_column(str_enum(CaseAction))
    what: Mapped[str] = mapped_column(sa.String(40))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class CaseEvidence(Base):
    """A photo kept with a case: a JPEG that we made ourselves of what was uploaded; never edited."""

    __tablename__ = "case_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("return_cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    width: Mapped[int]
    height: Mapped[int]
    jpeg: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


_UNDECIDED = sa.text("decided_at IS NULL")


class CaseAppeal(Base):
    """An appeal against a rejected withdrawal; one may be undecided at a time, and each is decided once."""

    __tablename__ = "case_appeals"
    __table_args__ = (
        sa.Index("uq_case_appeals_undecided", "case_id", unique=True, sqlite_where=_UNDECIDED,
                 postgresql_where=_UNDECIDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("return_cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    text: Mapped[str] = mapped_column(sa.String(1000))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(sa.String(60), default="")
    decision: Mapped[AppealDecision | None] = mapped_column(str_enum(AppealDecision))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")

    case: Mapped[ReturnCase] = relationship()
