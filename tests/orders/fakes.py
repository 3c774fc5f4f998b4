"""A plan that always offers, kept in memory: stands at the edge where delivery answers in the real application."""
from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from accounts.places import Place, in_city_by_postcode
from core import calendar
from orders.errors import StaleQuote
from orders.ports import Demand, Offer, Offers
from orders.states import PromiseKind

_keys = itertools.count(1)


class FakePromises:
    """Offers an hour in the city and a window of the next day elsewhere; counts what was accepted.

    `stale` refuses that many acceptances before one is let through; `later` is added to every renewed promise.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Offer] = {}
        self.accepted: list[Offer] = []
        self.stale = 0
        self.later = timedelta(0)
        self.impossible = False

    def find(self, place: Place, demand: Demand, *, now: datetime, not_before: date | None = None) -> Offers:
        in_zone = in_city_by_postcode(place.postcode)
        if in_zone and not_before is None:
            offer = self._offer(PromiseKind.HOUR, in_zone, now, now, now + timedelta(minutes=60), now)
        else:
            day = not_before or calendar.local_date(now) + timedelta(days=1)
            start = calendar.at_local(day, time(8))
            offer = self._offer(PromiseKind.AGREED, in_zone, start, start, start + timedelta(hours=2), now)
        return Offers(in_zone=in_zone, offers=(offer,))

    def keep(self, offers: Offers, place: Place, demand: Demand, *, now: datetime) -> None:
        self.kept |= {offer.quote_key: offer for offer in offers.offers}

    def renew(self, quote_key: str, place: Place, demand: Demand, *, now: datetime) -> Offer:
        if self.impossible or quote_key not in self.kept:
            raise StaleQuote(quote_key=quote_key)
        offer = self.kept[quote_key]
        return replace(offer, promised_by_at=offer.promised_by_at + self.later)

    def accept(self, offer: Offer, place: Place, demand: Demand, *, now: datetime) -> None:
        if self.stale:
            self.stale -= 1
            raise StaleQuote(quote_key=offer.quote_key)
        self.accepted.append(offer)

    @staticmethod
    def _offer(kind: PromiseKind, in_zone: bool, clock: datetime, start: datetime, end: datetime,
               now: datetime) -> Offer:
        return Offer(quote_key=f"fake-{next(_keys)}", kind=kind, in_zone=in_zone, clock_start_at=clock,
                     promised_from_at=start, promised_by_at=end, reason=None, estimated_at=end,
                     expires_at=now + timedelta(minutes=5), estimated_travel=True)
