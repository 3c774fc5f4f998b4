"""Forms of the counter, the technical sector, finance's decisions and the customer's complaint."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from core.forms import BaseForm, CreatingForm, EurField, PhoneField, QuantityField, TextField, plain_text
from orders.forms import OrderForm
from orders.returns.collecting import CaseDoor
from orders.returns.evidence import Photo, read_photo
from orders.returns.forms import IbanField, StampField
from orders.returns.models import ReturnCase
from orders.returns.rules import CylinderCheck
from orders.returns.states import AppealDecision, CaseKind, DefectKind, Wish
from orders.returns.words import defect_word, wish_word
from orders.states import ExchangeKind

MOST_AT_COUNTER = 5
EMPTY_GIVEN = frozenset({ExchangeKind.SWAP, ExchangeKind.PURCHASE_WITH_EMPTY})


class CustomerComplaintForm(CreatingForm):
    """A defect as the customer tells it (H-160 to H-163)."""

    defect = RadioField(_l("Which defect?"), validators=[InputRequired(_l("Choose the kind of defect."))],
                        choices=[SelectChoice(kind.value, defect_word(kind)) for kind in DefectKind])
    noticed_on = DateField(_l("Noticed on"), validators=[InputRequired(_l("Enter the day like 22. 11. 2026."))])
    wish = SelectField(_l("What do you wish for?"),
                       choices=[SelectChoice(wish.value, wish_word(wish)) for wish in Wish])
    description = TextField(_l("What is wrong?"), max_length=300, validators=[
        DataRequired(_l("Write what is wrong with the cylinder."))])
    window = RadioField(_l("When may we fetch the cylinder?"), choices=[],
                        validators=[InputRequired(_l("Choose a time for the pick-up."))])


class AppealForm(BaseForm):
    """Why the rejection is wrong."""

    text = TextAreaField(_l("Why do you disagree?"), render_kw={"maxlength": 1000, "rows": 5}, validators=[
        DataRequired(_l("Write why you disagree.")), Length(max=1000, message=_l("At most %(max)d characters.")),
        plain_text])


class DecisionForm(BaseForm):
    """What finance decides, with a reason."""

    decision = RadioField(_l("Decision"), validators=[InputRequired(_l("Choose the decision."))], choices=[
        SelectChoice(AppealDecision.UPHELD.value, _l("The rejection stands")),
        SelectChoice(AppealDecision.OVERTURNED.value, _l("The rejection is overturned"))])
    reason = TextField(_l("Reason, as the customer reads it"), max_length=300,
                       validators=[DataRequired(_l("Write the reason."))])


class GoodwillForm(BaseForm):
    """A suspended deposit paid as goodwill (X-20)."""

    amount = EurField(_l("Amount"), minimum=1, validators=[InputRequired(_l("Type the amount."))])
    reason = TextField(_l("Reason"), max_length=300, validators=[DataRequired(_l("Write the reason."))])
    iban = IbanField(_l("Bank account (IBAN)"), validators=[Optional()])


class VerdictForm(BaseForm):
    """The technical sector's verdict with its finding."""

    verdict = RadioField(_l("Verdict"), validators=[InputRequired(_l("Choose the verdict."))], choices=[
        SelectChoice("justified", _l("The complaint is justified")),
        SelectChoice("rejected", _l("There is no defect of ours"))])
    finding = TextField(_l("Finding"), max_length=300, validators=[DataRequired(_l("Write what was found."))])
    bring_back = BooleanField(_l("If rejected: bring a sound cylinder back to the customer"), default=True)


class ReleaseForm(CreatingForm):
    """Tested cylinders that leave the technical sector; the places to go to are given by the view."""

    cylinder_type = SelectField(_l("Cylinder"), choices=[], validators=[InputRequired(_l("Choose the cylinder."))])
    quantity = QuantityField(_l("How many"), minimum=1, maximum=99, default=1, validators=[InputRequired()])
    to = SelectField(_l("Where to"), choices=[], validators=[InputRequired(_l("Choose where they go."))])


class EndForm(BaseForm):
    """The end of a justified complaint (X-25)."""

    end = RadioField(_l("How does it end?"), validators=[InputRequired(_l("Choose how it ends."))], choices=[
        SelectChoice("replaced", _l("Free replacement")), SelectChoice("repaired", _l("Repaired and brought back")),
        SelectChoice("credited", _l("Credit note, refund to the account"))])
    iban = IbanField(_l("Bank account (IBAN), for a credit note"), validators=[Optional()])


class FindForm(BaseForm):
    """An order, a case, a certificate or a telephone number at the counter."""

    q = TextField(_l("Order, case, certificate or telephone"), max_length=40,
                  validators=[DataRequired(_l("Type a number."))])


class UnitForm(BaseForm):
    """The unit whose counter it is."""

    unit = RadioField(_l("At which unit are you today?"), choices=[],
                      validators=[InputRequired(_l("Choose the unit."))])


class CounterForm(CreatingForm):
    """What every hand-over at a counter has: the amount that was shown, the step, a photo."""

    shown_total_cents = HiddenField()
    photo = FileField(_l("Photo of the cylinder"), render_kw={"accept": "image/*"})
    picture: Photo | None = None

    def read(self) -> None:
        """The photo as we keep it, if one came; WrongPhoto for what is none."""
        data = self.photo.data.read() if self.photo.data else b""
        self.picture = read_photo(data) if data else None

    @property
    def shown(self) -> int:
        """The amount that the clerk saw; -1 before one was shown."""
        text = self.shown_total_cents.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

    def door(self, shown: int) -> CaseDoor:
        """The record as the service takes it."""
        raise NotImplementedError


class CounterReturnForm(CounterForm):
    """Green cylinders for their deposit: one check for each (H-093 to H-097)."""

    name = TextField(_l("Name and surname"), max_length=80, validators=[DataRequired(_l("Write the name."))])
    phone = PhoneField(_l("Telephone"), validators=[DataRequired(_l("Type the telephone number."))])
    email = OrderForm.email

    def door(self, shown: int) -> CaseDoor:
        return CaseDoor(shown_total_cents=shown, cylinders=_checks(self))


class CaseReturnForm(CounterForm):
    """The same for a case that waits for pick-up."""

    def door(self, shown: int) -> CaseDoor:
        return CaseDoor(shown_total_cents=shown, cylinders=_checks(self))


class CounterWithdrawalForm(CounterForm):
    """A withdrawn cylinder: the driver's checks, made by the clerk (H-144, H-149, H-150)."""

    foil_intact = BooleanField(_l("Safety foil on the valve intact"))
    undamaged = BooleanField(_l("Cylinder undamaged"))
    invoice_shown = BooleanField(_l("Invoice shown"))
    left = QuantityField(_l("Empty ones given instead of the deposit"), maximum=9, default=0,
                         validators=[Optional()])
    certificates = TextField(_l("Numbers of the deposit certificates handed over"), max_length=120)
    iban = IbanField(_l("Bank account (IBAN) for the refund"), validators=[Optional()])

    def door(self, shown: int) -> CaseDoor:
        left: dict[str, int] = {"Z10": self.left.data} if self.left.data else {}
        numbers = (self.certificates.data or "").replace(",", " ").split()
        return CaseDoor(shown_total_cents=shown, foil_intact=self.foil_intact.data, undamaged=self.undamaged.data,
                        invoice_shown=self.invoice_shown.data, empties_left=left, certificates=tuple(numbers))


class CounterComplaintForm(CounterForm):
    """The complaint record (H-164)."""

    record = TextAreaField(_l("What the customer says and what you see"), render_kw={"maxlength": 1000, "rows": 5},
                           validators=[DataRequired(_l("Write what was found.")), plain_text,
                                       Length(max=1000, message=_l("At most %(max)d characters."))])

    def door(self, shown: int) -> CaseDoor:
        return CaseDoor(shown_total_cents=shown, record=self.record.data or "")


def _checks(form: BaseForm) -> tuple[CylinderCheck, ...]:
    fields: Any = form
    return tuple(
        CylinderCheck(damaged=bool(fields[f"damaged_{number}"].data), test_due=fields[f"stamp_{number}"].month,
                      certificate=fields[f"certificate_{number}"].data or "")
        for number in range(1, MOST_AT_COUNTER * 4 + 1) if f"stamp_{number}" in fields)


def with_cylinders(base: type[CounterForm], count: int) -> CounterForm:
    """A form with the checks of so many cylinders."""
    fields: dict[str, Any] = {}
    for number in range(1, count + 1):
        fields[f"damaged_{number}"] = BooleanField(_l("Damaged"))
        fields[f"stamp_{number}"] = StampField(_l("Test date on the stamp (month/year)"), max_length=10,
                                               validators=[Optional()])
        fields[f"certificate_{number}"] = TextField(_l("Certificate number"), max_length=30)
    made: CounterForm = type(base.__name__, (base,), fields)()
    return made


def counter_form(case: ReturnCase) -> CounterForm:
    """The form of a case that is brought to the counter."""
    if case.kind is CaseKind.WITHDRAWAL:
        return CounterWithdrawalForm()
    if case.kind is CaseKind.COMPLAINT:
        return CounterComplaintForm()
    return with_cylinders(CaseReturnForm, case.cylinders)
