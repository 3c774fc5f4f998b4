"""Finance: orders that wait for their e-bank payment, and refunds to be transferred."""
from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from billing.bank.references import reference_of
from core import calendar
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError, NotFound
from core.http import no_store
from core.roles import Role
from orders import services
from orders.queries import order_by_id, orders_awaiting_payment, orders_with_refund_due
from orders.returns import services as cases
from orders.returns.forms import MarkPaidForm, MarkRefundedForm
from orders.returns.queries import case_by_id, cases_with_refund_due
from orders.transfers import files_of_due

payments = Blueprint("payments", __name__, url_prefix="/finance")
guard(payments, Role.FINANCE)


@payments.get("/payments")
def awaiting() -> Any:
    """E-bank orders that are not seen paid, the soonest delivery first (X-03)."""
    return _awaiting_page(MarkPaidForm(), None)


@payments.post("/payments/<int:order_id>")
def mark_paid(order_id: int) -> Any:
    """The amount arrived: to the cent, or nothing changes."""
    form = MarkPaidForm()
    order = order_by_id(order_id)
    if not form.validate():
        return _awaiting_page(form, order_id, 422)
    try:
        with unit_of_work():
            order = services.mark_paid(order_id, amount_cents=form.amount.cents or 0, now=utc_now(),
                                       actor=current_actor())
    except DomainError as refusal:
        form.amount.errors = [refusal.message]
        return _awaiting_page(form, order_id, refusal.status)
    flash(_("Order %(number)s is paid and confirmed.", number=order.number), "ok")
    return redirect(url_for("payments.awaiting"), 303)


def _awaiting_page(form: MarkPaidForm, tried: int | None, status: int = 200) -> Any:
    page = render_template("orders/payments/awaiting.html", orders=orders_awaiting_payment(), form=form, tried=tried,
                           reference_of=reference_of)
    return no_store(Response(page, status=status))


@payments.get("/refunds")
def refunds() -> Any:
    """Refunds of cases and of cancelled prepaid orders, the nearest deadline first (H-147)."""
    return _refunds_page(MarkRefundedForm(), "")


@payments.post("/refunds/<kind>/<int:item_id>")
def mark_refunded(kind: str, item_id: int) -> Any:
    """The transfer was made to this account."""
    form, ref = MarkRefundedForm(), f"{kind}:{item_id}"
    if kind not in ("case", "order"):
        raise NotFound(kind=kind)
    case_by_id(item_id) if kind == "case" else order_by_id(item_id)
    if not form.validate():
        return _refunds_page(form, ref, 422)
    mark = cases.mark_refunded if kind == "case" else services.mark_refunded
    try:
        with unit_of_work():
            done = mark(item_id, iban=form.iban.data, now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        form.iban.errors = [refusal.message]
        return _refunds_page(form, ref, refusal.status)
    flash(_("The refund for %(number)s is marked as transferred.", number=done.number), "ok")
    return redirect(url_for("payments.refunds"), 303)


def _refunds_page(form: MarkRefundedForm, tried: str, status: int = 200) -> Any:
    page = render_template("orders/payments/refunds.html", cases=cases_with_refund_due(),
                           orders=orders_with_refund_due(), form=form, tried=tried, days_until=_days_until,
                           files=files_of_due())
    return no_store(Response(page, status=status))


def _days_until(day: date) -> int:
    return calendar.days_left(day, calendar.local_date(utc_now()))
