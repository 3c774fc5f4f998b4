"""What customers are told about a case: SMS for mobiles, e-mail where one is known."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from core import settings
from core.http import public_url
from core.i18n import in_language, show_date, show_instant, show_window
from core.money import format_eur
from core.phone import PhoneKind
from notify.services import queue_email, queue_sms
from orders.messages import tracking_path
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.states import Expectation
from orders.returns.words import expectation_word
from orders.units import unit_name


def tell_case(case: ReturnCase, template: str, *, now: datetime, once: str = "", **more: Any) -> None:
    """Queue one message by template `case_<...>`; `once` tells repeated events of one kind apart."""
    with in_language(case.language):
        context: dict[str, Any] = {
            "number": case.number, "name": case.contact_name, "address": case.address_line,
            "notice": show_instant(case.notice_at),
            "when": "" if case.window_closed_at else show_window(case.window_from_at, case.window_by_at, now=now),
            "link": public_url(tracking_path(case.order, now)) if case.order else "",
            "order_number": case.order.number if case.order else "",
            "refund": format_eur(case.refund_cents), "cash": format_eur(case.cash_cents),
            "bank": format_eur(case.bank_cents), "has_cash": case.cash_cents > 0, "has_bank": case.bank_cents > 0,
            "refund_by": show_date(case.refund_by_on) if case.refund_by_on else "",
            "goods_back": show_date(case.goods_back_on) if case.goods_back_on else "",
            "iban_missing": case.bank_cents > 0 and not case.iban, "unit": unit_name(case.unit) if case.unit else "",
            "company_phone": settings.get("company")["phone"],
            **{key: str(value) if not isinstance(value, bool) else value for key, value in more.items()}}
    key = f"{template}:{case.id}:{once}"
    if case.phone_kind is PhoneKind.MOBILE:
        queue_sms(to_e164=case.phone_e164, template=template, context=context, dedupe_key=f"sms:{key}", ref=case.ref,
                  language=case.language)
    if case.email:
        queue_email(to=case.email, template=template, context=context, dedupe_key=f"email:{key}", ref=case.ref,
                    language=case.language)


def tell_withdrawal(case: ReturnCase, order: Order, *, now: datetime) -> None:
    """The acknowledgement of a withdrawal (X-18)."""
    tell_case(case, "case_withdrawal", now=now, order_number=order.number)


def tell_deposit_return(case: ReturnCase, expectation: Expectation, *, now: datetime) -> None:
    """The return was taken up, and whether a pay-out is to be expected (X-20)."""
    tell_case(case, "case_deposit_return", now=now, expectation=expectation_word(expectation))


def tell_complaint(case: ReturnCase, order: Order, *, now: datetime) -> None:
    """The complaint was taken up."""
    tell_case(case, "case_complaint", now=now, order_number=order.number)


def tell_case_window(case: ReturnCase, *, now: datetime) -> None:
    """A pick-up window was agreed."""
    tell_case(case, "case_window", now=now, once=now.isoformat())


def tell_case_failed(case: ReturnCase, *, now: datetime) -> None:
    """The driver could not pick up."""
    tell_case(case, "case_failed", now=now, once=now.isoformat())


def tell_case_rejected(case: ReturnCase, *, reason: Any, now: datetime) -> None:
    """The case was refused, and why."""
    tell_case(case, "case_rejected", now=now, reason=reason)


def tell_collected(case: ReturnCase, *, credit_path: str, now: datetime) -> None:
    """Picked up: what was paid and what is still to come, with the credit note by link."""
    tell_case(case, "case_collected", now=now, credit=public_url(credit_path) if credit_path else "")


def tell_case_refunded(case: ReturnCase, *, now: datetime) -> None:
    """The refund was transferred."""
    tell_case(case, "case_refunded", now=now)


def tell_verdict(case: ReturnCase, *, finding: str, now: datetime) -> None:
    """The technical sector found the complaint justified: we ask what the buyer wants (H-163)."""
    tell_case(case, "case_justified", now=now, finding=finding)


def tell_replacement(case: ReturnCase, complaint: ReturnCase, *, now: datetime) -> None:
    """A cylinder is brought free of charge at the end of a complaint (H-166)."""
    tell_case(case, "case_replacement", now=now, complaint=complaint.number)


def tell_credited(case: ReturnCase, *, credit_path: str, now: datetime) -> None:
    """The complaint ended with a credit note (H-166)."""
    tell_case(case, "case_credited", now=now, credit=public_url(credit_path))


def tell_appeal(case: ReturnCase, *, now: datetime) -> None:
    """The appeal was received."""
    tell_case(case, "case_appeal", now=now, once=now.isoformat())


def tell_appeal_decided(case: ReturnCase, *, overturned: bool, reason: str, appeal_id: int, now: datetime) -> None:
    """What finance decided, and why."""
    tell_case(case, "case_appeal_decided", now=now, once=str(appeal_id), overturned=overturned, reason=reason)


def tell_goodwill(case: ReturnCase, *, now: datetime) -> None:
    """A deposit is paid as goodwill (X-20)."""
    tell_case(case, "case_goodwill", now=now)
