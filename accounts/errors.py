"""Refusals of accounts."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, InvalidInput, NotFound


class SignInRefused(DomainError):
    """Unknown, deactivated or wrong: one sentence for all of them."""

    code = "sign_in_refused"
    status = 401
    message = _l("The e-mail address or the password is not right. Check both and try again.")


class WeakPassword(InvalidInput):
    """The password breaks the rule (Z-03)."""

    code = "weak_password"
    field = "password"


class EmailTaken(DomainError):
    """Somebody already signs in with this address."""

    code = "email_taken"
    field = "email"
    message = _l("Somebody already signs in with this e-mail address. Use another one.")


class LastAdministrator(DomainError):
    """Without an active administrator nobody could let people in."""

    code = "last_administrator"
    message = _l("This is the last active administrator. Make another one first.")


class NotYourself(DomainError):
    """Nobody locks themselves out."""

    code = "not_yourself"
    message = _l("You cannot deactivate your own account. Ask another administrator.")


class NoSuchUser(NotFound):
    """No staff account with this number."""

    code = "no_such_user"
    message = _l("There is no such account.")
