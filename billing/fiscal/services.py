"""Sealing a document with its mark, what is waited for, and copies that say which one they are."""
from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from billing.fiscal.errors import NothingToRetry
from billing.fiscal.keys import keys
from billing.fiscal.models import CopyCounter, FiscalRecord
from billing.fiscal.protective_mark import MarkedFacts, protective_mark
from billing.fiscal.states import FiscalState
from billing.models import Invoice
from billing.states import PaymentMethod
from core import audit, calendar, settings
from core.db import after_commit, changed_rows, db, insert_new
from core.tasks import kick

SWEEP = "fiscal"
WORKING_DAYS = 2  # within which the tax administration wants what could not be sent


def seal(invoice: Invoice, now: datetime) -> FiscalRecord | None:
    """Mark a document paid (or paid back) by anything but a bank transfer, in its own transaction.

    A credit note of a marked invoice is marked whatever the way. None where no mark is due.
    """
    by_bank = all(part.method is PaymentMethod.EBANK for part in invoice.payments)
    corrected = record_of(invoice.corrects_id) if invoice.corrects_id is not None else None
    if by_bank and corrected is None:
        return None
    tax_number = settings.get("company", now)["vat_number"].removeprefix("SI")
    record = FiscalRecord(invoice_id=invoice.id, tax_number=tax_number, state=FiscalState.WAITING, next_at=now,
                          zoi=protective_mark(facts_of(invoice, tax_number), keys().key))
    db.session.add(record)
    db.session.flush()
    after_commit(lambda: kick(SWEEP))
    return record


def facts_of(invoice: Invoice, tax_number: str) -> MarkedFacts:
    """What the mark of a document seals."""
    return MarkedFacts(tax_number=tax_number, issued=calendar.local(invoice.issued_at), sequence=invoice.sequence,
                       premise=invoice.premise, device=invoice.device, amount_cents=invoice.total_cents)


def record_of(invoice_id: int) -> FiscalRecord | None:
    """The verification of a document, if it needs one."""
    return db.session.scalar(sa.select(FiscalRecord).where(FiscalRecord.invoice_id == invoice_id))


def retry(record_id: int, *, now: datetime, actor: str) -> FiscalRecord:
    """A person says that a refused or waiting one is to be sent again now. NothingToRetry for a confirmed one."""
    guarded = sa.update(FiscalRecord).where(FiscalRecord.id == record_id, FiscalRecord.state != FiscalState.CONFIRMED)
    if changed_rows(guarded.values(state=FiscalState.WAITING, next_at=now)) != 1:
        raise NothingToRetry(record_id=record_id)
    audit.record("fiscal_retried", f"fiscal:{record_id}", actor=actor)
    after_commit(lambda: kick(SWEEP))
    return db.session.get_one(FiscalRecord, record_id)


def last_day(record: FiscalRecord) -> date:
    """Until when a document has to be verified: two working days after it was issued."""
    return _last_day(calendar.local_date(record.invoice.issued_at))


def overdue(now: datetime) -> int:
    """How many documents have no unique mark after their last day."""
    first = today = calendar.local_date(now)
    while _last_day(first - timedelta(days=1)) >= today:
        first -= timedelta(days=1)
    return db.session.scalar(sa.select(sa.func.count(FiscalRecord.id)).join(Invoice).where(
        FiscalRecord.state != FiscalState.CONFIRMED, Invoice.issued_at < calendar.start_of_day(first))) or 0


def _last_day(day: date) -> date:
    for _number in range(WORKING_DAYS):
        day += timedelta(days=1)
        while not calendar.is_working_day(day):
            day += timedelta(days=1)
    return day


def next_copy(invoice_id: int) -> int:
    """The number of the next copy of a document: 1, 2, 3, each once."""
    insert_new(CopyCounter, ["invoice_id"], {"invoice_id": invoice_id, "last": 0})
    row = CopyCounter.invoice_id == invoice_id
    changed_rows(sa.update(CopyCounter).where(row).values(last=CopyCounter.last + 1))
    return db.session.scalars(sa.select(CopyCounter.last).where(row)).one()
