"""Sending what waits for its unique mark, in the background."""
from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from billing.fiscal.adapters import FiscalRefusal, Unreachable, adapter
from billing.fiscal.keys import keys
from billing.fiscal.messages import VatShare, Verified, request_body, signed
from billing.fiscal.models import FiscalRecord
from billing.fiscal.services import facts_of
from billing.fiscal.states import FiscalState
from billing.models import Invoice
from core import calendar, settings
from core.clock import utc_now
from core.db import changed_rows, db, unit_of_work

AT_ONCE = 20  # documents of one sweep
LEASE = timedelta(minutes=2)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30))  # after each vain attempt, the last again


def send_due() -> int:
    """Send what waits, each in a claim of its own; how many got their unique mark."""
    now = utc_now()
    due = db.session.scalars(sa.select(FiscalRecord.id).where(
        FiscalRecord.state == FiscalState.WAITING, FiscalRecord.next_at <= now)
        .order_by(FiscalRecord.id).limit(AT_ONCE)).all()
    db.session.rollback()
    return sum(_send(record_id) for record_id in due)


def _send(record_id: int) -> bool:
    """Claim one, ask without holding a transaction, and write down what came."""
    now = utc_now()
    with unit_of_work():
        claim = sa.update(FiscalRecord).where(
            FiscalRecord.id == record_id, FiscalRecord.state == FiscalState.WAITING, FiscalRecord.next_at <= now)
        if changed_rows(claim.values(next_at=now + LEASE, attempts=FiscalRecord.attempts + 1)) != 1:
            return False
        record = db.session.get_one(FiscalRecord, record_id, populate_existing=True)
        token = signed(request_body(_document(record), sent=calendar.local(now)), keys())
        pause = PAUSES[min(record.attempts, len(PAUSES)) - 1]
    try:
        found = {"eor": adapter().verify(token), "state": FiscalState.CONFIRMED, "confirmed_at": utc_now(), "error": ""}
    except Unreachable as error:
        found = {"next_at": utc_now() + pause, "error": str(error)[:300]}
    except FiscalRefusal as refusal:
        found = {"state": FiscalState.REFUSED, "error": str(refusal)[:300]}
    with unit_of_work():
        changed_rows(sa.update(FiscalRecord).where(FiscalRecord.id == record_id,
                                                   FiscalRecord.state == FiscalState.WAITING).values(**found))
    return "eor" in found


def _document(record: FiscalRecord) -> Verified:
    invoice = record.invoice
    shares = [VatShare(rate_permille=share.vat_permille, net_cents=share.net_cents, vat_cents=share.vat_cents)
              for share in invoice.shares if share.vat_permille is not None]
    return Verified(
        operator_tax_number=_operator(invoice, record.tax_number),
        facts=facts_of(invoice, record.tax_number), zoi=record.zoi, shares=shares, subsequent=record.attempts > 1,
        outside_vat_cents=sum(share.gross_cents for share in invoice.shares if share.vat_permille is None),
        corrects=facts_of(invoice.corrects, record.tax_number) if invoice.corrects is not None else None)


def _operator(invoice: Invoice, companys: str) -> str:
    """The tax number of who issued a document, or the company's where none with eight digits is set."""
    number = str(settings.get("fiscal_operators", invoice.issued_at).get(invoice.issued_by, ""))
    return number if re.fullmatch(r"[0-9]{8}", number) else companys
