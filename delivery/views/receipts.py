"""What the driver sees once a stop is closed: what was taken and the papers to hand over (H-124)."""
from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from billing.queries import certificate_link, certificates_of, invoice_link, invoices_of
from billing.states import InvoiceKind
from core.money import format_eur
from delivery.queries import DriverStop
from delivery.states import StopStatus
from delivery.words import fail_word
from orders.returns.words import case_status_word


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document to open on the phone."""

    href: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What was recorded."""

    done: bool
    title: str
    sentences: list[str]
    papers: list[Paper]


def papers(stop: DriverStop) -> list[Paper]:
    """The papers made at a stop: invoice and certificates of a delivery, credit note of a withdrawal."""
    if stop.status is not StopStatus.DONE:
        return []
    found: list[Paper] = []
    if stop.order is not None:
        found = [Paper(href=invoice_link(invoice.id), label=_("Invoice %(number)s", number=invoice.number))
                 for invoice in invoices_of(stop.order.ref) if invoice.kind is InvoiceKind.INVOICE]
        found += [Paper(href=certificate_link(paper.id), label=_("Deposit certificate %(number)s", number=paper.number))
                  for paper in certificates_of(stop.order.ref)]
    elif stop.case is not None and stop.case.order is not None:
        found = [Paper(href=invoice_link(invoice.id), label=_("Credit note %(number)s", number=invoice.number))
                 for invoice in invoices_of(stop.case.order.ref) if invoice.kind is InvoiceKind.CREDIT_NOTE]
    return [paper for paper in found if paper.href]


def receipt(stop: DriverStop | None) -> Receipt | None:
    """The receipt of a closed stop; None for one that is open or unknown."""
    if stop is None:
        return None
    if stop.status is StopStatus.FAILED:
        why = str(fail_word(stop.fail_reason or ""))
        return Receipt(done=False, title=_("Recorded as failed"), sentences=[stop.street_line, why], papers=[])
    sentences = [f"{stop.name}, {stop.street_line}"]
    if stop.order is not None:
        handover = stop.order.handover
        if handover is not None and handover.cash_cents:
            sentences.append(_("%(amount)s received in cash", amount=format_eur(handover.cash_cents)))
        if handover is not None and handover.card_cents:
            sentences.append(_("%(amount)s received by card", amount=format_eur(handover.card_cents)))
        return Receipt(done=True, title=_("Delivered"), sentences=sentences, papers=papers(stop))
    if stop.case is not None:
        sentences.append(str(case_status_word(stop.case.status)))
        if stop.case.cash_cents and stop.case.collected_at:
            sentences.append(_("%(amount)s paid out in cash", amount=format_eur(stop.case.cash_cents)))
    return Receipt(done=True, title=_("Pick-up recorded"), sentences=sentences, papers=papers(stop))
