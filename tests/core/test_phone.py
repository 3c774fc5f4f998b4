"""Numbers as people write them: vectors of DOMAIN section 7."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phone import PhoneKind, display_phone, parse_phone


@pytest.mark.parametrize("text", ["041 123 456", "041/123-456", "00386 41 123 456", "+386 (0)41 123 456",
                                  "386 41 123456", "38641123456", "  041123456  ", "+38641123456", "041.123.456"])
def test_every_way_to_write_a_mobile_number_is_one_number(text: str) -> None:
    phone = parse_phone(text)
    assert (phone.e164, phone.kind, phone.display, phone.gets_sms) == (
        "+38641123456", PhoneKind.MOBILE, "041 123 456", True)


@pytest.mark.parametrize("prefix", ["030", "031", "040", "041", "043", "051", "064", "065", "068", "069", "070", "071"])
def test_every_mobile_prefix_gets_sms(prefix: str) -> None:
    assert parse_phone(prefix + " 612 345").gets_sms is True


def test_a_landline_is_taken_but_gets_no_sms() -> None:
    phone = parse_phone("01 234 56 78")
    assert (phone.e164, phone.kind, phone.display, phone.gets_sms) == (
        "+38612345678", PhoneKind.FIXED, "(01) 234 56 78", False)


def test_an_internet_telephone_counts_as_a_landline() -> None:
    assert parse_phone("059 012 345").kind is PhoneKind.FIXED


def test_a_foreign_mobile_number_is_shown_internationally() -> None:
    phone = parse_phone("+385 91 234 5678")
    assert (phone.e164, phone.gets_sms, phone.display) == ("+385912345678", True, "+385 91 234 5678")


@pytest.mark.parametrize("text", [
    "", " ", "abc", "041", "041 123 45", "041 123 4567", "049 123 456", "112", "113", "080 2005", "090 1234",
    "123456789012345678901234567890", "+", "+386", "<script>alert(1)</script>", "041 123 456; DROP TABLE orders",
    "Janez", "0", "\x00", "日本",
])
def test_what_reaches_nobodys_telephone_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_phone(text)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    try:
        phone = parse_phone(text)
    except ValueError:
        return
    assert parse_phone(phone.e164) == phone


def test_a_stored_number_is_shown_as_people_write_it() -> None:
    assert display_phone("+38641123456") == "041 123 456"
    assert display_phone("+43 660 1234567") == "+43 660 1234567"
