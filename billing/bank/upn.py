"""The UPN QR code of a Slovene payment slip (Bank Association of Slovenia, May 2017): content and picture.

Twenty fields, each ended by a line feed; ISO 8859-2; always version 15 with error correction M and ECI 4.
"""
from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from datetime import date

import segno

CHARSET = "iso-8859-2"
PURPOSE_CODE = "GDSV"  # goods and services
MOST_CENTS = 99_999_999_999
WIDTHS = {"payer_name": 33, "payer_street": 33, "payer_place": 33, "purpose": 42, "payee_name": 33,
          "payee_street": 33, "payee_place": 33}


@dataclass(frozen=True, kw_only=True)
class PaymentSlip:
    """What a slip asks for. `iban` and `reference` are without spaces; texts are cut and spelled to fit."""

    payer_name: str
    payer_street: str
    payer_place: str
    amount_cents: int
    purpose: str
    iban: str
    reference: str
    payee_name: str
    payee_street: str
    payee_place: str
    due_on: date | None = None
    purpose_code: str = PURPOSE_CODE


def content(slip: PaymentSlip) -> str:
    """What stands in the code. ValueError for an amount of nothing or beyond the form."""
    if not 0 < slip.amount_cents <= MOST_CENTS:
        raise ValueError(f"no slip asks for {slip.amount_cents} cents")
    words = {name: _fitting(getattr(slip, name), width) for name, width in WIDTHS.items()}
    fields = [
        "UPNQR", "", "", "", "", words["payer_name"], words["payer_street"], words["payer_place"],
        f"{slip.amount_cents:011d}", "", "", slip.purpose_code, words["purpose"],
        f"{slip.due_on:%d.%m.%Y}" if slip.due_on else "", slip.iban, slip.reference,
        words["payee_name"], words["payee_street"], words["payee_place"]]
    control = sum(map(len, fields)) + len(fields)
    return "\n".join([*fields, f"{control:03d}", ""])


def picture(slip: PaymentSlip) -> str:
    """The code as SVG: as wide as its frame, dark on white with its quiet zone, without the XML heading."""
    drawn = io.BytesIO()
    _code(slip).save(drawn, kind="svg", xmldecl=False, border=4, dark="#000", light="#fff", omitsize=True,
                     svgclass="upn", lineclass=None)
    return drawn.getvalue().decode("utf-8").strip()


def bitmap(slip: PaymentSlip, *, scale: int = 4) -> bytes:
    """The code as PNG, for documents and machines."""
    drawn = io.BytesIO()
    _code(slip).save(drawn, kind="png", border=4, scale=scale)
    return drawn.getvalue()


def _code(slip: PaymentSlip) -> segno.QRCode:
    return segno.make_qr(content(slip), version=15, error="m", mode="byte", encoding=CHARSET, eci=True,
                         boost_error=False)


def _fitting(text: str, width: int) -> str:
    """The text in letters that ISO 8859-2 has, on one line, cut to the field."""
    return "".join(map(_spelled, " ".join(text.split())))[:width].strip()


def _spelled(character: str) -> str:
    """The character, its base letter where the charset lacks it, or a question mark."""
    for candidate in (character, unicodedata.normalize("NFKD", character)[:1]):
        try:
            candidate.encode(CHARSET)
        except UnicodeEncodeError:
            continue
        return candidate
    return "?"
