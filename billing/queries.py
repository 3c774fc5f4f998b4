"""Reads of products, invoices, certificates and the ledger."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.places import fold
from billing.errors import NotAvailable, UnknownCertificate, UnknownInvoice, UnknownProduct, UnknownTransaction
from billing.fiscal.models import FiscalRecord
from billing.fiscal.states import FiscalState
from billing.models import (
    CylinderType,
    DepositCertificate,
    Document,
    Invoice,
    InvoiceShare,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Price,
    Product,
)
from billing.prices import PriceChange, PricedProduct
from billing.states import InvoiceKind, PaymentMethod
from core import links
from core.db import db

PAGE = 50
LINK_PURPOSE = "document"
Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """One page of rows, newest first."""

    rows: list[Row]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def _page(statement: sa.Select[Any], page: int) -> Page[Any]:
    total = db.session.scalar(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PAGE)))
    rows = db.session.scalars(statement.limit(PAGE).offset((page - 1) * PAGE)).all()
    return Page(rows=list(rows), total=total, page=page)


def unverified(*, page: int) -> Page[FiscalRecord]:
    """Documents without their unique mark, the oldest first (X-16)."""
    return _page(sa.select(FiscalRecord).options(joinedload(FiscalRecord.invoice)).where(
        FiscalRecord.state != FiscalState.CONFIRMED).order_by(FiscalRecord.id), page)


def _priced(at: datetime) -> sa.Select[Product, CylinderType, Price]:
    newest = (sa.select(Price.product_code, sa.func.max(Price.valid_from).label("valid_from"))
              .where(Price.valid_from <= at).group_by(Price.product_code).subquery())
    return (sa.select(Product, CylinderType, Price)
            .join(CylinderType, CylinderType.code == Product.cylinder_type)
            .join(Price, Price.product_code == Product.code)
            .join(newest, sa.and_(newest.c.product_code == Price.product_code,
                                  newest.c.valid_from == Price.valid_from))
            .order_by(Product.position, Product.code))


def _product(product: Product, cylinder: CylinderType, price: Price) -> PricedProduct:
    return PricedProduct(
        code=product.code, cylinder_type=product.cylinder_type, name_sl=product.name_sl, name_en=product.name_en,
        gross_cents=price.gross_cents, vat_permille=price.vat_permille, exchanges=tuple(product.exchanges),
        available=product.available, net_gas_g=cylinder.net_gas_g, colour=cylinder.colour, picture=product.picture)


def price_list(at: datetime) -> list[PricedProduct]:
    """Every product that has a price at that instant, with it (H-041); unavailable ones are listed as such."""
    return [_product(*row) for row in db.session.execute(_priced(at))]


def price_of(product_code: str, at: datetime) -> PricedProduct:
    """The product with the price valid at that instant. UnknownProduct, or NotAvailable (H-027)."""
    row = db.session.execute(_priced(at).where(Product.code == product_code)).first()
    if row is None:
        raise UnknownProduct(product_code=product_code)
    if not row[0].available:
        raise NotAvailable(product_code=product_code)
    return _product(*row)


def exchanges_of(product_codes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The ways in which these products may be had, by code (Y-08)."""
    rows = db.session.execute(sa.select(Product.code, Product.exchanges).where(Product.code.in_(product_codes)))
    return {code: tuple(exchanges) for code, exchanges in rows}


def hold_cylinder_type(code: str) -> None:
    """Hold a cylinder type until the transaction ends, so that its stock is counted and moved by one at a time."""
    db.session.execute(sa.select(CylinderType.code).where(CylinderType.code == code).with_for_update())


def prices_valid_from(at: datetime) -> datetime | None:
    """Since when the list that holds at `at` is unchanged; None while there is none."""
    return db.session.scalar(sa.select(sa.func.max(Price.valid_from)).where(Price.valid_from <= at))


def price_changes_after(at: datetime) -> list[PriceChange]:
    """Prices that are entered and hold later, the soonest first (H-032)."""
    rows = db.session.scalars(sa.select(Price).where(Price.valid_from > at).order_by(Price.valid_from, Price.id))
    return [PriceChange(product_code=row.product_code, gross_cents=row.gross_cents, valid_from=row.valid_from)
            for row in rows]


def invoice_by_id(invoice_id: int) -> Invoice:
    """An invoice or credit note; UnknownInvoice if there is none."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None:
        raise UnknownInvoice(invoice_id=invoice_id)
    return invoice


def invoices_of(order_ref: str) -> list[Invoice]:
    """The invoice of an order and its credit notes, oldest first."""
    return list(db.session.scalars(sa.select(Invoice).where(Invoice.order_ref == order_ref).order_by(Invoice.id)))


def find_invoices(text: str, *, page: int = 1) -> Page[Invoice]:
    """Invoices by a part of the number, the order's number or the buyer's name; all for an empty text."""
    statement = sa.select(Invoice).order_by(Invoice.id.desc())
    if text.strip():
        like = text.strip()
        hits: list[sa.ColumnElement[bool]] = [Invoice.number.icontains(like, autoescape=True),
                                              Invoice.order_number.icontains(like, autoescape=True)]
        if fold(like):
            hits.append(sa.and_(*(Invoice.search_name.contains(word, autoescape=True) for word in fold(like).split())))
        statement = statement.where(sa.or_(*hits))
    return _page(statement, page)


def certificate_by_id(certificate_id: int) -> DepositCertificate:
    """A certificate; UnknownCertificate if there is none."""
    certificate = db.session.get(DepositCertificate, certificate_id)
    if certificate is None:
        raise UnknownCertificate(certificate_id=certificate_id)
    return certificate


def certificate_by_number(number: str) -> DepositCertificate:
    """A certificate by its number as a person types it (`kp-2026-000001`); UnknownCertificate if there is none."""
    certificate = db.session.scalar(
        sa.select(DepositCertificate).where(DepositCertificate.number == number.strip().upper()))
    if certificate is None:
        raise UnknownCertificate
    return certificate


def certificates_of(order_ref: str) -> list[DepositCertificate]:
    """The certificates issued with an order, oldest first."""
    return list(db.session.scalars(sa.select(DepositCertificate).where(DepositCertificate.order_ref == order_ref)
                                   .order_by(DepositCertificate.id)))


def certificates_of_customer(customer_id: int) -> list[DepositCertificate]:
    """The certificates of a customer, oldest first."""
    return list(db.session.scalars(sa.select(DepositCertificate).where(DepositCertificate.customer_id == customer_id)
                                   .order_by(DepositCertificate.id)))


def find_certificates(text: str, *, page: int = 1) -> Page[DepositCertificate]:
    """Certificates by a part of the number, the order's number or the holder's name; all for an empty text."""
    statement = sa.select(DepositCertificate).order_by(DepositCertificate.id.desc())
    if text.strip():
        like = text.strip()
        hits: list[sa.ColumnElement[bool]] = [DepositCertificate.number.icontains(like, autoescape=True),
                                              DepositCertificate.order_number.icontains(like, autoescape=True)]
        if fold(like):
            hits.append(sa.and_(*(DepositCertificate.search_name.contains(word, autoescape=True)
                                  for word in fold(like).split())))
        statement = statement.where(sa.or_(*hits))
    return _page(statement, page)


def payments_of(order_ref: str) -> list[Payment]:
    """The payments of an order, refunds as negative ones, oldest first."""
    return list(db.session.scalars(sa.select(Payment).where(Payment.order_ref == order_ref).order_by(Payment.id)))


def _link(condition: sa.ColumnElement[bool]) -> str:
    document_id = db.session.scalar(sa.select(Document.id).where(condition))
    token = None if document_id is None else links.token_for(LINK_PURPOSE, document_id)
    return f"/r/{token}" if token else ""


def invoice_link(invoice_id: int) -> str:
    """The path of an invoice's or credit note's public page, `/r/<token>`; empty once the link has expired."""
    return _link(Document.invoice_id == invoice_id)


def certificate_link(certificate_id: int) -> str:
    """The path of a certificate's public page, `/r/<token>`; empty once the link has expired."""
    return _link(Document.certificate_id == certificate_id)


def document_by_id(document_id: int) -> Document:
    """What a public link shows; UnknownInvoice if there is nothing."""
    document = db.session.get(Document, document_id)
    if document is None:
        raise UnknownInvoice(document_id=document_id)
    return document


def ledger_accounts() -> list[str]:
    """Every account that has an entry, by name."""
    return list(db.session.scalars(sa.select(LedgerEntry.account).distinct().order_by(LedgerEntry.account)))


def find_transactions(account: str, *, page: int = 1) -> Page[LedgerTransaction]:
    """Transactions that touch an account (all for an empty name), newest first, with their entries."""
    statement = (sa.select(LedgerTransaction).order_by(LedgerTransaction.id.desc())
                 .options(selectinload(LedgerTransaction.entries)))
    if account:
        statement = statement.where(LedgerTransaction.entries.any(LedgerEntry.account == account))
    return _page(statement, page)


def transaction_by_id(transaction_id: int) -> LedgerTransaction:
    """A transaction; UnknownTransaction if there is none."""
    transaction = db.session.get(LedgerTransaction, transaction_id)
    if transaction is None:
        raise UnknownTransaction(transaction_id=transaction_id)
    return transaction


@dataclass(frozen=True, kw_only=True)
class DocumentSums:
    """How many documents of a kind were issued in a span, their total and the VAT in it."""

    count: int
    total_cents: int
    vat_cents: int


def document_sums(kind: InvoiceKind, since: datetime, until: datetime) -> DocumentSums:
    """Documents issued from `since` until before `until`."""
    span = (Invoice.kind == kind, Invoice.issued_at >= since, Invoice.issued_at < until)
    count, total = db.session.execute(
        sa.select(sa.func.count(Invoice.id), sa.func.coalesce(sa.func.sum(Invoice.total_cents), 0)).where(*span)).one()
    vat = db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(InvoiceShare.vat_cents), 0))
                            .join(Invoice, Invoice.id == InvoiceShare.invoice_id).where(*span))
    return DocumentSums(count=int(count), total_cents=int(total), vat_cents=int(vat or 0))


def takings(since: datetime, until: datetime) -> dict[PaymentMethod, int]:
    """Cents that came (less what went back) from `since` until before `until`, by method."""
    rows = db.session.execute(sa.select(Payment.method, sa.func.sum(Payment.amount_cents))
                              .where(Payment.at >= since, Payment.at < until).group_by(Payment.method))
    return {method: int(cents) for method, cents in rows}


