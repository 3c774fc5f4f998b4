"""Invoices and credit notes: numbered without gaps, VAT per rate, never edited."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from accounts.places import fold
from billing.drafts import InvoiceDraft, InvoiceItem, gross_by_rate, require_items, shares_of, vat_to_credit
from billing.errors import CreditTooHigh, UnknownInvoice
from billing.fiscal.services import seal
from billing.models import Invoice, InvoiceCounter, InvoiceLine, InvoicePayment, InvoiceShare
from billing.public_links import publish_document
from billing.queries import invoice_by_id
from billing.states import InvoiceKind, PaymentMethod
from core import settings
from core.db import changed_rows, db, insert_new


def issue_invoice(draft: InvoiceDraft, *, now: datetime, actor: str) -> Invoice:
    """Issue an invoice with the next number and a public link, in the open unit of work (H-124).

    Deposits and the bought-back orange cylinder are lines outside VAT. EmptyInvoice for a draft without lines.
    """
    require_items(draft.items)
    invoice = _new_document(InvoiceKind.INVOICE, now=now, actor=actor, order_ref=draft.order_ref,
                            order_number=draft.order_number, supplied_at=draft.supplied_at,
                            buyer_name=draft.buyer_name, buyer_address=draft.buyer_address, language=draft.language,
                            total_cents=sum(item.gross_cents for item in draft.items))
    _add_lines(invoice, draft.items, sign=1)
    db.session.add_all(InvoiceShare(invoice_id=invoice.id, vat_permille=share.vat_permille,
                                    gross_cents=share.gross_cents, vat_cents=share.vat_cents,
                                    creditable_cents=share.creditable_cents)
                       for share in shares_of(draft.items))
    _add_payments(invoice, draft.payments)
    seal(invoice, now)
    publish_document(invoice_id=invoice.id, now=now)
    return invoice


def issue_credit_note(invoice_id: int, items: Sequence[InvoiceItem], *, reason: str, now: datetime, actor: str,
                      payments: Sequence[tuple[str, int]] = ()) -> Invoice:
    """Take back (a part of) an invoice by a document of its own, with negative amounts (H-166).

    `items` are stated as on an invoice, with positive quantities: what they sum to is what the buyer gets back.
    `payments` are (method, cents) of the pay-back as printed, positive too. All credit notes of an invoice together
    never exceed it in any rate (CreditTooHigh), and their VAT sums to its VAT. Only deposits that stand on the
    invoice can be credited; a deposit paid earlier is paid out by its certificate.
    """
    require_items(items)
    invoice = invoice_by_id(invoice_id)
    if invoice.kind is not InvoiceKind.INVOICE:
        raise UnknownInvoice(invoice_id=invoice_id, kind=invoice.kind.value)
    note = _new_document(InvoiceKind.CREDIT_NOTE, now=now, actor=actor, order_ref=invoice.order_ref,
                         order_number=invoice.order_number, supplied_at=invoice.supplied_at,
                         buyer_name=invoice.buyer_name, buyer_address=invoice.buyer_address,
                         language=invoice.language, corrects_id=invoice.id, reason=reason[:300],
                         total_cents=-sum(item.gross_cents for item in items))
    _add_lines(note, items, sign=-1)
    for rate, cents in gross_by_rate(items).items():
        vat = _take_credit(invoice_id, rate, cents)
        db.session.add(InvoiceShare(invoice_id=note.id, vat_permille=rate, gross_cents=-cents, vat_cents=-vat))
    _add_payments(note, [(method, -cents) for method, cents in payments])
    seal(note, now)
    publish_document(invoice_id=note.id, now=now)
    return note


def _take_credit(invoice_id: int, rate: int | None, cents: int) -> int:
    """Take `cents` of what a rate still holds, guarded; returns the VAT in it."""
    mine = (InvoiceShare.invoice_id == invoice_id,
            InvoiceShare.vat_permille.is_(None) if rate is None else InvoiceShare.vat_permille == rate)
    guarded = sa.update(InvoiceShare).where(
        *mine, InvoiceShare.credited_cents + cents <= InvoiceShare.creditable_cents,
    ).values(credited_cents=InvoiceShare.credited_cents + cents)
    if cents < 0 or changed_rows(guarded) != 1:
        raise CreditTooHigh(invoice_id=invoice_id, rate=rate, cents=cents)
    if rate is None:
        return 0
    share = db.session.scalars(sa.select(InvoiceShare).where(*mine)).one()
    return vat_to_credit(share.gross_cents, share.credited_cents - cents, cents, rate)


def _next_number(now: datetime) -> tuple[str, str, int]:
    """The next number of this premises and device, gap-free: taken and given back with the transaction.

    One UPDATE raises the counter and holds its row until the end of the transaction; a roll-back undoes it.
    """
    premise, device = settings.get("invoice_premise", now), settings.get("invoice_device", now)
    raised = (sa.update(InvoiceCounter).where(InvoiceCounter.premise == premise, InvoiceCounter.device == device)
              .values(last=InvoiceCounter.last + 1))
    if changed_rows(raised) != 1:
        insert_new(InvoiceCounter, ["premise", "device"], {"premise": premise, "device": device, "last": 0})
        changed_rows(raised)
    last = db.session.scalars(sa.select(InvoiceCounter.last).where(
        InvoiceCounter.premise == premise, InvoiceCounter.device == device)).one()
    return premise, device, last


def _new_document(kind: InvoiceKind, *, now: datetime, actor: str, order_ref: str, order_number: str,
                  supplied_at: datetime, buyer_name: str, buyer_address: str, language: str, total_cents: int,
                  corrects_id: int | None = None, reason: str = "") -> Invoice:
    premise, device, sequence = _next_number(now)
    invoice = Invoice(kind=kind, number=f"{premise}-{device}-{sequence:06d}", premise=premise, device=device,
                      sequence=sequence, issued_at=now, issued_by=actor, supplied_at=supplied_at, order_ref=order_ref,
                      order_number=order_number, corrects_id=corrects_id, reason=reason, buyer_name=buyer_name,
                      buyer_address=buyer_address, search_name=fold(buyer_name)[:80], language=language,
                      total_cents=total_cents)
    db.session.add(invoice)
    db.session.flush()
    return invoice


def _add_lines(invoice: Invoice, items: Sequence[InvoiceItem], *, sign: int) -> None:
    db.session.add_all(
        InvoiceLine(invoice_id=invoice.id, position=position, description_sl=item.description_sl,
                    description_en=item.description_en, quantity=sign * item.quantity,
                    unit_gross_cents=item.unit_gross_cents, vat_permille=item.vat_permille,
                    gross_cents=sign * item.gross_cents)
        for position, item in enumerate(items, start=1))


def _add_payments(invoice: Invoice, payments: Sequence[tuple[str, int]]) -> None:
    db.session.add_all(InvoicePayment(invoice_id=invoice.id, method=PaymentMethod(method), cents=cents)
                       for method, cents in payments if cents)
    db.session.flush()
