"""Statements taken in: each statement once, each movement once."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from billing.bank.errors import StatementKnown, UnknownReceipt, UnknownStatement, WrongStatement
from billing.bank.ibans import show_iban
from billing.bank.models import BankReceipt, BankStatement
from billing.bank.statement_files import StatementFile
from billing.bank.states import Finding, ReceiptState
from core import settings
from core.db import db, insert_new

PAGE = 25


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """Statements, the newest first."""

    rows: list[BankStatement]
    page: int
    pages: int


def take_in(file: StatementFile, *, file_name: str, now: datetime, actor: str) -> BankStatement:
    """Keep a statement with those of its movements that are new, all of them open.

    WrongStatement for another account than the company's, StatementKnown for one that is here already.
    """
    ours = "".join(settings.get("company", now)["iban"].split())
    if file.account != ours:
        raise WrongStatement(_("The statement is of the account %(iban)s, ours is %(ours)s.",
                               iban=show_iban(file.account), ours=show_iban(ours) if ours else _("not set")))
    is_new = insert_new(BankStatement, ["account", "number"], {
        "account": file.account, "number": file.number[:60], "file_name": file_name[:120], "imported_at": now,
        "imported_by": actor, "opening_cents": file.opening_cents, "closing_cents": file.closing_cents,
        "known_before": 0})
    if not is_new:
        raise StatementKnown(number=file.number)
    statement = db.session.scalars(sa.select(BankStatement).where(
        BankStatement.account == file.account, BankStatement.number == file.number[:60])).one()
    for line in file.lines:
        statement.known_before += not insert_new(BankReceipt, ["account", "bank_reference"], {
            "statement_id": statement.id, "account": file.account, "bank_reference": line.bank_reference,
            "booked_on": line.booked_on, "amount_cents": line.amount_cents, "name": line.name, "iban": line.iban,
            "reference": line.reference, "purpose": line.purpose, "end_to_end_id": line.end_to_end_id,
            "finding": Finding.NONE,
            "state": ReceiptState.OPEN if line.amount_cents > 0 else ReceiptState.PAYMENT})
    db.session.flush()
    db.session.refresh(statement)
    return statement


def statement_by_id(statement_id: int) -> BankStatement:
    """A statement; UnknownStatement if there is none."""
    statement = db.session.get(BankStatement, statement_id)
    if statement is None:
        raise UnknownStatement(statement_id=statement_id)
    return statement


def statements(page: int = 1) -> StatementPage:
    """Imported statements, the newest first."""
    count = db.session.scalar(sa.select(sa.func.count(BankStatement.id))) or 0
    pages = max(1, -(-count // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.scalars(sa.select(BankStatement).order_by(BankStatement.id.desc())
                              .limit(PAGE).offset((page - 1) * PAGE))
    return StatementPage(rows=list(rows), page=page, pages=pages)


def receipt_by_id(receipt_id: int) -> BankReceipt:
    """A movement; UnknownReceipt if there is none."""
    receipt = db.session.get(BankReceipt, receipt_id)
    if receipt is None:
        raise UnknownReceipt(receipt_id=receipt_id)
    return receipt


def open_receipts() -> list[BankReceipt]:
    """Money that came and waits for a person to say what it is for, the oldest first."""
    return list(db.session.scalars(sa.select(BankReceipt).where(BankReceipt.state == ReceiptState.OPEN)
                                   .order_by(BankReceipt.booked_on, BankReceipt.id)))


def receipts_to_return() -> list[BankReceipt]:
    """Money to be sent back to who paid it, the oldest first."""
    return list(db.session.scalars(sa.select(BankReceipt).where(BankReceipt.state == ReceiptState.RETURN_DUE)
                                   .order_by(BankReceipt.booked_on, BankReceipt.id)))
