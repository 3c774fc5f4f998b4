"""International bank account numbers: form and check digits (ISO 13616, ISO 7064 mod 97-10). Pure."""
from __future__ import annotations

import re

from billing.errors import WrongIban

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
SLOVENE_LENGTH = 19


def normalise_iban(text: str) -> str:
    """The IBAN without spaces, in capitals; ValueError where form, length or check digits are wrong."""
    iban = re.sub(r"[\s-]", "", text).upper()
    if not _IBAN.fullmatch(iban) or (iban.startswith("SI") and len(iban) != SLOVENE_LENGTH):
        raise ValueError("not an IBAN")
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    if int(digits) % 97 != 1:
        raise ValueError("not an IBAN")
    return iban


def checked_iban(text: str | None) -> str | None:
    """A valid IBAN, or None where none was given; WrongIban for anything else (H-148)."""
    if not text or not text.strip():
        return None
    try:
        return normalise_iban(text)
    except ValueError:
        raise WrongIban from None


def show_iban(iban: str) -> str:
    """In groups of four, as people read it."""
    return " ".join(iban[start:start + 4] for start in range(0, len(iban), 4))
