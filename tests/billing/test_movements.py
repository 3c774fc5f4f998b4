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
GOODS = {"goods-request_key": KEY, "goods-source": "depot:{depot}:full", "goods-target": "unit:kranj:full",
         "goods-cylinder_type": "Z10", "goods-amount": "12"}


def booked() -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(LedgerTransaction.kind == "movement")) or 0


@pytest.fixture
def ids(app: Flask, now: datetime) -> dict[str, int]:
    """The numbers of a depot with 500 of each type and of a van with 16 of them."""
    shift = fleet(1).shifts[0]
    return {"depot": shift.depot_id, "van": shift.vehicle_id}


def sent(given: dict[str, str], ids: dict[str, int]) -> dict[str, str]:
    return {key: value.format(**ids) for key, value in given.items()}


def test_finance_books_money_and_cylinders_once_for_a_form(app: Flask, ids: dict[str, int]) -> None:
    finance, depot = signed_in(app, Role.FINANCE), f"depot:{ids['depot']}:full"
    before = ledger.balance("cash:main", "EUR"), ledger.balance(depot, "Z10")
    for _twice in range(2):
        assert finance.post("/finance/movements/money", data=MONEY).status_code == 303
        assert finance.post("/finance/movements/cylinders", data=sent(
            {**GOODS, "goods-request_key": KEY[::-1]}, ids)).status_code == 303
    assert ledger.balance("cash:main", "EUR") == before[0] + 150_000
    assert (ledger.balance(depot, "Z10"), ledger.balance("unit:kranj:full", "Z10")) == (before[1] - 12, 12)
    assert set(ledger.trial_balance().values()) == {0}
    notes = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "balance_moved")).all()
    assert [(note.details["amount"], note.details["note"]) for note in notes] == [(150_000, "menjalni denar"), (12, "")]
    assert 'data-testid="last"' in finance.get("/finance/movements").get_data(as_text=True)


@pytest.mark.parametrize(("wrong", "field"), [
    ({"money-amount": ""}, "money-amount"), ({"money-amount": "-5"}, "money-amount"),
    ({"money-amount": "many"}, "money-amount"), ({"money-source": "cash:driver:1"}, "money-source"),
    ({"money-target": "bank"}, "money-target"), ({"money-target": "revenue:gas"}, "money-target"),
    ({"money-source": "cash:unit:kranj"}, "money-amount"), ({"money-request_key": "x"}, "")])
def test_money_that_cannot_be_moved_is_told_at_its_field(app: Flask, ids: dict[str, int], wrong: dict[str, str],
                                                        field: str) -> None:
    answer = signed_in(app, Role.FINANCE).post("/finance/movements/money", data=sent({**MONEY, **wrong}, ids))
    assert (answer.status_code, f'id="{field}-error"' in answer.get_data(as_text=True) or not field) == (422, True)
    assert booked() == 0


@pytest.mark.parametrize(("wrong", "field"), [
    ({"goods-amount": "0"}, "goods-amount"), ({"goods-amount": "501"}, "goods-amount"),
    ({"goods-cylinder_type": "Z99"}, "goods-cylinder_type"), ({"goods-source": "cash:main"}, "goods-source"),
    ({"goods-source": "vehicle:{van}:held"}, "goods-amount"), ({"goods-target": "depot:{depot}:full"}, "goods-target")])
def test_cylinders_that_are_not_there_are_told_at_their_field(app: Flask, ids: dict[str, int], wrong: dict[str, str],
                                                        field: str) -> None:
    """No place ends up with fewer cylinders than none."""
    answer = signed_in(app, Role.FINANCE).post("/finance/movements/cylinders",
                                                    data=sent({**GOODS, **wrong}, ids))
    assert (answer.status_code, f'id="{field}-error"' in answer.get_data(as_text=True)) == (422, True)
    assert booked() == 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.AGENT, Role.DISPATCHER])
def test_only_finance_moves(app: Flask, now: datetime, role: Role) -> None:
    staff = signed_in(app, role)
    assert staff.get("/finance/movements").status_code == 403
    assert staff.post("/finance/movements/money", data=MONEY).status_code == 403
