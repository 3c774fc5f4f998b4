"""Opening and collecting cases in tests, and what moved in the books."""
from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from billing.ledger import balances, trial_balance
from core import clock
from core.db import db, unit_of_work
from core.phone import parse_phone
from notify.models import OutboxMessage
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.services import (
    CaseContact,
    CaseDoor,
    Collected,
    collect_case,
    dispatch_case,
    open_complaint,
    open_deposit_return,
    open_withdrawal,
)
from orders.returns.states import (
    CaseStatus,
    DefectKind,
    Wish,
)
from orders.states import Channel
from tests.factories import (
    CARRIER,
    SISKA,
    make_offer,
)

_forms = itertools.count(1)
IBAN = "SI56020170014356205"
NEXT_DAY = timedelta(days=1)


def withdraw(order: Order, **changes: Any) -> ReturnCase:
    values: dict[str, Any] = {"request_key": f"withdrawal-{order.id}", "channel": Channel.WEB, "quantities": None,
                              "offer": make_offer(days=1), "iban": None, "now": clock.utc_now(), "actor": "customer"}
    with unit_of_work():
        return open_withdrawal(order.id, **values | changes)


def give_back(quantity: int = 1, **changes: Any) -> ReturnCase:
    contact = CaseContact(name="Ana Kovač", phone=parse_phone("031 222 333"), email="ana@example.si", place=SISKA)
    values: dict[str, Any] = {"request_key": f"return-{next(_forms):06d}",
                              "channel": Channel.PHONE, "quantity": quantity, "damaged": False,
                              "test_due": date(2030, 1, 1), "offer": make_offer(days=1), "now": clock.utc_now(),
                              "actor": "staff:1"}
    with unit_of_work():
        return open_deposit_return(changes.pop("contact", contact), **values | changes)


def complain(order: Order, **changes: Any) -> ReturnCase:
    today = clock.utc_now().date()
    values: dict[str, Any] = {"request_key": f"complaint-{order.id}", "channel": Channel.PHONE,
                              "defect": DefectKind.OBVIOUS, "noticed_on": today, "wish": Wish.REPLACEMENT,
                              "description": "Pušča pri ventilu.", "quantities": None, "offer": make_offer(days=1),
                              "now": clock.utc_now(), "actor": "staff:1"}
    with unit_of_work():
        return open_complaint(order.id, **values | changes)


def collect(case: ReturnCase, cash: int, **record: Any) -> Collected:
    if case.status is CaseStatus.AWAITING_PICKUP:
        with unit_of_work():
            dispatch_case(case.id, now=clock.utc_now(), actor="driver:3")
    with unit_of_work():
        return collect_case(case.id, CaseDoor(shown_total_cents=cash, **record), CARRIER, now=clock.utc_now(),
                            actor="driver:3")


def ledger() -> dict[tuple[str, str], int]:
    assert set(trial_balance().values()) <= {0}
    return balances("")


def moved_since(before: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    after = ledger()
    changes = {key: after.get(key, 0) - before.get(key, 0) for key in {*before, *after}}
    return {key: change for key, change in changes.items() if change}


def sent(template: str) -> list[OutboxMessage]:
    return list(db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.template == template)
                                   .order_by(OutboxMessage.id)))
