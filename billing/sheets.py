"""What stands on a printed document, in the buyer's language: the same for the PDF and the print view."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from billing.bank.ibans import show_iban
from billing.bank.references import show_reference
from billing.bank.upn import PaymentSlip
from billing.drafts import InvoiceItem, Share
from billing.fiscal.protective_mark import code_digits
from billing.fiscal.services import record_of
from billing.models import DepositCertificate, Document, Invoice, InvoiceLine, InvoiceShare
from billing.states import CertificateStatus, InvoiceKind
from billing.words import payment_word
from core import settings
from core.calendar import local
from core.i18n import in_language, show_date, show_instant
from core.money import format_eur

_OPERATORS = {"driver": "V", "staff": "Z"}


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One line of the table, ready to be read."""

    description: str
    quantity: str
    unit: str
    vat: str
    vat_text: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class VatRow:
    """One rate of the VAT recapitulation, ready to be read."""

    rate: str
    net: str
    vat: str
    gross: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A document as text. `facts`, `totals` and `payments` are (label, value) pairs; an empty part is left out."""

    language: str
    title: str
    number: str
    file_name: str
    created_at: datetime
    seller: tuple[str, ...]
    buyer_label: str
    buyer: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    lines: tuple[SheetLine, ...] = ()
    total: tuple[str, str] | None = None
    vat_title: str = ""
    vat_columns: tuple[str, ...] = ()
    vat: tuple[VatRow, ...] = ()
    payments_title: str = ""
    payments: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    slip: PaymentSlip | None = None
    slip_title: str = ""
    slip_facts: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    code: str = ""


def document_sheet(document: Document) -> Sheet:
    """The sheet behind a public link."""
    if document.invoice is not None:
        return invoice_sheet(document.invoice)
    assert document.certificate is not None  # the table's CHECK: exactly one of both
    return certificate_sheet(document.certificate)


def invoice_sheet(invoice: Invoice) -> Sheet:
    """An invoice or credit note: parties, lines, VAT per rate, how it was paid (H-001 to H-005, H-124, W-05)."""
    with in_language(invoice.language):
        credit = invoice.kind is InvoiceKind.CREDIT_NOTE
        return Sheet(
            language=invoice.language, title=_("Credit note") if credit else _("Invoice"), number=invoice.number,
            file_name=f"{invoice.number}.pdf", created_at=invoice.issued_at, seller=_seller(invoice.issued_at),
            buyer_label=_("Buyer"), buyer=(invoice.buyer_name, invoice.buyer_address), facts=_invoice_facts(invoice),
            columns=(_("Description"), _("Quantity"), _("Price with VAT"), _("VAT rate"), _("Amount")),
            lines=tuple(_line(line, line.description(invoice.language)) for line in invoice.lines),
            total=(_("Paid back in all") if credit else _("Total"), format_eur(invoice.total_cents)),
            vat_title=_("VAT by rate"), vat_columns=(_("VAT rate"), _("Base"), _("VAT"), _("With VAT")),
            vat=tuple(_vat_row(share) for share in invoice.shares),
            payments_title=_("Paid back") if credit else _("Paid"),
            payments=tuple((str(payment_word(part.method)), format_eur(part.cents)) for part in invoice.payments),
            notes=_invoice_notes(invoice), marks=_marks(invoice), code=_code(invoice))


def proforma_sheet(*, number: str, language: str, created_at: datetime, buyer: tuple[str, str],
                   facts: tuple[tuple[str, str], ...], items: Sequence[InvoiceItem], shares: Sequence[Share],
                   total_cents: int, notes: tuple[str, ...], slip: PaymentSlip | None) -> Sheet:
    """What is to be paid before delivery, with VAT per rate and the slip to pay it by (Y-15). No tax document."""
    with in_language(language):
        return Sheet(
            language=language, title=_("Pro-forma invoice"), number=number, file_name=f"{number}-proforma.pdf",
            created_at=created_at, seller=_seller(created_at), buyer_label=_("Buyer"), buyer=buyer, facts=facts,
            columns=(_("Description"), _("Quantity"), _("Price with VAT"), _("VAT rate"), _("Amount")),
            lines=tuple(_line(item, item.description_en if language == "en" else item.description_sl)
                        for item in items),
            total=(_("To pay"), format_eur(total_cents)), vat_title=_("VAT by rate"),
            vat_columns=(_("VAT rate"), _("Base"), _("VAT"), _("With VAT")),
            vat=tuple(_vat_row(share) for share in shares), notes=notes, slip=slip,
            slip_title=_("Pay by e-bank or UPN QR") if slip else "", slip_facts=slip_facts(slip) if slip else ())


def as_copy(sheet: Sheet, number: int) -> Sheet:
    """The sheet as the n-th copy of its document."""
    with in_language(sheet.language):
        return replace(sheet, facts=((_("Copy no."), str(number)), *sheet.facts))


def slip_facts(slip: PaymentSlip) -> tuple[tuple[str, str], ...]:
    """A payment slip as (label, value) pairs, as a payer types it."""
    pairs = [(_("Amount"), format_eur(slip.amount_cents)), (_("Payee"), slip.payee_name),
             ("IBAN", show_iban(slip.iban)), (_("Reference"), show_reference(slip.reference)),
             (_("Purpose"), slip.purpose)]
    if slip.due_on is not None:
        pairs.append((_("Pay at the latest"), show_date(slip.due_on)))
    return tuple(pairs)


def certificate_sheet(certificate: DepositCertificate) -> Sheet:
    """A deposit certificate (H-052, H-053, H-093): its own number, amount and holder."""
    with in_language(certificate.language):
        facts = [(_("Deposit for"), _("one green 10 kg cylinder")), (_("Issued"), show_date(certificate.issued_at))]
        if certificate.order_number:
            facts.append((_("Order number"), certificate.order_number))
        notes = [
            _("We pay the deposit back without interest when you return the undamaged green cylinder without taking "
              "another one. Show this certificate then."),
            _("Pick-up at home anywhere in Slovenia is free of charge: call %(phone)s.",
              phone=settings.get("company", certificate.issued_at)["phone"]),
            _("The cylinder remains the property of the company. It must not be sold, given away or exchanged for "
              "a cylinder of another colour."),
        ]
        if certificate.status is not CertificateStatus.ISSUED and certificate.ended_at is not None:
            notes.insert(0, _("This certificate is no longer valid since %(date)s.",
                              date=show_date(certificate.ended_at)))
        return Sheet(
            language=certificate.language, title=_("Deposit certificate"), number=certificate.number,
            file_name=f"{certificate.number}.pdf", created_at=certificate.issued_at,
            seller=_seller(certificate.issued_at), buyer_label=_("Holder"), buyer=(certificate.holder_name,),
            facts=tuple(facts), total=(_("Deposit"), format_eur(certificate.amount_cents)), notes=tuple(notes))


def _seller(at: datetime) -> tuple[str, ...]:
    """The company as it was known when the document was issued (H-001 to H-005)."""
    company: Mapping[str, Any] = settings.get("company", at)
    lines = [company["name"], company["address"], company["post"],
             _("Registration number: %(number)s", number=company["registration_number"]),
             _("VAT number: %(number)s", number=company["vat_number"]), f"{company['phone']}, {company['email']}"]
    if company.get("iban"):
        lines.append(f"IBAN {company['iban']}")
    return tuple(lines)


def _invoice_facts(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    place = settings.get("company", invoice.issued_at)["post"].split(" ", 1)[-1]
    facts = [(_("Issued"), f"{place}, {show_instant(invoice.issued_at)}"),
             (_("Operator"), _operator(invoice.issued_by)),
             (_("Delivered"), show_date(invoice.supplied_at))]
    if invoice.order_number:
        facts.append((_("Order number"), invoice.order_number))
    if invoice.corrects is not None:
        facts += [(_("For the invoice"), invoice.corrects.number),
                  (_("Invoice date"), show_date(invoice.corrects.issued_at))]
        if invoice.reason:
            facts.append((_("Reason"), invoice.reason))
    return tuple(facts)


def _marks(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    """The marks of the tax administration's verification (X-16); none where no verification is due."""
    record = record_of(invoice.id)
    return () if record is None else (("ZOI", record.zoi), ("EOR", record.eor or _("is being obtained")))


def _code(invoice: Invoice) -> str:
    """The digits of the code that holds the mark."""
    record = record_of(invoice.id)
    return "" if record is None else code_digits(record.zoi, record.tax_number, local(invoice.issued_at))


def _operator(actor: str) -> str:
    """The mark of who issued a document: `V3` for driver 3, `Z2` for staff 2."""
    kind, _colon, number = actor.partition(":")
    return f"{_OPERATORS.get(kind, 'S')}{number}"


def _invoice_notes(invoice: Invoice) -> tuple[str, ...]:
    notes = []
    if any(line.vat_permille is None for line in invoice.lines):
        notes.append(_("The deposit is outside VAT. We pay it back without interest when the green cylinder is "
                       "returned without an exchange."))
    if invoice.kind is InvoiceKind.INVOICE:
        notes.append(_("Keep the invoice: you show it if you return the goods."))
    return tuple(notes)


def _line(line: InvoiceLine | InvoiceItem, description: str) -> SheetLine:
    return SheetLine(description=description, quantity=_whole(line.quantity), unit=format_eur(line.unit_gross_cents),
                     vat=_rate(line.vat_permille), vat_text=_rate_text(line.vat_permille),
                     amount=format_eur(line.gross_cents))


def _vat_row(share: InvoiceShare | Share) -> VatRow:
    return VatRow(rate=_rate(share.vat_permille), net=format_eur(share.net_cents), vat=format_eur(share.vat_cents),
                  gross=format_eur(share.gross_cents))


def _rate(vat_permille: int | None) -> str:
    """`22 %`, `9,5 %`, or the words for what is outside VAT."""
    if vat_permille is None:
        return _("outside VAT")
    return f"{vat_permille / 10:g}".replace(".", ",") + "\u00a0%"


def _rate_text(vat_permille: int | None) -> str:
    """The rate within a sentence: `VAT 22 %`."""
    rate = _rate(vat_permille)
    return rate if vat_permille is None else _("VAT %(rate)s", rate=rate)


def _whole(number: int) -> str:
    """A count with a true minus sign."""
    return f"\u2212{-number}" if number < 0 else str(number)
