"""Form base and fields: input is stripped, bounded and checked beside its field."""
from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length, NumberRange, Optional

from core.http import new_request_key
from core.money import format_eur, parse_eur
from core.phone import Phone, parse_phone

LONGEST_NUMBER = 12
REQUEST_KEY = re.compile(r"[\w-]{8,64}", re.ASCII)


def _strip(value: Any) -> Any:
    """Without space around it, letters and their marks joined: the form in which texts are stored and compared."""
    return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else value


# What WTForms says of its own accord; it has no Slovene.
_WORDS = {
    "Not a valid integer value.": _l("Write a whole number."),
    "Not a valid date value.": _l("Enter the day like 22. 11. 2026."),
    "Not a valid choice.": _l("Choose one of the values on offer."),
    "Not a valid choice": _l("Choose one of the values on offer."),
    "Invalid Choice: could not coerce.": _l("Choose one of the values on offer."),
    "This field is required.": _l("Fill this in."),
}


class _Words:
    """The library's messages in the person's language."""

    @staticmethod
    def gettext(text: str) -> str:
        return str(_WORDS.get(text, text))

    @staticmethod
    def ngettext(one: str, many: str, number: int) -> str:
        return one if number == 1 else many


class BaseForm(FlaskForm):
    """Strips every text; CSRF comes with FlaskForm."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: Any) -> _Words:
            return _Words()

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            filters = [*unbound_field.kwargs.get("filters", [])]
            field_class = unbound_field.field_class
            if issubclass(field_class, StringField) and _strip not in filters:
                unbound_field.kwargs["filters"] = [*filters, _strip]
            return super().bind_field(form, unbound_field, options)


class RequestKeyField(HiddenField):
    """The key that makes one thing of a form pressed twice.

    What is no key (empty, too short, too long for its column) is refused and replaced by a fresh one: strangers who
    leave it empty would share it, and each would be shown what the other one has made.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        sent = valuelist[0].strip() if valuelist else ""
        if REQUEST_KEY.fullmatch(sent):
            self.data = sent
        elif valuelist:
            self.data = new_request_key()
            raise ValueError(_l("The form could not be read. Look through it and send it again."))


class CreatingForm(BaseForm):
    """A form that creates something carries a request key: pressed twice, it makes one."""

    request_key = RequestKeyField(default=new_request_key)


def plain_text(_form: Any, field: Any) -> None:
    """Refuse control characters, and characters outside the Latin alphabet where a van has to read it."""
    for character in field.data or "":
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") and character not in "\r\n":
            raise ValidationError(_l("This contains a character that cannot be printed. Type it again without it."))
        if character.isalpha() and not unicodedata.name(character, "").startswith("LATIN"):
            raise ValidationError(_l("Use Latin letters, so that the driver can read it."))
        if character in "<>{}":
            raise ValidationError(_l("The characters < > { } cannot be used here."))


def one_line(_form: Any, field: Any) -> None:
    """Refuse line breaks, which no person can type into a field of one line."""
    if any(character in "\r\n" for character in field.data or ""):
        raise ValidationError(_l("Type this on one line."))


class TextField(StringField):
    """One line of Latin text, bounded."""

    def __init__(self, label: Any = None, *, max_length: int = 80, validators: Any = (), **kwargs: Any) -> None:
        bound = Length(max=max_length, message=_l("At most %(max)d characters."))
        kwargs.setdefault("render_kw", {}).setdefault("maxlength", max_length)
        super().__init__(label, [*validators, bound, one_line, plain_text], **kwargs)


class NoteField(TextAreaField):
    """A few lines of Latin text, bounded."""

    def __init__(self, label: Any = None, *, max_length: int = 300, validators: Any = (), **kwargs: Any) -> None:
        bound = Length(max=max_length, message=_l("At most %(max)d characters."))
        kwargs.setdefault("render_kw", {}).setdefault("maxlength", max_length)
        super().__init__(label, [Optional(), *validators, bound, plain_text], **kwargs)


class PhoneField(StringField):
    """A telephone number; after validation `phone` holds the checked number (None when left empty)."""

    phone: Phone | None = None

    def __init__(self, label: Any = None, validators: Any = (), **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {}).update({"inputmode": "tel", "autocomplete": "tel", "maxlength": 30})
        super().__init__(label, validators, **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or not self.data:
            return
        try:
            self.phone = parse_phone(self.data[:40])
        except ValueError:
            raise ValidationError(
                _l("This is not a telephone number we can call. Type it like 041 123 456 or +386 41 123 456.")
            ) from None


class EurField(StringField):
    """An amount in EUR as people write it; `cents` holds the integer after validation."""

    cents: int | None = None

    def __init__(self, label: Any = None, validators: Any = (), *, minimum: int = 0, maximum: int = 10_000_000,
                 **kwargs: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        kwargs.setdefault("render_kw", {}).update({"inputmode": "decimal", "maxlength": 14})
        super().__init__(label, validators, **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or not self.data:
            return
        try:
            cents = parse_eur(self.data)
        except ValueError:
            raise ValidationError(_l("Type an amount like 24,90.")) from None
        if not self.minimum <= cents <= self.maximum:
            raise ValidationError(_l("The amount must be between %(low)s and %(high)s.",
                                     low=format_eur(self.minimum), high=format_eur(self.maximum)))
        self.cents = cents


class QuantityField(IntegerField):
    """A small whole number."""

    def __init__(self, label: Any = None, *, minimum: int = 0, maximum: int = 99, validators: Any = (),
                 **kwargs: Any) -> None:
        bound = NumberRange(min=minimum, max=maximum, message=_l("Choose a number from %(min)s to %(max)s."))
        kwargs.setdefault("render_kw", {}).update({"inputmode": "numeric", "min": minimum, "max": maximum})
        kwargs.setdefault("invalid_value_message", _l("Type a whole number."))
        super().__init__(label, [*validators, bound], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """A number too long for any bound is no number: comparing it would overflow."""
        if valuelist and len(valuelist[0].strip()) > LONGEST_NUMBER:
            self.data = None
            raise ValueError(_l("Type a whole number."))
        super().process_formdata(valuelist)
