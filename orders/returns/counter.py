"""Cylinders handed in at a unit's counter (H-007, H-090, H-143, X-13): the same rules, the unit's cash and stock."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from core import calendar
from core.db import db
from core.phone import Phone
from orders.carrier import counter_of
from orders.returns.collecting import CaseDoor, Collected, collect_case
from orders.returns.errors import WrongRecord
from orders.returns.evidence import Photo, keep_photo
from orders.returns.lifecycle import move_case
from orders.returns.models import ReturnCase
from orders.returns.opening import CaseContact, open_deposit_return, open_withdrawal
from orders.returns.queries import case_by_id, case_by_request_key
from orders.returns.states import CaseAction, CaseKind
from orders.states import Channel
from orders.units import Unit


def hand_in(case_id: int, door: CaseDoor, unit: Unit, *, photo: Photo | None = None, now: datetime,
            actor: str) -> Collected:
    """A case that waits for pick-up is brought to the counter instead. Refusals as of `collect_case`.

    The clerk is the witness: `actor` and `now` stop the clock (X-13).
    """
    case = case_by_id(case_id)
    if case.kind is CaseKind.REPLACEMENT:
        raise WrongRecord(case_id=case_id)
    case = move_case(case_id, CaseAction.HAND_IN, now=now, actor=actor, unit=unit.code, window_closed_at=now)
    if photo is not None:
        keep_photo(case, photo, now=now, actor=actor)
    return collect_case(case_id, door, counter_of(unit.code), now=now, actor=actor)


def return_at_counter(name: str, phone: Phone, door: CaseDoor, unit: Unit, *, request_key: str, email: str | None,
                      photo: Photo | None, language: str = "sl", customer_id: int | None = None, now: datetime,
                      actor: str, taken_by: int | None = None) -> ReturnCase:
    """Green cylinders over the counter for their deposit, opened and collected in one (H-090, H-093 to H-097)."""
    first = case_by_request_key(request_key)
    if first is not None:
        return first
    damaged = any(check.damaged for check in door.cylinders)
    contact = CaseContact(name=name, phone=phone, email=email, place=unit.place, language=language,
                          customer_id=customer_id)
    case = open_deposit_return(
        contact, request_key=request_key, channel=Channel.COUNTER, quantity=len(door.cylinders), damaged=damaged,
        test_due=min((check.test_due for check in door.cylinders if check.test_due), default=None), offer=None,
        now=now, actor=actor, taken_by=taken_by)
    hand_in(case.id, door, unit, photo=photo, now=now, actor=actor)
    return case_by_id(case.id)


def withdraw_at_counter(order_id: int, quantities: Mapping[int, int] | None, door: CaseDoor, unit: Unit, *,
                        request_key: str, iban: str | None, photo: Photo | None = None, now: datetime, actor: str,
                        taken_by: int | None = None) -> ReturnCase:
    """The cylinder brought back within the period is the notice itself (H-143, X-21). WithdrawalRefused after it."""
    first = case_by_request_key(request_key)
    if first is not None:
        return first
    case = open_withdrawal(order_id, request_key=request_key, channel=Channel.COUNTER, quantities=quantities,
                           offer=None, iban=iban, now=now, actor=actor, taken_by=taken_by)
    hand_in(case.id, door, unit, photo=photo, now=now, actor=actor)
    return case_by_id(case.id)


def handed_in_on(unit: str, now: datetime) -> Sequence[ReturnCase]:
    """What a unit took back on the local day of `now`, newest first."""
    since = calendar.start_of_day(calendar.local_date(now))
    return db.session.scalars(sa.select(ReturnCase).where(
        ReturnCase.unit == unit, ReturnCase.collected_at >= since).order_by(ReturnCase.id.desc())).all()
