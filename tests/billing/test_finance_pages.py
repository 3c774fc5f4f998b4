"""Finance's desk through pages: today, invoices, certificates, ledger."""
from __future__ import annotations

from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from billing import ledger, postings, services
from billing.words import AccountWords
from core import clock
from core.db import unit_of_work
from core.i18n import in_language
from core.roles import Role
from tests.billing.factories import DEPOSIT, GAS, draft, sign_in
from tests.factories import signed_in

PAGES = ("/finance/", "/finance/invoices", "/finance/certificates", "/finance/ledger")


class Rows(HTMLParser):
    """The texts of all elements with a `data-` attribute of a name, by its value."""

    def __init__(self, attribute: str, page: str) -> None:
        super().__init__()
        self.attribute, self.depth, self.value = attribute, 0, ""
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Holds no text."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth and tag not in ("br", "img", "input"):
            self.depth += 1
        value = dict(attrs).get(self.attribute)
        if not self.depth and value is not None:
            self.depth, self.value = 1, value

    def handle_endtag(self, tag: str) -> None:
        self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.found[self.value] = " ".join((self.found.get(self.value, "") + " " + data).split())


def rows(client: FlaskClient, url: str, attribute: str) -> dict[str, str]:
    answer = client.get(url + ("&" if "?" in url else "?") + "lang=en")
    assert answer.status_code == 200
    found = Rows(attribute, answer.get_data(as_text=True)).found
    return {key: text.replace("\u00a0", " ") for key, text in found.items()}


def make_day(now: datetime) -> tuple[int, int]:
    """A K delivered for cash, its credit note, and a load: (invoice id, transaction id)."""
    with unit_of_work():
        invoice = services.issue_invoice(draft(now, items=(GAS, DEPOSIT), payments=(("cash", 3490),)), now=now,
                                         actor="driver:3")
        services.issue_certificates(count=2, amount_cents=1000, order_ref="order:1", order_number="2026-000123",
                                    customer_id=None, holder_name="Mojca Žagar", now=now)
        services.record_payment(order_ref="order:1", method="cash", amount_cents=3490, at=now, actor="driver:3")
        posted = ledger.post(
            "delivery", "order:1", postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449,
                                                             deposit_cents=1000, cash_cents=3490)
            + postings.k(2, "Z10", 1), at=now, dedupe_key="delivery:1", actor="driver:3")
        ledger.post("load", "shift:1", postings.stock_load(1, 2, "Z10", 20), at=now, dedupe_key="load:1",
                    actor="staff:1")
        services.issue_credit_note(invoice.id, (GAS,), reason="Odstop", now=now, actor="driver:3")
        services.pay_out_certificate("KP-2026-000001", "case:7", now)
        return invoice.id, posted.id


@pytest.mark.parametrize("path", [*PAGES, "/finance/invoices/1", "/finance/invoices/1.pdf", "/finance/ledger/1",
                                  "/finance/certificates/1", "/finance/certificates/1.pdf"])
def test_guests_sign_in_and_other_roles_stay_out(app: Flask, client: FlaskClient, now: datetime, path: str) -> None:
    """H-108, Y-16."""
    assert client.get(path).status_code == 302
    sign_in(client, Role.DRIVER)
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("path", PAGES)
def test_finance_auditor_and_administrator_see_every_page_also_when_it_is_empty(
        app: Flask, client: FlaskClient, now: datetime, role: Role, path: str) -> None:
    sign_in(client, role)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_today_shows_cash_per_driver_documents_and_debts(app: Flask, client: FlaskClient, now: datetime) -> None:
    make_day(now)
    sign_in(client)
    assert rows(client, "/finance/", "data-account") == {
        "cash:driver:3": "Cash: driver 3 34,90 EUR", "liability:refunds": "Refunds due 0,00 EUR",
        "liability:prepayments": "Prepayments 0,00 EUR", "liability:deposits": "Deposits held 10,00 EUR",
        "liability:legacy_deposits": "Deposits from before the ledger 0,00 EUR"}
    assert rows(client, "/finance/", "data-kind") == {
        "invoice": "Invoices 1 4,49 EUR 34,90 EUR", "credit_note": "Credit notes 1 −4,49 EUR −24,90 EUR"}
    assert rows(client, "/finance/", "data-state") == {"done": "The ledger balances"}


def test_today_ends_at_ljubljanas_midnight(app: Flask, client: FlaskClient, now: datetime) -> None:
    make_day(now)
    sign_in(client)
    clock.advance(timedelta(hours=12))
    assert rows(client, "/finance/", "data-kind")["invoice"] == "Invoices 0 0,00 EUR 0,00 EUR"
    assert "34,90 EUR" in rows(client, "/finance/", "data-account")["cash:driver:3"]


def test_names_of_drivers_come_from_whoever_knows_them(app: Flask, client: FlaskClient, now: datetime,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    make_day(now)
    sign_in(client)
    monkeypatch.setitem(app.extensions, "carrier_names", lambda kind: {3: "Rok Kos"} if kind == "driver" else {})
    assert rows(client, "/finance/", "data-account")["cash:driver:3"] == "Cash: Rok Kos 34,90 EUR"


def test_invoices_are_listed_and_searched(app: Flask, client: FlaskClient, now: datetime) -> None:
    make_day(now)
    sign_in(client)
    assert rows(client, "/finance/invoices", "data-number") == {
        "LJ1-SP1-000002": "LJ1-SP1-000002 Credit note 23. 11. 2026, 12.00 2026-000123 Mojca Žagar −4,49 EUR "
                          "−24,90 EUR PDF",
        "LJ1-SP1-000001": "LJ1-SP1-000001 Invoice 23. 11. 2026, 12.00 2026-000123 Mojca Žagar 4,49 EUR 34,90 EUR PDF"}
    assert list(rows(client, "/finance/invoices?search=000001", "data-number")) == ["LJ1-SP1-000001"]
    assert rows(client, "/finance/invoices?search=nobody", "data-number") == {}


def test_a_document_opens_on_the_desk_and_as_pdf(app: Flask, client: FlaskClient, now: datetime) -> None:
    invoice_id, _posted = make_day(now)
    sign_in(client)
    page = client.get(f"/finance/invoices/{invoice_id}").get_data(as_text=True)
    assert 'data-testid="number">LJ1-SP1-000001<' in page
    assert client.get(f"/finance/invoices/{invoice_id}.pdf").data.startswith(b"%PDF-")
    assert client.get("/finance/invoices/999999").status_code == 404
    assert client.get("/finance/invoices/999999.pdf").status_code == 404


def test_certificates_are_listed_searched_and_opened(app: Flask, client: FlaskClient, now: datetime) -> None:
    make_day(now)
    sign_in(client)
    found = rows(client, "/finance/certificates", "data-number")
    assert found == {
        "KP-2026-000002": "KP-2026-000002 valid 23. 11. 2026 2026-000123 Mojca Žagar 10,00 EUR PDF",
        "KP-2026-000001": "KP-2026-000001 paid out 23. 11. 2026 23. 11. 2026 case:7 2026-000123 Mojca Žagar "
                          "10,00 EUR PDF"}
    assert list(rows(client, "/finance/certificates?search=000002", "data-number")) == ["KP-2026-000002"]
    page = client.get("/finance/certificates").get_data(as_text=True)
    path = page.split('href="/finance/certificates/')[1].split('"')[0]
    assert client.get(f"/finance/certificates/{path}").status_code == 200
    assert client.get(f"/finance/certificates/{path}.pdf").data.startswith(b"%PDF-")
    assert client.get("/finance/certificates/999999").status_code == 404


def test_a_lost_certificate_is_replaced_once_by_finance(app: Flask, client: FlaskClient, now: datetime) -> None:
    """H-052, H-093: the same amount, another number; an auditor only looks."""
    make_day(now)
    sign_in(client)
    page = client.get("/finance/certificates?search=000002").get_data(as_text=True)
    path = "/finance/certificates/" + page.split('href="/finance/certificates/')[1].split('"')[0]
    assert 'data-testid="replace"' in client.get(path).get_data(as_text=True)
    sent = {"holder": "Luka Žagar", "reason": "Izgubljeno"}
    for wrong in ({"holder": ""}, {"reason": ""}, {"holder": "<script>"}, {"reason": "x" * 61}):
        assert client.post(f"{path}/replace", data=sent | wrong).status_code == 422
    assert signed_in(app, Role.AUDITOR).post(f"{path}/replace", data=sent).status_code == 403
    made = client.post(f"{path}/replace", data=sent)
    assert made.status_code == 303
    assert "KP-2026-000003" in client.get(made.location).get_data(as_text=True)
    assert client.post(f"{path}/replace", data=sent).status_code == 409
    assert 'data-testid="replace"' not in client.get(path).get_data(as_text=True)
    found = rows(client, "/finance/certificates", "data-number")
    assert "valid" in found["KP-2026-000003"]
    assert "Luka Žagar 10,00 EUR" in found["KP-2026-000003"]
    assert "replaced" in found["KP-2026-000002"]


def test_the_ledger_is_filtered_by_account_with_its_balance(app: Flask, client: FlaskClient, now: datetime) -> None:
    _invoice, posted = make_day(now)
    sign_in(client)
    assert len(rows(client, "/finance/ledger", "data-transaction")) == 2
    one = rows(client, "/finance/ledger?account=vehicle:2:full", "data-unit")
    assert one == {"Z10": "19 Z10"}
    cash = rows(client, "/finance/ledger?account=cash:driver:3", "data-transaction")
    assert cash == {str(posted): f"{posted} 23. 11. 2026, 12.00 Delivery order:1 Cash: driver 3 34,90 EUR"}
    assert rows(client, "/finance/ledger?account=nobody", "data-transaction") == {}


def test_a_transaction_shows_its_entries_and_equal_sums(app: Flask, client: FlaskClient, now: datetime) -> None:
    _invoice, posted = make_day(now)
    sign_in(client)
    assert rows(client, f"/finance/ledger/{posted}", "data-account") == {
        "cash:driver:3": "Cash: driver 3 34,90 EUR", "revenue:gas": "Revenue from gas 20,41 EUR",
        "vat": "VAT due 4,49 EUR", "liability:deposits": "Deposits held 10,00 EUR",
        "vehicle:2:full": "Van 2, full cylinders 1 Z10", "customers": "Cylinders with customers 1 Z10"}
    assert rows(client, f"/finance/ledger/{posted}", "data-sum") == {
        "EUR": "Sum 34,90 EUR 34,90 EUR", "Z10": "Sum 1 Z10 1 Z10"}
    assert client.get("/finance/ledger/999999").status_code == 404


@pytest.mark.parametrize("query", ["page=0", "page=-3", "page=99999999999999999999", "page=x", "search=%27;--",
                                   "search=" + "x" * 500, "account=" + "x" * 500, "account=%27;--"])
def test_odd_queries_are_answered_with_a_page(app: Flask, client: FlaskClient, now: datetime, query: str) -> None:
    make_day(now)
    sign_in(client)
    for path in PAGES[1:]:
        assert client.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize(("account", "word"), [
    ("cash:driver:3", "Cash: driver 3"), ("vehicle:2:empty", "Van 2, empty cylinders"),
    ("vehicle:2:held", "Van 2, doubted cylinders"), ("depot:1:full", "Depot 1, full cylinders"),
    ("liability:deposits", "Deposits held"), ("something:else", "something:else"), ("depot:x:full", "depot:x:full"),
    ("vehicle:2:odd", "vehicle:2:odd")])
def test_every_account_has_a_word_and_unknown_ones_keep_their_name(app: Flask, account: str, word: str) -> None:
    with in_language("en"):
        assert AccountWords().word(account) == word
