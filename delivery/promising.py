"""Promises from the live plan: implements orders.ports.Promises (Y-03, Y-04, X-14, X-15, H-110 to H-114)."""
from __future__ import annotations

from datetime import date, datetime

from accounts.places import Place
from orders.ports import Demand, Offer, Offers


class LivePromises:
    """Finds, keeps, renews and accepts promises. See orders.ports.Promises."""

    def find(self, place: Place, demand: Demand, *, now: datetime, not_before: date | None = None) -> Offers:
        """Promises for this visit by a trial insertion into the live plan. Read only."""
        raise NotImplementedError

    def keep(self, offers: Offers, place: Place, demand: Demand, *, now: datetime) -> None:
        """Keep offers that are about to be shown. Inside a unit of work."""
        raise NotImplementedError

    def renew(self, quote_key: str, place: Place, demand: Demand, *, now: datetime) -> Offer:
        """The shown offer if it still holds, else a new one. Read only. StaleQuote when nothing is possible."""
        raise NotImplementedError

    def accept(self, offer: Offer, place: Place, demand: Demand, *, now: datetime) -> None:
        """Take the offer, inside the order's unit of work, guarded by the plan's version. StaleQuote."""
        raise NotImplementedError
