"""orders/waiving.py: a deposit kept for a damaged cylinder is given back with a reason, once (X-06, H-077)."""
from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from billing import ledger
from billing.errors import WrongIban
from core import settings
from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.roles import Role
from orders import transfers
from orders.errors import NothingKept, WrongState
from orders.models import Order
from orders.services import deliver_order
from orders.settlement import DoorLine, DoorSettlement
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from orders.waiving import kept_deposits, waive_kept_deposit
from tests.billing.statements import IBAN
from tests.concurrency.racing import race
from tests.factories import CARRIER, make_delivered_order, make_dispatched_order, one, signed_in
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything

KEPT, REFUNDS = "revenue:kept_deposits", "liability:refunds"


@pytest.fixture
def damaged(plan: FakePromises, now: datetime) -> Order:
    """A swap whose empty was damaged: 24,90 and a new deposit of 10,00 in cash, the old one kept."""
    order = make_dispatched_order()
    record = DoorLine(line_id=order.lines[0].id, exchange=E.SWAP, quantity=1, damaged_empties=1)
    with unit_of_work():
        deliver_order(order.id, DoorSettlement(lines=(record,), payment=P.CASH, shown_total_cents=3490), CARRIER,
                      now=now, actor="driver:3")
    assert ledger.balance(KEPT, "EUR") == -1000
    return order


def waive(order: Order, now: datetime, iban: str | None = IBAN) -> None:
    with unit_of_work():
        waive_kept_deposit(order.id, reason="Poškodba ob prevozu", iban=iban, now=now, actor="staff:1")


def test_a_waived_deposit_is_due_by_transfer_and_stands_in_the_audit_trail(damaged: Order, now: datetime) -> None:
    assert [handover.order_id for handover in kept_deposits()] == [damaged.id]
    waive(damaged, now)
    assert (ledger.balance(KEPT, "EUR"), ledger.balance(REFUNDS, "EUR")) == (0, -1000)
    assert [(due.subject, due.iban, due.amount_cents) for due in transfers.due_refunds()] == [(damaged.ref, IBAN, 1000)]
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "deposit_waived")).one()
    assert (entry.actor, entry.details["reason"]) == ("staff:1", "Poškodba ob prevozu")
    assert kept_deposits() == []


def test_it_is_given_back_once_by_five_at_once(app: Flask, damaged: Order, now: datetime) -> None:
    """Without `waived_at IS NULL` in the WHERE all five won and 50,00 were due (the ledger's key posted once)."""
    assert race(app, 5, lambda _n: waive(damaged, now)) == {"won": 1, "NothingKept": 4}
    db.session.expire_all()
    assert damaged.refund_due_cents == 1000


def test_nothing_is_given_back_where_nothing_was_kept_or_to_a_wrong_account(damaged: Order, now: datetime) -> None:
    whole = make_delivered_order()
    before = everything()
    with pytest.raises(NothingKept):
        waive(whole, now)
    with pytest.raises(WrongIban):
        waive(damaged, now, iban="SI56 1")
    assert everything() == before


def test_nothing_is_added_to_a_refund_that_stands_in_a_file_for_the_bank(plan: FakePromises, now: datetime) -> None:
    """One of two prepaid cylinders was handed over, for a damaged empty: 24,90 go back.

    Before this was guarded the file paid the sum it had been made with, and the ledger booked the larger one."""
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "iban": IBAN}, valid_from=now, set_by="test")
    order = make_dispatched_order(payment=P.EBANK, lines=one(E.SWAP, 2))
    record = DoorLine(line_id=order.lines[0].id, exchange=E.SWAP, quantity=1, damaged_empties=1)
    with unit_of_work():
        deliver_order(order.id, DoorSettlement(lines=(record,), payment=P.EBANK, shown_total_cents=1000), CARRIER,
                      now=now, actor="driver:3")
        db.session.execute(sa.update(Order).values(refund_iban=IBAN))
        file = transfers.make_file(now=now, actor="staff:1")
    before = everything()
    with pytest.raises(WrongState):
        waive(order, now)
    assert everything() == before
    with unit_of_work():
        transfers.mark_file_made(file.id, now=now, actor="staff:1")
    assert ledger.balance(REFUNDS, "EUR") == 0
    assert (order.refund_due_cents, file.total_cents) == (2490, 2490)


def test_finance_gives_it_back_by_a_page(app: Flask, damaged: Order) -> None:
    finance = signed_in(app, Role.FINANCE)
    assert damaged.number in finance.get("/kept-deposits").get_data(as_text=True)
    path = f"/kept-deposits/{damaged.id}"
    for wrong in ({"reason": "", "iban": IBAN}, {"reason": "x", "iban": ""}, {"reason": "x", "iban": "SI56 2"}):
        assert finance.post(path, data=wrong).status_code == 422
    assert finance.post(path, data={"reason": "Napaka", "iban": IBAN}).status_code == 303
    assert finance.post(path, data={"reason": "Napaka", "iban": IBAN}).status_code == 409
    assert signed_in(app, Role.DISPATCHER).get("/kept-deposits").status_code == 200
    assert signed_in(app, Role.AGENT).get("/kept-deposits").status_code == 403
    assert finance.post("/kept-deposits/99", data={"reason": "x", "iban": IBAN}).status_code == 404
