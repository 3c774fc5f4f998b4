"""orders/transfers.py: refunds to accounts go to the bank in one file, each once (H-147, H-148, X-22)."""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
import xmlschema
from flask import Flask
from sepaxml import __file__ as sepaxml_file

from billing import ledger
from billing.bank.errors import NoAccount, NothingDue, TransferEnded
from billing.bank.models import BankReceipt, Transfer, TransferFile
from billing.bank.states import ReceiptState
from core import settings
from core.db import db, unit_of_work
from core.roles import Role
from orders import receipts, transfers
from orders.lifecycle import mark_refunded
from orders.returns.states import CaseStatus
from orders.services import cancel_order, mark_paid
from orders.states import PaymentMethod as P
from tests.billing.statements import IBAN, PAYER, camt, entry
from tests.concurrency.racing import race
from tests.factories import make_delivered_order, make_order, signed_in
from tests.orders.cases import collect, withdraw
from tests.orders.fakes import FakePromises


@pytest.fixture(autouse=True)
def _account(plan: FakePromises, now: datetime) -> None:
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "iban": IBAN}, valid_from=now, set_by="test")


def make(now: datetime) -> TransferFile:
    with unit_of_work():
        return transfers.make_file(now=now, actor="staff:1")


def three_refunds(now: datetime) -> tuple[str, str, str]:
    """A withdrawal paid by card, a cancelled prepaid order without an account yet, a receipt that goes back."""
    case = withdraw(make_delivered_order(payment=P.CARD), iban=IBAN)
    collect(case, 0, empties_left={"Z10": 1})
    order = make_order(payment=P.EBANK)
    with unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
        receipts.import_statement(camt(entry("5.00", key="B1", name="Žiga Đurić", purpose="?"), closing="105.00"),
                                  file_name="", now=now, actor="staff:1")
        receipt = db.session.query(BankReceipt).one()
        receipts.give_back(receipt.id, iban=None, now=now, actor="staff:1")
    return case.ref, order.ref, receipt.ref


def test_a_file_holds_what_is_due_with_an_account_and_obeys_the_schema(now: datetime) -> None:
    case, order, receipt = three_refunds(now)
    file = make(now)
    assert [(row.subject, row.iban, row.amount_cents) for row in file.transfers] == [
        (case, IBAN, 2490), (receipt, PAYER, 500)]
    assert (file.total_cents, file.execute_on) == (2990, date(2026, 11, 24))
    assert {due.subject: due.file_id for due in transfers.due_refunds()} == {
        case: file.id, order: None, receipt: file.id}
    folder = sepaxml_file.rpartition("/")[0]
    schema = xmlschema.XMLSchema(f"{folder}/schemas/pain.001.001.09.xsd")
    schema.validate(file.content)
    read = schema.to_dict(file.content)
    assert read["CstmrCdtTrfInitn"]["GrpHdr"]["NbOfTxs"] == "2"
    assert read["CstmrCdtTrfInitn"]["GrpHdr"]["CtrlSum"] == Decimal("29.90")
    assert 'Ccy="EUR">24.90<' in file.content
    assert "Ziga Duric" in file.content


def test_a_refund_is_in_one_file_only_and_without_any_none_is_made(now: datetime) -> None:
    three_refunds(now)
    make(now)
    with pytest.raises(NothingDue):
        make(now)
    assert db.session.scalar(sa.select(sa.func.count(TransferFile.id))) == 1


def test_files_made_by_five_at_once_hold_a_refund_once(app: Flask, now: datetime) -> None:
    """Without UNIQUE(subject), and the insert that heeds it, on PostgreSQL two and more files had all refunds: the
    bank would have paid twice."""
    three_refunds(now)

    def one_file(n: int) -> None:
        with unit_of_work():
            transfers.make_file(now=now, actor=f"staff:{n}")

    assert race(app, 5, one_file) == {"won": 1, "NothingDue": 4}
    assert db.session.scalar(sa.select(sa.func.count(Transfer.id))) == 2


def test_marking_a_file_ends_its_refunds_once(now: datetime) -> None:
    _case, order, _receipt = three_refunds(now)
    file = make(now)
    with unit_of_work():
        transfers.mark_file_made(file.id, now=now, actor="staff:1")
    assert {due.subject for due in transfers.due_refunds()} == {order}
    assert db.session.query(BankReceipt).one().state is ReceiptState.RETURNED
    assert ledger.balance("liability:refunds", "EUR") == -2490  # the order without an account
    assert ledger.balance("bank", "EUR") == 2490 + 500 - 2490 - 500
    with pytest.raises(TransferEnded), unit_of_work():
        transfers.mark_file_made(file.id, now=now, actor="staff:1")


def test_a_refund_that_was_marked_by_hand_meanwhile_is_not_booked_twice(now: datetime) -> None:
    order = make_order(payment=P.EBANK)
    with unit_of_work():
        mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
        db.session.execute(sa.text("UPDATE orders SET refund_iban = :iban"), {"iban": IBAN})
    file = make(now)
    with unit_of_work():
        mark_refunded(order.id, iban=IBAN, now=now, actor="staff:2")
        transfers.mark_file_made(file.id, now=now, actor="staff:1")
    assert ledger.balance("bank", "EUR") == 0


def test_the_statement_that_shows_a_transfer_marks_it(now: datetime) -> None:
    case = withdraw(make_delivered_order(payment=P.CARD), iban=IBAN)
    collect(case, 0, empties_left={"Z10": 1})
    file = make(now)
    with unit_of_work():
        receipts.import_statement(
            camt(entry("24.90", key="B9", out=True, end_to_end=case.ref), closing="75.10"), file_name="", now=now,
            actor="staff:1")
    db.session.expire_all()
    assert (case.status, file.made_at) == (CaseStatus.COMPLETED, now)
    assert transfers.due_refunds() == []


def test_without_the_companys_account_no_file_is_made(now: datetime) -> None:
    three_refunds(now)
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "iban": ""}, valid_from=now, set_by="test")
    with pytest.raises(NoAccount):
        make(now)


def test_finance_makes_downloads_and_marks_a_file_by_pages(app: Flask, now: datetime) -> None:
    three_refunds(now)
    finance = signed_in(app, Role.FINANCE)
    assert "29,90" in finance.get("/finance/transfers").get_data(as_text=True)
    assert finance.post("/finance/transfers").status_code == 303
    assert 'href="/finance/transfers"' in finance.get("/finance/refunds").get_data(as_text=True)
    assert finance.post("/finance/transfers").status_code == 409
    file_id = db.session.scalars(sa.select(TransferFile.id)).one()
    answer = finance.get(f"/finance/transfers/{file_id}.xml")
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    assert answer.data == finance.get(f"/finance/transfers/{file_id}.xml").data
    assert finance.post(f"/finance/transfers/{file_id}/made").status_code == 303
    assert finance.post(f"/finance/transfers/{file_id}/made").status_code == 409
    assert finance.post("/finance/transfers/99/made").status_code == 404
    assert finance.get("/finance/transfers/99.xml").status_code == 404
    assert signed_in(app, Role.MARKETING).get("/finance/transfers").status_code == 403
