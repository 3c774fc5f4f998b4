"""A withdrawal that comes too late is refused in writing, so that the buyer can appeal (H-140, H-149)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from orders.queries import order_by_id
from orders.returns.errors import WithdrawalRefused
from orders.returns.lifecycle import reject_case
from orders.returns.models import ReturnCase
from orders.returns.opening import notice_instant, withdrawal_case
from orders.returns.queries import case_by_request_key, why_no_withdrawal
from orders.returns.states import WithdrawalRefusal
from orders.states import Channel


def refuse_late_withdrawal(order_id: int, *, request_key: str, channel: Channel, quantities: Mapping[int, int] | None,
                           iban: str | None, now: datetime, actor: str, taken_by: int | None = None,
                           received_on: date | None = None) -> ReturnCase:
    """The notice is kept as a rejected case; the buyer hears the reason and how to appeal.

    The same request_key again returns the first case. WithdrawalRefused where the reason is another one,
    NOT_LATE where the period is not over.
    """
    first = case_by_request_key(request_key)
    if first is not None:
        return first
    order = order_by_id(order_id)
    notice_at = notice_instant(order, received_on, now)
    why_not = why_no_withdrawal(order, notice_at)
    if why_not is not WithdrawalRefusal.TOO_LATE:
        raise WithdrawalRefused(why_not or WithdrawalRefusal.NOT_LATE, order_id=order_id)
    case = withdrawal_case(order, notice_at, request_key=request_key, channel=channel, quantities=quantities,
                           offer=None, iban=iban, now=now, actor=actor, taken_by=taken_by)
    return reject_case(case.id, reason=why_not.value, now=now, actor=actor)
