"""What is said to the tax administration and what it answers: JSON in a signed token (JWS, RS256). Pure."""
from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from billing.fiscal.keys import Keys
from billing.fiscal.protective_mark import MarkedFacts, show_amount

CENTRAL = "C"  # one numbering for all devices (Y-15)


class BadAnswer(Exception):
    """An answer that is not signed as it should be, or says neither yes nor no."""


@dataclass(frozen=True, kw_only=True)
class VatShare:
    """One rate: permille, net and VAT in cents."""

    rate_permille: int
    net_cents: int
    vat_cents: int


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The document to be verified; `corrects` are the facts of the invoice that a credit note takes back."""

    facts: MarkedFacts
    zoi: str
    shares: Sequence[VatShare]
    outside_vat_cents: int
    subsequent: bool
    operator_tax_number: str
    corrects: MarkedFacts | None = None
    message_id: str = ""


def request_body(document: Verified, *, sent: datetime) -> dict[str, Any]:
    """The request as JSON. `sent` is local wall time."""
    facts = document.facts
    taxes: dict[str, Any] = {"VAT": [{
        "TaxRate": share.rate_permille / 10, "TaxableAmount": _number(share.net_cents),
        "TaxAmount": _number(share.vat_cents)} for share in document.shares]}
    if document.outside_vat_cents:
        taxes["NontaxableAmount"] = _number(document.outside_vat_cents)
    invoice: dict[str, Any] = {
        "TaxNumber": int(facts.tax_number), "IssueDateTime": _instant(facts.issued), "NumberingStructure": CENTRAL,
        "InvoiceIdentifier": _identifier(facts), "InvoiceAmount": _number(facts.amount_cents),
        "PaymentAmount": _number(facts.amount_cents), "TaxesPerSeller": [taxes], "ProtectedID": document.zoi,
        "OperatorTaxNumber": int(document.operator_tax_number), "SubsequentSubmit": document.subsequent}
    if document.corrects is not None:
        invoice["ReferenceInvoice"] = [{"ReferenceInvoiceIdentifier": _identifier(document.corrects),
                                        "ReferenceInvoiceIssueDateTime": _instant(document.corrects.issued)}]
    header = {"MessageID": document.message_id or str(uuid.uuid4()), "DateTime": _instant(sent)}
    return {"InvoiceRequest": {"Header": header, "Invoice": invoice}}


def signed(body: dict[str, Any], keys: Keys) -> str:
    """The body as a token, signed with the taxpayer's key and naming its certificate."""
    certificate = keys.certificate
    return jwt.encode(body, keys.key, algorithm="RS256", headers={
        "subject_name": certificate.subject.rfc4514_string(), "issuer_name": certificate.issuer.rfc4514_string(),
        "serial": certificate.serial_number})


def opened(token: str, public_key: RSAPublicKey) -> dict[str, Any]:
    """The body of a token after its signature was checked. BadAnswer."""
    try:
        body: dict[str, Any] = jwt.decode(token, public_key, algorithms=["RS256"], options={
            "verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False})
    except jwt.PyJWTError as error:
        raise BadAnswer(f"the token's signature does not hold: {error}") from error
    return body


def eor_of(answer: dict[str, Any]) -> str:
    """The unique mark in an answer; ValueError with the code and sentence of a refusal; BadAnswer for neither."""
    response = answer.get("InvoiceResponse", {})
    if response.get("UniqueInvoiceID"):
        return str(response["UniqueInvoiceID"])
    error = response.get("Error", {})
    if error.get("ErrorCode"):
        raise ValueError(f"{error['ErrorCode']}: {error.get('ErrorMessage', '')}")
    raise BadAnswer("the answer has neither a mark nor an error")


def _identifier(facts: MarkedFacts) -> dict[str, str]:
    return {"BusinessPremiseID": facts.premise, "ElectronicDeviceID": facts.device,
            "InvoiceNumber": str(facts.sequence)}


def _instant(local: datetime) -> str:
    return f"{local:%Y-%m-%dT%H:%M:%S}"


def _number(cents: int) -> float:
    return float(show_amount(cents))
