"""What a buyer needs to pay an order by e-bank before its delivery: the slip, and a pro-forma invoice (X-03, Y-15)."""
from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from billing.bank.references import reference_of
from billing.bank.upn import PaymentSlip
from billing.drafts import InvoiceItem, shares_of
from billing.sheets import Sheet, proforma_sheet
from core import settings
from core.calendar import local_date
from core.i18n import in_language, show_date
from orders.models import Order
from orders.papers import invoice_draft
from orders.placing import price_rules
from orders.settlement import DoorSettlement, as_agreed, settle
from orders.states import OrderStatus, PaymentMethod


def payment_slip(order: Order, now: datetime) -> PaymentSlip | None:
    """The slip of an order that waits for its payment; None for others, and while the company names no account."""
    company = settings.get("company", now)
    if order.status is not OrderStatus.AWAITING_PAYMENT or not company["iban"]:
        return None
    with in_language(order.language):
        purpose = _("Order %(number)s", number=order.number)
    return PaymentSlip(
        payer_name=order.contact_name, payer_street=f"{order.street} {order.house_number}",
        payer_place=f"{order.postcode} {order.city}", amount_cents=order.prepaid_cents, purpose=purpose,
        iban="".join(company["iban"].split()), reference=reference_of(order.number), payee_name=company["name"],
        payee_street=company["address"], payee_place=company["post"], due_on=_last_day(order))


def prepaid_items(order: Order, now: datetime) -> tuple[InvoiceItem, ...]:
    """The lines that the payment covers: gas and discount, no deposit (X-04)."""
    agreed = settle(order, DoorSettlement(lines=as_agreed(order), payment=PaymentMethod.EBANK,
                                          shown_total_cents=order.door_cents),
                    price_rules(order.created_at))
    return tuple(item for item in invoice_draft(order, agreed, now).items if item.vat_permille is not None)


def proforma(order: Order, now: datetime) -> Sheet:
    """The pro-forma invoice of an e-bank order, with its slip while it is to be paid."""
    items = prepaid_items(order, now)
    with in_language(order.language):
        facts = [(_("Issued"), show_date(order.created_at)), (_("Order number"), order.number),
                 (_("Pay at the latest"), show_date(_last_day(order)))]
        notes = [_("This is not an invoice: you get that at delivery, whatever the payment method.")]
        if order.door_cents:
            notes.append(_("The deposit is paid at the door and is not part of this amount."))
        return proforma_sheet(
            number=order.number, language=order.language, created_at=order.created_at,
            buyer=(order.contact_name, order.address_line), facts=tuple(facts), items=items, shares=shares_of(items),
            total_cents=order.prepaid_cents, notes=tuple(notes), slip=payment_slip(order, now))


def _last_day(order: Order) -> date:
    """The day before the delivery (H-123)."""
    return local_date(order.promised_from_at) - timedelta(days=1)
