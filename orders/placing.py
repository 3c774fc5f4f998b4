"""What a person wants to order, and what follows from it before anything is written."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from accounts.places import Place, in_slovenia
from billing.prices import PricedProduct
from billing.queries import price_of
from core import calendar, settings
from core.db import db
from core.phone import Phone
from orders.demand import demand_of
from orders.errors import OutsideSlovenia
from orders.models import Order
from orders.ports import Demand
from orders.pricing import LineRequest, PriceRules, Pricing, merged, price
from orders.states import Channel, OrderStatus, PaymentMethod
from promos.rules import OrderFacts

__all__ = ["LineRequest", "OrderRequest", "Prepared", "facts", "prepare", "price_rules", "require_slovenia"]


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """One order as a form states it. The same `request_key` twice makes one order.

    `shown_total_cents` is the total (with deposits) that the person saw, `shown_promised_by_at` the end of the
    promise that the person saw: a later one is not written but shown first (PromiseWorse). The four confirmations
    are H-021/H-022 (terms of that version), H-104 (adult or guardian's consent), H-035 (data are correct) and H-024
    to H-034 (duties shown, or read out by the agent).
    """

    request_key: str
    channel: Channel
    language: str
    contact_name: str
    phone: Phone
    email: str | None
    place: Place
    lines: tuple[LineRequest, ...]
    payment: PaymentMethod
    shown_total_cents: int
    shown_promised_by_at: datetime | None
    terms_version_id: int
    terms_confirmed: bool
    adult_confirmed: bool
    data_confirmed: bool
    duties_confirmed: bool
    promo_code: str | None = None
    customer_id: int | None = None
    taken_by: int | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The price of what is wanted, what it asks of a van, and the first day it may come (None: at once)."""

    pricing: Pricing
    demand: Demand
    not_before: date | None


def price_rules(at: datetime) -> PriceRules:
    """The figures of the rules that hold at an instant."""
    return PriceRules(
        deposit_cents=settings.get("deposit_cents", at), buyback_cents=settings.get("orange_buyback_cents", at),
        deposit_by_card_allowed=settings.get("deposit_by_card_allowed", at),
        max_cylinders=settings.get("max_cylinders_per_order", at),
        min_gas_left_cents=settings.get("promo_min_left_cents", at))


def prepare(lines: Sequence[LineRequest], *, payment: PaymentMethod, floor: int = 0, discount_cents: int = 0,
            now: datetime) -> Prepared:
    """Price the lines by the list valid now (H-041) and say what they ask of a van. Read only.

    Raises EmptyOrder, TooManyCylinders, ExchangeNotPossible, or billing's refusal of an unknown or unavailable
    product.
    """
    wanted = merged(lines)
    products: dict[str, PricedProduct] = {code: price_of(code, now) for code in {line.product_code for line in wanted}}
    pricing = price(wanted, products, price_rules(now), discount_cents, payment)
    return Prepared(pricing=pricing, demand=demand_of(pricing.lines, payment, floor),
                    not_before=first_day(payment, now))


def first_day(payment: PaymentMethod, now: datetime) -> date | None:
    """E-bank: not before the next delivery day (H-123, X-03); other ways of paying: at once."""
    if payment is not PaymentMethod.EBANK:
        return None
    return settings.opening_hours(now).next_delivery_day(calendar.local_date(now))


def facts(prepared: Prepared, *, channel: Channel, in_zone: bool, phone_e164: str | None,
          customer_id: int | None = None) -> OrderFacts:
    """What a promo rule needs to know of the order (X-10, X-11): the gas price without discount and deposit."""
    return OrderFacts(
        gas_cents=prepared.pricing.gas_cents,
        products=tuple((line.product_code, line.quantity) for line in prepared.pricing.lines),
        channel=channel.value, in_zone=in_zone, first_order=is_first_order(phone_e164, customer_id),
        customer_id=customer_id)


def is_first_order(phone_e164: str | None, customer_id: int | None) -> bool:
    """No earlier order, other than cancelled or rejected ones, of this number or customer."""
    owners = [Order.phone_e164 == phone_e164] if phone_e164 else []
    if customer_id is not None:
        owners.append(Order.customer_id == customer_id)
    if not owners:
        return True
    earlier = sa.select(Order.id).where(
        sa.or_(*owners), Order.status.not_in([OrderStatus.CANCELLED, OrderStatus.REJECTED])).limit(1)
    return db.session.scalar(earlier) is None


def require_slovenia(place: Place) -> None:
    """Refuse a place outside Slovenia (H-092)."""
    if not in_slovenia(place.lat, place.lon):
        raise OutsideSlovenia
