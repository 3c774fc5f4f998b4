"""What customers are told about an order: SMS for mobiles, e-mail where one is known. They carry links, no papers."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from billing.bank.references import reference_of, show_reference
from core import calendar, links, settings
from core.http import public_url
from core.i18n import in_language, show_date, show_until, show_window
from core.money import format_eur
from core.phone import PhoneKind
from notify.services import queue_email, queue_sms
from orders.models import Order
from orders.states import PromiseKind


def tracking_path(order: Order, now: datetime) -> str:
    """The path of the customer's page; makes a link where none is valid any more. Inside a unit of work."""
    token = links.token_for("order", order.id)
    if token is None:
        token = links.issue("order", order.id, now + timedelta(days=settings.get("link_days", now)))
    return f"/t/{token}"


def promise_words(order: Order, now: datetime) -> str:
    """`today by 14.20`, or an agreed window, in the present language."""
    if order.promise_kind is PromiseKind.HOUR:
        return show_until(order.promised_by_at, now=now)
    return show_window(order.promised_from_at, order.promised_by_at, now=now)


def tell(order: Order, template: str, *, now: datetime, once: str = "", **more: Any) -> None:
    """Queue one message by template `order_<...>`; `once` tells repeated events of one kind apart."""
    with in_language(order.language):
        context: dict[str, Any] = {
            "number": order.number, "name": order.contact_name, "address": order.address_line,
            "when": promise_words(order, now), "amount": format_eur(order.door_cents),
            "cash": format_eur(order.cash_part_cents), "total": format_eur(order.total_cents),
            "link": public_url(tracking_path(order, now)), "company_phone": settings.get("company")["phone"], **more}
    key = f"{template}:{order.id}:{once}"
    if order.phone_kind is PhoneKind.MOBILE:
        queue_sms(to_e164=order.phone_e164, template=template, context=context, dedupe_key=f"sms:{key}",
                  ref=order.ref, language=order.language)
    if order.email:
        queue_email(to=order.email, template=template, context=context, dedupe_key=f"email:{key}", ref=order.ref,
                    language=order.language)


def tell_confirmed(order: Order, *, now: datetime) -> None:
    """The order is taken and the promise stands."""
    tell(order, "order_confirmed", now=now)


def tell_awaiting_payment(order: Order, *, now: datetime) -> None:
    """The order waits for the e-bank payment: how much, where to, which reference (H-123)."""
    company = settings.get("company", now)
    tell(order, "order_awaiting_payment", now=now, prepaid=format_eur(order.prepaid_cents), iban=company["iban"],
         company=company["name"], reference=show_reference(reference_of(order.number)), has_door=order.door_cents > 0)


def tell_cancelled(order: Order, *, reason: str, now: datetime) -> None:
    """The order will not be delivered."""
    tell(order, "order_cancelled", now=now, reason=reason, refund=format_eur(order.refund_due_cents),
         has_refund=order.refund_due_cents > 0)


def tell_rejected(order: Order, *, reason: str, now: datetime) -> None:
    """The company does not take the order."""
    tell(order, "order_rejected", now=now, reason=reason, refund=format_eur(order.refund_due_cents),
         has_refund=order.refund_due_cents > 0)


def tell_failed(order: Order, *, now: datetime) -> None:
    """The driver could not hand over: agree a new time (Y-07)."""
    tell(order, "order_failed", now=now, once=now.isoformat())


def tell_window(order: Order, *, now: datetime) -> None:
    """A newly agreed time."""
    tell(order, "order_window", now=now, once=now.isoformat())


def tell_delivered(order: Order, *, invoice_path: str, now: datetime) -> None:
    """Delivered; the invoice and the customer's page by link, and until when one may withdraw (H-124, H-033)."""
    last = calendar.customer_deadline(calendar.local_date(now), settings.get("withdrawal_days", order.created_at))
    tell(order, "order_delivered", now=now, invoice=public_url(invoice_path), withdraw_by=show_date(last))


def tell_refunded(order: Order, *, now: datetime) -> None:
    """The prepayment was transferred back."""
    tell(order, "order_refunded", now=now, refund=format_eur(order.refund_due_cents))
