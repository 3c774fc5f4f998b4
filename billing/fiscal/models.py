"""The verification of each cash or card document, and the copies printed of it."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.fiscal.states import FiscalState
from billing.models import Invoice
from core.db import Base, UtcDateTime, str_enum


class FiscalRecord(Base):
    """One document's protective mark, made with it, and the answer of the tax administration.

    A waiting one is sent at `next_at`; `attempts` were made so far, `error` is what the last one came to.
    """

    __tablename__ = "fiscal_records"
    __table_args__ = (sa.CheckConstraint("(state = 'confirmed') = (eor <> '')", name="eor"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoices.id"), unique=True)
    tax_number: Mapped[str] = mapped_column(sa.String(8))
    zoi: Mapped[str] = mapped_column(sa.String(32))
    eor: Mapped[str] = mapped_column(sa.String(36), default="")
    state: Mapped[FiscalState] = mapped_column(str_enum(FiscalState), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    error: Mapped[str] = mapped_column(sa.String(300), default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    invoice: Mapped[Invoice] = relationship(backref="fiscal_records")


class CopyCounter(Base):
    """How many copies of a document were printed after the first: each says which one it is."""

    __tablename__ = "copy_counters"

    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoices.id"), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
