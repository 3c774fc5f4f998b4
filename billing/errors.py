"""Refusals of billing."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, InvalidInput, NotFound


class UnbalancedEntries(ValueError):
    """Entries of one posting do not sum to zero in every unit, or there are none: a bug, never a person's mistake."""


class UnknownProduct(NotFound):
    """No such product, or no price holds for it."""

    code = "unknown_product"
    message = _l("This product is not on the price list. Choose another one.")


class NotAvailable(DomainError):
    """The product exists and cannot be had at present (H-027)."""

    code = "product_not_available"
    message = _l("This product is not available at present. Choose another one, or call us on 080 2005.")


class UnknownInvoice(NotFound):
    """No such invoice or credit note."""

    code = "unknown_invoice"
    message = _l("There is no such invoice.")


class EmptyInvoice(InvalidInput):
    """A document without lines, or with a quantity below one."""

    code = "empty_invoice"
    message = _l("An invoice needs at least one line, each with a quantity of at least one.")


class CreditTooHigh(DomainError):
    """A credit note may take back no more than its invoice still holds."""

    code = "credit_too_high"
    message = _l("This is more than the invoice still holds. Check what was credited before.")


class UnknownCertificate(NotFound):
    """No certificate with this number."""

    code = "unknown_certificate"
    message = _l("There is no deposit certificate with this number. Check the number, or go on without a certificate.")


class CertificateEnded(DomainError):
    """The certificate was paid out, kept or replaced before."""

    code = "certificate_ended"
    message = _l("This deposit certificate is no longer valid: it was paid out, kept or replaced.")


class UnknownTransaction(NotFound):
    """No such transaction in the ledger."""

    code = "unknown_transaction"
    message = _l("There is no such ledger transaction.")


class WrongIban(InvalidInput):
    """No account to pay to."""

    code = "wrong_iban"
    field = "iban"
    message = _l("This is not an IBAN. Type it like SI56 0201 7001 4356 205.")


class WrongPrice(InvalidInput):
    """A price that cannot be entered; says which field and why."""

    code = "wrong_price"


class PriceHolds(DomainError):
    """The price has begun to hold, or was withdrawn before."""

    code = "price_holds"
    message = _l("This price holds already or was withdrawn. Enter a new one from a later time instead.")


class WrongOpening(InvalidInput):
    """A line of a file of opening balances that cannot be taken; its texts are for the command line, English."""

    code = "wrong_opening"

    def __init__(self, reason: str, *, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}: {reason}", line=line)


class WrongMovement(InvalidInput):
    """From a place to itself, or a place that does not hold such a thing."""

    code = "wrong_movement"
    message = _l("Choose two different places that hold this.")


class NotThatMuch(InvalidInput):
    """More is to be moved than the place holds."""

    code = "not_that_much"
    field = "amount"
    message = _l("By the ledger there is less than that. Book first how it came there, or correct the number.")
