"""Refusals of returns."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, InvalidInput, NotFound
from orders.returns.states import ComplaintRefusal, WithdrawalRefusal
from orders.returns.words import complaint_refusal_word, withdrawal_refusal_word


class UnknownCase(NotFound):
    """No such case."""

    code = "unknown_case"
    message = _l("There is no such case.")


class StaleCase(DomainError):
    """Somebody else changed the case between reading and writing."""

    code = "stale_case"
    message = _l("The case has just changed. Reload the page and look at it again.")


class WrongCaseState(DomainError):
    """The action does not fit the case's state (states.TRANSITIONS)."""

    code = "wrong_case_state"
    message = _l("This cannot be done with the case as it stands now.")


class WithdrawalRefused(DomainError):
    """No withdrawal from this order; `reason` says why (H-140, H-149)."""

    code = "withdrawal_refused"

    def __init__(self, reason: WithdrawalRefusal, **details: Any) -> None:
        super().__init__(withdrawal_refusal_word(reason), reason=reason.value, **details)
        self.reason = reason


class ComplaintRefused(DomainError):
    """The complaint cannot be taken; `reason` says why (H-160 to H-162)."""

    code = "complaint_refused"

    def __init__(self, reason: ComplaintRefusal, **details: Any) -> None:
        super().__init__(complaint_refusal_word(reason), reason=reason.value, **details)
        self.reason = reason


class WrongQuantity(InvalidInput):
    """More cylinders than were delivered, or none."""

    code = "wrong_quantity"
    field = "lines"
    message = _l("Choose at least one cylinder and no more than were delivered.")


class WrongNotice(InvalidInput):
    """The day of a notice lies in the future or before the delivery."""

    code = "wrong_notice"
    field = "received_on"
    message = _l("The day on which the e-mail came in must lie between delivery and today.")


class AppealRefused(DomainError):
    """There is nothing to appeal against, or it was appealed already."""

    code = "appeal_refused"
    message = _l("An appeal is possible once, against a withdrawal that was rejected.")


class AppealDecided(DomainError):
    """Somebody else decided first."""

    code = "appeal_decided"
    message = _l("This appeal has been decided already.")


class NoGoodwill(InvalidInput):
    """No suspended deposit that could be paid as goodwill, or more than was suspended (X-20)."""

    code = "no_goodwill"
    field = "amount"
    message = _l("As goodwill at most the deposits that were not paid out can be paid, once.")


class WrongPhoto(InvalidInput):
    """Not a picture that we can read."""

    code = "wrong_photo"
    field = "photo"
    message = _l("This is not a photo that we can read. Send a JPEG, PNG or WebP picture of at most 6 MB.")


class WrongRecord(InvalidInput):
    """The driver's record does not fit the case."""

    code = "wrong_record"
    field = "cylinders"
    message = _l("The record does not fit what is to be picked up.")


class NotThatMany(InvalidInput):
    """More cylinders than the technical sector is done with."""

    code = "not_that_many"
    field = "quantity"
    message = _l("So many tested cylinders of this type are not here. Those that wait for a verdict stay.")


class NoCertificate(InvalidInput):
    """A certificate number that is unknown, or was paid out already."""

    code = "no_certificate"
    field = "certificates"
    message = _l("There is no open deposit certificate with this number.")
