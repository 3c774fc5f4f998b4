"""Placing an order: one transaction that takes the promise and the promo code and writes the order."""
from __future__ import annotations

from datetime import datetime

from orders.models import Order
from orders.placing import OrderRequest
from orders.ports import Offer


def place_order(request: OrderRequest, offer: Offer, *, now: datetime, actor: str) -> Order:
    """Place the order under this offer; the same request_key again returns the first order.

    Raises the refusals of orders.errors, promos and billing; StaleQuote when the plan moved (renew and retry:
    orders.views.submission does), PromiseWorse when the offer is later than the one shown, TotalChanged when the
    total differs from the one shown. A refusal writes nothing.
    """
    raise NotImplementedError
