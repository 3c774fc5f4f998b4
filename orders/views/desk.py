"""The agents' desk: who is calling, and the order by phone (H-009, H-100; P-A1, P-D3)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from accounts.queries import customers_matching, suggest_addresses
from accounts.services import upsert_customer
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import client_address
from core.roles import Role
from orders import words
from orders.desk_forms import DeskForm
from orders.errors import PromiseWorse
from orders.ports import promises
from orders.queries import find_orders, order_by_number, order_by_request_key
from orders.returns.queries import requested_cases
from orders.views.coupons import Coupons
from orders.views.desk_order import DeskCheckout, caller_of, prefill
from orders.views.submission import submit_order

desk = Blueprint("desk", __name__, url_prefix="/agent")
guard(desk, Role.AGENT)
coupons = Coupons(slot="desk_code")


@desk.route("", methods=["GET", "POST"])
def index() -> Any:
    """The desk: GET finds the caller and opens the form, POST looks at it, applies a code, or places the order."""
    if request.method == "GET":
        return _open()
    page = DeskCheckout(DeskForm(), request.form, now=utc_now(), agent_id=current_user.id)
    if request.form.get("action") == "order":
        return _place(page)
    page.look()
    if request.form.get("action") == "code":
        _apply(page)
    elif request.form.get("action") == "remove_code":
        coupons.release(page)
    else:
        coupons.use(page)
    _keep_offers(page)
    return _show(page, fragment=bool(request.headers.get("HX-Request")))


@desk.get("/addresses")
def address() -> Any:
    """Addresses that begin as typed, the caller's own first (P-A2)."""
    caller = caller_of(request.args.get("phone", ""))
    customer = caller.customer if caller else None
    found = suggest_addresses(request.args.get("q", "")[:140], customer_id=customer.id if customer else None)
    return jsonify([place.line for place in found])


def _open() -> Any:
    text = request.args.get("q", "").strip()[:80]
    order = order_by_number(text) if "-" in text else None
    caller = caller_of(order.phone_e164) if order else caller_of(text) if text else None
    if text and caller is None:
        return render_template("orders/desk/matches.html", text=text, found=_people(text))
    if caller is None:
        return render_template("orders/desk/index.html", page=None, caller=None, words=words,
                               requests=requested_cases())
    copied = request.args.get("copy", "")
    last = order or next(iter(caller.orders), None)
    if copied.isdigit():
        last = next((found for found in caller.orders if found.id == int(copied)), last)
    sent = prefill(caller, last)
    page = DeskCheckout(DeskForm(formdata=sent), sent, now=utc_now(), agent_id=current_user.id)
    page.look()
    return _show(page)


def _people(text: str) -> dict[str, str]:
    """Names by number: customers, and guests who ordered on the web."""
    found = {customer.phone_e164: customer.name for customer in customers_matching(text)}
    for order in find_orders(text, None).rows:
        found.setdefault(order.phone_e164, order.contact_name)
    return found


def _show(page: DeskCheckout, status: int = 200, *, fragment: bool = False) -> Any:
    template = "orders/desk/_answer.html" if fragment else "orders/desk/index.html"
    return render_template(template, page=page, form=page.form, caller=page.caller, words=words,
                           fragment=fragment, requests=()), status


def _keep_offers(page: DeskCheckout) -> None:
    """Offers that are about to be shown on a POST are kept; a GET writes nothing."""
    if page.offers is not None and page.offers.offers and page.place is not None and page.prepared is not None:
        with unit_of_work():
            promises().keep(page.offers, page.place, page.prepared.demand, now=page.now)


def _place(page: DeskCheckout) -> Any:
    made = order_by_request_key(page.form.request_key.data or "")
    if made is not None:
        return redirect(url_for("desk_orders.show", order_id=made.id), 303)
    coupons.use(page)
    if not page.check():
        return _again(page, 422)
    coupons.use(page)
    if page.form.code.data and _apply(page):
        page.notices.append(_("The code is taken into account. Check the new amount and confirm again."))
        return _again(page, 409)
    if page.problems:
        return _again(page, 422)
    phone = page.form.phone.phone
    assert phone is not None
    try:
        made = submit_order(
            page.order_of(coupons.held(page)), page.quote[0], actor=current_actor(),
            customer=lambda: upsert_customer(name=page.form.name.data, phone=phone, email=page.form.email.data,
                                             language=page.form.language.data, actor=current_actor()).id)
    except PromiseWorse as error:
        page.use_offer(error.offer, page.quote[1])
        return _again(page, error.status)
    except DomainError as error:
        page.refuse(error)
        return _again(page, error.status)
    coupons.forget()
    flash(_("Order %(number)s is placed.", number=made.number), "ok")
    return redirect(url_for("desk_orders.show", order_id=made.id), 303)


def _again(page: DeskCheckout, status: int) -> Any:
    """The whole desk with everything typed, a fresh look at the promises, and what is wrong."""
    if page.place is not None and page.prepared is not None:
        page.find_offers()
        _keep_offers(page)
    return _show(page, status)


def _apply(page: DeskCheckout) -> bool:
    """Hold the code that the caller says (H-135); attempts count for the caller's number (Y-12)."""
    if page.prepared is None:
        page.problems.append(("code", _("Choose at least one cylinder before the code.")))
        return False
    return coupons.apply(page, address=f"desk:{current_user.id}:{client_address()}")
