"""Telephone numbers by the `phonenumbers` library, region Slovenia."""
from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType as Kind


class PhoneKind(StrEnum):
    """What a number can be used for: only mobiles get SMS."""

    MOBILE = "mobile"
    FIXED = "fixed"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A checked number: E.164 for storage, national form for people."""

    e164: str
    kind: PhoneKind
    display: str

    @property
    def gets_sms(self) -> bool:
        return self.kind is PhoneKind.MOBILE


_KINDS = {
    Kind.MOBILE: PhoneKind.MOBILE,
    Kind.FIXED_LINE: PhoneKind.FIXED,
    Kind.FIXED_LINE_OR_MOBILE: PhoneKind.MOBILE,
    Kind.VOIP: PhoneKind.FIXED,
}
_REFUSED = {Kind.TOLL_FREE, Kind.PREMIUM_RATE, Kind.SHARED_COST, Kind.UAN}


def parse_phone(text: str) -> Phone:
    """The number in `text` as a person may write it; ValueError where it reaches nobody's telephone."""
    cleaned = text.strip()
    if cleaned.startswith("386") and len(cleaned) >= 11:
        cleaned = "+" + cleaned
    try:
        number = phonenumbers.parse(cleaned, "SI")
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a telephone number") from error
    kind = phonenumbers.number_type(number)
    if not phonenumbers.is_valid_number(number) or kind in _REFUSED:
        raise ValueError("not a telephone number")
    return Phone(
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        kind=_KINDS.get(kind, PhoneKind.OTHER),
        display=display_phone(number),
    )


def display_phone(number: phonenumbers.PhoneNumber | str) -> str:
    """National form for Slovene numbers, international for others."""
    if isinstance(number, str):
        number = phonenumbers.parse(number, "SI")
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if number.country_code == 386 else form.INTERNATIONAL)
