"""Documents as PDF and as a page: the same content, Slovene letters, links that expire (H-124, Y-11)."""
from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from billing import queries, services
from billing.documents import pdf
from billing.models import DepositCertificate, Invoice
from billing.sheets import Sheet, certificate_sheet, invoice_sheet
from core import clock, links, settings
from core.db import unit_of_work
from tests.billing.factories import BUYBACK, DEPOSIT, GAS, draft, item


def issue(now: datetime, **changes: Any) -> Invoice:
    values: dict[str, Any] = {"items": (item(quantity=2), item(unit_gross_cents=-300), DEPOSIT, BUYBACK),
                              "payments": (("cash", 700), ("card", 4680)), "language": "en", **changes}
    with unit_of_work():
        return services.issue_invoice(draft(now, **values), now=now, actor="driver:3")


def credit(invoice_id: int, now: datetime) -> Invoice:
    with unit_of_work():
        return services.issue_credit_note(invoice_id, (GAS, DEPOSIT), reason="Withdrawal", now=now, actor="driver:3",
                                          payments=[("cash", 3490)])


def certificate(now: datetime, **changes: Any) -> DepositCertificate:
    values: dict[str, Any] = {"amount_cents": 1000, "order_ref": "order:1", "order_number": "2026-000123",
                              "customer_id": None, "holder_name": "Mojca Žagar", "language": "en", **changes}
    with unit_of_work():
        return services.issue_certificates(count=1, now=now, **values)[0]


def words(sheet: Sheet) -> list[str]:
    """Every text of a sheet, as it must stand on the paper."""
    found = [sheet.title, sheet.number, *sheet.seller, sheet.buyer_label, *sheet.buyer]
    for label, value in (*sheet.facts, *sheet.payments, *([sheet.total] if sheet.total else [])):
        found += [label, value]
    for line in sheet.lines:
        found += [line.description, line.quantity, line.unit, line.amount]
    for row in sheet.vat:
        found += [row.rate, row.net, row.vat, row.gross]
    return [text for text in (*found, *sheet.notes) if text]


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def read(document: bytes, folder: Path) -> str:
    """The text of a PDF by an independent reader."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is missing (Debian: apt-get install poppler-utils)")
    (folder / "document.pdf").write_bytes(document)
    done = subprocess.run(["pdftotext", "-layout", str(folder / "document.pdf"), "-"], check=True, capture_output=True)
    return plain(done.stdout.decode())


def test_an_invoice_says_who_what_when_and_how_it_was_paid(app: Flask, now: datetime) -> None:
    """H-001 to H-005, H-030, H-124, W-05, X-04."""
    sheet = invoice_sheet(issue(now))
    assert (sheet.title, sheet.number, sheet.language) == ("Invoice", "LJ1-SP1-000001", "en")
    assert sheet.seller == ("Butan plin, d.d.", "Verovškova 64a", "1000 Ljubljana",
                            "Registration number: 5094933000", "VAT number: SI32952902",
                            "080 2005, info@butanplin.si")
    assert sheet.buyer == ("Mojca Žagar", "Šišenska cesta 12, 1000 Ljubljana")
    assert sheet.facts == (("Issued", "Ljubljana, 23. 11. 2026, 12.00"), ("Operator", "V3"),
                           ("Delivered", "23. 11. 2026"), ("Order number", "2026-000123"))
    assert [tuple(map(plain, (line.description, line.quantity, line.unit, line.vat, line.amount)))
            for line in sheet.lines] == [
        ("Gas", "2", "24,90 EUR", "22 %", "49,80 EUR"), ("Gas", "1", "−3,00 EUR", "22 %", "−3,00 EUR"),
        ("Deposit", "1", "10,00 EUR", "outside VAT", "10,00 EUR"),
        ("Bought orange cylinder", "1", "−3,00 EUR", "outside VAT", "−3,00 EUR")]
    assert sheet.total is not None
    assert plain(sheet.total[1]) == "53,80 EUR"
    assert [tuple(map(plain, (row.rate, row.net, row.vat, row.gross))) for row in sheet.vat] == [
        ("22 %", "38,36 EUR", "8,44 EUR", "46,80 EUR"), ("outside VAT", "7,00 EUR", "0,00 EUR", "7,00 EUR")]
    assert [(label, plain(value)) for label, value in sheet.payments] == [("Cash", "7,00 EUR"), ("Card", "46,80 EUR")]


def test_a_credit_note_names_its_invoice_and_the_reason(app: Flask, now: datetime) -> None:
    """H-166."""
    invoice_id = issue(now).id
    sheet = invoice_sheet(credit(invoice_id, now))
    assert (sheet.title, sheet.number) == ("Credit note", "LJ1-SP1-000002")
    assert ("For the invoice", "LJ1-SP1-000001") in sheet.facts
    assert ("Invoice date", "23. 11. 2026") in sheet.facts
    assert ("Reason", "Withdrawal") in sheet.facts
    assert [line.quantity for line in sheet.lines] == ["−1", "−1"]
    assert sheet.total is not None
    assert plain(sheet.total[1]) == "−34,90 EUR"


def test_a_certificate_says_amount_holder_and_how_it_is_paid_out(app: Flask, now: datetime) -> None:
    """H-052, H-053, H-091, H-092, X-08."""
    made = certificate(now, amount_cents=834)
    sheet = certificate_sheet(made)
    assert (sheet.title, sheet.number, sheet.buyer) == ("Deposit certificate", "KP-2026-000001", ("Mojca Žagar",))
    assert sheet.total is not None
    assert plain(sheet.total[1]) == "8,34 EUR"
    assert "without interest" in sheet.notes[0]
    assert sheet.notes[1].endswith("call 080 2005.")
    with unit_of_work():
        services.pay_out_certificate(made.number, "case:1", now)
    assert certificate_sheet(made).notes[0] == "This certificate is no longer valid since 23. 11. 2026."


def test_a_document_keeps_the_companys_facts_of_its_day(app: Flask, now: datetime) -> None:
    invoice = issue(now)
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "address": "Nova ulica 1", "iban": "SI56020170014356205"},
                     valid_from=now + timedelta(days=1), set_by="staff:1")
    assert invoice_sheet(invoice).seller[1] == "Verovškova 64a"
    later = invoice_sheet(issue(now + timedelta(days=2)))
    assert (later.seller[1], later.seller[-1]) == ("Nova ulica 1", "IBAN SI56020170014356205")


@pytest.mark.parametrize("language", ["sl", "en"])
def test_every_text_of_the_sheet_stands_in_the_pdf(app: Flask, now: datetime, tmp_path: Path, language: str) -> None:
    """Read back by another program, with its Slovene letters."""
    buyer = "Žiga Črnčec-Đurić"
    invoice = issue(now, language=language, buyer_name=buyer, items=(
        item(description_sl="Zelena jeklenka, menjava šč", description_en="Green cylinder, exchange"), DEPOSIT))
    note = credit(invoice.id, now)
    for sheet in (invoice_sheet(invoice), invoice_sheet(note), certificate_sheet(certificate(now, language=language))):
        text = read(pdf(sheet), tmp_path)
        missing = [one for one in words(sheet)
                   if not all(word in text for word in plain(one).split(" "))]
        assert missing == []
    assert buyer in read(pdf(invoice_sheet(invoice)), tmp_path)


def test_the_pdf_is_one_a4_page_with_our_two_fonts(app: Flask, now: datetime) -> None:
    document = pdf(invoice_sheet(issue(now)), compressed=False)
    assert document.startswith(b"%PDF-")
    assert document.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 595.28 841.89]" in document
    assert document.count(b"/Subtype /Type0") == 2
    assert len(document) < 150_000


def test_the_pdf_of_the_same_document_is_the_same(app: Flask, now: datetime) -> None:
    invoice = issue(now)
    assert pdf(invoice_sheet(invoice)) == pdf(invoice_sheet(invoice))


def test_an_invoice_of_many_lines_goes_on_over_pages(app: Flask, now: datetime, tmp_path: Path) -> None:
    sheet = invoice_sheet(issue(now, items=tuple(item(description_en=f"Line {n}") for n in range(1, 61))))
    document = pdf(sheet, compressed=False)
    assert document.count(b"/Type /Page\n") == 3
    text = read(document, tmp_path)
    assert "Page 3" in text
    assert all(f"Line {n} " in text for n in range(1, 61))


def test_long_names_wrap_and_unknown_letters_do_not_break_the_page(app: Flask, now: datetime, tmp_path: Path) -> None:
    sheet = replace(invoice_sheet(issue(now)), buyer=("W" * 80, "Ș \u4e2d 😀"))
    assert read(pdf(sheet), tmp_path).count("W") >= 80


# The public link


def link(now: datetime) -> str:
    return queries.invoice_link(issue(now).id)


def test_the_link_shows_the_document_to_whoever_has_it(app: Flask, client: FlaskClient, now: datetime) -> None:
    invoice = issue(now)
    path = queries.invoice_link(invoice.id)
    page = client.get(f"{path}?lang=sl")
    text = plain(page.get_data(as_text=True))
    assert (page.status_code, page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == (
        200, "no-store", "noindex")
    assert [one for one in words(invoice_sheet(invoice)) if plain(one) not in text] == []
    assert f'href="{path}.pdf"' in text


def test_the_link_of_a_certificate_shows_the_certificate(app: Flask, client: FlaskClient, now: datetime) -> None:
    issue(now)
    made = certificate(now)
    text = plain(client.get(queries.certificate_link(made.id)).get_data(as_text=True))
    assert [one for one in words(certificate_sheet(made)) if plain(one) not in text] == []


def test_the_pdf_behind_the_link_opens_in_the_browser(app: Flask, client: FlaskClient, now: datetime) -> None:
    answer = client.get(link(now) + ".pdf")
    assert (answer.status_code, answer.mimetype, answer.headers["Content-Disposition"]) == (
        200, "application/pdf", 'inline; filename="LJ1-SP1-000001.pdf"')
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("suffix", ["", ".pdf"])
def test_an_expired_link_says_so(app: Flask, client: FlaskClient, now: datetime, suffix: str) -> None:
    """Y-11: valid for `link_days`."""
    invoice_id = issue(now).id
    path = queries.invoice_link(invoice_id)
    clock.advance(timedelta(days=60) - timedelta(seconds=1))
    assert client.get(path + suffix).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert client.get(path + suffix).status_code == 410
    assert queries.invoice_link(invoice_id) == ""


def test_foreign_and_invented_links_show_nothing(app: Flask, client: FlaskClient, now: datetime) -> None:
    invoice = issue(now)
    with unit_of_work():
        foreign = links.issue("order", invoice.id, now + timedelta(days=1))
    for token in (foreign, "AAAAAAAAAA", "x", "č", "' OR 1=1"):
        for suffix in ("", ".pdf"):
            answer = client.get(f"/r/{token}{suffix}")
            assert answer.status_code == 404
            assert b"Mojca" not in answer.data


def test_guessing_is_stopped(app: Flask, client: FlaskClient, now: datetime) -> None:
    path = link(now)
    for _each in range(30):
        client.get("/r/AAAAAAAAAA")
    assert client.get("/r/AAAAAAAAAA").status_code == 429
    assert client.get(path).status_code == 429
    clock.advance(timedelta(minutes=11))
    assert client.get(path).status_code == 200


def test_without_a_document_there_is_no_link(app: Flask, now: datetime) -> None:
    assert (queries.invoice_link(999), queries.certificate_link(999)) == ("", "")
