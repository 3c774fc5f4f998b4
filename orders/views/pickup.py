"""Choosing a pick-up window on a page that writes nothing while it is only shown.

Offers are looked for anew when the form comes back and matched to the one that was chosen by its times.
"""
from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from accounts.places import Place
from core.i18n import show_until, show_window
from orders.errors import StaleQuote
from orders.ports import Demand, Offer, Offers, promises
from orders.returns.forms import CALL
from orders.states import PromiseKind

MOST_WINDOWS = 4


def window_key(offer: Offer) -> str:
    """What stands for an offer in a form: an hour promise moves with the clock, an agreed window has its times."""
    if offer.kind is PromiseKind.HOUR:
        return "hour"
    return f"{int(offer.promised_from_at.timestamp())}-{int(offer.promised_by_at.timestamp())}"


def window_choices(offers: Offers, now: datetime) -> list[SelectChoice]:
    """Form choices of the best offers."""
    return [SelectChoice(window_key(offer), _words(offer, now)) for offer in offers.offers[:MOST_WINDOWS]]


def _words(offer: Offer, now: datetime) -> str:
    if offer.kind is PromiseKind.HOUR:
        return _("As soon as possible, %(when)s", when=show_until(offer.promised_by_at, now=now))
    return show_window(offer.promised_from_at, offer.promised_by_at, now=now)


def chosen_offer(offers: Offers, key: str) -> Offer | None:
    """The offer that was chosen; None for a call. StaleQuote when it is no longer among the offers."""
    if key == CALL:
        return None
    for offer in offers.offers:
        if window_key(offer) == key:
            return offer
    raise StaleQuote(window=key)


def find_windows(place: Place, demand: Demand, now: datetime) -> Offers:
    """Pick-up windows that the live plan can hold. Read only."""
    return promises().find(place, demand, now=now)
