"""billing/fiscal: marks, codes and tokens, against published examples and another library's checks (X-16)."""
from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask

from billing.fiscal.keys import Keys, keys, read_keys
from billing.fiscal.messages import BadAnswer, VatShare, Verified, eor_of, opened, request_body, signed
from billing.fiscal.protective_mark import MarkedFacts, code_digits, protective_mark
from core import calendar


def local(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return calendar.local(calendar.at_local(date(2015, 8, 15), time(hour, minute, second)))


FACTS = MarkedFacts(tax_number="12345678", issued=local(10, 13, 32), sequence=11, premise="TRGOVINA1",
                    device="BLAG2", amount_cents=6671)


@pytest.fixture
def ours(app: Flask) -> Keys:
    return keys()


@pytest.mark.parametrize(("zoi", "digits"), [
    ("a7e5f55e1dbb48b799268e1a6d8618a3", "223175087923687075112234402528973166755123456781508151013321"),
    ("3024e56bf1ddd2e7eeb5715c6859a913", "063994519708649896901260100447252359443123456781508151013320")])
def test_the_code_has_the_digits_of_the_published_examples(zoi: str, digits: str) -> None:
    assert code_digits(zoi, "12345678", FACTS.issued) == digits


def test_the_mark_seals_each_fact_and_is_always_the_same(ours: Keys) -> None:
    assert FACTS.text() == "1234567815-08-2015 10:13:3211TRGOVINA1BLAG266.71"
    mark = protective_mark(FACTS, ours.key)
    assert mark == protective_mark(FACTS, ours.key)
    assert mark == hashlib.md5(ours.key.sign(FACTS.text().encode(), PKCS1v15(), SHA256())).hexdigest()
    for other in (replace(FACTS, sequence=12), replace(FACTS, amount_cents=-6671), replace(FACTS, device="BLAG3"),
                  replace(FACTS, issued=FACTS.issued + timedelta(seconds=1))):
        assert protective_mark(other, ours.key) != mark


def test_amounts_below_a_euro_and_paid_back_are_written_in_full() -> None:
    assert replace(FACTS, amount_cents=5).text().endswith("BLAG20.05")
    assert replace(FACTS, amount_cents=-2490).text().endswith("BLAG2-24.90")


def test_a_request_carries_vat_deposits_and_the_invoice_that_it_corrects(ours: Keys) -> None:
    document = Verified(facts=replace(FACTS, amount_cents=-3490), zoi="a" * 32, subsequent=True, corrects=FACTS,
                        operator_tax_number="23456789",
                        shares=[VatShare(rate_permille=220, net_cents=-2041, vat_cents=-449)], outside_vat_cents=-1000)
    body = request_body(document, sent=local(11))
    invoice = body["InvoiceRequest"]["Invoice"]
    assert invoice["TaxesPerSeller"] == [{"VAT": [{"TaxRate": 22.0, "TaxableAmount": -20.41, "TaxAmount": -4.49}],
                                          "NontaxableAmount": -10.0}]
    assert (invoice["InvoiceAmount"], invoice["NumberingStructure"], invoice["SubsequentSubmit"]) == (-34.9, "C", True)
    assert (invoice["TaxNumber"], invoice["OperatorTaxNumber"]) == (12345678, 23456789)
    assert invoice["ReferenceInvoice"] == [{
        "ReferenceInvoiceIdentifier": {"BusinessPremiseID": "TRGOVINA1", "ElectronicDeviceID": "BLAG2",
                                       "InvoiceNumber": "11"},
        "ReferenceInvoiceIssueDateTime": "2015-08-15T10:13:32"}]


def test_a_token_names_its_certificate_and_no_changed_one_is_opened(ours: Keys) -> None:
    token = signed({"a": 1}, ours)
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["serial"]) == ("RS256", ours.certificate.serial_number)
    public_key = ours.key.public_key()
    assert opened(token, public_key) == {"a": 1}
    head, _body, signature = token.split(".")
    other = signed({"a": 2}, ours).split(".")[1]
    for wrong in (f"{head}.{other}.{signature}", "x", "", jwt.encode({"a": 1}, "s" * 32, algorithm="HS256")):
        with pytest.raises(BadAnswer):
            opened(wrong, public_key)


def test_an_answer_is_a_mark_a_refusal_or_nonsense() -> None:
    assert eor_of({"InvoiceResponse": {"UniqueInvoiceID": "e-1"}}) == "e-1"
    with pytest.raises(ValueError, match="S006: wrong premises"):
        eor_of({"InvoiceResponse": {"Error": {"ErrorCode": "S006", "ErrorMessage": "wrong premises"}}})
    for said in ({"InvoiceResponse": {}}, {"EchoResponse": {}}):
        with pytest.raises(BadAnswer):
            eor_of(dict(said))


def test_a_file_without_a_key_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "no.p12").write_bytes(b"no key")
    for name in ("no.p12", "missing.p12"):
        with pytest.raises(RuntimeError, match=name):
            read_keys(tmp_path / name, b"")
