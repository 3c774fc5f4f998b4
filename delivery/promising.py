"""Promises from the live plan: implements orders.ports.Promises (Y-03, Y-04, X-14, X-15, H-110 to H-114)."""
from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from accounts.places import Place
from core import calendar, settings
from core.db import changed_rows, db, insert_new
from delivery.models import Quote, Stop, Vehicle
from delivery.offering import PromiseRules, delay_reason, hour_promise, windows_on
from delivery.plan_state import bump_from, version_of
from delivery.states import LIVE
from delivery.travel import traffic
from delivery.trial import Start, Trial, trial
from delivery.zones import depot_of, has_depot, place_windows, zone_of
from orders.errors import StaleQuote
from orders.models import Order
from orders.ports import Demand, Offer, Offers
from orders.states import DelayReason, OrderStatus, PaymentMethod, PromiseKind

LATER_TODAY = 3
OTHER_DAYS = 4
LONGEST_WISH = timedelta(days=28)


class LivePromises:
    """Finds, keeps, renews and accepts promises. See orders.ports.Promises.

    An offer's `quote_key` names the kept quote and the plan's version for which it was found: `<key>-<version>`.
    """

    def find(self, place: Place, demand: Demand, *, now: datetime, not_before: date | None = None) -> Offers:
        """Promises for this visit by a trial insertion into the live plan. Read only.

        In a zone: the 1-2 h promise if it can be kept, and agreed windows of later today and the next delivery day;
        outside: the days of the delivery plan (H-114), none where it has no row for the place. No offer makes
        another promise break.
        """
        if not has_depot():
            return Offers(in_zone=False, offers=(), note=_nothing_free())
        first_day = _first_day(demand, now, not_before)
        zone = zone_of(place.lat, place.lon, place.postcode)
        asked = trial(depot_of(place.lat, place.lon, place.postcode), place, demand, now)
        rules = promise_rules(now)
        if zone is None:
            offers = tuple(islice(_place_offers(asked, rules, now, first_day), OTHER_DAYS))
            note = "" if offers else _("We deliver to this place by agreement only. Call us on 080 2005.")
            return Offers(in_zone=False, offers=offers, note=note)
        hour = _hour_offer(asked, rules, now) if first_day <= calendar.local_date(now) else None
        windows = [*_zone_offers(asked, rules, now, first_day)]
        offers = (hour, *windows) if hour is not None else tuple(windows)
        note = "" if offers else _nothing_free()
        return Offers(in_zone=True, offers=offers, note=note)

    def keep(self, offers: Offers, place: Place, demand: Demand, *, now: datetime) -> None:
        """Keep offers that are about to be shown, until they expire. Inside a unit of work."""
        depot_id = depot_of(place.lat, place.lon, place.postcode)
        for offer in offers.offers:
            key, version = _split(offer.quote_key)
            insert_new(Quote, ["key"], {
                "key": key, "depot_id": depot_id, "plan_version": version, "created_at": now, "lat": place.lat,
                "lon": place.lon, "postcode": place.postcode, "demand": _facts(demand), **_promise(offer)})

    def renew(self, quote_key: str, place: Place, demand: Demand, *, now: datetime) -> Offer:
        """The shown offer if it still holds, else a new one. Read only. StaleQuote when nothing is possible.

        A promise that the plan can still keep stays as it was shown, even if a later one would be found now.
        """
        key, _version = _split(quote_key)
        quote = db.session.scalar(sa.select(Quote).where(Quote.key == key))
        if quote is None or quote.accepted_at is not None:
            raise StaleQuote(quote_key=quote_key)
        shown = _offer_of(quote)
        version = version_of(depot_of(place.lat, place.lon, place.postcode))
        same = (quote.lat, quote.lon, quote.demand) == (place.lat, place.lon, _facts(demand))
        if same and version == quote.plan_version and now < quote.expires_at:
            return shown
        if (zone_of(place.lat, place.lon, place.postcode) is not None) == quote.in_zone:
            held = _still_held(shown, place, demand, now)
            if held is not None:
                return held
        wish = calendar.local_date(shown.promised_from_at) if shown.kind is PromiseKind.AGREED else None
        found = self.find(place, demand, now=now, not_before=wish).offers
        if not found:
            raise StaleQuote(quote_key=quote_key)
        best = next((offer for offer in found if offer.kind is shown.kind), found[0])
        return replace(best, quote_key=f"{key}-{_split(best.quote_key)[1]}")

    def accept(self, offer: Offer, place: Place, demand: Demand, *, now: datetime) -> None:
        """Take the offer, inside the order's unit of work, guarded: the plan is still the one for which it was found,
        and nobody took this quote. StaleQuote otherwise."""
        key, version = _split(offer.quote_key)
        if not bump_from(depot_of(place.lat, place.lon, place.postcode), version, now):
            raise StaleQuote(quote_key=offer.quote_key, reason="plan")
        taken = sa.update(Quote).where(Quote.key == key, Quote.accepted_at.is_(None)).values(
            accepted_at=now, lat=place.lat, lon=place.lon, postcode=place.postcode, demand=_facts(demand),
            plan_version=version, **_promise(offer))
        if changed_rows(taken) != 1:
            raise StaleQuote(quote_key=offer.quote_key, reason="taken")


def _nothing_free() -> str:
    return str(_("No delivery time is free at the moment. Call us on 080 2005."))


def promise_rules(now: datetime) -> PromiseRules:
    """The figures that hold now."""
    def minutes(key: str) -> timedelta:
        return timedelta(minutes=settings.get(key, now))

    factors = traffic(now)
    return PromiseRules(
        soft=minutes("promise_soft_minutes"), hard=minutes("promise_hard_minutes"),
        room=minutes("promise_room_minutes"), margin=minutes("promise_margin_minutes"),
        window=minutes("agreed_window_minutes"), quote=minutes("quote_minutes"),
        stops_per_van=settings.get("agreed_stops_per_van", now), hours=settings.opening_hours(now),
        factor=factors.hour / 1000, usual_factor=factors.usual / 1000)


def delay_reason_now(now: datetime) -> DelayReason:
    """Why a promise that was given is lengthened to two hours: the traffic where it is raised, else other orders."""
    rules = promise_rules(now)
    return DelayReason.TRAFFIC if rules.factor > rules.usual_factor else DelayReason.SEVERAL_ORDERS


def _first_day(demand: Demand, now: datetime, not_before: date | None) -> date:
    """The first day allowed: prepaid orders not before the next delivery day (H-123, X-03)."""
    today = calendar.local_date(now)
    earliest = today
    if demand.payment is PaymentMethod.EBANK:
        earliest = settings.opening_hours(now).next_delivery_day(today)
    return min(max(earliest, not_before or today), today + LONGEST_WISH)


def _hour_offer(asked: Trial, rules: PromiseRules, now: datetime) -> Offer | None:
    """The 1-2 h promise, counted from acceptance or the next opening (X-15); None where it cannot be kept."""
    clock = rules.hours.clock_start(now)
    start = asked.start_within(clock, clock + rules.hard - rules.margin, due_at=clock + rules.soft - rules.room)
    if start is None:
        return None
    by = hour_promise(clock, start.at, rules)
    found = _offer(asked, rules, now, PromiseKind.HOUR, clock, clock, by, found=start, in_zone=True)
    return replace(found, reason=delay_reason(clock, by, asked.idle_start(clock), rules))


def _zone_offers(asked: Trial, rules: PromiseRules, now: datetime, first_day: date) -> Iterator[Offer]:
    """Agreed windows in the zone: later today, then the next delivery day (or the wanted day and the one after)."""
    today = calendar.local_date(now)
    days = [first_day] if first_day == today or rules.hours.on(first_day) else []
    while len(days) < 2:
        days.append(rules.hours.next_delivery_day(days[-1] if days else first_day))
    for day in days:
        after = now + rules.hard if day == today else calendar.start_of_day(day)
        found = (_window_offer(asked, rules, now, start, end, in_zone=True)
                 for start, end in windows_on(day, rules, after=after))
        yield from islice((offer for offer in found if offer is not None),
                          LATER_TODAY if day == today else OTHER_DAYS)


def _place_offers(asked: Trial, rules: PromiseRules, now: datetime, first_day: date) -> Iterator[Offer]:
    """The days of the delivery plan for the place, from tomorrow on (H-114)."""
    tomorrow = calendar.local_date(now) + timedelta(days=1)
    for _row, start, end in place_windows(asked.place.postcode, max(first_day, tomorrow)):
        offer = _window_offer(asked, rules, now, start, end, in_zone=False)
        if offer is not None:
            yield offer


def _window_offer(asked: Trial, rules: PromiseRules, now: datetime, start: datetime, end: datetime, *,
                  in_zone: bool) -> Offer | None:
    """An agreed window, if a rostered van can keep it; while nobody is rostered, if it is not full (H-113)."""
    found = None
    if asked.is_rostered(start):
        found = asked.start_within(start, end)
        if found is None:
            return None
    elif _agreed_within(asked.seen.depot_id, start, end) >= _room(asked.seen.depot_id, rules, start, end):
        return None
    return _offer(asked, rules, now, PromiseKind.AGREED, start, start, end, found=found, in_zone=in_zone)


def _room(depot_id: int, rules: PromiseRules, start: datetime, end: datetime) -> int:
    """How many visits a window takes before its shifts are known."""
    vans = db.session.scalar(sa.select(sa.func.count(Vehicle.id)).where(
        Vehicle.depot_id == depot_id, Vehicle.active)) or 0
    return int(vans * rules.stops_per_van * (end - start) / rules.window)


def _agreed_within(depot_id: int, start: datetime, end: datetime) -> int:
    """Orders promised for this window already: those with a stop of the depot, and those that wait for payment."""
    within = sa.and_(Order.promised_from_at >= start, Order.promised_from_at < end)
    stops = db.session.scalar(sa.select(sa.func.count(Stop.id)).join(Order, Order.id == Stop.order_id).where(
        Stop.depot_id == depot_id, Stop.status.in_(LIVE), within)) or 0
    waiting = db.session.scalar(sa.select(sa.func.count(Order.id)).where(
        Order.status == OrderStatus.AWAITING_PAYMENT, within)) or 0
    return stops + waiting


def _offer(asked: Trial, rules: PromiseRules, now: datetime, kind: PromiseKind, clock: datetime, start: datetime,
           end: datetime, *, found: Start | None, in_zone: bool) -> Offer:
    return Offer(
        quote_key=f"{secrets.token_hex(8)}-{asked.seen.version}", kind=kind, in_zone=in_zone, clock_start_at=clock,
        promised_from_at=start, promised_by_at=end, reason=None, estimated_at=found.at if found else None,
        expires_at=now + rules.quote, estimated_travel=found is not None and found.estimated)


def _still_held(shown: Offer, place: Place, demand: Demand, now: datetime) -> Offer | None:
    """The shown promise, found anew for the present plan; None when it cannot be kept any more."""
    if calendar.local_date(shown.promised_from_at) < _first_day(demand, now, None):
        return None
    asked = trial(depot_of(place.lat, place.lon, place.postcode), place, demand, now)
    rules = promise_rules(now)
    if asked.is_rostered(shown.promised_from_at):
        start = asked.start_within(shown.promised_from_at, shown.promised_by_at)
        if start is None:
            return None
    elif shown.kind is PromiseKind.AGREED:
        start = None
    else:
        return None
    return replace(shown, quote_key=f"{_split(shown.quote_key)[0]}-{asked.seen.version}",
                   estimated_at=start.at if start else None, expires_at=now + rules.quote,
                   estimated_travel=start is not None and start.estimated)


def _split(quote_key: str) -> tuple[str, int]:
    """The kept quote's key, and the version of the plan. StaleQuote for anything else."""
    key, _dash, version = quote_key.partition("-")
    if not key or not version.isdecimal() or len(version) > 12:
        raise StaleQuote(quote_key=quote_key[:40])
    return key, int(version)


def _facts(demand: Demand) -> dict[str, Any]:
    """A demand as it is kept: plain values, so that it compares equal to what comes back."""
    return {**asdict(demand), "deliver": dict(demand.deliver), "collect": dict(demand.collect),
            "payment": demand.payment.value}


def _promise(offer: Offer) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in (
        "expires_at", "in_zone", "kind", "clock_start_at", "promised_from_at", "promised_by_at", "estimated_at",
        "reason", "estimated_travel")}


def _offer_of(quote: Quote) -> Offer:
    return Offer(quote_key=f"{quote.key}-{quote.plan_version}", kind=quote.kind, in_zone=quote.in_zone,
                 clock_start_at=quote.clock_start_at, promised_from_at=quote.promised_from_at,
                 promised_by_at=quote.promised_by_at, reason=quote.reason, estimated_at=quote.estimated_at,
                 expires_at=quote.expires_at, estimated_travel=quote.estimated_travel)
