"""Promo codes as text (pure): `POLETJE-7KQ4MWZ3`, voice friendly, with a check character (Y-12).

Prefix, hyphen, 8 characters of an alphabet without 0, O, 1 and I. The last is a check character over GF(32): every
single wrong character and every swap of two characters is noticed, so a code misheard on the phone never turns
into another one.
"""
from __future__ import annotations

import re
import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
BODY = 8
PREFIX = re.compile(r"[A-Z][A-Z2-9]{1,11}")
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_LONGEST_INPUT = 60
_SAME_SOUND = str.maketrans("01", "OI")  # a prefix is a word: it has letters where a person writes 0 or 1


def _times_two(value: int) -> int:
    """Multiplication by x in GF(32) with the polynomial x^5 + x^2 + 1."""
    return (value << 1) ^ (0b100101 if value & 16 else 0)


def check_character(body: str) -> str:
    """The character that makes `body` + it a valid code. KeyError for characters outside the alphabet."""
    total = 0
    for character in body:
        total = _times_two(total ^ _VALUE[character])
    return ALPHABET[total]


def make_code(prefix: str) -> str:
    """A new code that cannot be guessed: 35 random bits from the operating system. ValueError for a bad prefix."""
    if not PREFIX.fullmatch(prefix):
        raise ValueError("a prefix has 2 to 12 letters and digits, none of them 0 or 1, and begins with a letter")
    body = "".join(secrets.choice(ALPHABET) for _ in range(BODY - 1))
    return f"{prefix}-{body}{check_character(body)}"


def normalise(text: str) -> str:
    """The code as issued for what a person typed: lower case, spaces, other hyphens or none are accepted.

    An empty string when it cannot be a code, or when the check character says that it was mistyped.
    """
    if len(text) > _LONGEST_INPUT:
        return ""
    typed = "".join(character for character in unicodedata.normalize("NFKC", text).upper()
                    if not character.isspace() and unicodedata.category(character) != "Pd")
    prefix, body = typed[:-BODY].translate(_SAME_SOUND), typed[-BODY:]
    if not PREFIX.fullmatch(prefix) or any(character not in _VALUE for character in body):
        return ""
    return f"{prefix}-{body}" if check_character(body[:-1]) == body[-1] else ""
