"""Changes by the company: proposed at the desk, answered by the customer's link or by phone (H-046, X-27)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from billing.queries import price_list
from core import links
from core.audit import current_actor
from core.auth import guard, public
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError, InvalidInput
from core.http import client_address, no_store
from core.i18n import language
from core.money import format_eur
from core.roles import Role
from orders.cases import changes as services
from orders.cases.forms import AnswerForm, ProposeForm
from orders.cases.models import OrderChange
from orders.cases.states import ChangeKind, ChangeStatus
from orders.cases.words import change_sentence, product_words
from orders.demand import order_demand, place_of
from orders.errors import StaleQuote
from orders.models import Order
from orders.ports import Offer, promises
from orders.queries import order_by_id
from orders.states import Channel, ExchangeKind
from orders.views.pickup import chosen_offer, find_windows, window_choices
from orders.words import exchange_word

changes = Blueprint("changes", __name__, url_prefix="/c")
public(changes, "the change's own link, which only the customer was sent")
desk_changes = Blueprint("desk_changes", __name__, url_prefix="/agent/changes")
guard(desk_changes, Role.AGENT, Role.DISPATCHER)


@desk_changes.get("")
def index() -> Any:
    """Changes that wait for the customer's answer: nothing of these orders is delivered before it."""
    found = [(change, change_sentence(change)) for change in services.open_changes()]
    return no_store(Response(render_template("orders/changes/index.html", changes=found)))


@desk_changes.route("/of/<int:order_id>", methods=["GET", "POST"])
def propose(order_id: int) -> Any:
    """Propose another item, time or price."""
    order, now, form = order_by_id(order_id), utc_now(), ProposeForm()
    waiting = services.open_change(order_id)
    if waiting is not None:
        return redirect(url_for("desk_changes.answer", change_id=waiting.id), 303)
    _fill(form, order, now)
    if not form.is_submitted() or not form.validate():
        return _propose_page(form, order, 422 if form.is_submitted() else 200)
    try:
        with unit_of_work():
            change_id = _propose(form, order_id, now).id
    except DomainError as error:
        field = error.field if error.field and error.field in form else "kind"
        form[field].errors = [error.message]
        return _propose_page(form, order_by_id(order_id), error.status)
    flash(_("The customer is asked. Nothing is delivered before the answer."), "ok")
    return redirect(url_for("desk_changes.answer", change_id=change_id), 303)


def _fill(form: ProposeForm, order: Order, now: datetime) -> None:
    form.line.choices = [(line.id, f"{line.quantity} × {line.product_code}, {exchange_word(line.exchange)}, "
                          f"{format_eur(line.unit_price_cents)}") for line in order.lines]
    form.product.choices = [(f"{code}/{kind}", words) for code, kind, words, _cents in _items(now)]
    form.window.choices = window_choices(find_windows(place_of(order), order_demand(order), now), now)


def _items(now: datetime) -> list[tuple[str, str, str, int]]:
    """Code, exchange, words and price of everything on the list."""
    return [(product.code, kind, f"{product.name(language())}, {exchange_word(ExchangeKind(kind))}, "
             f"{format_eur(product.gross_cents)}", product.gross_cents)
            for product in price_list(now) if product.available for kind in product.exchanges]


def _propose(form: ProposeForm, order_id: int, now: datetime) -> OrderChange:
    common: dict[str, Any] = {"reason": form.reason.data, "now": now, "actor": current_actor()}
    kind = ChangeKind(form.kind.data)
    if kind is ChangeKind.PRICE:
        return services.propose_price(order_id, form.line.data, form.price.cents or 0, **common)
    if kind is ChangeKind.ITEM:
        code, exchange = _chosen(form.product.data)
        return services.propose_item(order_id, form.line.data, code, exchange, **common)
    offer = _window(order_by_id(order_id), form.window.data or "", now)
    return services.propose_time(order_id, offer, **common)


def _chosen(text: str | None) -> tuple[str, ExchangeKind]:
    code, _slash, exchange = (text or "").partition("/")
    if exchange not in set(ExchangeKind):
        raise InvalidInput(_("Choose one of the values on offer."), field="product")
    return code, ExchangeKind(exchange)


def _window(order: Order, key: str, now: datetime) -> Offer:
    offer = chosen_offer(find_windows(place_of(order), order_demand(order), now), key)
    if offer is None:
        raise StaleQuote(field="window", order_id=order.id)
    return offer


def _propose_page(form: ProposeForm, order: Order, status: int) -> Any:
    return no_store(Response(render_template("orders/changes/propose.html", form=form, order=order), status=status))


@desk_changes.route("/<int:change_id>", methods=["GET", "POST"])
def answer(change_id: int) -> Any:
    """The answer told by phone."""
    change = services.change_by_id(change_id)
    return _answer(change, Channel.PHONE, current_actor(), "orders/changes/desk.html",
                   url_for("desk_orders.show", order_id=change.order_id))


@changes.route("/<token>", methods=["GET", "POST"])
def by_link(token: str) -> Any:
    """The answer of the customer: accept, something else, or cancel (X-27)."""
    change = services.change_by_id(links.resolve(services.LINK, token, address=client_address()))
    track = links.token_for("order", change.order_id)
    return _answer(change, Channel.WEB, "customer", "orders/changes/answer.html",
                   f"/t/{track}" if track else f"/c/{token}")


def _answer(change: OrderChange, channel: Channel, actor: str, template: str, after: str) -> Any:
    now, form, change_id = utc_now(), AnswerForm(), change.id
    if change.status is not ChangeStatus.ASKED:
        return _answer_page(template, change, form, after, now)
    form.substitute.choices = _substitutes(change, now)
    if not form.is_submitted() or not form.validate():
        return _answer_page(template, change, form, after, now, 422 if form.is_submitted() else 200)
    try:
        _act(form, change, channel=channel, now=now, actor=actor)
    except DomainError as error:
        form.answer.errors = [error.message]
        change = services.change_by_id(change_id)
        form.substitute.choices = _substitutes(change, now)
        return _answer_page(template, change, form, after, now, error.status)
    flash(_("Thank you, your answer is recorded.") if channel is Channel.WEB else _("The answer is recorded."), "ok")
    return redirect(after, 303)


def _substitutes(change: OrderChange, now: datetime) -> list[SelectChoice]:
    """What may be had instead: other free times, or other items with the order's new total."""
    order = change.order
    if change.kind is ChangeKind.TIME:
        return window_choices(find_windows(place_of(order), order_demand(order), now), now)
    found = []
    for code, kind, words, _cents in _items(now):
        total = services.pricing_after(order, services.item_terms(change, code, ExchangeKind(kind), now), now)
        label = _("%(item)s; order in all %(total)s", item=words, total=format_eur(total.total_cents))
        found.append(SelectChoice(f"{code}/{kind}/{total.total_cents}", label))
    return found


def _act(form: AnswerForm, change: OrderChange, **common: Any) -> None:
    change_id, order, now = change.id, change.order, common["now"]
    if form.answer.data == "accept":
        with unit_of_work():
            services.accept_change(change_id, **common)
    elif form.answer.data == "cancel":
        with unit_of_work():
            services.cancel_for_change(change_id, **common)
    elif change.kind is ChangeKind.TIME:
        place, demand = place_of(order), order_demand(order)
        offers = find_windows(place, demand, now)
        offer = chosen_offer(offers, form.substitute.data or "")
        if offer is None:
            raise StaleQuote(change_id=change_id)
        with unit_of_work():
            promises().keep(offers, place, demand, now=now)
            services.substitute_time(change_id, offer, **common)
    else:
        item, _slash, shown = (form.substitute.data or "").rpartition("/")
        code, exchange = _chosen(item)
        with unit_of_work():
            services.substitute_item(change_id, code, exchange, shown_total_cents=int(shown) if shown.isdigit() else -1,
                                     **common)


def _answer_page(template: str, change: OrderChange, form: AnswerForm, after: str, now: datetime,
                 status: int = 200) -> Any:
    order = change.order
    total = None
    if change.kind is not ChangeKind.TIME and change.status is ChangeStatus.ASKED:
        total = services.pricing_after(order, change.terms, now).total_cents
    page = render_template(template, change=change, order=order, form=form, sentence=change_sentence(change),
                           new_total_cents=total, after=after, product_words=product_words)
    return no_store(Response(page, status=status))
