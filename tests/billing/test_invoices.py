"""Invoices, credit notes and payments in the database."""
from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from billing import queries, services
from billing.drafts import InvoiceItem
from billing.errors import CreditTooHigh, EmptyInvoice, UnknownInvoice
from billing.models import Invoice, InvoiceCounter, InvoiceLine
from billing.states import InvoiceKind, PaymentMethod
from core import settings
from core.db import db, unit_of_work
from tests.billing.factories import BUYBACK, DEPOSIT, GAS, draft, item


def issue(now: datetime, **changes: Any) -> Invoice:
    with unit_of_work():
        return services.issue_invoice(draft(now, **changes), now=now, actor="driver:3")


def credit(invoice_id: int, items: tuple[InvoiceItem, ...], now: datetime, **changes: Any) -> Invoice:
    with unit_of_work():
        return services.issue_credit_note(invoice_id, items, reason="Odstop", now=now, actor="driver:3", **changes)


def documents() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Invoice)) or 0


def test_an_m10_invoice_keeps_its_lines_vat_and_payments(app: Flask, now: datetime) -> None:
    """H-061 to H-064, X-04, X-11: 2 x 24,90 less 3,00 with 8,44 VAT, 7,00 outside VAT."""
    invoice = issue(now, items=(item(quantity=2), item(unit_gross_cents=-300), DEPOSIT, BUYBACK),
                    payments=(("cash", 700), ("card", 4680), ("ebank", 0)))
    assert (invoice.number, invoice.kind, invoice.total_cents, invoice.taxed_cents, invoice.vat_cents) == (
        "LJ1-SP1-000001", InvoiceKind.INVOICE, 5380, 4680, 844)
    assert [(line.position, line.quantity, line.unit_gross_cents, line.gross_cents, line.vat_permille)
            for line in invoice.lines] == [
        (1, 2, 2490, 4980, 220), (2, 1, -300, -300, 220), (3, 1, 1000, 1000, None), (4, 1, -300, -300, None)]
    assert [(share.vat_permille, share.gross_cents, share.net_cents, share.vat_cents) for share in invoice.shares] == [
        (220, 4680, 3836, 844), (None, 700, 700, 0)]
    assert [(part.method, part.cents) for part in invoice.payments] == [
        (PaymentMethod.CASH, 700), (PaymentMethod.CARD, 4680)]
    assert (invoice.order_ref, invoice.order_number, invoice.buyer_name, invoice.issued_by, invoice.supplied_at) == (
        "order:1", "2026-000123", "Mojca Žagar", "driver:3", now)


def test_numbers_follow_each_other_over_invoices_and_credit_notes(app: Flask, now: datetime) -> None:
    """X-16: one series per premises and device."""
    first = issue(now).id
    credit(first, (GAS,), now)
    issue(now)
    assert [row.number for row in db.session.scalars(sa.select(Invoice).order_by(Invoice.id))] == [
        "LJ1-SP1-000001", "LJ1-SP1-000002", "LJ1-SP1-000003"]


def test_a_number_goes_back_with_the_transaction_that_took_it(app: Flask, now: datetime) -> None:
    issue(now)
    with pytest.raises(ValueError, match="cheque"):
        issue(now, payments=(("cheque", 2490),))
    assert issue(now).number == "LJ1-SP1-000002"


def test_another_device_has_a_series_of_its_own(app: Flask, now: datetime) -> None:
    issue(now)
    with unit_of_work():
        settings.put("invoice_device", "SP2", valid_from=now, set_by="staff:1")
    assert issue(now).number == "LJ1-SP2-000001"
    assert dict(db.session.execute(sa.select(InvoiceCounter.device, InvoiceCounter.last)).all()) == {
        "SP1": 1, "SP2": 1}


def test_an_invoice_without_lines_is_refused_and_takes_no_number(app: Flask, now: datetime) -> None:
    with pytest.raises(EmptyInvoice):
        issue(now, items=())
    assert documents() == 0
    assert issue(now).number == "LJ1-SP1-000001"


def test_a_credit_note_carries_negative_amounts_and_names_its_invoice(app: Flask, now: datetime) -> None:
    """X-24: after M10 the gas and the 10,00 are paid back, the orange cylinder stays sold (H-067)."""
    invoice_id = issue(now, items=(GAS, DEPOSIT, BUYBACK), payments=(("cash", 3190),)).id
    note = credit(invoice_id, (GAS, DEPOSIT), now, payments=[("cash", 3490)])
    assert (note.kind, note.number, note.total_cents, note.vat_cents, note.corrects_id, note.reason) == (
        InvoiceKind.CREDIT_NOTE, "LJ1-SP1-000002", -3490, -449, invoice_id, "Odstop")
    assert [(line.quantity, line.unit_gross_cents, line.gross_cents) for line in note.lines] == [
        (-1, 2490, -2490), (-1, 1000, -1000)]
    assert [(share.vat_permille, share.gross_cents, share.vat_cents) for share in note.shares] == [
        (220, -2490, -449), (None, -1000, 0)]
    assert [part.cents for part in note.payments] == [-3490]
    assert (note.order_ref, note.order_number, note.buyer_name) == ("order:1", "2026-000123", "Mojca Žagar")
    assert [row.id for row in queries.invoices_of("order:1")] == [invoice_id, note.id]


def test_credit_in_parts_never_exceeds_the_invoice_and_sums_to_its_vat(app: Flask, now: datetime) -> None:
    """Three cylinders less a discount of 1,00: 73,70 with 13,29 VAT come back as 24,57 + 24,57 + 24,56."""
    invoice_id = issue(now, items=(item(quantity=3), item(unit_gross_cents=-100))).id
    notes = [credit(invoice_id, (item(unit_gross_cents=cents),), now) for cents in (2457, 2457, 2456)]
    assert [note.vat_cents for note in notes] == [-443, -443, -443]
    assert sum(note.vat_cents for note in notes) == -1329
    assert queries.invoice_by_id(invoice_id).vat_cents == 1329
    with pytest.raises(CreditTooHigh):
        credit(invoice_id, (item(unit_gross_cents=1),), now)
    assert documents() == 4


@pytest.mark.parametrize("items", [
    (item(quantity=2),),
    (GAS, DEPOSIT, DEPOSIT),
    (item(vat_permille=95),),
    (item(unit_gross_cents=-1),),
], ids=["more gas", "more deposits", "another rate", "a negative credit"])
def test_more_than_the_invoice_holds_cannot_be_credited(app: Flask, now: datetime,
                                                        items: tuple[InvoiceItem, ...]) -> None:
    invoice_id = issue(now, items=(GAS, DEPOSIT)).id
    with pytest.raises(CreditTooHigh):
        credit(invoice_id, items, now)
    assert documents() == 1
    assert [share.credited_cents for share in queries.invoice_by_id(invoice_id).shares] == [0, 0]
    assert credit(invoice_id, (GAS, DEPOSIT), now).number == "LJ1-SP1-000002"


def test_only_an_invoice_can_be_credited(app: Flask, now: datetime) -> None:
    note_id = credit(issue(now).id, (GAS,), now).id
    for wrong in (note_id, 999_999):
        with pytest.raises(UnknownInvoice):
            credit(wrong, (GAS,), now)
    assert documents() == 2


def test_an_invoices_lines_are_never_edited(app: Flask, now: datetime) -> None:
    line_id = issue(now).lines[0].id
    db.session.get_one(InvoiceLine, line_id).description_sl = "Drugo"
    with pytest.raises(RuntimeError, match="never edited"):
        db.session.flush()
    db.session.rollback()
    assert db.session.get_one(InvoiceLine, line_id).description_sl == "Plin, zelena jeklenka 10 kg"


@pytest.mark.parametrize("text", ["000001", "lj1-sp1", "2026-000123", "zagar", "Žagar Moj", "  mojca ", ""])
def test_an_invoice_is_found_by_a_part_of_number_order_or_name(app: Flask, now: datetime, text: str) -> None:
    issue(now)
    issue(now, buyer_name="Peter Kos", order_number="2026-000999", order_ref="order:2")
    found = queries.find_invoices(text)
    assert "Mojca Žagar" in [row.buyer_name for row in found.rows]
    assert found.total == (2 if text in ("", "lj1-sp1") else 1)


@pytest.mark.parametrize("text", ["%", "_", "000003", "'; --"])
def test_what_matches_no_invoice_finds_none(app: Flask, now: datetime, text: str) -> None:
    issue(now)
    assert queries.find_invoices(text).total == 0


def test_long_lists_come_in_pages_newest_first(app: Flask, now: datetime) -> None:
    with unit_of_work():
        for _each in range(51):
            services.issue_invoice(draft(now), now=now, actor="driver:3")
    first, second, beyond = (queries.find_invoices("", page=page) for page in (1, 2, 99))
    assert (first.total, first.pages, len(first.rows), first.rows[0].sequence) == (51, 2, 50, 51)
    assert [row.sequence for row in second.rows] == [1]
    assert (beyond.page, [row.sequence for row in beyond.rows]) == (2, [1])


def test_payments_are_kept_with_method_and_scheme(app: Flask, now: datetime) -> None:
    """H-120, H-121, X-04: a split tender is two payments; a refund is a negative one."""
    with unit_of_work():
        services.record_payment(order_ref="order:1", method="cash", amount_cents=700, at=now, actor="driver:3")
        services.record_payment(order_ref="order:1", method="card", amount_cents=4680, at=now, actor="driver:3",
                                scheme="Visa")
        services.record_payment(order_ref="order:1", method="cash", amount_cents=-700, at=now, actor="driver:3")
        services.record_payment(order_ref="order:2", method="ebank", amount_cents=2490, at=now, actor="staff:1")
    assert [(row.method, row.amount_cents, row.scheme) for row in queries.payments_of("order:1")] == [
        (PaymentMethod.CASH, 700, ""), (PaymentMethod.CARD, 4680, "Visa"), (PaymentMethod.CASH, -700, "")]


def test_an_unknown_way_of_paying_is_a_bug(app: Flask, now: datetime) -> None:
    with pytest.raises(ValueError), unit_of_work():
        services.record_payment(order_ref="order:1", method="cheque", amount_cents=1, at=now, actor="x")
    assert queries.payments_of("order:1") == []
