"""Handing an order form in: renew the promise, place the order, try again where the plan moved (Y-04).

Shared by the customer's page and the agents' desk. No unit of work is open while the promise is looked for.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from core.clock import utc_now
from core.db import db, unit_of_work
from core.errors import DomainError
from orders.errors import StaleQuote
from orders.models import Order
from orders.placing import OrderRequest, prepare
from orders.ports import promises
from orders.queries import order_by_request_key
from orders.services import place_order

TRIES = 3


def submit_order(request: OrderRequest, quote_key: str, *, actor: str,
                 customer: Callable[[], int] | None = None) -> Order:
    """Place the order under the promise that was shown, or under its renewal.

    A form sent twice, even at the same instant, makes one order: both calls return it. Raises the refusals of
    `place_order`; StaleQuote only after three tries. `customer` makes or updates the customer's record and gives its
    id, in the order's own unit of work: a refused order leaves no trace of the person (Y-09).
    """
    for left in reversed(range(TRIES)):
        try:
            return _attempt(request, quote_key, actor, customer)
        except (DomainError, IntegrityError) as refusal:
            twin = _made_meanwhile(request.request_key)
            if twin is not None:
                return twin
            if not isinstance(refusal, StaleQuote) or not left:
                raise
    raise AssertionError("the last try returns or raises")


def _attempt(request: OrderRequest, quote_key: str, actor: str, customer: Callable[[], int] | None) -> Order:
    first = order_by_request_key(request.request_key)
    if first is not None:
        return first
    prepared = prepare(request.lines, payment=request.payment, floor=request.place.floor, now=utc_now())
    offer = promises().renew(quote_key, request.place, prepared.demand, now=utc_now())
    with unit_of_work():
        if customer is not None:
            request = replace(request, customer_id=customer())
        return place_order(request, offer, now=utc_now(), actor=actor)


def _made_meanwhile(request_key: str) -> Order | None:
    """The order that the same form has made at the same time: it holds its own key, code and promise."""
    db.session.rollback()
    return order_by_request_key(request_key)
