"""orders/receipts.py: statements pay the orders that they name; the rest waits for finance (H-123, X-03)."""
from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from billing import ledger
from billing.bank.errors import ReceiptDecided, StatementKnown, WrongStatement
from billing.bank.models import BankReceipt, BankStatement
from billing.bank.references import reference_of
from billing.bank.states import Finding, ReceiptState
from billing.errors import WrongIban
from core import settings
from core.db import db, unit_of_work
from core.errors import DomainError
from core.roles import Role
from orders import receipts
from orders.errors import NotPaid, UnknownOrder, WrongState
from orders.models import Order
from orders.services import cancel_order, mark_paid
from orders.states import OrderStatus
from orders.states import PaymentMethod as P
from tests.billing.statements import CSV_HEADING, IBAN, PAYER, camt, csv_row, entry
from tests.factories import make_order, signed_in
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything

S, F = ReceiptState, Finding


@pytest.fixture(autouse=True)
def _account(plan: FakePromises, now: datetime) -> None:
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "iban": IBAN}, valid_from=now, set_by="test")


def take_in(now: datetime, *entries: str, closing: str, opening: str = "100.00", number: str = "1") -> BankStatement:
    with unit_of_work():
        return receipts.import_statement(camt(*entries, closing=closing, opening=opening, number=number),
                                         file_name="a.xml", now=now, actor="staff:1")


def one_receipt() -> BankReceipt:
    return db.session.query(BankReceipt).one()


def euros(*accounts: str) -> dict[str, int]:
    return {account: ledger.balance(account, "EUR") for account in accounts}


RECEIPTS, PREPAID, REFUNDS = "liability:receipts", "liability:prepayments", "liability:refunds"
KEPT = "revenue:kept_receipts"


def test_a_receipt_with_the_orders_reference_and_sum_pays_it(now: datetime) -> None:
    order = make_order(payment=P.EBANK)
    take_in(now, entry("24.90", key="B1", reference=f"SI12 {reference_of(order.number)[4:]}"), closing="124.90")
    db.session.expire_all()
    assert (order.status, order.paid_at) == (OrderStatus.CONFIRMED, now)
    assert (one_receipt().state, one_receipt().order_ref) == (S.PAID, order.ref)
    assert euros("bank", RECEIPTS, PREPAID) == {"bank": 2490, RECEIPTS: 0, PREPAID: -2490}


@pytest.mark.parametrize("purpose", ["Plin {number}", "placilo si12 {digits} hvala"])
def test_the_number_or_reference_is_found_in_the_purpose_too(now: datetime, purpose: str) -> None:
    order = make_order(payment=P.EBANK)
    text = purpose.format(number=order.number, digits=reference_of(order.number)[4:])
    take_in(now, entry("24.90", key="B1", purpose=text), closing="124.90")
    assert one_receipt().state is S.PAID


def test_what_cannot_be_matched_waits_with_the_reason_and_stands_in_the_ledger(now: datetime) -> None:
    waiting, ended = make_order(payment=P.EBANK), make_order(payment=P.EBANK)
    with unit_of_work():
        cancel_order(ended.id, by="customer", reason="", now=now, actor="customer")
    take_in(now, entry("24.90", key="B1"), entry("24.90", key="B2", reference=reference_of("2026-999999")),
            entry("24.90", key="B3", reference=reference_of(ended.number)),
            entry("24.89", key="B4", reference=reference_of(waiting.number)), closing="199.59")
    found = [(receipt.bank_reference, receipt.state, receipt.finding) for receipt in
             db.session.query(BankReceipt).order_by(BankReceipt.id)]
    assert found == [("B1", S.OPEN, F.NO_REFERENCE), ("B2", S.OPEN, F.UNKNOWN_ORDER), ("B3", S.OPEN, F.NOT_WAITING),
                     ("B4", S.OPEN, F.UNDERPAID)]
    assert waiting.status is OrderStatus.AWAITING_PAYMENT
    assert euros("bank", RECEIPTS) == {"bank": 9959, RECEIPTS: -9959}


def test_a_second_part_completes_an_underpaid_order(now: datetime) -> None:
    order = make_order(payment=P.EBANK)
    reference = reference_of(order.number)
    take_in(now, entry("20.00", key="B1", reference=reference), closing="120.00")
    take_in(now, entry("4.90", key="B2", reference=reference), opening="120.00", closing="124.90", number="2")
    assert {receipt.state for receipt in db.session.query(BankReceipt)} == {S.PAID}
    assert order.status is OrderStatus.CONFIRMED
    assert euros("bank", RECEIPTS, PREPAID) == {"bank": 2490, RECEIPTS: 0, PREPAID: -2490}


def test_too_much_waits_and_what_is_over_goes_back(now: datetime) -> None:
    order = make_order(payment=P.EBANK)
    take_in(now, entry("30.00", key="B1", reference=reference_of(order.number)), closing="130.00")
    assert one_receipt().finding is F.OVERPAID
    with unit_of_work():
        receipts.assign(one_receipt().id, order.number, iban=None, now=now, actor="staff:1")
    receipt = one_receipt()
    assert (receipt.state, receipt.return_cents, receipt.return_iban) == (S.RETURN_DUE, 510, PAYER)
    assert order.status is OrderStatus.CONFIRMED
    assert euros("bank", RECEIPTS, PREPAID, REFUNDS) == {"bank": 3000, RECEIPTS: 0, PREPAID: -2490, REFUNDS: -510}


def test_what_is_over_goes_to_the_account_that_finance_types_where_the_bank_names_none(
        app: Flask, now: datetime) -> None:
    order = make_order(payment=P.EBANK)
    take_in(now, entry("30.00", key="B1", iban=""), closing="130.00")
    finance, path = signed_in(app, Role.FINANCE), f"/finance/receipts/{one_receipt().id}/assign"
    for iban in ("", "SI56 1"):
        answer = finance.post(path, data={"order_number": order.number, "iban": iban})
        assert (answer.status_code, one_receipt().state) == (422, S.OPEN)
        assert 'id="order_number-error"' in answer.get_data(as_text=True)
    assert finance.post(path, data={"order_number": order.number, "iban": IBAN}).status_code == 303
    db.session.expire_all()
    assert (one_receipt().state, one_receipt().return_cents, one_receipt().return_iban) == (S.RETURN_DUE, 510, IBAN)


def test_an_order_marked_by_hand_before_is_not_booked_twice(now: datetime) -> None:
    order = make_order(payment=P.EBANK)
    with unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
    line = {"reference": reference_of(order.number)}
    take_in(now, entry("24.90", key="B1", **line), entry("24.90", key="B2", **line), closing="149.80")
    assert [receipt.state for receipt in db.session.query(BankReceipt).order_by(BankReceipt.id)] == [S.NOTED, S.OPEN]
    assert euros("bank", RECEIPTS, PREPAID) == {"bank": 4980, RECEIPTS: -2490, PREPAID: -2490}


def test_the_same_statement_or_movement_counts_once(now: datetime) -> None:
    order = make_order(payment=P.EBANK)
    line = entry("24.90", key="B1", reference=reference_of(order.number))
    take_in(now, line, closing="124.90")
    before = everything()
    with pytest.raises(StatementKnown):
        take_in(now, line, closing="124.90")
    assert everything() == before
    again = take_in(now, line, entry("1.00", key="B2"), closing="125.90", number="2")
    assert (again.known_before, [receipt.bank_reference for receipt in again.receipts]) == (1, ["B2"])


def test_another_account_is_refused_and_nothing_is_kept(now: datetime) -> None:
    before = everything()
    with pytest.raises(WrongStatement), unit_of_work():
        receipts.import_statement((CSV_HEADING + csv_row(account=PAYER)).encode(), file_name="", now=now, actor="s")
    assert everything() == before


def test_a_receipt_goes_back_or_is_kept_with_a_reason_once(now: datetime) -> None:
    take_in(now, entry("5.00", key="B1"), entry("0.10", key="B2"), closing="105.10")
    first, second = db.session.query(BankReceipt).order_by(BankReceipt.id)
    with unit_of_work():
        receipts.give_back(first.id, iban=None, now=now, actor="staff:1")
        receipts.keep(second.id, note="Zaokrožitev", now=now, actor="staff:1")
    assert [(r.state, r.return_cents, r.note) for r in (first, second)] == [
        (S.RETURN_DUE, 500, ""), (S.KEPT, 0, "Zaokrožitev")]
    assert euros(RECEIPTS, REFUNDS, KEPT) == {RECEIPTS: 0, REFUNDS: -500, KEPT: -10}
    before = everything()
    for again in (lambda: receipts.keep(first.id, note="x", now=now, actor="staff:1"),
                  lambda: receipts.give_back(second.id, iban=None, now=now, actor="staff:1")):
        with pytest.raises(ReceiptDecided), unit_of_work():
            again()
    assert everything() == before


Act = Callable[[int, Order, datetime], object]


@pytest.mark.parametrize(("act", "refusal"), [
    (lambda i, o, t: receipts.assign(i, "2026-999999", iban=None, now=t, actor="staff:1"), UnknownOrder),
    (lambda i, o, t: receipts.assign(i, o.number, iban=None, now=t, actor="staff:1"), NotPaid),
    (lambda i, o, t: receipts.assign(i, "2026-000001", iban=None, now=t, actor="staff:1"), WrongState),
    (lambda i, o, t: receipts.give_back(i, iban="SI56 1", now=t, actor="staff:1"), WrongIban),
])
def test_a_wrong_decision_is_refused_and_changes_nothing(now: datetime, act: Act, refusal: type[DomainError]) -> None:
    at_the_door, order = make_order(), make_order(payment=P.EBANK)
    assert at_the_door.number == "2026-000001"
    take_in(now, entry("5.00", key="B1"), closing="105.00")
    with pytest.raises(refusal), unit_of_work():
        act(one_receipt().id, order, now)
    assert (one_receipt().state, order.status) == (S.OPEN, OrderStatus.AWAITING_PAYMENT)
    assert ledger.balance(RECEIPTS, "EUR") == -500


def test_finance_imports_and_decides_by_pages(app: Flask, now: datetime) -> None:
    """Upload, the same again, a cut-off file, and each decision with its bad input."""
    finance, order = signed_in(app, Role.FINANCE), make_order(payment=P.EBANK)
    content = camt(entry("24.90", key="B1", name="&lt;script&gt;"), entry("5.00", key="B2"), closing="129.90")
    answer = _send(finance, content)
    assert answer.status_code == 303
    assert finance.get(answer.location).status_code == 200
    assert _send(finance, content).status_code == 409
    page = _send(finance, content[:-40]).get_data(as_text=True)
    assert 'id="file-error"' in page
    assert "&lt;script&gt;" in page
    first, second = [receipt.id for receipt in db.session.query(BankReceipt).order_by(BankReceipt.id)]
    for what, data in (("assign", {"order_number": ""}), ("assign", {"order_number": "2026-777777"}),
                       ("return", {"iban": "SI561"}), ("keep", {"note": ""})):
        answer = finance.post(f"/finance/receipts/{second}/{what}", data=data)
        assert (answer.status_code in (404, 422), f'{next(iter(data))}-error' in answer.get_data(as_text=True)) == (
            True, True), (what, data)
    assert finance.post(f"/finance/receipts/{first}/assign", data={"order_number": order.number}).status_code == 303
    assert finance.post(f"/finance/receipts/{second}/keep", data={"note": "Napaka"}).status_code == 303
    assert finance.post(f"/finance/receipts/{second}/keep", data={"note": "Napaka"}).status_code == 409
    assert finance.post("/finance/receipts/999/keep", data={"note": "Napaka"}).status_code == 404
    assert 'data-testid="open-count">0<' in finance.get("/finance/statements").get_data(as_text=True)
    assert signed_in(app, Role.AGENT).get("/finance/statements").status_code == 403


def test_the_command_imports_or_says_the_place_in_one_line(app: Flask, tmp_path: Path) -> None:
    order = make_order(payment=P.EBANK)
    file = tmp_path / "day.xml"
    file.write_bytes(camt(entry("24.90", key="B1", reference=reference_of(order.number)), closing="124.90"))
    done = app.test_cli_runner().invoke(args=["bank", "import", str(file)])
    assert (done.exit_code, done.output) == (
        0, "1 movements, 0 known before; 1 paid their order, 0 wait for a decision.\n")
    file.write_bytes(b"<a>")
    done = app.test_cli_runner().invoke(args=["bank", "import", str(file)])
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert "Line 1, column 4" in done.output


def _send(client: FlaskClient, content: bytes) -> TestResponse:
    return client.post("/finance/statements", data={"file": (io.BytesIO(content), "izpisek.xml")},
                       content_type="multipart/form-data")
