"""Deposits kept for damaged cylinders: finance or a dispatcher gives one back, with a reason (X-06)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.roles import Role
from orders.bank_forms import WaiveForm
from orders.queries import order_by_id
from orders.waiving import kept_deposits, waive_kept_deposit

kept = Blueprint("kept", __name__, url_prefix="/kept-deposits")
guard(kept, Role.FINANCE, Role.DISPATCHER)


@kept.get("")
def index() -> Any:
    """What is kept and was not given back."""
    return _page(WaiveForm(), None)


@kept.post("/<int:order_id>")
def waive(order_id: int) -> Any:
    """Give one back, with a reason."""
    form = WaiveForm()
    order_by_id(order_id)
    if not form.validate():
        return _page(form, order_id, 422)
    try:
        with unit_of_work():
            waive_kept_deposit(order_id, reason=form.reason.data, iban=form.iban.data, now=utc_now(),
                               actor=current_actor())
    except DomainError as refusal:
        form.reason.errors = [refusal.message]
        return _page(form, order_id, refusal.status)
    flash(_("The deposit is due by transfer."), "ok")
    return redirect(url_for("kept.index"), 303)


def _page(form: WaiveForm, tried: int | None, status: int = 200) -> Any:
    page = render_template("orders/payments/kept.html", rows=kept_deposits(), form=form, tried=tried)
    return no_store(Response(page, status=status))
