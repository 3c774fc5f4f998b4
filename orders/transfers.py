"""Refunds that go to bank accounts: what is due, one file for the bank, and what was transferred (H-147, X-22)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from billing.bank.errors import NoAccount, NothingDue, ReceiptDecided, TransferEnded, UnknownTransfer
from billing.bank.models import BankReceipt, Transfer, TransferFile
from billing.bank.sepa import Payee, Payer, transfer_file
from billing.bank.statements import receipts_to_return
from billing.bank.states import ReceiptState
from core import audit, calendar, settings
from core.db import changed_rows, db, insert_new
from core.i18n import in_language
from orders import books
from orders.errors import WrongState
from orders.lifecycle import mark_refunded as mark_order_refunded
from orders.queries import hold_orders_with_refund_due, orders_with_refund_due
from orders.returns.errors import WrongCaseState
from orders.returns.lifecycle import mark_refunded as mark_case_refunded
from orders.returns.queries import cases_with_refund_due, hold_cases_with_refund_due


@dataclass(frozen=True, kw_only=True)
class Due:
    """A refund by transfer. `subject` is unique: `case:5`, `order:7` or `receipt:3`; `file_id` is the file it is in."""

    subject: str
    number: str
    name: str
    iban: str | None
    amount_cents: int
    last_on: date | None
    purpose: str
    file_id: int | None


def due_refunds() -> list[Due]:
    """All refunds that are not transferred yet, the nearest deadline first."""
    files = files_of_due()
    found: list[Due] = []
    for case in cases_with_refund_due():
        with in_language(case.language):
            purpose = _("Refund %(number)s", number=case.number)
        found.append(Due(subject=case.ref, number=case.number, name=case.contact_name, iban=case.iban,
                         amount_cents=case.bank_cents, last_on=case.refund_by_on, purpose=purpose,
                         file_id=files.get(case.ref)))
    for order in orders_with_refund_due():
        with in_language(order.language):
            purpose = _("Refund of the prepayment, order %(number)s", number=order.number)
        found.append(Due(subject=order.ref, number=order.number, name=order.contact_name, iban=order.refund_iban,
                         amount_cents=order.refund_due_cents, last_on=None, purpose=purpose,
                         file_id=files.get(order.ref)))
    for receipt in receipts_to_return():
        found.append(Due(subject=receipt.ref, number=receipt.bank_reference, name=receipt.name or "?",
                         iban=receipt.return_iban, amount_cents=receipt.return_cents, last_on=None,
                         purpose=_("Payment returned: %(purpose)s", purpose=receipt.purpose)[:140],
                         file_id=files.get(receipt.ref)))
    return sorted(found, key=lambda due: (due.last_on or date.max, due.subject))


def files_of_due() -> dict[str, int]:
    """Which refunds stand in which file that the bank has not made yet."""
    waiting = sa.select(Transfer.subject, Transfer.file_id).join(TransferFile).where(TransferFile.made_at.is_(None))
    return {row.subject: row.file_id for row in db.session.execute(waiting)}


def make_file(*, now: datetime, actor: str) -> TransferFile:
    """One pain.001 file of all refunds with an account that are in none yet; each is in one file only (guarded).

    What is due is held while the file is made: nothing is marked by hand or raised between reading and writing.
    NoAccount while the company's is not set; NothingDue where there is nothing to transfer.
    """
    company = settings.get("company", now)
    if not company["iban"]:
        raise NoAccount
    hold_orders_with_refund_due()
    hold_cases_with_refund_due()
    wanted = [due for due in due_refunds() if due.iban and due.file_id is None]
    execute_on = _next_working_day(calendar.local_date(now))
    file = TransferFile(created_at=now, created_by=actor, execute_on=execute_on, content="", total_cents=0)
    db.session.add(file)
    db.session.flush()
    taken = [due for due in wanted if insert_new(Transfer, ["subject"], {
        "file_id": file.id, "subject": due.subject, "name": due.name, "iban": due.iban,
        "amount_cents": due.amount_cents, "purpose": due.purpose})]
    if not taken:
        raise NothingDue
    payer = Payer(name=company["name"], iban="".join(company["iban"].split()), bic=company.get("bic", ""))
    file.content = transfer_file(payer, [Payee(key=due.subject, name=due.name, iban=due.iban or "",
                                               amount_cents=due.amount_cents, purpose=due.purpose) for due in taken],
                                 execute_on=execute_on)
    file.total_cents = sum(due.amount_cents for due in taken)
    db.session.flush()
    audit.record("transfer_file_made", f"transfer_file:{file.id}", actor=actor, transfers=len(taken),
                 total_cents=file.total_cents)
    return file


def mark_file_made(file_id: int, *, now: datetime, actor: str) -> TransferFile:
    """The bank made the transfers of a file: each refund in it is marked, once. TransferEnded for a second time."""
    file = file_by_id(file_id)
    guarded = sa.update(TransferFile).where(TransferFile.id == file_id, TransferFile.made_at.is_(None))
    if changed_rows(guarded.values(made_at=now)) != 1:
        raise TransferEnded(file_id=file_id)
    for transfer in file.transfers:
        _mark(transfer, now=now, actor=actor)
    audit.record("transfer_file_marked", f"transfer_file:{file_id}", actor=actor)
    db.session.refresh(file)
    return file


def settle_by_statement(key: str, cents: int, *, now: datetime, actor: str) -> bool:
    """A statement shows a transfer of ours: its refund is marked. Whether one was found."""
    transfer = db.session.scalar(sa.select(Transfer).where(Transfer.subject == key, Transfer.amount_cents == cents))
    if transfer is None or transfer.file.made_at is not None:
        return False
    _mark(transfer, now=now, actor=actor)
    left = {due.subject for due in due_refunds()} & {other.subject for other in transfer.file.transfers}
    if not left:
        transfer.file.made_at = now
    return True


def file_by_id(file_id: int) -> TransferFile:
    """A file of transfers; UnknownTransfer if there is none."""
    file = db.session.get(TransferFile, file_id)
    if file is None:
        raise UnknownTransfer(file_id=file_id)
    return file


def transfer_files(most: int = 50) -> list[TransferFile]:
    """The latest files, the newest first."""
    return list(db.session.scalars(sa.select(TransferFile).order_by(TransferFile.id.desc()).limit(most)))


def mark_returned(receipt_id: int, *, now: datetime, actor: str) -> None:
    """A receipt went back to who had paid it. ReceiptDecided for a second time."""
    guarded = sa.update(BankReceipt).where(
        BankReceipt.id == receipt_id, BankReceipt.state == ReceiptState.RETURN_DUE).values(state=ReceiptState.RETURNED)
    if changed_rows(guarded) != 1:
        raise ReceiptDecided(receipt_id=receipt_id)
    cents = db.session.scalars(sa.select(BankReceipt.return_cents).where(BankReceipt.id == receipt_id)).one()
    books.post_refund_transfer(f"receipt:{receipt_id}", cents, now=now, actor=actor)


def _mark(transfer: Transfer, *, now: datetime, actor: str) -> None:
    """The refund behind a transfer; one that somebody marked by hand meanwhile stays as it is."""
    kind, _colon, number = transfer.subject.partition(":")
    try:
        if kind == "case":
            mark_case_refunded(int(number), iban=transfer.iban, now=now, actor=actor)
        elif kind == "order":
            mark_order_refunded(int(number), iban=transfer.iban, now=now, actor=actor)
        else:
            mark_returned(int(number), now=now, actor=actor)
    except (WrongState, WrongCaseState, ReceiptDecided):
        audit.record("transfer_marked_before", transfer.subject, actor=actor, transfer_id=transfer.id)


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day
