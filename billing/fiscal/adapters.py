"""Who answers a request for verification: the tax administration over TLS, or a stand-in of our own (X-16)."""
from __future__ import annotations

import json
import ssl
import tempfile
import uuid
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Flask, current_app

from billing.fiscal.keys import Keys, keys
from billing.fiscal.messages import BadAnswer, eor_of, opened
from billing.fiscal.states import SimulatorMode
from core import settings

EXTENSION = "fiscal_adapter"
PATIENCE_S = 10
MOST_BYTES = 100_000
_NEEDED = ("TaxNumber", "IssueDateTime", "NumberingStructure", "InvoiceIdentifier", "InvoiceAmount", "PaymentAmount",
           "TaxesPerSeller", "ProtectedID", "OperatorTaxNumber")


class Unreachable(Exception):
    """No answer, or none that can be trusted: to be tried again."""


class FiscalRefusal(Exception):
    """The tax administration says no: a person has to look."""


class FiscalAdapter(Protocol):
    """Verifies one signed request."""

    def verify(self, token: str) -> str:
        """The unique mark (EOR). Raises Unreachable or FiscalRefusal."""


class Simulator:
    """A stand-in that checks what the real one would and answers at once. The setting `fiscal_simulator` lets it be
    unreachable or refuse."""

    def verify(self, token: str) -> str:
        mode = SimulatorMode(settings.get("fiscal_simulator"))
        if mode is SimulatorMode.UNREACHABLE:
            raise Unreachable("the simulator is set to be unreachable")
        return _eor({"InvoiceResponse": self._answer(token, mode)})

    def _answer(self, token: str, mode: SimulatorMode) -> dict[str, Any]:
        ours = keys()
        try:
            body = opened(token, _public(ours.certificate))
            invoice = body["InvoiceRequest"]["Invoice"]
            wrong = [name for name in _NEEDED if name not in invoice]
        except (BadAnswer, KeyError, TypeError) as error:
            return _error("S002", str(error))
        if jwt.get_unverified_header(token).get("serial") != ours.certificate.serial_number:
            return _error("S003", "the certificate is not known")
        if wrong:
            return _error("S001", f"missing: {', '.join(wrong)}")
        if _sum_of_taxes(invoice) != round(100 * invoice["InvoiceAmount"]):
            return _error("S004", "the taxes do not sum to the amount")
        if mode is SimulatorMode.REFUSE:
            return _error("S006", "the simulator is set to refuse")
        return {"UniqueInvoiceID": str(uuid.uuid4())}


class TaxAdministration:
    """The real one: JSON over TLS with the taxpayer's certificate, its answers signed by `certificate`.

    `authorities` is a PEM file of those that may vouch for the server; None: those that the machine trusts.
    """

    def __init__(self, url: str, certificate: x509.Certificate, ours: Keys, authorities: Path | None = None) -> None:
        self.url = url
        self.certificate = certificate
        self.context = ssl.create_default_context(cafile=authorities)
        with tempfile.NamedTemporaryFile() as file:  # the library takes keys from files only
            file.write(ours.pem())
            file.flush()
            self.context.load_cert_chain(file.name)

    def verify(self, token: str) -> str:
        asked = Request(self.url, data=json.dumps({"token": token}).encode(), method="POST",  # noqa: S310 - configured
                        headers={"Content-Type": "application/json; charset=UTF-8"})
        try:
            context = self.context if self.url.startswith("https") else None
            with urlopen(asked, timeout=PATIENCE_S, context=context) as answer:  # noqa: S310 - configured
                said = json.loads(answer.read(MOST_BYTES))
            return _eor(opened(said["token"], _public(self.certificate)))
        except HTTPError as error:
            error.close()
            raise Unreachable(f"HTTP {error.code}") from error
        except (URLError, OSError, ValueError, KeyError, TypeError, BadAnswer) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error


def adapter() -> FiscalAdapter:
    """The adapter by configuration, made once."""
    found: FiscalAdapter | None = current_app.extensions.get(EXTENSION)
    if found is None:
        found = current_app.extensions[EXTENSION] = _configured(current_app)
    return found


def _configured(app: Flask) -> FiscalAdapter:
    url = app.config["FISCAL_URL"]
    if not url:
        return Simulator()
    theirs = x509.load_pem_x509_certificate(Path(app.config["FISCAL_CERTIFICATE"]).read_bytes())
    authorities = app.config["FISCAL_CA"]
    return TaxAdministration(url, theirs, keys(), Path(authorities) if authorities else None)


def _eor(answer: dict[str, Any]) -> str:
    try:
        return eor_of(answer)
    except ValueError as refusal:
        raise FiscalRefusal(str(refusal)) from refusal


def _public(certificate: x509.Certificate) -> RSAPublicKey:
    public_key = certificate.public_key()
    if not isinstance(public_key, RSAPublicKey):
        raise BadAnswer("the certificate has no RSA key")
    return public_key


def _sum_of_taxes(invoice: dict[str, Any]) -> int:
    return sum(round(100 * (share["TaxableAmount"] + share["TaxAmount"]))
               for seller in invoice["TaxesPerSeller"] for share in seller.get("VAT", [])) + sum(
        round(100 * seller.get("NontaxableAmount", 0)) for seller in invoice["TaxesPerSeller"])


def _error(code: str, message: str) -> dict[str, Any]:
    return {"Error": {"ErrorCode": code, "ErrorMessage": message}}
