"""The life of an order after it was placed: guarded moves, each with its event (states.TRANSITIONS)."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from blinker import Signal

from billing.bank.ibans import checked_iban
from billing.errors import WrongIban
from billing.services import record_payment
from core import audit, settings, signals
from core.db import after_commit, changed_rows
from orders import books, messages
from orders.demand import order_demand, place_of
from orders.errors import AlreadyEnded, NotPaid, OnItsWay, StaleOrder, WaitsForAnswer, WrongState
from orders.events import note_event
from orders.models import Order
from orders.ports import Offer, promises
from orders.queries import order_by_id
from orders.states import (
    ENDED,
    TRANSITIONS,
    DelayReason,
    OrderAction,
    OrderStatus,
    PaymentMethod,
    PromiseKind,
)
from promos.services import order_ended
from promos.states import OrderEnd

_WAITING = frozenset({OrderAction.DISPATCH, OrderAction.DELIVER})  # not before the customer answered


def send_after_commit(signal: Signal, order_id: int) -> None:
    """Send a signal about an order once the open unit of work is safe."""
    after_commit(lambda: signal.send("orders", order_id=order_id))


def move(order_id: int, action: OrderAction, *, now: datetime, actor: str, reason: str = "", **values: Any) -> Order:
    """Move an order by one action: a guarded UPDATE of the state that was read, and an event.

    `values` are further columns of the same UPDATE. Raises UnknownOrder, WrongState (OnItsWay, AlreadyEnded) or
    StaleOrder; nothing is changed then.
    """
    before = order_by_id(order_id).status
    after = TRANSITIONS.get((before, action))
    if after is None:
        raise _refusal(before, action)(order_id=order_id, status=before.value, action=action.value)
    guarded = sa.update(Order).where(Order.id == order_id, Order.status == before).values(status=after, **values)
    if action in _WAITING:
        if order_by_id(order_id).on_hold_at is not None:
            raise WaitsForAnswer(order_id=order_id)
        guarded = guarded.where(Order.on_hold_at.is_(None))
    if changed_rows(guarded) != 1:
        raise StaleOrder(order_id=order_id, seen=before.value, wanted=after.value)
    order = order_by_id(order_id)
    details = {"reason": reason} if reason else {}
    note_event(order, action.value, now=now, actor=actor, action=action, before=before.value, after=after.value,
               **details)
    send_after_commit(signals.order_changed, order_id)
    return order


def _refusal(before: OrderStatus, action: OrderAction) -> type[WrongState]:
    if action in (OrderAction.CANCEL, OrderAction.CANCEL_BY_COMPANY) and before in ENDED:
        return AlreadyEnded
    if action is OrderAction.CANCEL and before is OrderStatus.OUT_FOR_DELIVERY:
        return OnItsWay
    return WrongState


def dispatch_order(order_id: int, *, now: datetime, actor: str) -> Order:
    """The van leaves for this very stop: from now on the customer cannot cancel (Y-07)."""
    return move(order_id, OrderAction.DISPATCH, now=now, actor=actor)


def recall_order(order_id: int, *, now: datetime, actor: str) -> Order:
    """The van turned elsewhere before it arrived."""
    return move(order_id, OrderAction.RECALL, now=now, actor=actor)


def fail_order(order_id: int, *, reason: str, now: datetime, actor: str) -> Order:
    """Nothing could be handed over: confirmed again, promise closed, the customer asked for a new time (Y-07)."""
    order = move(order_id, OrderAction.FAIL, now=now, actor=actor, reason=reason, promise_closed_at=now)
    messages.tell_failed(order, now=now)
    return order


def give_window(order_id: int, offer: Offer, *, now: datetime, actor: str) -> Order:
    """A newly agreed time for a confirmed order: an agreed window, with its promise open again (Y-03, Y-07)."""
    order = order_by_id(order_id)
    if order.status is not OrderStatus.CONFIRMED:
        raise WrongState(order_id=order_id, status=order.status.value)
    if order.on_hold_at is not None:
        raise WaitsForAnswer(order_id=order_id)
    before = order.promised_by_at
    promises().accept(offer, place_of(order), order_demand(order), now=now)
    guarded = sa.update(Order).where(
        Order.id == order_id, Order.status == OrderStatus.CONFIRMED, Order.promised_by_at == before,
    ).values(promise_kind=PromiseKind.AGREED, clock_start_at=offer.clock_start_at,
             promised_from_at=offer.promised_from_at, promised_by_at=offer.promised_by_at,
             promise_reason=offer.reason, promise_closed_at=None)
    if changed_rows(guarded) != 1:
        raise StaleOrder(order_id=order_id)
    order = order_by_id(order_id)
    note_event(order, "window_given", now=now, actor=actor, before=before.isoformat(),
               promised_from_at=offer.promised_from_at.isoformat(), promised_by_at=offer.promised_by_at.isoformat())
    messages.tell_window(order, now=now)
    send_after_commit(signals.order_confirmed, order_id)
    return order


def lengthen_promise(order_id: int, by_at: datetime, reason: DelayReason, *, now: datetime, actor: str) -> Order:
    """The hour promise ends later, within the two hours and with its reason, and the customer is told (H-111, H-112).

    WrongState unless the order is confirmed, its promise is one of the hour kind, and `by_at` is later than it and
    within the two hours; StaleOrder when somebody else changed it.
    """
    order = order_by_id(order_id)
    before, longest = order.promised_by_at, timedelta(minutes=settings.get("promise_hard_minutes", now))
    if (order.status is not OrderStatus.CONFIRMED or order.promise_kind is not PromiseKind.HOUR
            or not before < by_at <= order.clock_start_at + longest):
        raise WrongState(order_id=order_id, status=order.status.value, by_at=by_at.isoformat())
    if changed_rows(sa.update(Order).where(
            Order.id == order_id, Order.status == OrderStatus.CONFIRMED, Order.promised_by_at == before,
    ).values(promised_by_at=by_at, promise_reason=reason)) != 1:
        raise StaleOrder(order_id=order_id)
    order = order_by_id(order_id)
    note_event(order, "promise_lengthened", now=now, actor=actor, before=before.isoformat(),
               promised_by_at=by_at.isoformat(), reason=reason.value)
    messages.tell_window(order, now=now)
    send_after_commit(signals.order_confirmed, order_id)
    return order


def cancel_order(order_id: int, *, by: Literal["customer", "company"], reason: str, now: datetime,
                 actor: str) -> Order:
    """Cancel: the customer until the van leaves for this stop (Y-07), the company also later.

    A code is burnt or released by its campaign (X-09); a prepayment becomes a refund due.
    """
    action, end = ((OrderAction.CANCEL, OrderEnd.CANCELLED_BY_CUSTOMER) if by == "customer"
                   else (OrderAction.CANCEL_BY_COMPANY, OrderEnd.CANCELLED_BY_COMPANY))
    order = _end(order_id, action, end, reason=reason, now=now, actor=actor)
    messages.tell_cancelled(order, reason=reason if by == "company" else "", now=now)
    return order


def reject_order(order_id: int, *, reason: str, now: datetime, actor: str) -> Order:
    """The company does not take the order; says why (H-047)."""
    order = _end(order_id, OrderAction.REJECT, OrderEnd.REJECTED, reason=reason, now=now, actor=actor)
    messages.tell_rejected(order, reason=reason, now=now)
    return order


def _end(order_id: int, action: OrderAction, end: OrderEnd, *, reason: str, now: datetime, actor: str) -> Order:
    """End an undelivered order: code, prepayment, signal."""
    seen = order_by_id(order_id)
    owed = seen.prepaid_cents if seen.paid_at is not None else 0
    order = move(order_id, action, now=now, actor=actor, reason=reason, ended_reason=reason[:200],
                 refund_due_cents=owed)
    if order.promo_code:
        order_ended(order.ref, end, now=now)
    if owed:
        books.post_prepayment_owed(order, owed, now=now, actor=actor)
    send_after_commit(signals.order_cancelled, order_id)
    return order


def mark_paid(order_id: int, *, amount_cents: int, received: bool = False, now: datetime, actor: str) -> Order:
    """The e-bank payment is there: the order is confirmed and planned (X-03). NotPaid for another amount.

    `received`: by a statement, whose receipts the ledger has; else finance saw it and says so.
    Where the agreed window has passed meanwhile, its promise is closed: a new one is to be agreed.
    """
    seen = order_by_id(order_id)
    if amount_cents != seen.prepaid_cents:
        raise NotPaid(order_id=order_id, due=seen.prepaid_cents, received=amount_cents)
    closed = now if seen.promised_by_at <= now else None
    order = move(order_id, OrderAction.PAY, now=now, actor=actor, paid_at=now, paid_cents=amount_cents,
                 promise_closed_at=closed)
    record_payment(order_ref=order.ref, method=PaymentMethod.EBANK.value, amount_cents=amount_cents, at=now,
                   actor=actor)
    books.post_prepayment(order, amount_cents, received=received, now=now, actor=actor)
    audit.record("order_marked_paid", order.ref, actor=actor, amount_cents=amount_cents)
    if closed is None:
        messages.tell_confirmed(order, now=now)
    else:
        messages.tell_failed(order, now=now)
    send_after_commit(signals.order_paid, order_id)
    send_after_commit(signals.order_confirmed, order_id)
    return order


def mark_refunded(order_id: int, *, iban: str, now: datetime, actor: str) -> Order:
    """Finance transferred a prepayment back to this account, once."""
    account = checked_iban(iban)
    if account is None:
        raise WrongIban(order_id=order_id)
    guarded = sa.update(Order).where(Order.id == order_id, Order.refund_due_cents > 0, Order.refunded_at.is_(None),
                                     ).values(refunded_at=now, refund_iban=account)
    if changed_rows(guarded) != 1:
        raise WrongState(order_id=order_id)
    order = order_by_id(order_id)
    note_event(order, "refunded", now=now, actor=actor, amount_cents=order.refund_due_cents)
    record_payment(order_ref=order.ref, method=PaymentMethod.EBANK.value, amount_cents=-order.refund_due_cents,
                   at=now, actor=actor)
    books.post_refund_transfer(order.ref, order.refund_due_cents, now=now, actor=actor)
    audit.record("order_refunded", order.ref, actor=actor, amount_cents=order.refund_due_cents)
    messages.tell_refunded(order, now=now)
    return order
