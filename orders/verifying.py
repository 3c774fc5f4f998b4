"""What the ledger must say because of the rows elsewhere: each pair of figures is worked out twice and compared."""
from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from billing import chart, ledger
from billing.bank.models import BankReceipt
from billing.bank.states import ReceiptState
from billing.models import DepositCertificate, Invoice, InvoiceShare, Payment
from billing.ports import LedgerCheck
from billing.states import CertificateStatus, PaymentMethod
from core.db import db
from orders.models import Handover, Order
from orders.states import OrderStatus
from orders.transfers import due_refunds

PAID_AND_COMING = (OrderStatus.CONFIRMED, OrderStatus.OUT_FOR_DELIVERY)


def checks() -> Iterator[LedgerCheck]:
    """Every figure that is kept or shown elsewhere, beside the ledger's."""
    yield _check("deposits held, and certificates that are worth their amount", chart.DEPOSITS, -_sum(
        DepositCertificate.amount_cents, DepositCertificate.status == CertificateStatus.ISSUED))
    yield _check("deposits kept", chart.KEPT_DEPOSITS, -_sum(
        Handover.kept_deposit_cents, Handover.waived_at.is_(None)))
    yield _check("prepayments, and paid orders that are still to be delivered", chart.PREPAID, -sum(
        order.prepaid_cents for order in db.session.scalars(sa.select(Order).where(
            Order.paid_at.is_not(None), Order.status.in_(PAID_AND_COMING)))))
    yield _check("refunds due, and refunds that wait for their transfer", chart.REFUNDS_DUE, -sum(
        due.amount_cents for due in due_refunds()))
    yield _check("receipts to be assigned, and open receipts", chart.RECEIPTS, -_sum(
        BankReceipt.amount_cents, BankReceipt.state == ReceiptState.OPEN))
    yield LedgerCheck(
        what="revenue with VAT, and invoices less credit notes",
        in_ledger=ledger.balance(chart.REVENUE, chart.EUR) + ledger.balance(chart.VAT, chart.EUR),
        elsewhere=-_sum(InvoiceShare.gross_cents, InvoiceShare.vat_permille.is_not(None)))
    yield _check("VAT, and VAT on invoices less credit notes", chart.VAT, -_sum(InvoiceShare.vat_cents))
    yield _check("card payments, and payments by card", chart.CARD, _sum(
        Payment.amount_cents, Payment.method == PaymentMethod.CARD))
    yield _check("orange cylinders bought, and those on invoices", chart.BUYBACK, _sum(Handover.buyback_cents))
    missing = db.session.scalar(sa.select(sa.func.count(Handover.id)).outerjoin(
        Invoice, Invoice.id == Handover.invoice_id).where(Invoice.id.is_(None)))
    yield LedgerCheck(what="deliveries without an invoice", in_ledger=0, elsewhere=missing or 0)


def _check(what: str, account: str, elsewhere: int) -> LedgerCheck:
    return LedgerCheck(what=what, in_ledger=ledger.balance(account, chart.EUR), elsewhere=elsewhere)


def _sum(column: sa.orm.InstrumentedAttribute[int], *where: sa.ColumnElement[bool]) -> int:
    return int(db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(*where)) or 0)
