"""Forms of the customer's return pages and of finance's payment desk."""
from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional

from billing.bank.ibans import normalise_iban
from billing.prices import PricedProduct
from core.forms import BaseForm, CreatingForm, EurField, QuantityField, TextField
from core.i18n import language
from orders.models import Handover
from orders.returns.queries import remaining
from orders.words import exchange_word

_MONTH = re.compile(r"(0?[1-9]|1[0-2])\s*[./-]\s*(20\d{2})")
MOST_RETURNED = 20
CALL = "call"


def valid_iban(_form: Any, field: Any) -> None:
    """Form and check digits; an empty one is for the field's other validators."""
    try:
        if field.data:
            normalise_iban(field.data)
    except ValueError:
        raise ValidationError(_l("This is not an IBAN. Type it like SI56 0201 7001 4356 205.")) from None


class IbanField(TextField):
    """An account number with its check digits (H-148)."""

    def __init__(self, label: Any = None, *, validators: Any = (), **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {}).update({"autocomplete": "off", "spellcheck": "false"})
        super().__init__(label, max_length=42, validators=[*validators, valid_iban], **kwargs)


class WithdrawalForm(CreatingForm):
    """How many cylinders of each line go back, when they are fetched, where money is transferred."""

    window = RadioField(_l("When may we fetch the cylinder?"), choices=[], validate_choice=True,
                        validators=[InputRequired(_l("Choose a time for the pick-up."))])
    iban = IbanField(_l("Bank account (IBAN) for the refund"), validators=[Optional()])


Form = TypeVar("Form", bound=CreatingForm)


def form_with_lines(kind: type[Form], handover: Handover, products: Iterable[PricedProduct]) -> Form:
    """A form of this kind with one quantity per line; what the buyer still has of it is proposed."""
    left = remaining(handover)
    names = {product.code: product.name(language()) for product in products}
    fields = {
        f"line_{line.id}": QuantityField(
            f"{names.get(line.product_code, line.product_code)}, {exchange_word(line.exchange)}",
            minimum=0, maximum=line.quantity, default=left[line.id], validators=[InputRequired()])
        for line in handover.lines}
    made: Form = type(kind.__name__, (kind,), fields)()
    return made


def returned_quantities(form: CreatingForm, handover: Handover) -> dict[int, int]:
    """Cylinders that go back, by handover line."""
    return {line.id: form[f"line_{line.id}"].data for line in handover.lines}


class StampField(TextField):
    """The month until which a cylinder is tested, as stamped: `month` is its first day after validation."""

    month: date | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or not self.data:
            return
        found = _MONTH.fullmatch(self.data)
        if found is None:
            raise ValidationError(_l("Type the month and year like 11/2027, or leave it empty."))
        self.month = date(int(found.group(2)), int(found.group(1)), 1)


class DepositReturnForm(CreatingForm):
    """A request to fetch green cylinders without a swap (H-091, X-12)."""

    quantity = QuantityField(_l("How many empty green cylinders?"), minimum=1, maximum=MOST_RETURNED, default=1,
                             validators=[InputRequired()])
    condition = RadioField(_l("Is any of them damaged?"), default="unknown", choices=[
        SelectChoice("whole", _l("No, they are undamaged")), SelectChoice("damaged", _l("Yes")),
        SelectChoice("unknown", _l("I do not know"))])
    stamp = StampField(_l("Test date on the stamp (month/year)"), max_length=10, validators=[Optional()])

    @property
    def damaged(self) -> bool | None:
        return {"whole": False, "damaged": True}.get(self.condition.data)


class MarkPaidForm(BaseForm):
    """The amount that arrived on the account."""

    amount = EurField(_l("Amount received"), validators=[InputRequired(_l("Type the amount that arrived."))])


class MarkRefundedForm(BaseForm):
    """The account to which the refund was transferred."""

    iban = IbanField(_l("Transferred to (IBAN)"), validators=[DataRequired(_l("Type the IBAN of the customer."))])
