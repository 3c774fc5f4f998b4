"""The customer's order form: one form over four steps."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import AnyOf, DataRequired, Email, Optional

from core.forms import CreatingForm, NoteField, PhoneField, QuantityField, TextField
from orders.states import ExchangeKind, PaymentMethod

STEPS = (1, 2, 3, 4)
STEP_OF_FIELD: Mapping[str, int] = {
    "lines": 1, "address": 2, "lat": 2, "lon": 2, "floor": 2, "note": 2, "wish_on": 2, "quote_key": 2,
    "name": 3, "phone": 3, "email": 3, "payment": 3,
    "code": 4, "terms": 4, "adult": 4, "data": 4, "shown_total_cents": 4, "terms_version_id": 4,
}
FIELD_OF_REFUSAL: Mapping[str, str] = {"promo_code": "code", "place": "address", "contact_name": "name"}


class OrderForm(CreatingForm):
    """Everything a customer states; quantities stand beside it under the names of `quantity_name`."""

    address = TextField(_l("Delivery address"), max_length=140, validators=[
        DataRequired(_l("Write the street, the house number and the town."))],
        render_kw={"autocomplete": "street-address"})
    lat = HiddenField()
    lon = HiddenField()
    floor = QuantityField(_l("Floor"), minimum=0, maximum=40, validators=[Optional()], default=0)
    note = NoteField(_l("Note for the driver"), max_length=200)
    wish_on = StringField(_l("When"))
    quote_key = HiddenField()

    name = TextField(_l("Name and surname"), max_length=80, render_kw={"autocomplete": "name"}, validators=[
        DataRequired(_l("Write your name, so that the driver knows whom to ask for."))])
    phone = PhoneField(_l("Telephone"), validators=[
        DataRequired(_l("Write a telephone number at which the driver can reach you."))])
    email = TextField(_l("E-mail"), max_length=120, render_kw={"autocomplete": "email"}, validators=[
        Optional(), Email(_l("This is not an e-mail address. Write it like ime@primer.si, or leave it out."))])
    payment = StringField(_l("Payment"), default=PaymentMethod.CASH.value, validators=[
        AnyOf([method.value for method in PaymentMethod], _l("Choose how you will pay."))])

    code = TextField(_l("Do you have a coupon?"), max_length=40,
                     render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})
    terms = BooleanField(_l("General terms"), validators=[
        DataRequired(_l("Confirm the general terms before you order."))])
    adult = BooleanField(_l("Age"), validators=[
        DataRequired(_l("Confirm that you are an adult, or that a parent or guardian agrees."))])
    data = BooleanField(_l("My data"), validators=[DataRequired(_l("Confirm that your data are correct."))])
    terms_version_id = HiddenField()
    shown_total_cents = HiddenField()

    def problems(self, step: int) -> list[tuple[str, str]]:
        """(field name, sentence) of every error in a step."""
        return [(field.name, str(error)) for field in self if STEP_OF_FIELD.get(field.name) == step
                for error in field.errors]

    def forget_errors_but(self, step: int) -> None:
        """Other steps are not under question."""
        for field in self:
            if STEP_OF_FIELD.get(field.name) != step:
                field.errors = []

    @property
    def payment_method(self) -> PaymentMethod:
        """The chosen way of paying; cash while none is chosen."""
        known = {method.value: method for method in PaymentMethod}
        return known.get(self.payment.data or "", PaymentMethod.CASH)


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What was typed as the number of cylinders of one product under one exchange kind."""

    product_code: str
    exchange: ExchangeKind
    typed: str

    @property
    def number(self) -> int | None:
        """The number, 0 for nothing typed; None for what is no whole number from 0 to 99."""
        text = self.typed.strip() or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None


def quantity_name(product_code: str, exchange: str) -> str:
    """The form's name for a quantity: `q-Z10-swap`."""
    return f"q-{product_code}-{exchange}"


def read_quantities(sent: Mapping[str, str], offered: Iterable[tuple[str, str]]) -> tuple[Quantity, ...]:
    """The quantities of every offered (product, exchange kind) as they were sent."""
    return tuple(Quantity(product_code=code, exchange=ExchangeKind(exchange),
                          typed=sent.get(quantity_name(code, exchange), "")[:12])
                 for code, exchange in offered)
