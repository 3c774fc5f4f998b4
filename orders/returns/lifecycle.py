"""The life of a case after it was opened: guarded moves, each with its event."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from orders.ports import Offer
from orders.returns.models import ReturnCase
from orders.returns.states import CaseAction


def move_case(case_id: int, action: CaseAction, *, now: datetime, actor: str, reason: str = "",
              **values: Any) -> ReturnCase:
    """Move a case by one action: a guarded UPDATE of the state that was read, and an event."""
    raise NotImplementedError


def accept_case(case_id: int, offer: Offer, *, now: datetime, actor: str) -> ReturnCase:
    """An agent takes a web request on and agrees a pick-up window (X-12)."""
    raise NotImplementedError


def give_case_window(case_id: int, offer: Offer, *, now: datetime, actor: str) -> ReturnCase:
    """A (new) pick-up window for a case that waits for pick-up."""
    raise NotImplementedError


def dispatch_case(case_id: int, *, now: datetime, actor: str) -> ReturnCase:
    """The van leaves for this pick-up."""
    raise NotImplementedError


def recall_case(case_id: int, *, now: datetime, actor: str) -> ReturnCase:
    """The van turned elsewhere before it arrived."""
    raise NotImplementedError


def fail_case(case_id: int, *, reason: str, now: datetime, actor: str) -> ReturnCase:
    """Nothing could be picked up: waits again, its window closed."""
    raise NotImplementedError


def reject_case(case_id: int, *, reason: str, now: datetime, actor: str) -> ReturnCase:
    """The case is refused; says why."""
    raise NotImplementedError


def cancel_case(case_id: int, *, reason: str, now: datetime, actor: str) -> ReturnCase:
    """The customer no longer wants it."""
    raise NotImplementedError


def mark_refunded(case_id: int, *, iban: str, now: datetime, actor: str) -> ReturnCase:
    """Finance transferred the refund to this account (H-147, H-148, X-22)."""
    raise NotImplementedError
