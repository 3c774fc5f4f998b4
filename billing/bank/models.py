"""Statements with their movements, and files of transfers."""
from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.bank.states import Finding, ReceiptState
from core.db import Base, UtcDateTime, str_enum


class BankStatement(Base):
    """An imported account statement: each once, by the bank's number."""

    __tablename__ = "bank_statements"
    __table_args__ = (sa.UniqueConstraint("account", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(34))
    number: Mapped[str] = mapped_column(sa.String(60))
    file_name: Mapped[str] = mapped_column(sa.String(120))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by: Mapped[str] = mapped_column(sa.String(60))
    opening_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    closing_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    known_before: Mapped[int] = mapped_column(default=0)

    receipts: Mapped[list[BankReceipt]] = relationship(order_by="BankReceipt.id", back_populates="statement")


class BankReceipt(Base):
    """A movement on our account, each once by the bank's own reference. `amount_cents` is negative for money out.

    `order_ref` is the order that it paid. `return_cents` of it is due back to `return_iban` until `returned_at`.
    """

    __tablename__ = "bank_receipts"
    __table_args__ = (
        sa.UniqueConstraint("account", "bank_reference"),
        sa.CheckConstraint("return_cents >= 0 AND return_cents <= abs(amount_cents)", name="return"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_statements.id"), index=True)
    account: Mapped[str] = mapped_column(sa.String(34))
    bank_reference: Mapped[str] = mapped_column(sa.String(70))
    booked_on: Mapped[date]
    amount_cents: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(sa.String(140))
    iban: Mapped[str] = mapped_column(sa.String(34))
    reference: Mapped[str] = mapped_column(sa.String(40))
    purpose: Mapped[str] = mapped_column(sa.String(300))
    end_to_end_id: Mapped[str] = mapped_column(sa.String(35), default="")
    state: Mapped[ReceiptState] = mapped_column(str_enum(ReceiptState), index=True)
    finding: Mapped[Finding] = mapped_column(str_enum(Finding))
    order_ref: Mapped[str] = mapped_column(sa.String(60), default="", index=True)
    return_cents: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    return_iban: Mapped[str] = mapped_column(sa.String(34), default="")
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_by: Mapped[str] = mapped_column(sa.String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    statement: Mapped[BankStatement] = relationship(back_populates="receipts")

    @property
    def ref(self) -> str:
        """How other packages name this receipt."""
        return f"receipt:{self.id}"


class TransferFile(Base):
    """A file of credit transfers as it was given to the bank, kept for a second download."""

    __tablename__ = "transfer_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(sa.String(60))
    execute_on: Mapped[date]
    content: Mapped[str] = mapped_column(sa.Text)
    total_cents: Mapped[int] = mapped_column(sa.BigInteger)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    transfers: Mapped[list[Transfer]] = relationship(order_by="Transfer.id", back_populates="file")


class Transfer(Base):
    """One refund in a file: its subject (`case:5`, `order:7`, `receipt:3`) is in one file only, ever."""

    __tablename__ = "transfers"
    __table_args__ = (sa.CheckConstraint("amount_cents > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("transfer_files.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    iban: Mapped[str] = mapped_column(sa.String(34))
    amount_cents: Mapped[int]
    purpose: Mapped[str] = mapped_column(sa.String(140))

    file: Mapped[TransferFile] = relationship(back_populates="transfers")
