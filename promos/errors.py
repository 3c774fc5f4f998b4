"""Refusals of promo codes (Y-12): a reason is told only for a code that was typed exactly as issued."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, InvalidInput, NotFound


class PromoRefused(DomainError):
    """A code that this order cannot use; the order can be placed without it."""

    code = "promo_refused"
    field = "promo_code"
    message = _l("This code cannot be used for this order. You can order without it.")


class PromoUnknown(PromoRefused):
    """No such code, or one that this person is not to know of: all of them share one sentence and one word."""

    code = "promo_unknown"
    status = 422
    message = _l("We do not know this code. Check the letters and digits, or order without it.")


class PromoNotYet(PromoUnknown):
    """Its campaign has not begun; outwardly an unknown code (Y-12)."""


class PromoNotYours(PromoUnknown):
    """Made for somebody else, or for a first order only; outwardly an unknown code (Y-12)."""


class PromoExpired(PromoRefused):
    """Its time is over (H-131)."""

    code = "promo_expired"
    status = 422
    message = _l("The code has expired. You can order without it.")


def expired_on(date: str) -> Any:
    """The sentence that names the last day."""
    return _l("The code expired on %(date)s. You can order without it.", date=date)


class PromoUsed(PromoRefused):
    """Redeemed or burnt (H-137, W-17)."""

    code = "promo_used"
    message = _l("This code has already been used. You can order without it.")


class PromoUsedUp(PromoUsed):
    """The campaign's number of uses or its budget is used up."""

    code = "promo_used_up"
    message = _l("This campaign is used up, so the code is no longer valid. You can order without it.")


class PromoPaused(PromoRefused):
    """Its campaign is stopped for a while."""

    code = "promo_paused"
    message = _l("This code cannot be used at the moment. Try again later, or order without it.")


class PromoHeld(PromoRefused):
    """Another order form holds it for a few minutes."""

    code = "promo_held"
    message = _l("The code is being used in another order right now. Try again in 15 minutes, or order without it.")


class PromoTooMuch(PromoRefused):
    """Less than 1 EUR of gas would be left to pay (W-20, X-10)."""

    code = "promo_too_much"
    status = 422
    message = _l("The code is worth too much for this order. You can order without it.")


class PromoNotForThis(PromoRefused):
    """The order itself does not meet the campaign's limits: product, zone or way of ordering."""

    code = "promo_not_for_this"
    status = 422
    message = _l("This code is not valid for what you are ordering. You can order without it.")


class PromoOnlyOne(PromoRefused):
    """The order carries a code already: benefits are not combined (H-136, W-19, W-22)."""

    code = "promo_only_one"
    message = _l("Only one code can be used in an order.")


class UnknownCampaign(NotFound):
    """No such campaign."""

    code = "unknown_campaign"
    message = _l("There is no such campaign.")


class CampaignEnded(DomainError):
    """The campaign is over already."""

    code = "campaign_ended"
    message = _l("This campaign has already ended.")


class CampaignChanged(DomainError):
    """The campaign is not in the state that the step needs: somebody else was quicker."""

    code = "campaign_changed"
    message = _l("Somebody else changed this campaign meanwhile. Look at it again.")


class NobodyToSendTo(DomainError):
    """No customer is left who agreed to offers and did not get a code of this campaign."""

    code = "nobody_to_send_to"
    message = _l("There is nobody to send to: every customer who agreed to offers has a code of this campaign.")


class MailingChanged(DomainError):
    """Who gets the message, or what it costs, is not what was shown."""

    code = "mailing_changed"
    message = _l("The number of messages has changed meanwhile. Look at it again before you send.")


class WrongCampaign(InvalidInput):
    """A campaign that makes no sense; says which field and why."""

    code = "wrong_campaign"

    def __init__(self, message: Any, *, field: str, **details: Any) -> None:
        super().__init__(message, field=field, **details)
