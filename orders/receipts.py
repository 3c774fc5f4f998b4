"""Receipts of account statements and the orders that they pay (X-03): matched by reference, else decided by finance."""
from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from billing import postings
from billing.bank.errors import ReasonMissing, ReceiptDecided
from billing.bank.ibans import checked_iban
from billing.bank.models import BankReceipt, BankStatement
from billing.bank.references import digits_in
from billing.bank.statement_files import read_statement
from billing.bank.statements import receipt_by_id, take_in
from billing.bank.states import Finding, ReceiptState
from billing.errors import WrongIban
from billing.ledger import post
from core import audit
from core.db import changed_rows, db
from orders.errors import NotPaid, UnknownOrder, WrongState
from orders.lifecycle import mark_paid
from orders.models import Order
from orders.queries import order_by_number
from orders.states import OrderStatus
from orders.transfers import settle_by_statement

_ORDER_NUMBER = re.compile(r"\b20[0-9]{2}-[0-9]{6}\b")
_IN_TEXT = re.compile(r"\bSI12[ 0-9-]{2,18}", re.IGNORECASE)


def import_statement(content: bytes, *, file_name: str, now: datetime, actor: str) -> BankStatement:
    """Take a statement in and let its receipts pay the orders that they name. All of it or nothing.

    WrongStatement, StatementKnown.
    """
    statement = take_in(read_statement(content), file_name=file_name, now=now, actor=actor)
    for receipt in statement.receipts:
        if receipt.state is ReceiptState.PAYMENT:
            settle_by_statement(receipt.end_to_end_id, -receipt.amount_cents, now=now, actor=actor)
        else:
            _match(receipt, now=now, actor=actor)
    audit.record("statement_imported", f"statement:{statement.id}", actor=actor, movements=len(statement.receipts),
                 known_before=statement.known_before)
    return statement


def _match(receipt: BankReceipt, *, now: datetime, actor: str) -> None:
    """A receipt pays its order where the sum is due to the cent, together with earlier parts of it."""
    order, finding = _order_named(receipt)
    if order is not None and _marked_by_hand(order, receipt):
        _decide(receipt, ReceiptState.NOTED, now=now, actor=actor, order_ref=order.ref)
        return
    post("receipt", receipt.ref, postings.receipt(receipt.amount_cents), at=now, dedupe_key=f"{receipt.ref}:booked",
         actor=actor)
    if order is None or order.status is not OrderStatus.AWAITING_PAYMENT:
        receipt.finding = finding if order is None else Finding.NOT_WAITING
        return
    parts = [*_earlier_parts(order, receipt), receipt]
    total = sum(part.amount_cents for part in parts)
    if total == order.prepaid_cents:
        _pay(order, parts, now=now, actor=actor)
        return
    receipt.order_ref = order.ref
    receipt.finding = Finding.UNDERPAID if total < order.prepaid_cents else Finding.OVERPAID


def assign(receipt_id: int, order_number: str, *, iban: str | None, now: datetime, actor: str) -> Order:
    """Finance says which order a receipt pays. What exceeds the sum due goes back to the payer.

    UnknownOrder; WrongState for an order that waits for no payment; NotPaid where the sum is not reached;
    WrongIban where something is to go back and no account is known.
    """
    receipt = receipt_by_id(receipt_id)
    order = order_by_number(order_number)
    if order is None:
        raise UnknownOrder
    if order.status is not OrderStatus.AWAITING_PAYMENT:
        raise WrongState(order_id=order.id, status=order.status.value)
    parts = [*_earlier_parts(order, receipt), receipt]
    surplus = sum(part.amount_cents for part in parts) - order.prepaid_cents
    if surplus < 0:
        raise NotPaid(order_id=order.id, due=order.prepaid_cents, received=order.prepaid_cents + surplus)
    if surplus >= receipt.amount_cents:
        raise ReceiptDecided(receipt_id=receipt_id)
    account = _account_of(receipt, iban) if surplus else ""
    _pay(order, parts, now=now, actor=actor)
    if surplus:
        _decide(receipt, ReceiptState.RETURN_DUE, seen=ReceiptState.PAID, now=now, actor=actor, return_cents=surplus,
                return_iban=account)
        _post_return(receipt, surplus, now=now, actor=actor)
    audit.record("receipt_assigned", receipt.ref, actor=actor, order_id=order.id, surplus_cents=surplus)
    return order


def give_back(receipt_id: int, *, iban: str | None, now: datetime, actor: str) -> BankReceipt:
    """All of a receipt goes back to who paid it. WrongIban where no account is known."""
    receipt = receipt_by_id(receipt_id)
    _decide(receipt, ReceiptState.RETURN_DUE, now=now, actor=actor, return_cents=receipt.amount_cents,
            return_iban=_account_of(receipt, iban))
    _post_return(receipt, receipt.amount_cents, now=now, actor=actor)
    audit.record("receipt_given_back", receipt.ref, actor=actor, amount_cents=receipt.amount_cents)
    return receipt


def keep(receipt_id: int, *, note: str, now: datetime, actor: str) -> BankReceipt:
    """A receipt stays with us, with a reason. ReasonMissing without one."""
    if not note.strip():
        raise ReasonMissing
    receipt = receipt_by_id(receipt_id)
    _decide(receipt, ReceiptState.KEPT, now=now, actor=actor, note=note.strip()[:200])
    post("receipt_kept", receipt.ref, postings.receipt_kept(receipt.amount_cents), at=now,
         dedupe_key=f"{receipt.ref}:kept", actor=actor)
    audit.record("receipt_kept", receipt.ref, actor=actor, amount_cents=receipt.amount_cents)
    return receipt


def _order_named(receipt: BankReceipt) -> tuple[Order | None, Finding]:
    """The order whose reference or number stands in a receipt, or why there is none."""
    texts = [receipt.reference, *_IN_TEXT.findall(receipt.purpose)]
    digits = next((found for text in texts if (found := digits_in(text)) and len(found) > 4), None)
    number = f"{digits[:4]}-{digits[4:]}" if digits else next(
        iter(_ORDER_NUMBER.findall(f"{receipt.reference} {receipt.purpose}")), None)
    if number is None:
        return None, Finding.NO_REFERENCE
    order = order_by_number(number)
    return order, Finding.NONE if order is not None else Finding.UNKNOWN_ORDER


def _marked_by_hand(order: Order, receipt: BankReceipt) -> bool:
    """Whether finance said that the order is paid before a statement did: then the ledger has the money already."""
    if order.paid_at is None or receipt.amount_cents != order.prepaid_cents:
        return False
    return db.session.scalar(sa.select(BankReceipt.id).where(
        BankReceipt.order_ref == order.ref, BankReceipt.id != receipt.id,
        BankReceipt.state != ReceiptState.OPEN).limit(1)) is None


def _earlier_parts(order: Order, receipt: BankReceipt) -> list[BankReceipt]:
    """Open receipts that named the same order and did not suffice."""
    return list(db.session.scalars(sa.select(BankReceipt).where(
        BankReceipt.order_ref == order.ref, BankReceipt.state == ReceiptState.OPEN, BankReceipt.id != receipt.id)
        .order_by(BankReceipt.id)))


def _pay(order: Order, parts: list[BankReceipt], *, now: datetime, actor: str) -> None:
    for part in parts:
        _decide(part, ReceiptState.PAID, now=now, actor=actor, order_ref=order.ref)
    mark_paid(order.id, amount_cents=order.prepaid_cents, received=True, now=now, actor=actor)


def _decide(receipt: BankReceipt, state: ReceiptState, *, seen: ReceiptState = ReceiptState.OPEN, now: datetime,
            actor: str, **values: Any) -> None:
    """One decision about a receipt, guarded: ReceiptDecided for a second one."""
    guarded = sa.update(BankReceipt).where(BankReceipt.id == receipt.id, BankReceipt.state == seen).values(
        state=state, finding=Finding.NONE, decided_by=actor, decided_at=now, **values)
    if changed_rows(guarded) != 1:
        raise ReceiptDecided(receipt_id=receipt.id)
    db.session.refresh(receipt)


def _account_of(receipt: BankReceipt, iban: str | None) -> str:
    account = checked_iban(iban or receipt.iban)
    if account is None:
        raise WrongIban(receipt_id=receipt.id)
    return account


def _post_return(receipt: BankReceipt, cents: int, *, now: datetime, actor: str) -> None:
    post("receipt_returned", receipt.ref, postings.receipt_returned(cents), at=now,
         dedupe_key=f"{receipt.ref}:to_return", actor=actor)
