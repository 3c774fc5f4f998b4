"""The customer's order page: one form over four steps, with and without scripts."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from accounts.queries import suggest_addresses
from core import links
from core.auth import public
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import client_address, is_fragment
from orders.errors import PromiseWorse
from orders.forms import OrderForm
from orders.models import Order
from orders.ports import Offers, promises
from orders.queries import current_terms, order_by_request_key, terms_by_version
from orders.views.checkout import Checkout
from orders.views.coupons import Coupons
from orders.views.submission import submit_order

bp = Blueprint("shop", __name__)
public(bp, "anyone may order; nothing of another person is shown")
coupons = Coupons(slot="shop_code")


@bp.route("/", methods=["GET", "POST"])
def order() -> Any:
    """The order: empty, at a step, or placed."""
    page = _checkout()
    wanted = request.form.get("step", "")
    if request.method == "GET":
        return _show(page)
    if wanted == "order":
        return _place(page)
    if request.form.get("remove_code"):
        coupons.release(page)
        wanted = "4"
    return _go(page, int(wanted) if wanted in ("1", "2", "3", "4") else 2)


@bp.post("/obljuba")
def promise() -> Any:
    """The live promise for what is typed so far (P-D1)."""
    page = _checkout()
    if page.reach(2):
        page.find_place()
    _find_offers(page)
    return render_template("orders/shop/_offers.html", page=page, live=True)


@bp.post("/koda")
def code() -> Any:
    """Hold the typed code for this form (H-134, Y-12)."""
    page = _checkout()
    if page.reach(4):
        coupons.apply(page, address=client_address())
    return _show(page, 422 if page.problems else 200)


@bp.get("/naslovi")
def address() -> Any:
    """Known addresses that begin as typed; public register only (Y-09)."""
    found = suggest_addresses(request.args.get("q", "")[:140])
    return jsonify([{"text": place.line, "lat": place.lat, "lon": place.lon} for place in found])


@bp.get("/pogoji")
def terms() -> Any:
    """The general terms that hold now, or an older version (H-021, H-023)."""
    version = request.args.get("v", "")
    text = terms_by_version(version) if version else current_terms(utc_now())
    return render_template("orders/shop/terms.html", terms=text)


def _checkout() -> Checkout:
    return Checkout(OrderForm(), request.form, now=utc_now())


def _go(page: Checkout, target: int) -> Any:
    reached = page.reach(target)
    if page.step == 4 and reached:
        coupons.use(page)
    return _show(page, 200 if reached else 422)


def _show(page: Checkout, status: int = 200) -> Any:
    if page.step == 2:
        if page.place is None and page.form.address.data:
            page.find_place()
        _find_offers(page)
    elif page.offer is not None and page.offer_changed:
        _keep(page, Offers(in_zone=page.offer.in_zone, offers=(page.offer,)))
    if not is_fragment():
        return render_template("orders/shop/order.html", page=page, form=page.form), status
    fragment = render_template("orders/shop/_form.html", page=page, form=page.form)
    return fragment, status, {"HX-Retarget": "#order", "HX-Reswap": "outerHTML"}


def _find_offers(page: Checkout) -> None:
    offers = page.find_offers()
    if offers is not None and offers.offers:
        _keep(page, offers)


def _keep(page: Checkout, offers: Offers) -> None:
    assert page.place is not None
    assert page.prepared is not None
    with unit_of_work():
        promises().keep(offers, page.place, page.prepared.demand, now=page.now)


def _place(page: Checkout) -> Any:
    made = order_by_request_key(page.form.request_key.data or "")
    if made is not None:
        return _to_tracking(made)
    if not page.reach(5):
        coupons.use(page)
        return _show(page, 422)
    coupons.use(page)
    if page.form.code.data and coupons.apply(page, address=client_address()):
        page.notices.append(_("The code is taken into account. Check the new amount and confirm again."))
        return _show(page, 409)
    if page.problems:
        return _show(page, 422)
    try:
        made = submit_order(page.request(coupons.held(page)), page.quote[0], actor="customer")
    except PromiseWorse as error:
        page.use_offer(error.offer, page.quote[1])
        return _show(page, error.status)
    except DomainError as error:
        page.refuse(error)
        return _show(page, error.status)
    coupons.forget()
    return _to_tracking(made)


def _to_tracking(made: Order) -> Any:
    goal = url_for("tracking.show", token=links.token_for("order", made.id))
    return Response(headers={"HX-Redirect": goal}) if is_fragment() else redirect(goal, 303)
