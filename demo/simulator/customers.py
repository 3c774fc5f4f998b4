"""Customers of a simulated day: they ask for a promise and order by the same functions as the pages do."""
from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from core.clock import utc_now
from core.db import db, unit_of_work
from core.errors import DomainError
from core.phone import parse_phone
from demo.people import CUSTOMERS
from demo.simulator.daylog import DayLog, What
from demo.simulator.script import Arrival
from orders import placing
from orders.ports import Offer, promises
from orders.queries import current_terms, order_by_id
from orders.services import cancel_order
from orders.states import PromiseKind
from orders.views.submission import submit_order

FIRST_NUMBER = 40_200_000


class Customers:
    """Asks, orders and cancels. `orders` gives the product's order of an arrival by its number; `key` begins the
    keys of the forms, so that two days can be played on one database."""

    def __init__(self, log: DayLog, key: str = "simulated") -> None:
        self._log, self._key = log, key
        self.orders: dict[int, int] = {}

    def ask(self, arrival: Arrival) -> bool:
        """Take the promise of one or two hours if there is one; else turn away. True when an order was placed."""
        now = utc_now()
        self._log.note(now, What.ASKED, order=arrival.number)
        try:
            offer, request = self._offered(arrival)
        except DomainError as refusal:
            return self._turned_away(arrival, refusal.code)
        if offer.kind is not PromiseKind.HOUR:
            return self._turned_away(arrival, offer.kind.value)
        begun = perf_counter()
        try:
            order = submit_order(request, offer.quote_key, actor="customer")
        except DomainError as refusal:
            return self._turned_away(arrival, refusal.code)
        self._log.took("place and insert", (perf_counter() - begun) * 1000)
        self.orders[arrival.number] = order.id
        self._log.note(now, What.PLACED, order=arrival.number, number=order.number, clock_start_at=order.clock_start_at,
                       promised_by_at=order.promised_by_at, estimated_at=offer.estimated_at,
                       reason=order.promise_reason.value if order.promise_reason else "")
        db.session.rollback()
        return True

    def _turned_away(self, arrival: Arrival, why: str) -> bool:
        db.session.rollback()
        self._log.note(utc_now(), What.REFUSED, order=arrival.number, why=why)
        return False

    def _offered(self, arrival: Arrival) -> tuple[Offer, placing.OrderRequest]:
        """What the page shows, and what its form sends."""
        now, place = utc_now(), arrival.spot.place(arrival.number, arrival.floor)
        prepared = placing.prepare(arrival.lines, payment=arrival.payment, floor=arrival.floor, now=now)
        begun = perf_counter()
        offers = promises().find(place, prepared.demand, now=now)
        self._log.took("promise", (perf_counter() - begun) * 1000)
        if not offers.offers:
            raise NothingOffered
        with unit_of_work():
            promises().keep(replace(offers, offers=offers.offers[:1]), place, prepared.demand, now=now)
        offer = offers.offers[0]
        name, _ = CUSTOMERS[arrival.number % len(CUSTOMERS)]
        return offer, placing.OrderRequest(
            request_key=f"{self._key}-{arrival.number:06d}", channel=arrival.channel, language="sl", contact_name=name,
            phone=parse_phone(f"+386{FIRST_NUMBER + arrival.number}"), email=None, place=place, lines=arrival.lines,
            payment=arrival.payment, shown_total_cents=prepared.pricing.total_cents,
            shown_promised_by_at=offer.promised_by_at, terms_version_id=current_terms(now).id, terms_confirmed=True,
            adult_confirmed=True, data_confirmed=True, duties_confirmed=True)

    def cancel(self, arrival: Arrival) -> None:
        """Think better of it, which is possible until the van leaves for the door (Y-07)."""
        order_id = self.orders.get(arrival.number)
        if order_id is None or order_by_id(order_id).promise_closed_at is not None:
            return  # never ordered, or a driver stood before a closed door already
        try:
            with unit_of_work():
                cancel_order(order_id, by="customer", reason="", now=utc_now(), actor="customer")
        except DomainError:
            self._log.note(utc_now(), What.CANCELLED_TOO_LATE, order=arrival.number)
            return
        self._log.note(utc_now(), What.CANCELLED, order=arrival.number)


class NothingOffered(DomainError):
    """No promise at all."""

    code = "nothing_offered"
