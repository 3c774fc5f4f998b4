"""Forms for signing in and for staff accounts."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, EqualTo, InputRequired, Length

from accounts.words import role_word
from core.errors import DomainError
from core.forms import BaseForm, CreatingForm, TextField, plain_text
from core.roles import STAFF_ROLES, Role

_LANGUAGES = {"sl": "slovenščina", "en": "English"}


class EmailField(StringField):
    """An e-mail address, bounded and checked for its form."""

    def __init__(self, label: Any = None, *, validators: Any = (), **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {}).update({"type": "email", "inputmode": "email", "maxlength": 120})
        super().__init__(label, [
            *validators,
            Length(max=120, message=_l("At most %(max)d characters.")),
            plain_text,
            Email(message=_l("This is not an e-mail address. Type it like name@example.si.")),
        ], **kwargs)


class SignInForm(BaseForm):
    """Who, and the secret. The form of the address is not judged: one sentence answers everything wrong."""

    email = StringField(_l("E-mail"), [DataRequired(_l("Type your e-mail address.")),
                                       Length(max=120, message=_l("At most %(max)d characters."))],
                        render_kw={"type": "email", "autocomplete": "username", "maxlength": 120})
    password = PasswordField(_l("Password"), [InputRequired(_l("Type your password.")),
                                              Length(max=128, message=_l("At most %(max)d characters."))],
                             render_kw={"autocomplete": "current-password", "maxlength": 128})


class NewPasswordForm(BaseForm):
    """One's own new password, typed twice (Z-03)."""

    current = PasswordField(_l("Present password"), [InputRequired(_l("Type your present password.")),
                                                     Length(max=128, message=_l("At most %(max)d characters."))],
                            render_kw={"autocomplete": "current-password", "maxlength": 128})
    password = PasswordField(_l("New password"), [InputRequired(_l("Type a new password."))],
                             render_kw={"autocomplete": "new-password", "maxlength": 128})
    again = PasswordField(_l("New password again"), [
        InputRequired(_l("Type the new password again.")),
        EqualTo("password", _l("The two passwords differ. Type both again."))],
        render_kw={"autocomplete": "new-password", "maxlength": 128})


class NewStaffForm(CreatingForm):
    """A new account; its password is made and shown once."""

    name = TextField(_l("Name"), validators=[DataRequired(_l("Type the name."))])
    email = EmailField(_l("E-mail"), validators=[DataRequired(_l("Type the e-mail address."))])
    role = SelectField(_l("Role"), validate_choice=False,
                       choices=[SelectChoice(role.value, role_word(role)) for role in Role if role in STAFF_ROLES])
    language = SelectField(_l("Language"), validate_choice=False,
                           choices=[SelectChoice(code, name) for code, name in _LANGUAGES.items()])

    def validate_role(self, field: Any) -> None:
        if field.data not in {role.value for role in STAFF_ROLES}:
            raise ValidationError(_l("Choose a role from the list."))

    def validate_language(self, field: Any) -> None:
        if field.data not in _LANGUAGES:
            raise ValidationError(_l("Choose a language from the list."))


def show_refusal(form: BaseForm, error: DomainError) -> None:
    """Put a refusal beside the field it belongs to, or above the form."""
    field = form._fields.get(error.field or "")
    if field is None:
        form.form_errors.append(error.message)
    else:
        field.errors = [*field.errors, error.message]
