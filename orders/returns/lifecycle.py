"""The life of a case after it was opened: guarded moves, each with its event (returns.states.TRANSITIONS)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from billing.bank.ibans import checked_iban
from billing.errors import WrongIban
from billing.services import record_payment
from core import audit, signals
from core.db import after_commit, changed_rows
from orders import books
from orders.demand import place_of
from orders.ports import Offer, promises
from orders.returns import messages
from orders.returns.errors import StaleCase, WrongCaseState
from orders.returns.events import note_case_event
from orders.returns.models import ReturnCase
from orders.returns.opening import case_demand
from orders.returns.queries import case_by_id
from orders.returns.states import TRANSITIONS, CaseAction, CaseStatus
from orders.returns.words import reason_word
from orders.states import PaymentMethod

_REASONED = frozenset({CaseAction.REJECT, CaseAction.COLLECT_PAID, CaseAction.COLLECT_UNPAID})


def move_case(case_id: int, action: CaseAction, *, now: datetime, actor: str, reason: str = "",
              **values: Any) -> ReturnCase:
    """Move a case by one action: a guarded UPDATE of the state that was read, and an event.

    Raises UnknownCase, WrongCaseState or StaleCase; nothing is changed then.
    """
    before = case_by_id(case_id).status
    after = TRANSITIONS.get((before, action))
    if after is None:
        raise WrongCaseState(case_id=case_id, status=before.value, action=action.value)
    if reason and action in _REASONED:
        values["reason"] = reason[:300]
    if action is CaseAction.OVERTURN:
        values["reason"] = ""
    guarded = sa.update(ReturnCase).where(ReturnCase.id == case_id, ReturnCase.status == before,
                                          ).values(status=after, **values)
    if changed_rows(guarded) != 1:
        raise StaleCase(case_id=case_id, seen=before.value, wanted=after.value)
    case = case_by_id(case_id)
    details = {"reason": reason} if reason else {}
    note_case_event(case, action.value, now=now, actor=actor, action=action, before=before.value, after=after.value,
                    **details)
    after_commit(lambda: signals.case_changed.send("orders", case_id=case_id))
    return case


def accept_case(case_id: int, offer: Offer | None, *, now: datetime, actor: str,
                taken_by: int | None = None) -> ReturnCase:
    """An agent takes a web request on and agrees a pick-up window, if one could be offered (X-12)."""
    move_case(case_id, CaseAction.ACCEPT, now=now, actor=actor, taken_by=taken_by)
    if offer is not None:
        return give_case_window(case_id, offer, now=now, actor=actor)
    after_commit(lambda: signals.case_opened.send("orders", case_id=case_id))
    return case_by_id(case_id)


def give_case_window(case_id: int, offer: Offer, *, now: datetime, actor: str) -> ReturnCase:
    """A (new) pick-up window for a case that waits for pick-up."""
    case = case_by_id(case_id)
    if case.status is not CaseStatus.AWAITING_PICKUP:
        raise WrongCaseState(case_id=case_id, status=case.status.value)
    before = case.window_by_at
    promises().accept(offer, place_of(case), case_demand(case), now=now)
    guarded = sa.update(ReturnCase).where(
        ReturnCase.id == case_id, ReturnCase.status == CaseStatus.AWAITING_PICKUP, ReturnCase.window_by_at == before,
    ).values(window_from_at=offer.promised_from_at, window_by_at=offer.promised_by_at, window_closed_at=None)
    if changed_rows(guarded) != 1:
        raise StaleCase(case_id=case_id)
    case = case_by_id(case_id)
    note_case_event(case, "window_given", now=now, actor=actor, window_from_at=offer.promised_from_at.isoformat(),
                    window_by_at=offer.promised_by_at.isoformat())
    messages.tell_case_window(case, now=now)
    after_commit(lambda: signals.case_opened.send("orders", case_id=case_id))
    return case


def dispatch_case(case_id: int, *, now: datetime, actor: str) -> ReturnCase:
    """The van leaves for this pick-up."""
    return move_case(case_id, CaseAction.DISPATCH, now=now, actor=actor)


def recall_case(case_id: int, *, now: datetime, actor: str) -> ReturnCase:
    """The van turned elsewhere before it arrived."""
    return move_case(case_id, CaseAction.RECALL, now=now, actor=actor)


def fail_case(case_id: int, *, reason: str, now: datetime, actor: str) -> ReturnCase:
    """Nothing could be picked up: waits again, its window closed."""
    case = move_case(case_id, CaseAction.FAIL, now=now, actor=actor, reason=reason, window_closed_at=now)
    messages.tell_case_failed(case, now=now)
    return case


def reject_case(case_id: int, *, reason: str, now: datetime, actor: str, **values: Any) -> ReturnCase:
    """The case is refused. `reason` is a refusal's code or a sentence for the customer."""
    case = move_case(case_id, CaseAction.REJECT, now=now, actor=actor, reason=reason, ended_at=now, **values)
    messages.tell_case_rejected(case, reason=reason_word(reason), now=now)
    return case


def cancel_case(case_id: int, *, reason: str, now: datetime, actor: str) -> ReturnCase:
    """The customer no longer wants it."""
    return move_case(case_id, CaseAction.CANCEL, now=now, actor=actor, reason=reason, ended_at=now)


def mark_refunded(case_id: int, *, iban: str, now: datetime, actor: str) -> ReturnCase:
    """Finance transferred the refund to this account (H-147, H-148, X-22)."""
    account = checked_iban(iban)
    if account is None:
        raise WrongIban(case_id=case_id)
    case = move_case(case_id, CaseAction.REFUND, now=now, actor=actor, ended_at=now, iban=account)
    if case.order is not None:
        record_payment(order_ref=case.order.ref, method=PaymentMethod.EBANK.value, amount_cents=-case.bank_cents,
                       at=now, actor=actor)
    books.post_refund_transfer(case.ref, case.bank_cents, now=now, actor=actor)
    audit.record("case_refunded", case.ref, actor=actor, amount_cents=case.bank_cents)
    messages.tell_case_refunded(case, now=now)
    return case
