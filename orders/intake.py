"""Placing an order: one transaction that takes the promise and the promo code and writes the order."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import remember_address
from core import calendar, settings, signals
from core.db import after_commit, db
from orders import messages
from orders.errors import EbankTooSoon, NotConfirmed, PromiseWorse, TermsChanged, TotalChanged
from orders.events import note_event
from orders.models import Order, OrderLine
from orders.numbers import ORDERS, next_number
from orders.placing import OrderRequest, Prepared, facts, prepare, require_slovenia
from orders.ports import Offer, promises
from orders.queries import current_terms, order_by_request_key
from orders.states import OrderStatus, PaymentMethod, PromiseKind
from promos.rules import OrderFacts
from promos.services import check, redeem


def place_order(request: OrderRequest, offer: Offer, *, now: datetime, actor: str) -> Order:
    """Place the order under this offer; the same request_key again returns the first order.

    Raises the refusals of orders.errors, promos and billing; StaleQuote when the plan moved (renew and retry:
    orders.views.submission does), PromiseWorse when the offer is later than the one shown, TotalChanged when the
    total differs from the one shown. A refusal writes nothing. Taken in this order: promise, number, promo code.
    """
    first = order_by_request_key(request.request_key)
    if first is not None:
        return first
    _require_confirmations(request, now)
    require_slovenia(request.place)
    priced = _priced(request, offer, now)
    _require_as_shown(request, offer, priced.prepared)
    promises().accept(offer, request.place, priced.prepared.demand, now=now)
    order = _write(request, offer, priced, now)
    if priced.code:
        benefit = redeem(priced.code, priced.facts, holder=request.request_key, order_ref=order.ref, now=now)
        if benefit.discount_cents != order.discount_cents:
            raise TotalChanged(order.total_cents + order.discount_cents - benefit.discount_cents)
    if request.customer_id is not None:
        remember_address(request.customer_id, request.place)
    note_event(order, "placed", now=now, actor=actor, channel=request.channel.value, total_cents=order.total_cents,
               promised_by_at=order.promised_by_at.isoformat())
    _announce(order, now)
    return order


def _require_confirmations(request: OrderRequest, now: datetime) -> None:
    """H-021, H-022, H-104, H-035 and the duties of H-024 to H-034: each tick is asked for by name."""
    for given, field in ((request.terms_confirmed, "terms"), (request.adult_confirmed, "adult"),
                         (request.data_confirmed, "data"), (request.duties_confirmed, "duties")):
        if not given:
            raise NotConfirmed(field=field)
    if request.terms_version_id != current_terms(now).id:
        raise TermsChanged(seen=request.terms_version_id)


@dataclass(frozen=True, kw_only=True)
class _Priced:
    """The price with the discount, and the code as it was issued (None without one)."""

    prepared: Prepared
    facts: OrderFacts
    code: str | None


def _priced(request: OrderRequest, offer: Offer, now: datetime) -> _Priced:
    """The price with the code's discount; promos refuses a code that cannot be used."""
    plain = prepare(request.lines, payment=request.payment, floor=request.place.floor, now=now)
    promo_facts = facts(plain, channel=request.channel, in_zone=offer.in_zone, phone_e164=request.phone.e164,
                        customer_id=request.customer_id)
    if not request.promo_code:
        return _Priced(prepared=plain, facts=promo_facts, code=None)
    benefit = check(request.promo_code, promo_facts, holder=request.request_key, now=now)
    prepared = prepare(request.lines, payment=request.payment, floor=request.place.floor,
                       discount_cents=benefit.discount_cents, now=now)
    return _Priced(prepared=prepared, facts=promo_facts, code=benefit.code)


def _require_as_shown(request: OrderRequest, offer: Offer, prepared: Prepared) -> None:
    """The person saw this total, this promise, and a day that the payment allows (H-123, Y-04)."""
    if prepared.pricing.total_cents != request.shown_total_cents:
        raise TotalChanged(prepared.pricing.total_cents, shown=request.shown_total_cents)
    if prepared.not_before and calendar.local_date(offer.promised_from_at) < prepared.not_before:
        raise EbankTooSoon(first_day=prepared.not_before.isoformat())
    if request.shown_promised_by_at is not None and not _as_good(offer, request.shown_promised_by_at):
        raise PromiseWorse(offer)


def _as_good(offer: Offer, shown_by_at: datetime) -> bool:
    """The promise that was shown, or an earlier end of the same kind of promise.

    An agreed window is a time that the person chose: another one, even an earlier one, is asked first. What was shown
    as ending beyond the hard limit of the 1-2 h promise was such a window (H-111, H-113, Y-03).
    """
    if offer.promised_by_at == shown_by_at:
        return True
    hard = timedelta(minutes=settings.get("promise_hard_minutes"))
    return (offer.kind is PromiseKind.HOUR and offer.promised_by_at < shown_by_at
            and shown_by_at <= offer.clock_start_at + hard)


def _write(request: OrderRequest, offer: Offer, priced: _Priced, now: datetime) -> Order:
    """The order with its own copy of everything that was agreed."""
    place, pricing = request.place, priced.prepared.pricing
    prepaid = request.payment is PaymentMethod.EBANK
    order = Order(
        number=next_number(ORDERS, now), request_key=request.request_key,
        status=OrderStatus.AWAITING_PAYMENT if prepaid else OrderStatus.CONFIRMED,
        channel=request.channel, created_at=now, taken_by=request.taken_by, customer_id=request.customer_id,
        language=request.language, contact_name=request.contact_name, phone_e164=request.phone.e164,
        phone_kind=request.phone.kind, email=request.email or None,
        street=place.street, house_number=place.house_number, postcode=place.postcode, city=place.city,
        lat=place.lat, lon=place.lon, floor=place.floor, note=place.note, in_zone=offer.in_zone,
        payment_method=request.payment, gas_cents=pricing.gas_cents, deposit_cents=pricing.deposit_cents,
        buyback_cents=pricing.buyback_cents, discount_cents=pricing.discount_cents,
        total_cents=pricing.total_cents, cash_part_cents=pricing.cash_part_cents, promo_code=priced.code,
        promise_kind=offer.kind, clock_start_at=offer.clock_start_at, promised_from_at=offer.promised_from_at,
        promised_by_at=offer.promised_by_at, promise_reason=offer.reason, terms_version_id=request.terms_version_id,
        terms_confirmed_at=now, adult_confirmed=request.adult_confirmed, data_confirmed=request.data_confirmed,
        duties_confirmed=request.duties_confirmed,
        lines=[OrderLine(
            product_code=line.product_code, cylinder_type=line.cylinder_type, exchange=line.exchange,
            quantity=line.quantity, unit_price_cents=line.unit_price_cents, vat_permille=line.vat_permille,
            unit_deposit_cents=line.unit_deposit_cents, unit_buyback_cents=line.unit_buyback_cents,
            net_gas_g=line.net_gas_g) for line in pricing.lines])
    db.session.add(order)
    db.session.flush()
    return order


def _announce(order: Order, now: datetime) -> None:
    """The confirmation to the customer, and the signal to the plan once the data are safe."""
    if order.status is OrderStatus.AWAITING_PAYMENT:
        messages.tell_awaiting_payment(order, now=now)
        return
    messages.tell_confirmed(order, now=now)
    after_commit(_sender(order.id))


def _sender(order_id: int) -> Callable[[], object]:
    return lambda: signals.order_confirmed.send("orders", order_id=order_id)
