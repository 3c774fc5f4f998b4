"""An invented price list: every figure is made up for the demo and marked so on the pages."""
from __future__ import annotations

from dataclasses import dataclass

VAT_PERMILLE = 220


@dataclass(frozen=True, kw_only=True)
class DemoProduct:
    """A row of the price list with its cylinder type."""

    code: str
    cylinder_type: str
    name_sl: str
    name_en: str
    exchanges: tuple[str, ...]
    gross_cents: int
    picture: str
    available: bool = True


CYLINDER_TYPES: tuple[tuple[str, str, str, int, bool, str], ...] = (
    # code, Slovene, English, net gas in grams, belongs to the company, colour
    ("Z10", "Zelena jeklenka 10 kg", "Green cylinder 10 kg", 10_000, True, "green"),
    ("O10", "oranžna jeklenka 10 kg", "orange cylinder 10 kg", 10_000, False, "orange"),
    ("P5", "jeklenka 5 kg", "cylinder 5 kg", 5_000, False, "grey"),
    ("P35", "jeklenka 35 kg", "cylinder 35 kg", 35_000, False, "grey"),
)

PRODUCTS: tuple[DemoProduct, ...] = (
    DemoProduct(code="Z10", cylinder_type="Z10", name_sl="Plin v Zeleni jeklenki 10 kg",
                name_en="Gas in a Green cylinder 10 kg", exchanges=("swap", "m10", "k"), gross_cents=2490,
                picture="green"),
    DemoProduct(code="P5", cylinder_type="P5", name_sl="Plin 5 kg v lastni jeklenki", name_en="Gas 5 kg, own cylinder",
                exchanges=("purchase_with_empty",), gross_cents=1590, picture="other"),
    DemoProduct(code="P5N", cylinder_type="P5", name_sl="Nova polna jeklenka 5 kg", name_en="New full cylinder 5 kg",
                exchanges=("purchase",), gross_cents=5490, picture="other"),
    DemoProduct(code="P35", cylinder_type="P35", name_sl="Plin 35 kg v lastni jeklenki",
                name_en="Gas 35 kg, own cylinder", exchanges=("purchase_with_empty",), gross_cents=7990,
                picture="other"),
    DemoProduct(code="P35N", cylinder_type="P35", name_sl="Nova polna jeklenka 35 kg",
                name_en="New full cylinder 35 kg", exchanges=("purchase",), gross_cents=16990, picture="other",
                available=False),
)

LOAD_OF_A_VAN = {"Z10": 20, "P5": 2, "P35": 1}
