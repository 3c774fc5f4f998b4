"""Products and prices, invoices, certificates, payments and the ledger's rows."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.states import CertificateStatus, InvoiceKind, PaymentMethod
from core.db import Base, UtcDateTime, str_enum


class CylinderType(Base):
    """A kind of cylinder: `Z10` green, `O10` orange, `P5`, `P10`, `P35` other sizes (H-042 to H-044)."""

    __tablename__ = "cylinder_types"
    __table_args__ = (sa.CheckConstraint("net_gas_g > 0", name="net_gas"),)

    code: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    name_sl: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    net_gas_g: Mapped[int]
    company_owned: Mapped[bool]
    colour: Mapped[str] = mapped_column(sa.String(20))


class Product(Base):
    """What can be ordered (Y-01). `exchanges` lists exchange kinds; `picture` is green, orange, none or other."""

    __tablename__ = "products"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    cylinder_type: Mapped[str] = mapped_column(sa.ForeignKey("cylinder_types.code"))
    name_sl: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    exchanges: Mapped[list[str]] = mapped_column(sa.JSON)
    available: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    picture: Mapped[str] = mapped_column(sa.String(20))

    cylinder: Mapped[CylinderType] = relationship()


class Price(Base):
    """The price of a product from an instant on, VAT included (H-041). Never edited: a later row supersedes."""

    __tablename__ = "prices"
    __table_args__ = (
        sa.CheckConstraint("gross_cents > 0 AND vat_permille >= 0", name="amounts"),
        sa.UniqueConstraint("product_code", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_code: Mapped[str] = mapped_column(sa.ForeignKey("products.code"))
    gross_cents: Mapped[int]
    vat_permille: Mapped[int]
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)


class InvoiceCounter(Base):
    """The last number given per premises and device: raised by a guarded UPDATE in the invoice's transaction."""

    __tablename__ = "invoice_counters"

    premise: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    device: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Invoice(Base):
    """An invoice or a credit note: numbered without gaps, never edited.

    A credit note carries negative amounts and names its invoice in `corrects_id`. `order_number` is printed,
    `order_ref` is opaque. `total_cents` is what is paid in all: goods with VAT, and deposits outside VAT.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        sa.UniqueConstraint("premise", "device", "sequence"),
        sa.CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name="corrects"),
        sa.CheckConstraint("sequence > 0", name="sequence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[InvoiceKind] = mapped_column(str_enum(InvoiceKind))
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    premise: Mapped[str] = mapped_column(sa.String(20))
    device: Mapped[str] = mapped_column(sa.String(20))
    sequence: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    issued_by: Mapped[str] = mapped_column(sa.String(60))
    supplied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    order_ref: Mapped[str] = mapped_column(sa.String(60), index=True)
    order_number: Mapped[str] = mapped_column(sa.String(20), default="", index=True)
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invoices.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    buyer_name: Mapped[str] = mapped_column(sa.String(80))
    buyer_address: Mapped[str] = mapped_column(sa.String(180))
    search_name: Mapped[str] = mapped_column(sa.String(80), index=True)
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")
    total_cents: Mapped[int]

    lines: Mapped[list[InvoiceLine]] = relationship(order_by="InvoiceLine.position", back_populates="invoice")
    shares: Mapped[list[InvoiceShare]] = relationship(order_by="InvoiceShare.id")
    payments: Mapped[list[InvoicePayment]] = relationship(order_by="InvoicePayment.id")
    corrects: Mapped[Invoice | None] = relationship(remote_side="Invoice.id")

    @property
    def vat_cents(self) -> int:
        """VAT of all rates."""
        return sum(share.vat_cents for share in self.shares)

    @property
    def taxed_cents(self) -> int:
        """The goods with their VAT; deposits and buy-back are outside."""
        return sum(share.gross_cents for share in self.shares if share.vat_permille is not None)

    @property
    def ref(self) -> str:
        """How other packages name this document."""
        return f"invoice:{self.id}"


class InvoiceLine(Base):
    """A line as printed; a credit note's quantity is negative. `vat_permille` None: outside VAT (deposit, buy-back)."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        sa.UniqueConstraint("invoice_id", "position"),
        sa.CheckConstraint("gross_cents = quantity * unit_gross_cents", name="gross"),
        sa.CheckConstraint("quantity <> 0", name="quantity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoices.id"))
    position: Mapped[int]
    description_sl: Mapped[str] = mapped_column(sa.String(160))
    description_en: Mapped[str] = mapped_column(sa.String(160))
    quantity: Mapped[int]
    unit_gross_cents: Mapped[int]
    vat_permille: Mapped[int | None]
    gross_cents: Mapped[int]

    invoice: Mapped[Invoice] = relationship(back_populates="lines")

    def description(self, language: str) -> str:
        """What the line is for, in Slovene or English."""
        return self.description_en if language == "en" else self.description_sl


class InvoiceShare(Base):
    """The recapitulation of one VAT rate of a document (None: outside VAT).

    VAT is rounded half up once, on the rate's whole. `creditable_cents` is what credit notes may take back,
    `credited_cents` what they took: raised by a guarded UPDATE.
    """

    __tablename__ = "invoice_shares"
    __table_args__ = (
        sa.UniqueConstraint("invoice_id", "vat_permille"),
        sa.CheckConstraint("credited_cents >= 0 AND credited_cents <= creditable_cents", name="credited"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoices.id"))
    vat_permille: Mapped[int | None]
    gross_cents: Mapped[int]
    vat_cents: Mapped[int]
    creditable_cents: Mapped[int] = mapped_column(default=0)
    credited_cents: Mapped[int] = mapped_column(default=0)

    @property
    def net_cents(self) -> int:
        return self.gross_cents - self.vat_cents


class InvoicePayment(Base):
    """How a part of a document was paid (or, on a credit note, paid back), as printed."""

    __tablename__ = "invoice_payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoices.id"), index=True)
    method: Mapped[PaymentMethod] = mapped_column(str_enum(PaymentMethod))
    cents: Mapped[int]


class CertificateCounter(Base):
    """The last certificate number of a year."""

    __tablename__ = "certificate_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


class DepositCertificate(Base):
    """A paid deposit for one green cylinder, with the amount written on it (H-052, H-093, X-08)."""

    __tablename__ = "deposit_certificates"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("(status = 'issued') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    status: Mapped[CertificateStatus] = mapped_column(str_enum(CertificateStatus), default=CertificateStatus.ISSUED)
    amount_cents: Mapped[int]
    order_ref: Mapped[str] = mapped_column(sa.String(60), index=True)
    order_number: Mapped[str] = mapped_column(sa.String(20), default="")
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    holder_name: Mapped[str] = mapped_column(sa.String(80))
    search_name: Mapped[str] = mapped_column(sa.String(80), index=True)
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_ref: Mapped[str] = mapped_column(sa.String(60), default="")
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deposit_certificates.id"))

    replaced_by: Mapped[DepositCertificate | None] = relationship(remote_side="DepositCertificate.id")


class Document(Base):
    """What a public link shows: an invoice (or credit note), or a certificate."""

    __tablename__ = "documents"
    __table_args__ = (sa.CheckConstraint("(invoice_id IS NULL) <> (certificate_id IS NULL)", name="one_subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invoices.id"), unique=True)
    certificate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deposit_certificates.id"), unique=True)

    invoice: Mapped[Invoice | None] = relationship()
    certificate: Mapped[DepositCertificate | None] = relationship()


class Payment(Base):
    """Money that came for an order, or went back (negative). Never edited."""

    __tablename__ = "payments"
    __table_args__ = (sa.CheckConstraint("amount_cents <> 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_ref: Mapped[str] = mapped_column(sa.String(60), index=True)
    method: Mapped[PaymentMethod] = mapped_column(str_enum(PaymentMethod))
    amount_cents: Mapped[int]
    scheme: Mapped[str] = mapped_column(sa.String(20), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(sa.String(60))


class LedgerTransaction(Base):
    """One event's balanced entries. Append-only; the same `dedupe_key` is posted once."""

    __tablename__ = "ledger_transactions"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    ref: Mapped[str] = mapped_column(sa.String(60), index=True)
    dedupe_key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    actor: Mapped[str] = mapped_column(sa.String(60))

    entries: Mapped[list[LedgerEntry]] = relationship(order_by="LedgerEntry.id", back_populates="transaction")


class LedgerEntry(Base):
    """An amount into (positive) or out of an account: cents of `EUR`, or cylinders of a type. Append-only."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        sa.CheckConstraint("amount <> 0", name="amount"),
        sa.Index("ix_ledger_entries_balance", "account", "unit", "amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_transactions.id"), index=True)
    account: Mapped[str] = mapped_column(sa.String(60))
    unit: Mapped[str] = mapped_column(sa.String(10))
    amount: Mapped[int] = mapped_column(sa.BigInteger)

    transaction: Mapped[LedgerTransaction] = relationship(back_populates="entries")


def _refuse_change(_mapper: object, _connection: object, row: object) -> None:
    raise RuntimeError(f"{type(row).__name__} rows are never edited: post a correction")


for _kind in (LedgerTransaction, LedgerEntry, InvoiceLine, Payment):
    for _event in ("before_update", "before_delete"):
        sa.event.listen(_kind, _event, _refuse_change)
