"""Verification of cash and card documents: sealed with them, sent in the background, never lost (X-16, Y-15)."""
from __future__ import annotations

import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Flask

from billing import services
from billing.documents import pdf
from billing.fiscal import services as fiscal
from billing.fiscal.adapters import EXTENSION, FiscalRefusal, Simulator, TaxAdministration, Unreachable
from billing.fiscal.keys import Keys, keys
from billing.fiscal.messages import signed
from billing.fiscal.models import FiscalRecord
from billing.fiscal.protective_mark import protective_mark
from billing.fiscal.states import FiscalState
from billing.fiscal.worker import send_due
from billing.models import Invoice
from billing.receipts80 import strip
from billing.sheets import as_copy, invoice_sheet
from core import clock, health, settings
from core.db import db, unit_of_work
from core.roles import Role
from tests.billing.factories import DEPOSIT, GAS, draft
from tests.concurrency.racing import race
from tests.factories import signed_in

S = FiscalState


def issue(now: datetime, method: str = "cash", **values: Any) -> Invoice:
    with unit_of_work():
        return services.issue_invoice(draft(now, items=(GAS, DEPOSIT), payments=((method, 3490),), **values), now=now,
                                      actor="driver:3")


def simulator(mode: str, now: datetime) -> None:
    with unit_of_work():
        settings.put("fiscal_simulator", mode, valid_from=now, set_by="test")


@contextmanager
def heard(app: Flask) -> Iterator[list[str]]:
    """What the stand-in is sent meanwhile."""
    tokens: list[str] = []

    class Listening(Simulator):
        def verify(self, token: str) -> str:
            tokens.append(token)
            return super().verify(token)

    app.extensions[EXTENSION] = Listening()
    yield tokens
    del app.extensions[EXTENSION]


def the_record() -> FiscalRecord:
    db.session.expire_all()
    return db.session.scalars(sa.select(FiscalRecord)).one()


def test_a_cash_invoice_is_sealed_at_once_and_confirmed_by_the_next_sweep(app: Flask, now: datetime) -> None:
    invoice = issue(now)
    record = the_record()
    assert (record.state, record.eor, record.tax_number) == (S.WAITING, "", "32952902")
    assert record.zoi == protective_mark(fiscal.facts_of(invoice, "32952902"), keys().key)
    assert send_due() == 1
    record = the_record()
    assert (record.state, len(record.eor), record.attempts, record.confirmed_at) == (S.CONFIRMED, 36, 1, now)
    assert send_due() == 0


def test_an_invoice_paid_by_transfer_needs_no_mark_and_a_card_one_does(app: Flask, now: datetime) -> None:
    issue(now, "ebank")
    assert db.session.scalar(sa.select(sa.func.count(FiscalRecord.id))) == 0
    issue(now, "card")
    assert the_record().state is S.WAITING


def test_a_credit_note_of_a_marked_invoice_is_marked_and_refers_to_it(app: Flask, now: datetime) -> None:
    invoice = issue(now)
    with unit_of_work():
        note = services.issue_credit_note(invoice.id, (GAS,), reason="Odstop", now=now, actor="staff:1",
                                          payments=[("ebank", 2490)])
    with unit_of_work():
        settings.put("fiscal_operators", {"driver:3": "23456789"}, valid_from=now, set_by="test")
    with heard(app) as tokens:
        assert send_due() == 2
    record = fiscal.record_of(note.id)
    assert record is not None
    assert record.state is S.CONFIRMED
    sold, taken_back = (jwt.decode(token, keys().key.public_key(), algorithms=["RS256"])["InvoiceRequest"]["Invoice"]
                        for token in tokens)
    assert "ReferenceInvoice" not in sold
    assert taken_back["ReferenceInvoice"] == [{
        "ReferenceInvoiceIdentifier": {"BusinessPremiseID": "LJ1", "ElectronicDeviceID": "SP1", "InvoiceNumber": "1"},
        "ReferenceInvoiceIssueDateTime": "2026-11-23T12:00:00"}]
    assert (taken_back["InvoiceAmount"], taken_back["TaxesPerSeller"]) == (
        -24.9, [{"VAT": [{"TaxRate": 22.0, "TaxableAmount": -20.41, "TaxAmount": -4.49}]}])
    assert (sold["OperatorTaxNumber"], taken_back["OperatorTaxNumber"]) == (23456789, 32952902)


def test_while_nobody_answers_it_is_tried_in_growing_pauses_and_then_confirmed(app: Flask, now: datetime) -> None:
    simulator("unreachable", now)
    issue(now)
    for pause in (1, 2, 5, 15, 30, 30):
        assert send_due() == 0
        assert the_record().next_at - clock.utc_now() == timedelta(minutes=pause)
        assert send_due() == 0  # not before its time
        clock.advance(timedelta(minutes=pause))
    assert (the_record().state, the_record().attempts, "unreachable" in the_record().error) == (S.WAITING, 6, True)
    simulator("answer", now)
    assert send_due() == 1
    assert (the_record().state, the_record().attempts, the_record().error) == (S.CONFIRMED, 7, "")


def test_a_refused_one_waits_for_a_person_who_sends_it_again(app: Flask, now: datetime) -> None:
    simulator("refuse", now)
    issue(now)
    assert send_due() == 0
    assert (the_record().state, the_record().error) == (S.REFUSED, "S006: the simulator is set to refuse")
    assert send_due() == 0
    finance = signed_in(app, Role.FINANCE)
    assert "S006" in finance.get("/finance/verification").get_data(as_text=True)
    simulator("answer", now)
    assert finance.post(f"/finance/verification/{the_record().id}/retry").status_code == 303
    assert send_due() == 1
    assert finance.post(f"/finance/verification/{the_record().id}/retry").status_code == 409
    assert 'data-testid="count">0<' in finance.get("/finance/verification").get_data(as_text=True)
    assert signed_in(app, Role.AGENT).get("/finance/verification").status_code == 403


def test_after_two_working_days_the_health_page_names_it(app: Flask, now: datetime) -> None:
    """Monday 23. 11.: Wednesday is the last day. Friday 27. 11.: Tuesday 1. 12. is, after a Sunday."""
    simulator("unreachable", now)
    issue(now)
    assert fiscal.last_day(the_record()) == date(2026, 11, 25)
    clock.advance(timedelta(days=2))
    assert "fiscal" not in health.notes()
    clock.advance(timedelta(days=1))
    assert health.notes()["fiscal"].startswith("1 documents")
    clock.advance(timedelta(days=1))
    friday = issue(clock.utc_now(), order_ref="order:2")
    record = fiscal.record_of(friday.id)
    assert record is not None
    assert fiscal.last_day(record) == date(2026, 12, 1)
    clock.advance(timedelta(days=4))  # Tuesday
    assert health.notes()["fiscal"].startswith("1 documents")
    clock.advance(timedelta(days=1))
    assert health.notes()["fiscal"].startswith("2 documents")


def test_a_wrong_tax_number_of_an_operator_holds_nothing_up(app: Flask, now: datetime) -> None:
    with unit_of_work():
        settings.put("fiscal_operators", {"driver:3": "not a number"}, valid_from=now, set_by="test")
    issue(now)
    assert send_due() == 1


def test_ten_sweeps_at_once_send_a_document_once(app: Flask, now: datetime) -> None:
    """Without `next_at` in the WHERE of the claim, several sweeps sent it: up to ten attempts were counted."""
    issue(now)

    def sweep(_n: int) -> None:
        send_due()

    assert race(app, 10, sweep) == {"won": 10}
    assert (the_record().state, the_record().attempts) == (S.CONFIRMED, 1)


def test_the_paper_says_marks_operator_and_minute_and_a_copy_which_one_it_is(app: Flask, now: datetime) -> None:
    invoice = issue(now, language="en")
    sheet = invoice_sheet(invoice)
    assert sheet.marks[0] == ("ZOI", the_record().zoi)
    assert sheet.marks[1] == ("EOR", "is being obtained")
    assert (len(sheet.code), sheet.code[39:59]) == (60, "32952902" + "261123120000")
    assert sheet.facts[:2] == (("Issued", "Ljubljana, 23. 11. 2026, 12.00"), ("Operator", "V3"))
    send_due()
    db.session.expire_all()
    assert invoice_sheet(invoice).marks[1] == ("EOR", the_record().eor)
    finance = signed_in(app, Role.FINANCE)
    for _number in (1, 2):
        answer = finance.post(f"/finance/invoices/{invoice.id}/copy")
        assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
    with unit_of_work():
        assert fiscal.next_copy(invoice.id) == 3
    assert as_copy(sheet, 3).facts[0] == ("Copy no.", "3")
    assert pdf(sheet)[:5] == strip(sheet)[:5] == b"%PDF-"
    assert finance.get(f"/finance/invoices/{invoice.id}/receipt.pdf").mimetype == "application/pdf"


class QuietServer(HTTPServer):
    def handle_error(self, *_args: object) -> None:
        """A handshake that failed is what the test wants."""


class Office(BaseHTTPRequestHandler):
    """A tax office on a local port: answers with what the test gave it."""

    said = b""
    heard: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        Office.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(Office.said)

    def log_message(self, *_args: object) -> None:
        """Silent."""


@contextmanager
def office(said: bytes, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    Office.said, Office.heard = said, []
    server = QuietServer(("127.0.0.1", 0), Office)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/v1/cash_registers/invoices"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(body: dict[str, Any], ours: Keys) -> bytes:
    return json.dumps({"token": signed({"InvoiceResponse": body}, ours)}).encode()


def test_the_real_adapter_sends_the_signed_request_and_trusts_signed_answers_only(app: Flask, now: datetime) -> None:
    ours = keys()
    issue(now)
    with office(answer({"UniqueInvoiceID": "0c1f9e3b"}, ours)) as url:
        app.extensions[EXTENSION] = TaxAdministration(url, ours.certificate, ours)
        try:
            assert send_due() == 1
        finally:
            del app.extensions[EXTENSION]
    assert the_record().eor == "0c1f9e3b"
    sent = jwt.decode(Office.heard[0]["token"], ours.key.public_key(), algorithms=["RS256"])["InvoiceRequest"]
    assert sent["Invoice"]["ProtectedID"] == the_record().zoi
    assert (sent["Invoice"]["InvoiceAmount"], sent["Invoice"]["SubsequentSubmit"]) == (34.9, False)


@pytest.mark.parametrize(("said", "error"), [
    (b"", Unreachable), (b"<html>", Unreachable), (b'{"token": "a.b.c"}', Unreachable), (b"[]", Unreachable)])
def test_an_answer_that_cannot_be_trusted_is_none(app: Flask, said: bytes, error: type[Exception]) -> None:
    ours = keys()
    with office(said) as url, pytest.raises(error):
        TaxAdministration(url, ours.certificate, ours).verify("token")


def test_a_refusal_is_told_with_its_code_and_nobody_there_is_unreachable(app: Flask) -> None:
    ours = keys()
    with office(answer({"Error": {"ErrorCode": "S005", "ErrorMessage": "no premises"}}, ours)) as url, pytest.raises(
            FiscalRefusal, match="S005: no premises"):
        TaxAdministration(url, ours.certificate, ours).verify("token")
    with pytest.raises(Unreachable):
        TaxAdministration(url, ours.certificate, ours).verify("token")


def for_this_machine(ours: Keys) -> Keys:
    """A server's certificate for 127.0.0.1, with the key of the trial."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "office")])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(ours.key.public_key())
                   .serial_number(7).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
                   .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
                   .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                                  critical=False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(ours.key.public_key()), critical=False)
                   .sign(ours.key, SHA256()))
    return Keys(ours.key, certificate)


def test_over_tls_the_office_wants_our_certificate_and_we_want_one_vouched_for(app: Flask, tmp_path: Path) -> None:
    ours = keys()
    theirs = for_this_machine(ours)
    (tmp_path / "server.pem").write_bytes(theirs.pem())
    (tmp_path / "authority.pem").write_bytes(theirs.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "client.pem").write_bytes(ours.certificate.public_bytes(Encoding.PEM))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "client.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_cert_chain(tmp_path / "server.pem")
    said = answer({"UniqueInvoiceID": "0c1f9e3b"}, ours)
    with office(said, tls) as url:
        known = TaxAdministration(url, ours.certificate, ours, tmp_path / "authority.pem")
        assert known.verify("token") == "0c1f9e3b"
        assert Office.heard == [{"token": "token"}]
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            TaxAdministration(url, ours.certificate, ours).verify("token")
        with pytest.raises(Unreachable):
            TaxAdministration(url, ours.certificate, theirs, tmp_path / "authority.pem").verify("token")
    assert len(Office.heard) == 1
