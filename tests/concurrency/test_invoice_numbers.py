"""Numbers, credit and certificates under a race, on both databases (X-16, H-093).

On PostgreSQL each was seen to fail with its guard removed; the docstrings say how. On SQLite numbers and pay-outs
hold even then, as a unit of work begins with BEGIN IMMEDIATE: there they show that nobody is turned away by a lock.
"""
from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask

from billing import ledger, postings, queries, services
from billing.models import DepositCertificate, Invoice, InvoiceCounter, LedgerEntry, LedgerTransaction
from billing.states import CertificateStatus
from core import settings
from core.db import db, unit_of_work
from core.errors import DomainError
from tests.billing.factories import GAS, draft
from tests.concurrency.racing import race


class GivenUp(DomainError):
    """A transaction that changes its mind after it took a number."""

    code = "given_up"


def test_30_invoices_at_once_are_numbered_1_to_n_per_device_though_some_roll_back(app: Flask, now: datetime) -> None:
    """X-16: every third gives up after it took its number; no gap and no double is left on either device.

    On one device, with the highest number read and raised by one instead of the counter's UPDATE, 28 of the 30
    broke on the UNIQUE index; without the index too, number 1 was given six times and more.
    """
    later = now + timedelta(hours=1)
    with unit_of_work():
        settings.put("invoice_device", "SP2", valid_from=later, set_by="test")

    def issue(n: int) -> None:
        with unit_of_work():
            services.issue_invoice(draft(now, order_ref=f"order:{n}"), now=later if n % 2 else now, actor="driver:3")
            if n % 3 == 0:
                raise GivenUp

    assert race(app, 30, issue) == {"won": 20, "GivenUp": 10}
    assert sorted(db.session.scalars(sa.select(Invoice.number))) == [
        f"LJ1-{device}-{n:06d}" for device in ("SP1", "SP2") for n in range(1, 11)]
    assert sorted((counter.device, counter.last) for counter in db.session.scalars(sa.select(InvoiceCounter))) == [
        ("SP1", 10), ("SP2", 10)]


def test_an_invoice_is_credited_no_more_than_once_by_ten_at_once(app: Flask, now: datetime) -> None:
    """Without the test of `_take_credit` in the WHERE, nine broke on the CHECK; without the CHECK too, all ten won
    (on both databases)."""
    with unit_of_work():
        invoice_id = services.issue_invoice(draft(now), now=now, actor="driver:3").id

    def credit(_n: int) -> None:
        with unit_of_work():
            services.issue_credit_note(invoice_id, (GAS,), reason="Odstop", now=now, actor="driver:3")

    assert race(app, 10, credit) == {"won": 1, "CreditTooHigh": 9}
    assert sorted(db.session.scalars(sa.select(Invoice.total_cents))) == [-2490, 2490]
    assert [share.credited_cents for share in queries.invoice_by_id(invoice_id).shares] == [2490]


def test_a_certificate_is_paid_out_once_by_ten_at_once(app: Flask, now: datetime) -> None:
    """H-093: worth its amount once. Without the status in the WHERE of `_end` all ten were paid."""
    with unit_of_work():
        services.issue_certificates(count=1, amount_cents=1000, order_ref="order:1", customer_id=None,
                                    holder_name="Mojca Žagar", now=now)

    def pay(n: int) -> None:
        with unit_of_work():
            services.pay_out_certificate("KP-2026-000001", f"case:{n}", now, actor="driver:3")

    assert race(app, 10, pay) == {"won": 1, "CertificateEnded": 9}
    assert db.session.scalars(sa.select(DepositCertificate.status)).all() == [CertificateStatus.PAID_OUT]


def test_certificates_issued_at_once_have_numbers_of_their_own(app: Flask, now: datetime) -> None:
    """With the rows counted instead of the counter's UPDATE, nine of ten broke on the UNIQUE index."""
    def issue(n: int) -> None:
        with unit_of_work():
            services.issue_certificates(count=2, amount_cents=1000, order_ref=f"order:{n}", customer_id=None,
                                        holder_name="Mojca Žagar", now=now)

    assert race(app, 10, issue) == {"won": 10}
    assert sorted(db.session.scalars(sa.select(DepositCertificate.number))) == [
        f"KP-2026-{n:06d}" for n in range(1, 21)]


def test_the_same_event_is_posted_once_by_ten_at_once(app: Flask, now: datetime) -> None:
    """A repeated post gives the first transaction. With entries added whether or not it was new, there were 20."""
    def post(_n: int) -> None:
        with unit_of_work():
            ledger.post("load", "shift:1", postings.stock_load(1, 2, "Z10", 20), at=now, dedupe_key="load:1",
                        actor="staff:1")

    assert race(app, 10, post) == {"won": 10}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerTransaction)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) == 2
    assert ledger.balance("vehicle:2:full", "Z10") == 20
