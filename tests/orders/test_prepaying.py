"""orders/prepaying.py: how an e-bank order is paid before its delivery (H-123, X-03, X-04, Y-15)."""
from __future__ import annotations

import io
from datetime import date, datetime

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from billing.bank import upn
from billing.documents import pdf
from core import settings
from core.db import unit_of_work
from orders.prepaying import payment_slip, proforma
from orders.services import mark_paid
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from tests.factories import make_delivered_order, make_order, one, order_token
from tests.orders.fakes import FakePromises

IBAN = "SI56020170014356205"


@pytest.fixture(autouse=True)
def _account(plan: FakePromises, now: datetime) -> None:
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "iban": IBAN}, valid_from=now, set_by="test")


def test_the_slip_asks_for_the_gas_alone_with_the_orders_own_reference(now: datetime) -> None:
    """X-04: the deposit of K is paid at the door. H-123: a day before delivery at the latest."""
    order = make_order(payment=P.EBANK, lines=one(E.K))
    slip = payment_slip(order, now)
    assert slip is not None
    assert (slip.amount_cents, slip.iban, slip.payee_name) == (2490, IBAN, "Butan plin, d.d.")
    assert (slip.reference, slip.due_on) == ("SI1220260000019", date(2026, 11, 23))
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(upn.bitmap(slip))))
    assert [code.bytes.decode(upn.CHARSET) for code in read] == [upn.content(slip)]


def test_an_order_that_is_paid_or_paid_at_the_door_has_no_slip(now: datetime) -> None:
    paid = make_order(payment=P.EBANK)
    with unit_of_work():
        mark_paid(paid.id, amount_cents=2490, now=now, actor="staff:1")
    assert payment_slip(paid, now) is None
    assert payment_slip(make_order(), now) is None


def test_without_an_account_of_the_company_nobody_is_asked_to_pay_to_nowhere(now: datetime) -> None:
    with unit_of_work():
        settings.put("company", {**settings.get("company"), "iban": ""}, valid_from=now, set_by="test")
    order = make_order(payment=P.EBANK)
    assert payment_slip(order, now) is None
    assert proforma(order, now).slip is None


def test_the_proforma_adds_up_and_says_that_it_is_no_invoice(now: datetime) -> None:
    order = make_order(payment=P.EBANK, lines=one(E.K, 2), language="en")
    sheet = proforma(order, now)
    assert sheet.total is not None
    assert (sheet.title, sheet.number, sheet.total[1]) == ("Pro-forma invoice", order.number, "49,80\u00a0EUR")
    assert [line.amount for line in sheet.lines] == ["49,80\u00a0EUR"]
    assert [(row.net, row.vat) for row in sheet.vat] == [("40,82\u00a0EUR", "8,98\u00a0EUR")]
    assert sheet.notes[0].startswith("This is not an invoice")
    assert len(pdf(sheet)) > len(pdf(proforma(make_delivered_order(payment=P.EBANK), now)))  # that one has no code


def test_the_customers_page_shows_the_code_and_leads_to_the_proforma(client: FlaskClient) -> None:
    token = order_token(make_order(payment=P.EBANK))
    page = client.get(f"/t/{token}").get_data(as_text=True)
    assert 'data-testid="slip"' in page
    assert 'viewBox="0 0 85 85"' in page
    assert "SI12 20260000019" in page
    assert client.get(f"/t/{token}/proforma").status_code == 200
    document = client.get(f"/t/{token}/proforma.pdf")
    assert (document.status_code, document.mimetype, document.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_a_door_order_has_no_proforma_and_a_foreign_link_shows_none(client: FlaskClient) -> None:
    assert client.get(f"/t/{order_token(make_order())}/proforma").status_code == 404
    assert client.get("/t/AAAAAAAAAA/proforma.pdf").status_code == 404
