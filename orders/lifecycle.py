"""The life of an order after it was placed: guarded moves, each with its event (states.TRANSITIONS)."""
from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from orders.models import Order
from orders.ports import Offer
from orders.states import OrderAction


def note_event(order: Order, what: str, *, now: datetime, actor: str, action: OrderAction | None = None,
               **details: Any) -> None:
    """Write down what happened; events are never edited."""
    raise NotImplementedError


def move(order_id: int, action: OrderAction, *, now: datetime, actor: str, reason: str = "", **values: Any) -> Order:
    """Move an order by one action: a guarded UPDATE of the state that was read, and an event.

    `values` are further columns of the same UPDATE. Raises UnknownOrder, WrongState (OnItsWay, AlreadyEnded) or
    StaleOrder; nothing is changed then.
    """
    raise NotImplementedError


def dispatch_order(order_id: int, *, now: datetime, actor: str) -> Order:
    """The van leaves for this very stop: from now on the customer cannot cancel (Y-07)."""
    raise NotImplementedError


def recall_order(order_id: int, *, now: datetime, actor: str) -> Order:
    """The van turned elsewhere before it arrived."""
    raise NotImplementedError


def fail_order(order_id: int, *, reason: str, now: datetime, actor: str) -> Order:
    """Nothing could be handed over: confirmed again, its promise closed, the customer asked for a new time (Y-07)."""
    raise NotImplementedError


def give_window(order_id: int, offer: Offer, *, now: datetime, actor: str) -> Order:
    """A newly agreed time for a confirmed order: reopens a closed promise as an agreed window (Y-03, Y-07)."""
    raise NotImplementedError


def cancel_order(order_id: int, *, by: Literal["customer", "company"], reason: str, now: datetime,
                 actor: str) -> Order:
    """Cancel: the customer until the van leaves for this stop (Y-07), the company also later.

    A code is burnt or released by its campaign (X-09); a prepayment becomes a refund due.
    """
    raise NotImplementedError


def reject_order(order_id: int, *, reason: str, now: datetime, actor: str) -> Order:
    """The company does not take the order; says why (H-047)."""
    raise NotImplementedError


def mark_paid(order_id: int, *, amount_cents: int, now: datetime, actor: str) -> Order:
    """Finance saw the e-bank payment: the order is confirmed and planned (X-03). NotPaid for another amount."""
    raise NotImplementedError


def mark_refunded(order_id: int, *, iban: str, now: datetime, actor: str) -> Order:
    """Finance transferred a prepayment back."""
    raise NotImplementedError
