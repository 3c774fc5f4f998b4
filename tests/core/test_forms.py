"""Fields: stripped, bounded, checked beside the field."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from wtforms.validators import DataRequired

from core.forms import BaseForm, CreatingForm, EurField, NoteField, PhoneField, QuantityField, TextField
from core.phone import PhoneKind


class Everything(CreatingForm):
    name = TextField("Name", validators=[DataRequired("needed")])
    note = NoteField("Note")
    phone = PhoneField("Phone")
    amount = EurField("Amount", minimum=100, maximum=5000)
    quantity = QuantityField("Quantity", minimum=1, maximum=5)


GOOD = {"name": "Žan Šuštar", "note": "zvonec 4\nza vogalom", "phone": "041 123 456", "amount": "24,90",
        "quantity": "2", "request_key": "k" * 32}


@pytest.fixture
def fill(app: Flask) -> Any:
    def make(**values: str) -> Everything:
        with app.test_request_context(method="POST", data={**GOOD, **values}):
            form = Everything()
            form.validate()
            return form
    return make


def test_good_values_are_taken_as_their_kind(fill: Any) -> None:
    form = fill()
    assert form.errors == {}
    assert (form.name.data, form.note.data, form.amount.cents, form.quantity.data) == (
        "Žan Šuštar", "zvonec 4\nza vogalom", 2490, 2)
    assert (form.phone.phone.e164, form.phone.phone.kind) == ("+38641123456", PhoneKind.MOBILE)


@pytest.mark.parametrize("shared", ["", "   ", "short", "x" * 65, "ključ ključ"])
def test_a_key_that_strangers_could_share_is_replaced_by_a_fresh_one(fill: Any, shared: str) -> None:
    first, second = fill(request_key=shared), fill(request_key=shared)
    assert len(first.request_key.data) == 32
    assert first.request_key.data != second.request_key.data
    assert list(first.errors) == ["request_key"]


def test_texts_are_stripped_and_their_letters_joined(fill: Any) -> None:
    form = fill(name="  Z\u030can \t", note="  zvonec  ")
    assert (form.name.data, form.note.data) == ("\u017dan", "zvonec")


@pytest.mark.parametrize(("field", "value"), [
    ("name", ""), ("name", "   "), ("name", "x" * 81), ("name", "Жан"), ("name", "山田"), ("name", "<script>"),
    ("name", "{{ 7 * 7 }}"), ("name", "a\x07b"), ("name", "a\u202eb"), ("name", "a\u200bb"), ("name", "a\ue000b"),
    ("name", "a\nb"), ("name", "a\rb"),
    ("note", "x" * 301), ("note", "Здравствуйте"), ("note", "<b>"), ("note", "a\x1bb"),
    ("phone", "abc"), ("phone", "080 2005"), ("phone", "041 123 45"), ("phone", "1" * 500), ("phone", "<script>"),
    ("amount", "abc"), ("amount", "0,99"), ("amount", "50,01"), ("amount", "-5"), ("amount", "1e3"),
    ("amount", "NaN"), ("amount", "24,905"), ("amount", "9" * 50),
    ("quantity", ""), ("quantity", "0"), ("quantity", "6"), ("quantity", "-1"), ("quantity", "1.5"),
    ("quantity", "two"), ("quantity", "9" * 30), ("quantity", "NaN"),
    ("request_key", "short"), ("request_key", "x" * 65),
])
def test_a_value_that_cannot_be_used_is_an_error_of_its_own_field_only(fill: Any, field: str, value: str) -> None:
    form = fill(**{field: value})
    assert list(form.errors) == [field]
    assert all(str(text) for text in form.errors[field])


def test_optional_fields_may_stay_empty(fill: Any) -> None:
    form = fill(note="", phone="", amount="")
    assert form.errors == {}
    assert (form.phone.phone, form.amount.cents) == (None, None)


def test_one_bad_value_does_not_outlive_its_form(fill: Any) -> None:
    fill(phone="abc")
    assert fill(phone="").phone.phone is None
    assert fill().errors == {}


def test_every_form_gets_a_key_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        keys = {Everything().request_key.data for _ in range(10)}
    assert len(keys) == 10
    assert {len(key) for key in keys} == {32}


def test_fields_tell_the_browser_their_bounds(app: Flask) -> None:
    with app.test_request_context():
        form = Everything()
        assert 'maxlength="80"' in form.name()
        assert 'maxlength="300"' in form.note()
        assert 'inputmode="tel"' in form.phone()
        assert 'inputmode="decimal"' in form.amount()
        assert 'min="1"' in form.quantity()
        assert 'max="5"' in form.quantity()


def test_forms_carry_a_token_where_tokens_are_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with app.test_request_context(method="POST", data=GOOD):
        form = Everything()
        assert form.validate() is False
        assert list(form.errors) == ["csrf_token"]


def test_field_options_are_not_shared_between_forms(app: Flask) -> None:
    class Short(BaseForm):
        name = TextField("Name", max_length=5)

    class Long(BaseForm):
        name = TextField("Name", max_length=50)

    with app.test_request_context(method="POST", data={"name": "abcdefgh"}):
        assert Short().validate() is False
        assert Long().validate() is True
