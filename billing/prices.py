"""A product with the price that holds at an instant (pure)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class PricedProduct:
    """What the price list says of a product (H-041). `gross_cents` includes VAT of `vat_permille` (220 = 22 %).

    `exchanges` are the ways in which it may be had (Y-08), `picture` is green, orange, none or other; pictures are
    symbolic (H-045).
    """

    code: str
    cylinder_type: str
    name_sl: str
    name_en: str
    gross_cents: int
    vat_permille: int
    exchanges: tuple[str, ...]
    available: bool
    net_gas_g: int
    colour: str
    picture: str

    def name(self, language: str) -> str:
        """The product's name in Slovene or English."""
        return self.name_en if language == "en" else self.name_sl


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """A price that is entered and will hold from `valid_from` on (H-032)."""

    product_code: str
    gross_cents: int
    valid_from: datetime
