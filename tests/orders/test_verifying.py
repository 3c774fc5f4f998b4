"""orders/verifying.py: the ledger agrees with every figure kept elsewhere, and each injected difference is named."""
from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from billing.ledger import post
from billing.postings import stock_load, stock_opening
from core import settings
from core.db import db, unit_of_work
from orders import receipts
from orders.services import cancel_order, mark_paid
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from orders.verifying import checks
from tests.billing.statements import IBAN, camt, entry
from tests.factories import CARRIER, make_delivered_order, make_order, one
from tests.orders.cases import collect, withdraw
from tests.orders.fakes import FakePromises


@pytest.fixture
def day(plan: FakePromises, now: datetime) -> None:
    """Deliveries of every kind and payment, a prepaid order, one cancelled, a withdrawal, a receipt nobody knows."""
    with unit_of_work():
        post("stock_opening", "depot:1", stock_opening(1, "Z10", 100), at=now, dedupe_key="opened", actor="staff:1")
        post("stock_load", "shift:1", stock_load(1, CARRIER.vehicle_id, "Z10", 20), at=now, dedupe_key="loaded",
             actor="staff:1")
    for kind, payment in ((E.SWAP, P.CASH), (E.K, P.CARD), (E.M10, P.CASH), (E.SWAP, P.EBANK)):
        make_delivered_order(payment=payment, lines=one(kind))
    collect(withdraw(make_delivered_order(payment=P.CARD), iban=IBAN), 0, empties_left={"Z10": 1})
    paid, cancelled = make_order(payment=P.EBANK), make_order(payment=P.EBANK)
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "iban": IBAN}, valid_from=now, set_by="test")
        for order in (paid, cancelled):
            mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
        cancel_order(cancelled.id, by="customer", reason="", now=now, actor="customer")
        receipts.import_statement(camt(entry("5.00", key="B1"), closing="105.00"), file_name="", now=now, actor="s")


@pytest.mark.usefixtures("day")
def test_after_a_day_of_everything_all_figures_agree(app: Flask) -> None:
    assert [check for check in checks() if not check.agrees] == []
    done = app.test_cli_runner().invoke(args=["billing", "verify"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "The ledger balances, and 13 figures agree with it.")


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(("change", "named"), [
    ("UPDATE deposit_certificates SET amount_cents = amount_cents + 1 WHERE status = 'issued'", "deposits held"),
    ("UPDATE handovers SET kept_deposit_cents = 1000 WHERE id = (SELECT min(id) FROM handovers)", "deposits kept"),
    ("UPDATE orders SET paid_cents = paid_cents + 1 WHERE status = 'confirmed'", "prepayments"),
    ("UPDATE return_cases SET bank_cents = bank_cents - 1", "refunds due"),
    ("UPDATE bank_receipts SET amount_cents = amount_cents + 1", "receipts to be assigned"),
    ("UPDATE invoice_shares SET gross_cents = gross_cents + 1 WHERE vat_permille = 220", "revenue with VAT"),
    ("UPDATE invoice_shares SET vat_cents = vat_cents + 1 WHERE vat_permille = 220", "VAT, and VAT"),
    ("UPDATE payments SET amount_cents = amount_cents + 1 WHERE method = 'card'", "card payments"),
    ("UPDATE handovers SET buyback_cents = buyback_cents + 1, total_cents = total_cents - 1 WHERE buyback_cents > 0",
     "orange cylinders"),
    ("UPDATE handovers SET invoice_id = NULL WHERE id = (SELECT min(id) FROM handovers)", "deliveries without"),
    ("UPDATE ledger_entries SET amount = amount + 1 WHERE account = 'card' AND amount = 2490", "card payments"),
])
def test_an_injected_difference_is_named(app: Flask, change: str, named: str) -> None:
    """A cent too much anywhere is told, with the figure that it is in, and the command fails."""
    db.session.rollback()
    with db.engine.begin() as connection:
        assert connection.execute(sa.text(change)).rowcount > 0
    assert any(check.what.startswith(named) for check in checks() if not check.agrees)
    done = app.test_cli_runner().invoke(args=["billing", "verify"])
    assert done.exit_code == 1
    assert "differ" in done.output or "does not balance" in done.output
