"""Refusals around the bank."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, InvalidInput, NotFound


class WrongStatement(InvalidInput):
    """A file that is no statement of our account; the message says where and why."""

    code = "wrong_statement"
    field = "file"


class StatementKnown(DomainError):
    """The same statement was imported before."""

    code = "statement_known"
    field = "file"
    message = _l("This statement was imported before. Nothing was changed.")


class UnknownStatement(NotFound):
    """No such statement."""

    code = "unknown_statement"
    message = _l("This statement does not exist.")


class UnknownReceipt(NotFound):
    """No such entry of a statement."""

    code = "unknown_receipt"
    message = _l("This receipt does not exist.")


class ReceiptDecided(DomainError):
    """Somebody decided about this receipt meanwhile."""

    code = "receipt_decided"
    message = _l("It was already decided what happens with this receipt. The list below shows the present state.")


class ReasonMissing(InvalidInput):
    """Money is not kept without a reason."""

    code = "reason_missing"
    field = "note"
    message = _l("Say why the amount is kept.")


class NothingDue(DomainError):
    """No refund can be transferred at present."""

    code = "nothing_due"
    message = _l("No refund with an account is due, or each is in a file already.")


class UnknownTransfer(NotFound):
    """No such file of transfers."""

    code = "unknown_transfer"
    message = _l("This file of transfers does not exist.")


class TransferEnded(DomainError):
    """The file was marked as transferred before."""

    code = "transfer_ended"
    message = _l("These transfers are marked as made already.")


class NoAccount(DomainError):
    """The company's own account is not set."""

    code = "no_account"
    message = _l("The company's account (IBAN) is not set. An administrator sets it in the settings.")
