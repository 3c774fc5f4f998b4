"""billing/bank/ibans.py"""
from __future__ import annotations

import pytest

from billing.bank.ibans import normalise_iban, show_iban


def test_an_iban_is_taken_with_spaces_hyphens_and_small_letters() -> None:
    assert normalise_iban(" si56 0201-7001 4356 205 ") == "SI56020170014356205"
    assert normalise_iban("DE89370400440532013000") == "DE89370400440532013000"


@pytest.mark.parametrize("text", ["", "SI56", "SI56020170014356206", "SI5602017001435620", "56020170014356205SI",
                                  "SI56 0201 7001 4356 2Č5", "'; DROP TABLE orders; --", "X" * 200])
def test_a_wrong_check_digit_length_or_form_is_no_iban(text: str) -> None:
    with pytest.raises(ValueError):
        normalise_iban(text)


def test_an_iban_is_shown_in_groups_of_four() -> None:
    assert show_iban("SI56020170014356205") == "SI56 0201 7001 4356 205"
