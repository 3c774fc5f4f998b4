"""Forms of company changes and grievances."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from core.forms import BaseForm, CreatingForm, EurField, PhoneField, TextField, plain_text
from orders.cases.states import ChangeKind
from orders.cases.words import change_kind_word

LONGEST_TEXT = 4000


class LongField(TextAreaField):
    """A text of some length in Latin letters."""

    def __init__(self, label: Any = None, *, required: Any = None, **kwargs: Any) -> None:
        first = DataRequired(required) if required else Optional()
        bound = Length(max=LONGEST_TEXT, message=_l("At most %(max)d characters."))
        kwargs.setdefault("render_kw", {}).update({"maxlength": LONGEST_TEXT, "rows": 6})
        super().__init__(label, [first, bound, plain_text], **kwargs)


class ProposeForm(BaseForm):
    """What the company wants to change, and why (H-046)."""

    kind = RadioField(_l("What changes?"), validators=[InputRequired(_l("Choose what changes."))],
                      choices=[SelectChoice(kind.value, change_kind_word(kind)) for kind in ChangeKind])
    line = SelectField(_l("Which line of the order?"), coerce=int, choices=[])
    product = SelectField(_l("New item"), choices=[], validate_choice=False)
    price = EurField(_l("New price a piece"), minimum=1, maximum=100_000, validators=[Optional()])
    window = SelectField(_l("New time"), choices=[], validate_choice=False)
    reason = TextField(_l("Reason, as the customer reads it"), max_length=300,
                       validators=[DataRequired(_l("Write the reason."))])


class AnswerForm(BaseForm):
    """The customer's answer to a change (X-27)."""

    answer = RadioField(_l("What do you decide?"), validators=[InputRequired(_l("Choose an answer."))], choices=[
        SelectChoice("accept", _l("I accept the change")), SelectChoice("substitute", _l("I choose something else")),
        SelectChoice("cancel", _l("I cancel the order, free of charge"))])
    substitute = RadioField(_l("Instead"), choices=[], validate_choice=False)


class GrievanceForm(CreatingForm):
    """A grievance by the contact form (H-168)."""

    name = TextField(_l("Name and surname"), max_length=80, validators=[DataRequired(_l("Write your name."))])
    email = TextField(_l("E-mail"), max_length=120, validators=[
        DataRequired(_l("Write your e-mail: we answer there.")),
        Email(_l("This is not an e-mail address. Write it like ime@primer.si."))])
    phone = PhoneField(_l("Telephone"), validators=[Optional()])
    order_number = TextField(_l("Order number, if it is about one"), max_length=20, validators=[Optional()])
    text = LongField(_l("What happened?"), required=_l("Write what happened."))
    website = HiddenField()


class OfferForm(BaseForm):
    """Our answer to a grievance (H-170)."""

    text = LongField(_l("Our answer and what we offer"), required=_l("Write the answer."))


class ReplyForm(BaseForm):
    """What the customer says to it."""

    answer = RadioField(_l("Do you agree?"), validators=[InputRequired(_l("Choose an answer."))], choices=[
        SelectChoice("yes", _l("Yes, I accept")), SelectChoice("no", _l("No, I do not accept"))])
    text = LongField(_l("What you want to say to it"))


class CloseForm(BaseForm):
    """The end of the procedure."""

    text = LongField(_l("What was settled"), required=_l("Write what was settled."))


class ContactForm(BaseForm):
    """The named contact (H-012)."""

    contact = SelectField(_l("Named contact"), coerce=int, choices=[])
