"""The GSM-7 alphabet: vectors of DOMAIN section 6 and PRODUCT U4."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.gsm7 import BASIC, EXTENDED, fits, fold, segments, septets

U4 = [
    ("LJ-3 Kovač: 5 stopov 13:10-15:05. Naloži 7xZ10. Gotovina skupaj 171,50 EUR. Seznam: lpg.si/d/K7Q2 Odg: DA", 105),
    ("2/5 do 13:45 ŽAGAR M, Šišenska c. 12, zvonec 4, 3.nad brez dv. 2xZ10 menjava, 1xK kavcija. POBERI 58,90 got. "
     "041 123 456. Odg: 2 OK", 131),
    ("4/5 do 14:30 PREVZEM odstop: KRIŽNIK, Tržaška 88. 1xZ10, folija cela? račun? IZPLAČAJ 24,45 got. 031 222 333. "
     "Odg: 4 OK/4 NE razlog", 131),
    ("SPREMEMBA LJ-3: stop 3 odpade. NOV 3/5 do 14:10 HRIBAR, Dunajska 201. 1xZ10 menjava. Kartica. 040 555 111. "
     "Odg: 3 OK", 116),
    ("Butan plin: voznik Luka pride ob približno 13:40 (13:30-13:50). Pripravite prazno Zeleno jeklenko. "
     "Sledite: lpg.si/t/9FK2XQ", 123),
    ("Vaša koda POLETJE-7KQ4M: 3 EUR popusta pri jeklenki do 31. 8. Ena uporaba. Naročite: lpg.si ali 080 2005. "
     "Odjava: STOP", 118),
]


def test_the_alphabet_has_128_positions_less_the_escape_and_ten_extensions() -> None:
    assert len(BASIC) == 127
    assert len(EXTENDED) == 10
    assert not BASIC & EXTENDED


@pytest.mark.parametrize(("text", "length"), U4)
def test_every_stop_is_one_message(text: str, length: int) -> None:
    folded = fold(text)
    assert (septets(folded), segments(folded)) == (length, 1)


def test_slovene_letters_lose_their_marks() -> None:
    assert fold("čšžćđ ČŠŽĆĐ") == "cszcd CSZCD"


def test_letters_that_the_alphabet_has_stay() -> None:
    assert fold("äöüéàñß€ÄÖÜÉ") == "äöüéàñß€ÄÖÜÉ"


def test_decomposed_letters_are_folded_like_composed_ones() -> None:
    assert fold("s\u030cc\u030c e\u0301") == "sc é"


def test_typographic_signs_become_plain() -> None:
    assert fold("„Šiška“ – ‘x’ … 10\u00a0EUR × «a»") == '"Siska" - \'x\' ... 10 EUR x "a"'


def test_what_has_no_plain_form_is_a_question_mark() -> None:
    assert fold("Ж日🔥") == "???"


@pytest.mark.parametrize(("text", "parts"), [
    ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
    ("€" * 80, 1), ("€" * 81, 2),
    ("č" + "a" * 69, 1), ("č" + "a" * 70, 2), ("č" * 134, 2), ("č" * 135, 3),
])
def test_parts_are_counted_as_networks_count_them(text: str, parts: int) -> None:
    assert segments(text) == parts


def test_an_extended_character_is_not_split_over_two_parts() -> None:
    assert segments("a" * 152 + "€" + "a" * 152) == 3
    assert septets("a" * 152 + "€" + "a" * 152) == 306


def test_a_text_outside_the_alphabet_has_no_length_in_septets() -> None:
    with pytest.raises(ValueError):
        septets("č")


@given(st.text())
def test_every_text_folds_into_the_alphabet_and_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert fits(folded)
    assert fold(folded) == folded


@given(st.text(alphabet=sorted(BASIC | EXTENDED)))
def test_text_in_the_alphabet_stays_as_it_is(text: str) -> None:
    assert fold(text) == text
    assert segments(text) == 1 if septets(text) <= 160 else segments(text) >= 2
