"""The customer's page of an order `/t/<token>`: where it stands, what to pay, what can still be done (PRODUCT U1)."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from billing.queries import price_list
from billing.sheets import slip_facts
from billing.views.documents import pdf_answer
from core import links
from core.auth import public
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError, NotFound
from core.http import client_address, is_fragment, no_store
from core.i18n import language, show_day, show_time, show_until, show_window
from core.money import format_eur
from delivery.queries import TrackingView, TrackState, tracking_view
from delivery.roads import map_credit, road_path
from delivery.views import doorstep
from orders.models import Order
from orders.prepaying import payment_slip, proforma
from orders.queries import code_lost_by_cancelling, order_by_id
from orders.returns.words import case_kind_word, case_status_word
from orders.services import cancel_order
from orders.states import ExchangeKind, PromiseKind
from orders.words import delay_reason_word, exchange_word, payment_word

blueprint = Blueprint("tracking", __name__, url_prefix="/t")
public(blueprint, "the token of an order's link (Y-11)")
blueprint.after_request(no_store)
blueprint.context_processor(lambda: {"exchange_word": exchange_word, "payment_word": payment_word,
                                     "case_kind_word": case_kind_word, "case_status_word": case_status_word})

S = TrackState
STEPS = ((S.ACCEPTED, _l("accepted")), (S.CONFIRMED, _l("confirmed")), (S.NEXT, _l("you are next")),
         (S.ON_THE_WAY, _l("on the way")), (S.DELIVERED, _l("delivered")))
MOVING = frozenset({S.ACCEPTED, S.CONFIRMED, S.NEXT, S.ON_THE_WAY})
OPEN = MOVING | {S.AWAITING_PAYMENT, S.FAILED}
HEADLINES = {
    S.AWAITING_PAYMENT: _l("Waiting for your payment"),
    S.ACCEPTED: _l("Your order is accepted"),
    S.CONFIRMED: _l("Your order is confirmed"),
    S.NEXT: _l("You are next"),
    S.ON_THE_WAY: _l("The driver is on the way to you"),
    S.DELIVERED: _l("Delivered"),
    S.FAILED: _l("The delivery did not succeed"),
    S.CANCELLED: _l("The order is cancelled"),
    S.REJECTED: _l("The order was rejected"),
}
PAPERS = {"invoice": _l("Invoice %(number)s"), "credit_note": _l("Credit note %(number)s"),
          "certificate": _l("Deposit certificate %(number)s")}
BROUGHT = {ExchangeKind.SWAP: _l("Empty undamaged green cylinder: %(number)d"),
           ExchangeKind.M10: _l("Orange 10 kg cylinder: %(number)d"),
           ExchangeKind.PURCHASE_WITH_EMPTY: _l("Empty cylinder of the same size: %(number)d")}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the line: done, now or still to come."""

    key: str
    word: Any
    state: str


def order_of(token: str) -> int:
    """The order behind the link; UnknownLink, ExpiredLink."""
    return links.resolve("order", token, address=client_address())


def steps(state: TrackState) -> list[Step]:
    """The step line; empty where the order has left it."""
    keys = [key for key, _word in STEPS]
    if state not in keys:
        return []
    at = keys.index(state)
    words = ("done", "now", "todo")
    return [Step(key=key.value, word=word, state="done" if state is S.DELIVERED
                 else words[(index >= at) + (index > at)]) for index, (key, word) in enumerate(STEPS)]


def _promise(view: TrackingView) -> list[str]:
    """When the driver comes, why later than an hour (H-112, X-26), and what the plan says now."""
    said: list[str] = []
    if view.promised_by_at is None or view.promised_from_at is None:
        return said
    if view.promise_kind is PromiseKind.AGREED:
        said.append(_("The driver comes %(window)s.", window=show_window(view.promised_from_at, view.promised_by_at)))
    else:
        said.append(_("The driver comes %(until)s.", until=show_until(view.promised_by_at)))
    if view.reason is not None:
        said.append(_("It takes longer than an hour: %(reason)s.", reason=delay_reason_word(view.reason)))
    if view.late and view.expected_to_at is not None:
        said.append(_("We are late. We now expect to be with you %(until)s.", until=show_until(view.expected_to_at)))
    elif view.expected_from_at is not None and view.expected_to_at is not None and view.state in MOVING:
        said.append(_("We expect to be with you %(window)s.",
                      window=show_window(view.expected_from_at, view.expected_to_at)))
    if view.stops_before and view.state is S.CONFIRMED:
        said.append(ngettext("%(num)s stop before you.", "%(num)s stops before you.", view.stops_before))
    return said


def sentences(view: TrackingView) -> list[str]:
    """What the page says under its headline."""
    order = view.order
    if view.state is S.AWAITING_PAYMENT:
        first = show_day(order.promised_from_at)
        return [_("We plan the delivery once the payment has arrived, for %(day)s at the earliest.", day=first),
                _("Purpose of payment: %(number)s", number=order.number)]
    if view.state in MOVING:
        return [] if order.on_hold_at else _promise(view)  # no time is promised before the answer
    if view.state is S.DELIVERED and order.delivered_at is not None:
        return [_("%(day)s at %(time)s", day=show_day(order.delivered_at), time=show_time(order.delivered_at))]
    if view.state is S.FAILED:
        return [_("We could not hand the cylinder over. Your order stays valid."),
                _("Call us on 080 2005 and choose a new time, or wait for our call.")]
    said = [order.ended_reason] if order.ended_reason else []
    if order.refund_due_cents and order.refunded_at is None:
        said.append(_("What you paid by e-bank goes back to your account."))
    return [*said, _("You can order again at any time.")]


def checklist(order: Order) -> list[str]:
    """What the customer should have ready at the door."""
    ready = [str(BROUGHT[kind]) % {"number": number} for kind in BROUGHT
             if (number := sum(line.quantity for line in order.lines if line.exchange is kind))]
    if order.cash_part_cents:
        ready.append(_("Cash: %(amount)s", amount=format_eur(order.cash_part_cents)))
    if order.door_cents > order.cash_part_cents:
        ready.append(_("Payment card"))
    return ready


def marker(view: TrackingView) -> list[dict[str, Any]]:
    """The van's last confirmed stop and the door, when the order is next or next but one."""
    if view.van_lat is None or view.van_lon is None:
        return []
    return [{"lat": view.van_lat, "lon": view.van_lon, "kind": "vehicle", "title": _("Van, last confirmed stop")},
            {"lat": view.order.lat, "lon": view.order.lon, "kind": "here", "title": _("You")}]


def route(view: TrackingView) -> list[dict[str, Any]]:
    """The way from the van's last confirmed stop to the door, once nobody comes before; only along known roads."""
    if view.van_lat is None or view.van_lon is None or view.stops_before:
        return []
    path = road_path([(view.van_lat, view.van_lon), (view.order.lat, view.order.lon)])
    return [{"route": 1, "points": [], "path": path}] if path else []


def _page(token: str, view: TrackingView, *, refusal: DomainError | None = None) -> Any:
    template = "delivery/_tracking.html" if is_fragment() else "delivery/tracking.html"
    names = {product.code: product.name_en if language() == "en" else product.name_sl
             for product in price_list(view.order.created_at)}
    papers = [(str(PAPERS[paper.kind]) % {"number": paper.number}, paper.path) for paper in view.papers if paper.path]
    slip = payment_slip(view.order, utc_now())
    page = render_template(
        template, token=token, view=view, order=view.order, products=names, headline=HEADLINES[view.state],
        sentences=sentences(view), steps=steps(view.state), live=view.state in OPEN, open=view.state in OPEN,
        ready=checklist(view.order) if view.state in OPEN else [], rows=doorstep.order_rows(view.order),
        slip=slip, slip_facts=slip_facts(slip) if slip else (),
        marker=marker(view), route=route(view), credit=map_credit(), papers=papers, refusal=refusal,
        code_lost=view.cancellable and code_lost_by_cancelling(view.order))
    return page, refusal.status if refusal is not None else 200


@blueprint.get("/<token>")
def show(token: str) -> Any:
    """The order's page."""
    return _page(token, tracking_view(order_of(token), utc_now()))


@blueprint.get("/<token>/state")
def state(token: str) -> Any:
    """The moving part of the page, polled by htmx; without scripts it leads to the page."""
    if not is_fragment():
        return redirect(url_for("tracking.show", token=token))
    return _page(token, tracking_view(order_of(token), utc_now()))


@blueprint.get("/<token>/proforma")
def proforma_page(token: str) -> Any:
    """The pro-forma invoice of an e-bank order, to read and print (Y-15)."""
    sheet = proforma(_prepaid(token), utc_now())
    return render_template("billing/document.html", layout="base.html", sheet=sheet,
                           pdf_url=url_for("tracking.proforma_pdf", token=token),
                           back_url=url_for("tracking.show", token=token))


@blueprint.get("/<token>/proforma.pdf")
def proforma_pdf(token: str) -> Any:
    """The same as PDF."""
    return pdf_answer(proforma(_prepaid(token), utc_now()))


def _prepaid(token: str) -> Order:
    order = order_by_id(order_of(token))
    if not order.prepaid_cents:
        raise NotFound(order_id=order.id)
    return order


@blueprint.post("/<token>/cancel")
def cancel(token: str) -> Any:
    """The customer cancels until the van leaves for this very stop (Y-07); afterwards the page says why not."""
    order_id, now = order_of(token), utc_now()
    try:
        with unit_of_work():
            cancel_order(order_id, by="customer", reason="", now=now, actor="customer")
    except DomainError as refusal:
        return _page(token, tracking_view(order_id, now), refusal=refusal)
    flash(_("Your order is cancelled. Nothing is charged."), "ok")
    return redirect(url_for("tracking.show", token=token), 303)
