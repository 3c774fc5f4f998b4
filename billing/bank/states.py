"""Closed sets around the bank, and the life of a receipt (pure)."""
from __future__ import annotations

from enum import StrEnum


class ReceiptState(StrEnum):
    """What became of a movement on our account.

    OPEN waits for a person; PAID paid its order; NOTED was marked by hand before the statement came; RETURN_DUE goes
    back to the payer, RETURNED went; KEPT stays with a reason; PAYMENT is money that we paid out.
    """

    OPEN = "open"
    PAID = "paid"
    NOTED = "noted"
    RETURN_DUE = "return_due"
    RETURNED = "returned"
    KEPT = "kept"
    PAYMENT = "payment"


class Finding(StrEnum):
    """Why a receipt could not be matched by itself."""

    NONE = ""
    NO_REFERENCE = "no_reference"
    UNKNOWN_ORDER = "unknown_order"
    NOT_WAITING = "not_waiting"
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
