"""Forms of the agents' desk."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional

from core.forms import BaseForm, CreatingForm, NoteField, TextField
from core.i18n import LANGUAGES
from orders.forms import OrderForm
from orders.returns.forms import DepositReturnForm, IbanField, WithdrawalForm
from orders.returns.states import DefectKind, Wish
from orders.returns.words import defect_word, wish_word
from orders.states import Channel


class DeskForm(OrderForm):
    """The customer's order form, filled in by an agent: the ticks say what was read out (H-022)."""

    language = SelectField(_l("Messages in"), default=LANGUAGES[0], choices=[
        SelectChoice("sl", _l("Slovene")), SelectChoice("en", _l("English"))])
    terms = BooleanField(_l("Pointed to the general terms; the caller agrees"), validators=[
        DataRequired(_l("Point the caller to the general terms and tick it."))])
    adult = BooleanField(_l("The caller is an adult, or a guardian agrees"), validators=[
        DataRequired(_l("Ask for the age and tick it; no order from children without a guardian's consent."))])
    data = BooleanField(_l("Data read back; the caller confirms them"), validators=[
        DataRequired(_l("Read the data back and tick it."))])
    duties = BooleanField(_l("Price, time, withdrawal and complaints told"), validators=[
        DataRequired(_l("Tell price, time, withdrawal and complaints, and tick it."))])


class CallerForm(BaseForm):
    """Who is calling: a number, a name, or an order number."""

    q = StringField(_l("Caller"))


class CancelForm(BaseForm):
    """Why an order ends, and for whom."""

    by = RadioField(_l("Who cancels?"), choices=[
        SelectChoice("customer", _l("The customer")), SelectChoice("company", _l("The company"))],
                    default="customer")
    reason = TextField(_l("Reason"), max_length=150, validators=[DataRequired(_l("Write the reason."))])


class WindowForm(BaseForm):
    """A new time."""

    window = RadioField(_l("New time"), choices=[], validators=[InputRequired(_l("Choose a time."))])


class ReasonForm(BaseForm):
    """Why a case is refused or given up."""

    reason = TextField(_l("Reason"), max_length=150, validators=[DataRequired(_l("Write the reason."))])


class DeskWithdrawalForm(WithdrawalForm):
    """A withdrawal told by phone, or written by e-mail and entered by an agent (H-141)."""

    channel = RadioField(_l("How did it reach us?"), default=Channel.PHONE.value, choices=[
        SelectChoice(Channel.PHONE.value, _l("phone")), SelectChoice(Channel.EMAIL.value, _l("e-mail"))])
    received_on = DateField(_l("The e-mail came in on"), validators=[Optional()])
    iban = IbanField(_l("Bank account (IBAN) for the refund"), validators=[Optional()])
    refuse_late = BooleanField(_l("Refuse it in writing as too late; the customer can appeal"))


class DeskReturnForm(DepositReturnForm):
    """The free pick-up of green cylinders, ordered by phone (H-091)."""

    name = TextField(_l("Name and surname"), max_length=80, validators=[DataRequired(_l("Write the name."))])
    phone = OrderForm.phone
    email = OrderForm.email
    window = RadioField(_l("When may we fetch the cylinder?"), choices=[], validate_choice=False)
    address = OrderForm.address
    floor = OrderForm.floor
    note = NoteField(_l("Note for the driver"), max_length=200)


class ComplaintForm(CreatingForm):
    """A defect as the caller tells it, or as an e-mail says it (H-160 to H-163)."""

    channel = DeskWithdrawalForm.channel
    received_on = DeskWithdrawalForm.received_on
    defect = RadioField(_l("Which defect?"), validators=[InputRequired(_l("Choose the kind of defect."))],
                        choices=[SelectChoice(kind.value, defect_word(kind)) for kind in DefectKind])
    noticed_on = DateField(_l("Noticed on"), validators=[InputRequired(_l("Enter the day like 22. 11. 2026."))])
    wish = SelectField(_l("What does the buyer want?"),
                       choices=[SelectChoice(wish.value, wish_word(wish)) for wish in Wish])
    description = TextField(_l("What is wrong?"), max_length=300, validators=[
        DataRequired(_l("Write what is wrong with the cylinder."))])
    window = RadioField(_l("When may we fetch the cylinder?"), choices=[],
                        validators=[InputRequired(_l("Choose a time for the pick-up."))])
