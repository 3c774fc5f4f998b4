"""Integer cents, their words and their VAT."""
from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_EUR = re.compile(r"-?[0-9]{1,7}([.,][0-9]{1,2})?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{2}")  # as format_eur writes thousands


def format_eur(cents: int, *, sign: bool = False) -> str:
    """`2490` -> `24,90 EUR`; thousands with a point; a true minus sign; `sign` shows a plus as well."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", ".")
    mark = "\u2212" if cents < 0 else ("+" if sign and cents > 0 else "")
    return f"{mark}{grouped},{rest:02d}\u00a0EUR"


def parse_eur(text: str) -> int:
    """`24,90` or `24.90` or `24` or `1.234,50` -> cents. ValueError for anything else."""
    cleaned = text.strip().replace("\u00a0", "").removesuffix("EUR").removesuffix("€").strip().replace("\u2212", "-")
    if _GROUPED.fullmatch(cleaned):
        cleaned = cleaned.replace(".", "")
    if not _EUR.fullmatch(cleaned):
        raise ValueError("not an amount")
    return int(Decimal(cleaned.replace(",", ".")) * 100)


def vat_in_gross(gross_cents: int, rate_permille: int) -> int:
    """VAT contained in a gross amount, rounded half up (H-030; DOMAIN facts: 22.90 at 22 % holds 4.13)."""
    share = Decimal(gross_cents) * rate_permille / (1000 + rate_permille)
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))
