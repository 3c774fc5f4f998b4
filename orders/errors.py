"""Refusals of orders: each is named for what it refuses and carries its sentence."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, InvalidInput, NotFound

if TYPE_CHECKING:
    from orders.ports import Offer


class NoTerms(DomainError):
    """Nothing may be ordered while no general terms hold (H-020, H-021)."""

    code = "no_terms"
    status = 503
    message = _l("Orders cannot be taken: no general terms have been entered yet. Call us on 080 2005.")


class UnknownOrder(NotFound):
    """No such order."""

    code = "unknown_order"
    message = _l("There is no such order.")


class UnknownTerms(NotFound):
    """No such version of the general terms."""

    code = "unknown_terms"
    message = _l("There is no such version of the general terms.")


class StaleOrder(DomainError):
    """Somebody else changed the order between reading and writing."""

    code = "stale_order"
    message = _l("The order has just changed. Reload the page and look at it again.")


class WrongState(DomainError):
    """The action does not fit the order's state (states.TRANSITIONS)."""

    code = "wrong_state"
    message = _l("This cannot be done with the order as it stands now.")


class OnItsWay(WrongState):
    """Cancelling after the van left for this very stop (Y-07)."""

    code = "on_its_way"
    message = _l("The driver is already on the way to you, so the order can no longer be cancelled here. "
                 "Call us on 080 2005.")


class AlreadyEnded(WrongState):
    """Cancelling what was delivered, cancelled or rejected."""

    code = "already_ended"
    message = _l("The order is already closed, so it can no longer be cancelled.")


class WaitsForAnswer(WrongState):
    """The customer was asked about a change and has not answered (X-27)."""

    code = "waits_for_answer"
    message = _l("The customer was asked about a change of this order and has not answered yet.")


class StaleQuote(DomainError):
    """The promise that was shown can no longer be given (Y-04)."""

    code = "stale_quote"
    field = "quote_key"
    message = _l("The delivery time that was shown is no longer free. Choose a time again.")


class PromiseWorse(DomainError):
    """The new promise is later than the one shown, or another window: it is shown before anything is written (Y-04)."""

    code = "promise_worse"
    field = "quote_key"
    message = _l("The delivery time has changed since it was shown. Look at the new one and confirm again.")

    def __init__(self, offer: Offer, **details: Any) -> None:
        super().__init__(**details)
        self.offer = offer


class TotalChanged(DomainError):
    """The amount differs from the one that was shown: nothing was written."""

    code = "total_changed"
    field = "shown_total_cents"
    message = _l("The amount has changed since it was shown. Check the new amount and confirm again.")

    def __init__(self, total_cents: int, **details: Any) -> None:
        super().__init__(total_cents=total_cents, **details)
        self.total_cents = total_cents


class EmptyOrder(InvalidInput):
    """No cylinder chosen."""

    code = "empty_order"
    field = "lines"
    message = _l("Choose at least one cylinder.")


class TooManyCylinders(InvalidInput):
    """More than one household order may hold (setting `max_cylinders_per_order`)."""

    code = "too_many_cylinders"
    field = "lines"

    def __init__(self, limit: int, **details: Any) -> None:
        super().__init__(_l("One order may have at most %(limit)d cylinders. For more, call us on 080 2005.",
                            limit=limit), limit=limit, **details)


class ExchangeNotPossible(InvalidInput):
    """This product is not sold under that exchange kind (H-066, H-075, H-076)."""

    code = "exchange_not_possible"
    field = "lines"
    message = _l("This cylinder cannot be exchanged in that way. A green cylinder is exchanged only for a green one.")


class NotConfirmed(InvalidInput):
    """A tick that the terms ask for is missing (H-020, H-021, H-022, H-035, H-104)."""

    code = "not_confirmed"
    message = _l("Confirm this before you order.")


class TermsChanged(DomainError):
    """The terms shown are no longer the ones that hold (H-023)."""

    code = "terms_changed"
    field = "terms"
    message = _l("The general terms have changed since they were shown. Read them and confirm again.")


class OutsideSlovenia(InvalidInput):
    """We deliver in Slovenia only (H-092, H-113)."""

    code = "outside_slovenia"
    field = "address"
    message = _l("This address is outside Slovenia. We deliver in Slovenia only.")


class EbankTooSoon(InvalidInput):
    """Payment by e-bank is made a day ahead (H-123, X-03)."""

    code = "ebank_too_soon"
    field = "payment"
    message = _l("Payment by e-bank is possible for delivery on the next delivery day or later. "
                 "Choose a later time, or pay in cash or by card.")


class NotPaid(WrongState):
    """The amount received is not the amount due."""

    code = "amount_differs"
    status = 422
    field = "amount"
    message = _l("The amount received differs from the amount due. Nothing was marked as paid.")


class NothingDelivered(InvalidInput):
    """Every line is zero: that is a failed delivery, not a delivery."""

    code = "nothing_delivered"
    field = "lines"
    message = _l("Nothing is handed over. Record a failed delivery instead.")


class TooManyCertificates(InvalidInput):
    """More certificates than damaged empties: only their deposits are kept."""

    code = "too_many_certificates"
    field = "certificates"
    message = _l("Only the certificates of damaged empties are taken, one for each.")


class WrongDoorLine(InvalidInput):
    """A line at the door that does not fit the order."""

    code = "wrong_door_line"
    field = "lines"
    message = _l("The quantities at the door do not fit the order.")


class WrongPayment(InvalidInput):
    """A way of paying that this order cannot take at the door."""

    code = "wrong_payment"
    field = "payment"
    message = _l("This order cannot be paid in that way.")


class UnknownCard(InvalidInput):
    """Not one of the accepted cards (H-121)."""

    code = "unknown_card"
    field = "card_scheme"
    message = _l("Choose one of the cards that we accept.")


class NothingKept(DomainError):
    """No deposit was kept at this delivery, or it was given back already."""

    code = "nothing_kept"
    message = _l("No deposit is kept for this order, or it has been given back already.")
