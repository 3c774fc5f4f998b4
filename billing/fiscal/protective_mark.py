"""The issuer's protective mark (ZOI) of an invoice, and the digits of its code (pure).

The mark is the MD5 of an RSA-SHA256 signature (PKCS #1 v1.5, so that it is always the same) over the tax number, the
local time, the three parts of the number and the amount. The code has 60 digits: the mark as a decimal number of 39,
the tax number, the local time, and a control digit.
"""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256


@dataclass(frozen=True, kw_only=True)
class MarkedFacts:
    """What the mark seals. `issued` is local wall time, `amount_cents` what is paid in all (negative: paid back)."""

    tax_number: str
    issued: datetime
    sequence: int
    premise: str
    device: str
    amount_cents: int

    def text(self) -> str:
        """The facts in one line, as they are signed."""
        return (f"{self.tax_number}{self.issued:%d-%m-%Y %H:%M:%S}{self.sequence}{self.premise}{self.device}"
                f"{show_amount(self.amount_cents)}")


def show_amount(cents: int) -> str:
    """`66.71`, `-24.90`: as the tax administration reads amounts."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def protective_mark(facts: MarkedFacts, key: RSAPrivateKey) -> str:
    """The mark: 32 hexadecimal digits."""
    signature = key.sign(facts.text().encode("ascii"), PKCS1v15(), SHA256())
    return hashlib.md5(signature, usedforsecurity=False).hexdigest()


def code_digits(mark: str, tax_number: str, issued: datetime) -> str:
    """The 60 digits of the code printed on the invoice."""
    digits = f"{int(mark, 16):039d}{tax_number}{issued:%y%m%d%H%M%S}"
    return digits + str(sum(map(int, digits)) % 10)
