"""Cents, their words and their VAT."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import format_eur, parse_eur, vat_in_gross


@pytest.mark.parametrize(("cents", "text"), [
    (0, "0,00\u00a0EUR"), (5, "0,05\u00a0EUR"), (2490, "24,90\u00a0EUR"), (123450, "1.234,50\u00a0EUR"),
    (100000000, "1.000.000,00\u00a0EUR"), (-300, "\u22123,00\u00a0EUR"), (-5, "\u22120,05\u00a0EUR"),
])
def test_an_amount_is_written_one_way(cents: int, text: str) -> None:
    assert format_eur(cents) == text


@pytest.mark.parametrize(("cents", "text"), [(300, "+3,00\u00a0EUR"), (0, "0,00\u00a0EUR"),
                                             (-300, "\u22123,00\u00a0EUR")])
def test_a_sign_is_shown_where_asked_for(cents: int, text: str) -> None:
    assert format_eur(cents, sign=True) == text


@pytest.mark.parametrize(("text", "cents"), [
    ("24,90", 2490), ("24.90", 2490), ("24", 2400), ("24,9", 2490), (" 24,90 EUR ", 2490), ("24,90\u00a0EUR", 2490),
    ("24,90 €", 2490), ("0", 0), ("0,01", 1), ("-3", -300), ("19.99", 1999), ("8.95", 895), ("4.35", 435),
    ("9999999,99", 999999999), ("1.234,50", 123450), ("\u22123,00", -300),
])
def test_an_amount_is_read_as_people_write_it(text: str, cents: int) -> None:
    assert parse_eur(text) == cents


@pytest.mark.parametrize("text", ["", " ", "abc", "1,234", "24,905", "1e5", "NaN", "inf", "24,90,1", "12345678", "--3",
                                  "24 90", "€", "EUR", "٣", "1,", ",5", "+5", "0x10", "1_000", "1.23,45", "1.234",
                                  "1.000.000", "1234.567,00", "\x00", "1\n2", "<script>"])
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError):
        parse_eur(text)


@given(st.integers(min_value=-999_999_999, max_value=999_999_999))
def test_what_is_written_is_read_back(cents: int) -> None:
    assert parse_eur(format_eur(cents)) == cents


@pytest.mark.parametrize(("gross", "rate", "vat"), [
    (2290, 220, 413), (2490, 220, 449), (4980, 220, 898), (0, 220, 0), (1, 220, 0), (3, 220, 1), (1000, 95, 87),
    (1000, 0, 0), (61, 220, 11), (122, 220, 22), (-2290, 220, -413),
])
def test_vat_is_taken_out_of_the_gross_amount_half_up(gross: int, rate: int, vat: int) -> None:
    """H-030; 22.90 at 22 % is 18.77 + 4.13."""
    assert vat_in_gross(gross, rate) == vat


@pytest.mark.parametrize(("gross", "rate", "vat"), [(1, 1000, 1), (3, 1000, 2), (5, 1000, 3), (-1, 1000, -1)])
def test_exactly_half_a_cent_goes_up(gross: int, rate: int, vat: int) -> None:
    assert vat_in_gross(gross, rate) == vat
