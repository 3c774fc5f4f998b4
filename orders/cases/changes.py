"""Changes by the company: asked, and nothing delivered until the customer has answered (H-046, X-27)."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from billing.queries import price_of
from core import links, settings, signals
from core.db import changed_rows, db
from core.http import public_url
from orders.cases.errors import ChangeAnswered, ChangeNotPossible, NothingChanges, UnknownChange
from orders.cases.models import OrderChange
from orders.cases.states import ChangeKind, ChangeStatus
from orders.cases.words import change_sentence
from orders.demand import order_demand, place_of
from orders.errors import ExchangeNotPossible, TotalChanged
from orders.events import note_event
from orders.lifecycle import cancel_order, send_after_commit
from orders.messages import tell
from orders.models import Order, OrderLine
from orders.placing import price_rules
from orders.ports import Offer, promises
from orders.pricing import PricedLine, Pricing, assemble, unit_buyback, unit_deposit
from orders.queries import order_by_id
from orders.states import Channel, ExchangeKind, OrderStatus, PromiseKind

LINK = "change"


def propose_item(order_id: int, line_id: int, product_code: str, exchange: ExchangeKind, *, reason: str,
                 now: datetime, actor: str) -> OrderChange:
    """Another product instead of a line, at the price of the list that holds now (H-041)."""
    line = _line(order_id, line_id)
    if (line.product_code, line.exchange) == (product_code, exchange):
        raise NothingChanges(field="product", order_id=order_id)
    product = price_of(product_code, now)
    if exchange.value not in product.exchanges:
        raise ExchangeNotPossible(product=product_code, exchange=exchange.value)
    terms = {"line_id": line_id, "product_code": product_code, "exchange": exchange.value,
             "unit_price_cents": product.gross_cents}
    return _ask(order_id, ChangeKind.ITEM, terms, reason=reason, now=now, actor=actor)


def propose_price(order_id: int, line_id: int, unit_price_cents: int, *, reason: str, now: datetime,
                  actor: str) -> OrderChange:
    """Another price for a line: an obvious error in the one that was shown (H-047)."""
    line = _line(order_id, line_id)
    if unit_price_cents <= 0 or unit_price_cents == line.unit_price_cents:
        raise NothingChanges(field="price", order_id=order_id)
    terms = {"line_id": line_id, "product_code": line.product_code, "exchange": line.exchange.value,
             "unit_price_cents": unit_price_cents}
    return _ask(order_id, ChangeKind.PRICE, terms, reason=reason, now=now, actor=actor)


def propose_time(order_id: int, offer: Offer, *, reason: str, now: datetime, actor: str) -> OrderChange:
    """Another time. Its place in the plan is asked again when the customer accepts."""
    terms = {"from": offer.promised_from_at.isoformat(), "by": offer.promised_by_at.isoformat()}
    return _ask(order_id, ChangeKind.TIME, terms, reason=reason, now=now, actor=actor)


def _ask(order_id: int, kind: ChangeKind, terms: dict[str, Any], *, reason: str, now: datetime,
         actor: str) -> OrderChange:
    """Hold the order and ask; ChangeNotPossible once the van left for it, or for the price of what is paid."""
    order = order_by_id(order_id)
    free = sa.and_(Order.id == order_id, Order.on_hold_at.is_(None),
                   Order.status.in_([OrderStatus.CONFIRMED, OrderStatus.AWAITING_PAYMENT]))
    if kind is not ChangeKind.TIME:
        pricing_after(order, terms, now)  # refuses what cannot be sold
        free = sa.and_(free, Order.paid_at.is_(None))
    if changed_rows(sa.update(Order).where(free).values(on_hold_at=now)) != 1:
        raise ChangeNotPossible(order_id=order_id, status=order.status.value)
    change = OrderChange(order_id=order_id, kind=kind, status=ChangeStatus.ASKED, terms=terms, reason=reason[:300],
                         asked_at=now, asked_by=actor)
    db.session.add(change)
    db.session.flush()
    order = order_by_id(order_id)
    note_event(order, "change_asked", now=now, actor=actor, change_id=change.id, kind=kind.value)
    token = links.issue(LINK, change.id, now + timedelta(days=settings.get("link_days", now)))
    tell(order, "order_change", now=now, once=str(change.id), reason=reason,
         change=change_sentence(change, language=order.language), answer=public_url(f"/c/{token}"))
    send_after_commit(signals.order_confirmed, order_id)  # its stop is void while it waits
    return change


def accept_change(change_id: int, *, channel: Channel, now: datetime, actor: str) -> Order:
    """The customer accepts what was proposed. ChangeAnswered when there was an answer before."""
    change = _answer(change_id, ChangeStatus.ACCEPTED, channel=channel, now=now, actor=actor)
    if change.kind is ChangeKind.TIME:
        start, end = (datetime.fromisoformat(change.terms[name]) for name in ("from", "by"))
        values: dict[str, Any] = {"promise_kind": PromiseKind.AGREED, "clock_start_at": start,
                                  "promised_from_at": start, "promised_by_at": end, "promise_reason": None,
                                  "promise_closed_at": None}
    else:
        values = _rewrite(change.order, change.terms, now)
    return _release(change, "change_accepted", values, now=now, actor=actor)


def substitute_item(change_id: int, product_code: str, exchange: ExchangeKind, *, shown_total_cents: int,
                    channel: Channel, now: datetime, actor: str) -> Order:
    """The customer takes another item at its list price instead of what was proposed (H-046).

    TotalChanged when the customer was shown another total.
    """
    change = _answer(change_id, ChangeStatus.SUBSTITUTED, channel=channel, now=now, actor=actor)
    if change.kind is ChangeKind.TIME:
        raise ChangeNotPossible(change_id=change_id)
    terms = item_terms(change, product_code, exchange, now)
    pricing = pricing_after(change.order, terms, now)
    if pricing.total_cents != shown_total_cents:
        raise TotalChanged(pricing.total_cents, shown=shown_total_cents)
    return _release(change, "change_substituted", _rewrite(change.order, terms, now), now=now, actor=actor)


def substitute_time(change_id: int, offer: Offer, *, channel: Channel, now: datetime, actor: str) -> Order:
    """The customer chooses another free time than the proposed one. StaleQuote when it is taken."""
    change = _answer(change_id, ChangeStatus.SUBSTITUTED, channel=channel, now=now, actor=actor)
    if change.kind is not ChangeKind.TIME:
        raise ChangeNotPossible(change_id=change_id)
    promises().accept(offer, place_of(change.order), order_demand(change.order), now=now)
    return _release(change, "change_substituted", {
        "promise_kind": offer.kind, "clock_start_at": offer.clock_start_at, "promise_closed_at": None,
        "promised_from_at": offer.promised_from_at, "promised_by_at": offer.promised_by_at,
        "promise_reason": offer.reason}, now=now, actor=actor)


def cancel_for_change(change_id: int, *, channel: Channel, now: datetime, actor: str) -> Order:
    """The customer does not want it so: the company's change ended the order, the code is free again (X-09)."""
    change = _answer(change_id, ChangeStatus.CANCELLED, channel=channel, now=now, actor=actor)
    note_event(change.order, "change_cancelled", now=now, actor=actor, change_id=change_id)
    return cancel_order(change.order_id, by="company", reason=change.reason, now=now, actor=actor)


def _answer(change_id: int, status: ChangeStatus, *, channel: Channel, now: datetime, actor: str) -> OrderChange:
    """One guarded UPDATE: of two answers at once, one counts."""
    if changed_rows(sa.update(OrderChange).where(
            OrderChange.id == change_id, OrderChange.status == ChangeStatus.ASKED,
    ).values(status=status, answered_at=now, answered_by=actor, channel=channel)) != 1:
        raise ChangeAnswered(change_id=change_id)
    return change_by_id(change_id)


def _release(change: OrderChange, what: str, values: dict[str, Any], *, now: datetime, actor: str) -> Order:
    """Write the order as it now is, and let it be planned again."""
    order_id = change.order_id
    if changed_rows(sa.update(Order).where(
            Order.id == order_id, Order.on_hold_at.is_not(None),
            Order.status.in_([OrderStatus.CONFIRMED, OrderStatus.AWAITING_PAYMENT]),
    ).values(on_hold_at=None, **values)) != 1:
        raise ChangeNotPossible(order_id=order_id)
    order = order_by_id(order_id)
    note_event(order, what, now=now, actor=actor, change_id=change.id, total_cents=order.total_cents)
    tell(order, "order_changed", now=now, once=str(change.id))
    send_after_commit(signals.order_confirmed, order_id)
    return order


def item_terms(change: OrderChange, product_code: str, exchange: ExchangeKind, now: datetime) -> dict[str, Any]:
    """A substitute as terms, at the price of the list that holds now."""
    return {"line_id": change.terms["line_id"], "product_code": product_code, "exchange": exchange.value,
            "unit_price_cents": price_of(product_code, now).gross_cents}


def pricing_after(order: Order, terms: dict[str, Any], now: datetime) -> Pricing:
    """The order's price with one line as in `terms`: the other lines and the rules keep what was agreed (H-041)."""
    rules = price_rules(order.created_at)
    lines = tuple(_priced(line) if line.id != terms["line_id"] else _changed(line, terms, now) for line in order.lines)
    gas = sum(line.gas_cents for line in lines)
    discount = min(order.discount_cents, max(0, gas - rules.min_gas_left_cents))
    return assemble(lines, rules, discount, order.payment_method)


def _priced(line: OrderLine) -> PricedLine:
    return PricedLine(
        product_code=line.product_code, cylinder_type=line.cylinder_type, exchange=line.exchange,
        quantity=line.quantity, unit_price_cents=line.unit_price_cents, vat_permille=line.vat_permille,
        unit_deposit_cents=line.unit_deposit_cents, unit_buyback_cents=line.unit_buyback_cents,
        net_gas_g=line.net_gas_g)


def _changed(line: OrderLine, terms: dict[str, Any], now: datetime) -> PricedLine:
    product, exchange = price_of(terms["product_code"], now), ExchangeKind(terms["exchange"])
    if exchange.value not in product.exchanges:
        raise ExchangeNotPossible(product=product.code, exchange=exchange.value)
    rules = price_rules(now)
    return PricedLine(
        product_code=product.code, cylinder_type=product.cylinder_type, exchange=exchange, quantity=line.quantity,
        unit_price_cents=terms["unit_price_cents"], vat_permille=product.vat_permille,
        unit_deposit_cents=unit_deposit(exchange, rules), unit_buyback_cents=unit_buyback(exchange, rules),
        net_gas_g=product.net_gas_g)


def _rewrite(order: Order, terms: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Write the changed line; the order's new amounts."""
    pricing = pricing_after(order, terms, now)
    new = next(priced for line, priced in zip(order.lines, pricing.lines, strict=True) if line.id == terms["line_id"])
    changed_rows(sa.update(OrderLine).where(OrderLine.id == terms["line_id"]).values(
        product_code=new.product_code, cylinder_type=new.cylinder_type, exchange=new.exchange,
        unit_price_cents=new.unit_price_cents, vat_permille=new.vat_permille, net_gas_g=new.net_gas_g,
        unit_deposit_cents=new.unit_deposit_cents, unit_buyback_cents=new.unit_buyback_cents))
    return {"gas_cents": pricing.gas_cents, "deposit_cents": pricing.deposit_cents,
            "buyback_cents": pricing.buyback_cents, "discount_cents": pricing.discount_cents,
            "total_cents": pricing.total_cents, "cash_part_cents": pricing.cash_part_cents}


def _line(order_id: int, line_id: int) -> OrderLine:
    for line in order_by_id(order_id).lines:
        if line.id == line_id:
            return line
    raise NothingChanges(field="line", order_id=order_id, line_id=line_id)


def change_by_id(change_id: int) -> OrderChange:
    """The change; UnknownChange if there is none."""
    change = db.session.get(OrderChange, change_id)
    if change is None:
        raise UnknownChange(change_id=change_id)
    return change


def open_change(order_id: int) -> OrderChange | None:
    """The change of an order that waits for an answer."""
    return db.session.scalar(sa.select(OrderChange).where(
        OrderChange.order_id == order_id, OrderChange.status == ChangeStatus.ASKED))


def answer_path(order: Order) -> str:
    """The path of the customer's page for the change that waits, empty where none does."""
    change = open_change(order.id)
    token = links.token_for(LINK, change.id) if change is not None else None
    return f"/c/{token}" if token else ""


def open_changes() -> Sequence[OrderChange]:
    """Every change of a live order that waits for an answer, the oldest first."""
    return db.session.scalars(sa.select(OrderChange).join(Order).where(
        OrderChange.status == ChangeStatus.ASKED, Order.on_hold_at.is_not(None),
        Order.status.in_([OrderStatus.CONFIRMED, OrderStatus.AWAITING_PAYMENT])).order_by(OrderChange.id)).all()
