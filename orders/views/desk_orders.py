"""The agents' list of orders, and everything about one order."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from billing.queries import certificate_link, certificates_of, invoice_link, invoices_of
from core import links
from core.audit import current_actor
from core.auth import check_roles, guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.roles import Role
from orders import words
from orders.demand import order_demand, place_of
from orders.desk_forms import CancelForm, WindowForm
from orders.errors import StaleQuote
from orders.models import Order
from orders.ports import promises
from orders.queries import find_orders, order_by_id
from orders.returns.queries import cases_of_order, why_no_withdrawal, withdrawal_clock
from orders.services import cancel_order, give_window
from orders.states import OPEN, OrderStatus
from orders.views.pickup import chosen_offer, find_windows, window_choices

desk_orders = Blueprint("desk_orders", __name__, url_prefix="/agent/orders")
guard(desk_orders, Role.AGENT, Role.DISPATCHER, Role.FINANCE)
ANSWERERS = frozenset({Role.AGENT, Role.ADMINISTRATOR})
CHANGERS = ANSWERERS | {Role.DISPATCHER}


@desk_orders.before_request
def _only_read_for_finance() -> Any:
    """Finance looks at orders; agents and dispatchers change them."""
    return check_roles(CHANGERS) if request.method == "POST" else None


@desk_orders.get("")
def index() -> Any:
    """Orders, newest first, by words and by state."""
    text, state = request.args.get("q", "").strip()[:80], request.args.get("status", "")
    status = OrderStatus(state) if state in set(OrderStatus) else None
    found = find_orders(text, status, page=request.args.get("page", 1, type=int))
    return render_template("orders/desk/orders.html", found=found, text=text, status=status, states=list(OrderStatus),
                           words=words)


@desk_orders.get("/<int:order_id>")
def show(order_id: int) -> Any:
    """One order with its parts, events, documents and cases."""
    return _show(order_by_id(order_id), CancelForm(formdata=None))


@desk_orders.post("/<int:order_id>/cancel")
def cancel(order_id: int) -> Any:
    """Cancel for the customer (until the van leaves for the stop, Y-07) or for the company."""
    form = CancelForm()
    if not form.validate():
        return _show(order_by_id(order_id), form, 422)
    try:
        with unit_of_work():
            cancel_order(order_id, by=form.by.data, reason=form.reason.data, now=utc_now(), actor=current_actor())
    except DomainError as error:
        form.reason.errors = [str(error)]
        return _show(order_by_id(order_id), form, error.status)
    flash(_("The order is cancelled."), "ok")
    return redirect(url_for("desk_orders.show", order_id=order_id), 303)


@desk_orders.route("/<int:order_id>/window", methods=["GET", "POST"])
def window(order_id: int) -> Any:
    """Agree a new time after a failed stop, or move a confirmed order (Y-07, H-113)."""
    order, now, form = order_by_id(order_id), utc_now(), WindowForm()
    place, demand = place_of(order), order_demand(order)
    offers = find_windows(place, demand, now)
    form.window.choices = window_choices(offers, now)
    if not form.is_submitted():
        return render_template("orders/desk/window.html", order=order, form=form)
    if not form.validate():
        return render_template("orders/desk/window.html", order=order, form=form), 422
    try:
        offer = chosen_offer(offers, form.window.data)
        if offer is None:
            raise StaleQuote(order_id=order_id)
        with unit_of_work():
            promises().keep(offers, place, demand, now=now)
            give_window(order_id, offer, now=now, actor=current_actor())
    except DomainError as error:
        form.window.errors = [str(error)]
        return render_template("orders/desk/window.html", order=order_by_id(order_id), form=form), error.status
    flash(_("The new time is agreed."), "ok")
    return redirect(url_for("desk_orders.show", order_id=order_id), 303)


def _show(order: Order, form: CancelForm, status: int = 200) -> Any:
    now = utc_now()
    documents = [(found.number, invoice_link(found.id)) for found in invoices_of(order.ref)]
    documents += [(found.number, certificate_link(found.id)) for found in certificates_of(order.ref)]
    return render_template(
        "orders/desk/order.html", changes=current_user.role in CHANGERS, answers=current_user.role in ANSWERERS,
        order=order, form=form, words=words, documents=documents, open_states=OPEN,
        token=links.token_for("order", order.id), cases=cases_of_order(order.id),
        clock=withdrawal_clock(order, now), why_not=why_no_withdrawal(order, now)), status
