"""billing/movements.py and its page: what people move between tills, the bank, depots and vans (P-D10)."""
from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from billing import ledger
from billing.models import LedgerTransaction
from core.audit import AuditEntry
from core.db import db
from core.roles import Role
from tests.delivery.factories import fleet
from tests.factories import signed_in

KEY = "0123456789abcdef0123456789abcdef"
MONEY = {"money-request_key": KEY, "money-source": "bank", "money-target": "cash:main", "money-amount": "1.500,00",
         "money-note": "menjalni denar"}
GOODS = {"goods-request_key": KEY, "goods-source": "depot:1:full", "goods-target": "unit:kranj:full",
         "goods-cylinder_type": "Z10", "goods-amount": "12"}


def booked() -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(LedgerTransaction.kind == "movement")) or 0


@pytest.fixture
def depot(app: Flask, now: datetime) -> None:
    """A depot with 500 of each type, one van with 16 of them."""
    fleet(1)


@pytest.mark.usefixtures("depot")
def test_finance_books_money_and_cylinders_once_for_a_form(app: Flask) -> None:
    finance = signed_in(app, Role.FINANCE)
    before = ledger.balance("cash:main", "EUR"), ledger.balance("depot:1:full", "Z10")
    for _twice in range(2):
        assert finance.post("/finance/movements/money", data=MONEY).status_code == 303
        assert finance.post("/finance/movements/cylinders", data={**GOODS, "goods-request_key": KEY[::-1]}
                            ).status_code == 303
    assert ledger.balance("cash:main", "EUR") == before[0] + 150_000
    assert (ledger.balance("depot:1:full", "Z10"), ledger.balance("unit:kranj:full", "Z10")) == (before[1] - 12, 12)
    assert set(ledger.trial_balance().values()) == {0}
    notes = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "balance_moved")).all()
    assert [(note.details["amount"], note.details["note"]) for note in notes] == [(150_000, "menjalni denar"), (12, "")]
    assert 'data-testid="last"' in finance.get("/finance/movements").get_data(as_text=True)


@pytest.mark.usefixtures("depot")
@pytest.mark.parametrize(("wrong", "field"), [
    ({"money-amount": ""}, "money-amount"), ({"money-amount": "-5"}, "money-amount"),
    ({"money-amount": "many"}, "money-amount"), ({"money-source": "cash:driver:1"}, "money-source"),
    ({"money-target": "bank"}, "money-target"), ({"money-target": "revenue:gas"}, "money-target"),
    ({"money-source": "cash:unit:kranj"}, "money-amount"), ({"money-request_key": "x"}, "")])
def test_money_that_cannot_be_moved_is_told_at_its_field(app: Flask, wrong: dict[str, str], field: str) -> None:
    answer = signed_in(app, Role.FINANCE).post("/finance/movements/money", data={**MONEY, **wrong})
    assert (answer.status_code, f'id="{field}-error"' in answer.get_data(as_text=True) or not field) == (422, True)
    assert booked() == 0


@pytest.mark.usefixtures("depot")
@pytest.mark.parametrize(("wrong", "field"), [
    ({"goods-amount": "0"}, "goods-amount"), ({"goods-amount": "501"}, "goods-amount"),
    ({"goods-cylinder_type": "Z99"}, "goods-cylinder_type"), ({"goods-source": "cash:main"}, "goods-source"),
    ({"goods-source": "vehicle:1:held"}, "goods-amount"), ({"goods-target": "depot:1:full"}, "goods-target")])
def test_cylinders_that_are_not_there_are_told_at_their_field(app: Flask, wrong: dict[str, str], field: str) -> None:
    """No place ends up with fewer cylinders than none."""
    answer = signed_in(app, Role.FINANCE).post("/finance/movements/cylinders", data={**GOODS, **wrong})
    assert (answer.status_code, f'id="{field}-error"' in answer.get_data(as_text=True)) == (422, True)
    assert booked() == 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.AGENT, Role.DISPATCHER])
def test_only_finance_moves(app: Flask, now: datetime, role: Role) -> None:
    staff = signed_in(app, role)
    assert staff.get("/finance/movements").status_code == 403
    assert staff.post("/finance/movements/money", data=MONEY).status_code == 403
