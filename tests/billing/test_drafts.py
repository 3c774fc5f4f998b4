"""VAT per rate, rounded half up once; deposits outside (pure)."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.drafts import Share, require_items, shares_of, vat_to_credit
from billing.errors import EmptyInvoice
from core.money import vat_in_gross
from tests.billing.factories import BUYBACK, DEPOSIT, item


def test_vat_is_rounded_once_on_the_rates_whole() -> None:
    """H-030: three lines of 0,03 hold 0,02 (0,0162) together; line by line it would be 3 x 0,01."""
    assert shares_of([item(unit_gross_cents=2290)] * 3)[0].vat_cents == 1239
    assert shares_of([item()] * 3)[0].vat_cents == 1347
    assert shares_of([item(unit_gross_cents=3)] * 3)[0].vat_cents == 2


@pytest.mark.parametrize(("gross", "vat"), [(2290, 413), (2490, 449), (61, 11), (-2490, -449), (0, 0)])
def test_vat_of_22_per_cent_is_taken_from_the_gross_amount(gross: int, vat: int) -> None:
    """DOMAIN 3: 22,90 holds 4,13. 0,61 holds exactly 0,11."""
    assert vat_in_gross(gross, 220) == vat


def test_an_exact_half_cent_is_rounded_up() -> None:
    """0,03 at 100 % holds 0,015; a credit note takes back what the invoice had."""
    assert vat_in_gross(3, 1000) == 2
    assert vat_in_gross(-3, 1000) == -2


def test_rates_come_in_order_and_what_is_outside_vat_comes_last() -> None:
    """M10 with a discount: the deposit and the buy-back are outside VAT; only the deposit can be credited (H-067)."""
    assert shares_of([DEPOSIT, item(), BUYBACK, item(unit_gross_cents=1590, vat_permille=95),
                      item(unit_gross_cents=-300)]) == (
        Share(vat_permille=95, gross_cents=1590, vat_cents=138, creditable_cents=1590),
        Share(vat_permille=220, gross_cents=2190, vat_cents=395, creditable_cents=2190),
        Share(vat_permille=None, gross_cents=700, vat_cents=0, creditable_cents=1000))


@pytest.mark.parametrize("items", [[], [item(quantity=0)], [item(), item(quantity=-1)]])
def test_a_document_without_lines_or_with_a_quantity_below_one_is_refused(items: list[object]) -> None:
    with pytest.raises(EmptyInvoice):
        require_items(items)  # type: ignore[arg-type]


@given(parts=st.lists(st.integers(0, 5000), min_size=1, max_size=6), rate=st.sampled_from([50, 95, 220]))
def test_the_vat_of_all_credit_notes_sums_to_the_vat_of_their_invoice(parts: list[int], rate: int) -> None:
    gross, credited, vat = sum(parts), 0, 0
    for part in parts:
        vat += vat_to_credit(gross, credited, part, rate)
        credited += part
    assert vat == vat_in_gross(gross, rate)
