"""orders/returns/tested.py and its page: only tested cylinders leave the technical sector, each once (H-165, P-D10)."""
from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from billing import ledger
from core import clock
from core.db import unit_of_work
from core.roles import Role
from orders.returns.complaints import find_justified, receive_case
from orders.returns.errors import NotThatMany
from orders.returns.models import ReturnCase
from orders.returns.tested import SCRAP, releasable, release
from tests.concurrency.racing import race
from tests.factories import make_delivered_order, signed_in
from tests.orders.cases import collect, complain, moved_since
from tests.orders.cases import ledger as booked
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


@pytest.fixture
def waiting(plan: FakePromises, now: datetime) -> ReturnCase:
    """A complaint whose cylinder is here and waits for its verdict."""
    case = complain(make_delivered_order())
    collect(case, 0, record="Ventil pušča.")
    with unit_of_work():
        return receive_case(case.id, now=clock.utc_now(), actor="staff:5")


@pytest.fixture
def tested(waiting: ReturnCase) -> ReturnCase:
    with unit_of_work():
        return find_justified(waiting.id, finding="Tesnilo je počeno.", now=clock.utc_now(), actor="staff:5")


def let_go(quantity: int = 1, to: str = SCRAP, *, kind: str = "Z10", key: str = "release-0001") -> None:
    with unit_of_work():
        release(kind, quantity, to, request_key=key, now=clock.utc_now(), actor="staff:5")


@pytest.mark.parametrize(("to", "account"), [(SCRAP, "scrap"), ("maribor", "unit:maribor:empty")])
def test_a_tested_cylinder_goes_to_the_scrap_or_to_a_unit_once(tested: ReturnCase, to: str, account: str) -> None:
    assert releasable() == {"Z10": 1}
    before = booked()
    let_go(to=to)
    let_go(to=to)
    assert moved_since(before) == {("technical", "Z10"): -1, (account, "Z10"): 1}
    assert (releasable(), set(ledger.trial_balance().values())) == ({}, {0})


def test_a_cylinder_without_a_verdict_stays(waiting: ReturnCase) -> None:
    assert (ledger.balance("technical", "Z10"), releasable()) == (1, {})
    before = everything()
    with pytest.raises(NotThatMany):
        let_go()
    assert everything() == before


@pytest.mark.parametrize(("quantity", "to", "kind"), [
    (2, SCRAP, "Z10"), (0, SCRAP, "Z10"), (-1, SCRAP, "Z10"), (1, "paris", "Z10"), (1, SCRAP, "P5")])
def test_what_cannot_leave_changes_nothing(tested: ReturnCase, quantity: int, to: str, kind: str) -> None:
    before = everything()
    with pytest.raises(NotThatMany):
        let_go(quantity, to, kind=kind)
    assert everything() == before


def test_of_five_that_release_the_last_one_at_once_one_does(app: Flask, tested: ReturnCase) -> None:
    """On PostgreSQL, without `hold_cylinder_type`, more than one did and the technical sector went below zero."""
    assert race(app, 5, lambda number: let_go(key=f"race-{number}")) == {"won": 1, "NotThatMany": 4}
    assert ledger.balance("technical", "Z10") == 0


def test_the_technical_sector_books_out_by_its_page(app: Flask, tested: ReturnCase) -> None:
    technical = signed_in(app, Role.TECHNICAL)
    assert 'data-testid="release"' in technical.get("/technical").get_data(as_text=True)
    sent = {"cylinder_type": "Z10", "quantity": "1", "to": SCRAP, "request_key": "page-release-1"}
    for wrong in ({"quantity": "2"}, {"quantity": "-1"}, {"quantity": ""}, {"to": "paris"}, {"cylinder_type": "X"}):
        answer = technical.post("/technical/release", data=sent | wrong)
        assert (answer.status_code, 'role="alert"' in answer.get_data(as_text=True)) == (422, True), wrong
    assert ledger.balance("scrap", "Z10") == 0
    assert technical.post("/technical/release", data=sent).status_code == 303
    assert ledger.balance("scrap", "Z10") == 1
    assert 'data-testid="release"' not in technical.get("/technical").get_data(as_text=True)
    assert signed_in(app, Role.AGENT).post("/technical/release", data=sent).status_code == 403
