"""Slovene payment references of model SI12: one number and its check digit (pure).

Weights 2, 3, 4, ... from the rightmost digit on; the check digit is 11 - (sum mod 11), and 0 where that has two
digits.
"""
from __future__ import annotations

import re

MODEL = "SI12"
MOST_DIGITS = 12  # of the number, before its check digit


def check_digit(digits: str) -> int:
    """The check digit of a number of 1 to 12 digits; ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{1,12}", digits):
        raise ValueError(f"a reference has 1 to {MOST_DIGITS} digits, not {digits!r}")
    total = sum(weight * int(digit) for weight, digit in enumerate(reversed(digits), start=2))
    rest = 11 - total % 11
    return 0 if rest > 9 else rest


def reference_of(number: str) -> str:
    """The reference for a public number like 2026-000123: `SI1220260001236`."""
    digits = re.sub(r"[^0-9]", "", number)
    return f"{MODEL}{digits}{check_digit(digits)}"


def show_reference(reference: str) -> str:
    """As people write it: `SI12 20260001236`."""
    return f"{reference[:4]} {reference[4:]}"


def digits_in(text: str) -> str | None:
    """The digits of the number in a reference as a payer or a bank wrote it, if it is a sound SI12; else None."""
    compact = re.sub(r"[\s-]", "", text).upper()
    found = re.fullmatch(r"SI12([0-9]{1,12})([0-9])", compact)
    if found is None or check_digit(found[1]) != int(found[2]):
        return None
    return found[1]
