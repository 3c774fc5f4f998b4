"""Codes as text: alphabet, check character, what a person may type (Y-12)."""
from __future__ import annotations

import re

import pytest

from promos.codes import ALPHABET, check_character, make_code, normalise


def test_the_alphabet_has_32_characters_and_none_that_sounds_or_looks_like_another() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("0O1I") & set(ALPHABET)


def test_a_code_is_prefix_hyphen_and_eight_characters_the_last_of_them_the_check() -> None:
    code = make_code("POLETJE")
    assert re.fullmatch(rf"POLETJE-[{ALPHABET}]{{8}}", code)
    assert check_character(code[-8:-1]) == code[-1]


def test_check_characters_written_out_by_hand() -> None:
    """Horner over GF(32), x^5 + x^2 + 1: '3' is 1; a 1 in the last place is x (2 -> '4'), one before it x^2 ('6')."""
    assert check_character("2222222") == "2"
    assert check_character("2222223") == "4"
    assert check_character("2222232") == "6"
    assert check_character("222222S") == "P"  # S is 24 = x^4 + x^3; times x it is x^5 + x^4 = x^4 + x^2 + 1 = 21
    assert check_character("7KQ4MWZ") == "W"


def test_every_single_wrong_character_and_every_swap_of_two_is_noticed() -> None:
    body = "7KQ4MWZW"
    for place in range(8):
        for character in set(ALPHABET) - {body[place]}:
            assert normalise("POLETJE-" + body[:place] + character + body[place + 1:]) == ""
    for first in range(8):
        for second in range(first):
            if body[first] != body[second]:
                swapped = list(body)
                swapped[first], swapped[second] = swapped[second], swapped[first]
                assert normalise("POLETJE-" + "".join(swapped)) == ""


@pytest.mark.parametrize("typed", [
    "POLETJE-7KQ4MWZW", "poletje-7kq4mwzw", " poletje 7kq4 mwzw ", "POLETJE7KQ4MWZW", "p o l e t j e - 7 k q 4 m w z w",
    "POLETJE\u20137KQ4MWZW", "P0LETJE-7KQ4MWZW", "\uff30OLETJE-7KQ4MWZW",
])
def test_lower_case_spaces_and_other_hyphens_are_accepted(typed: str) -> None:
    assert normalise(typed) == "POLETJE-7KQ4MWZW"


@pytest.mark.parametrize("typed", [
    "", "-", "7KQ4MWZW", "POLETJE-", "POLETJE-7KQ4MWZ", "POLETJE-7KQ4MWZ0", "ПОЛЕТЈЕ-7KQ4MWZW",
    "<script>alert(1)</script>", "POLETJE-7KQ4MWZW'--", "POLETJE-7KQ4MWZW" * 1000, "\x00", "ČEBELA-7KQ4MWZW",
])
def test_what_cannot_be_a_code_is_nothing(typed: str) -> None:
    assert normalise(typed) == ""


@pytest.mark.parametrize("prefix", ["", "A", "poletje", "PO-LETJE", "1ABC", "P0LETJE", "ABCDEFGHIJKLM", "ČE"])
def test_a_prefix_that_cannot_be_read_aloud_makes_no_code(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        make_code(prefix)


def test_every_code_made_is_accepted_as_typed() -> None:
    for _ in range(500):
        code = make_code("AB")
        assert normalise(code) == code
