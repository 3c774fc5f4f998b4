"""Forms of finance's bank pages."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms.validators import DataRequired, Optional

from core.forms import BaseForm, TextField
from orders.returns.forms import IbanField


class StatementForm(BaseForm):
    """An account statement."""

    file = FileField(_l("Statement (camt.053 or CSV)"), validators=[FileRequired(_l("Choose the file of the bank."))])


class AssignForm(BaseForm):
    """The order that a receipt pays; the account is for what is over, where the statement names none."""

    order_number = TextField(_l("Order number"), max_length=20,
                             validators=[DataRequired(_l("Type the number of the order."))])
    iban = IbanField(_l("Account for what is over (IBAN)"), validators=[Optional()])


class ReturnForm(BaseForm):
    """The account to which a receipt goes back."""

    iban = IbanField(_l("To the account (IBAN)"), validators=[Optional()])


class WaiveForm(BaseForm):
    """Why a kept deposit is given back, and where to."""

    reason = TextField(_l("Reason"), max_length=200,
                       validators=[DataRequired(_l("Say why the deposit is given back."))])
    iban = IbanField(_l("To the account (IBAN)"), validators=[DataRequired(_l("Type the IBAN of the customer."))])


class KeepForm(BaseForm):
    """Why a receipt is kept."""

    note = TextField(_l("Reason"), max_length=200, validators=[DataRequired(_l("Say why the amount is kept."))])
