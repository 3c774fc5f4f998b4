"""billing/bank/references.py and upn.py: the official vectors, and what a bank's scanner reads (H-123, X-03)."""
from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from billing.bank import upn
from billing.bank.references import check_digit, digits_in, reference_of, show_reference

OFFICIAL = upn.PaymentSlip(
    payer_name="Janez Novak", payer_street="Dunajska ulica 1", payer_place="1000 Ljubljana", amount_cents=8105,
    purpose="Plačilo najemnine za marec 2017", due_on=date(2017, 4, 1), iban="SI56020170014356205",
    reference="SI121234567890120", payee_name="RentaCar d.o.o.", payee_street="Pohorska ulica 22",
    payee_place="2000 Maribor", purpose_code="RENT")
EXPECTED = ("UPNQR\n\n\n\n\nJanez Novak\nDunajska ulica 1\n1000 Ljubljana\n00000008105\n\n\nRENT\n"
            "Plačilo najemnine za marec 2017\n01.04.2017\nSI56020170014356205\nSI121234567890120\nRentaCar d.o.o.\n"
            "Pohorska ulica 22\n2000 Maribor\n201\n")


@pytest.mark.parametrize(("digits", "check"), [
    ("123456789012", 0), ("1234567890", 9), ("123456", 0), ("202600001", 8), ("2026000123", 6), ("1", 9), ("0", 0)])
def test_the_check_digit_agrees_with_the_published_ones(digits: str, check: int) -> None:
    assert check_digit(digits) == check


def test_an_order_number_becomes_its_reference_and_is_found_again_however_it_was_typed() -> None:
    assert reference_of("2026-000123") == "SI1220260001236"
    assert show_reference("SI1220260001236") == "SI12 20260001236"
    for typed in ("SI12 20260001236", "si12 2026000123-6", "SI1220260001236", " SI12  2026 0001236 "):
        assert digits_in(typed) == "2026000123"


@pytest.mark.parametrize("text", ["SI12 20260001237", "SI00 20260001236", "20260001236", "", "SI12", "SI12 6",
                                  "SI12 12345678901234567", "SI12 2026000123x", "SI12 ²6"])
def test_what_is_no_sound_reference_names_no_order(text: str) -> None:
    assert digits_in(text) is None


@pytest.mark.parametrize("digits", ["", "1234567890123", "12a", "²"])
def test_a_reference_has_one_to_twelve_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="1 to 12 digits"):
        check_digit(digits)


@given(st.text("0123456789", min_size=1, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_noticed_but_where_a_check_digit_of_0_stands_for_two(digits: str, place: int,
                                                                               by: int) -> None:
    """Remainders 0 and 1 both give 0, and the tenth digit weighs 11: the model's own weaknesses."""
    place %= len(digits)
    other = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1:]
    assert check_digit(digits) != check_digit(other) or check_digit(digits) == 0


def test_the_content_is_the_official_example_to_the_byte() -> None:
    assert upn.content(OFFICIAL).encode(upn.CHARSET) == EXPECTED.encode(upn.CHARSET)


def test_another_library_reads_the_same_bytes_from_the_picture() -> None:
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(upn.bitmap(OFFICIAL))))
    assert [code.bytes for code in read] == [EXPECTED.encode(upn.CHARSET)]
    assert read[0].text == EXPECTED
    assert (read[0].symbology_identifier, read[0].ec_level) == ("]Q1", "M")


def test_names_are_spelled_and_cut_to_the_form() -> None:
    slip = replace(OFFICIAL, payer_name="  Ștefan \n Nguyễn-Čuček  ", payer_street="Ulica " + "x" * 60,
                   payee_name="日本 d.o.o.")
    fields = upn.content(slip).split("\n")
    assert fields[5] == "Stefan Nguyen-Čuček"
    assert len(fields[6]) == 33
    assert fields[16] == "?? d.o.o."
    assert fields[19] == f"{sum(len(field) + 1 for field in fields[:19]):03d}"


@pytest.mark.parametrize("cents", [0, -1, 100_000_000_000])
def test_no_slip_asks_for_nothing_or_for_more_than_the_form_holds(cents: int) -> None:
    with pytest.raises(ValueError, match="no slip"):
        upn.content(replace(OFFICIAL, amount_cents=cents))


def test_the_picture_is_one_svg_without_a_size_of_its_own() -> None:
    svg = upn.picture(OFFICIAL)
    assert svg.startswith("<svg ")
    assert 'viewBox="0 0 85 85"' in svg  # 77 modules and the quiet zone
    assert " width=" not in svg
