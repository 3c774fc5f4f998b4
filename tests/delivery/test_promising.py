"""Promises from the live plan (Y-03, Y-04, H-110 to H-114, X-14, X-15, X-26)."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core import calendar, settings
from core.db import db, unit_of_work
from delivery.models import PlanState, Quote, Shift, Stop, Zone
from delivery.states import StopStatus
from orders.errors import StaleQuote
from orders.placing import prepare
from orders.ports import Demand, promises
from orders.services import place_order
from orders.states import DelayReason, ExchangeKind, PaymentMethod, PromiseKind
from tests.delivery.factories import best_offer, fleet, order_live, somewhere, stop_of, version
from tests.factories import KRANJ, SISKA, SWAP_ONE, one, order_request

pytestmark = pytest.mark.usefixtures("app")


def swap_demand(now: datetime, **changes: Any) -> Demand:
    return prepare(SWAP_ONE, payment=changes.pop("payment", PaymentMethod.CASH), floor=0, now=now).demand


def find(place: Any, now: datetime, **changes: Any) -> Any:
    return promises().find(place, swap_demand(now), now=now, **changes)


def test_an_idle_fleet_promises_sixty_minutes_without_a_reason(now: datetime) -> None:
    """H-110."""
    fleet()
    found = find(SISKA, now)
    first = found.offers[0]
    assert (found.in_zone, first.kind, first.in_zone) == (True, PromiseKind.HOUR, True)
    assert (first.clock_start_at, first.promised_by_at, first.reason) == (now, now + timedelta(minutes=60), None)
    assert first.estimated_at is not None
    assert now < first.estimated_at <= now + timedelta(minutes=55)
    assert first.expires_at == now + timedelta(minutes=5)
    assert first.estimated_travel


def test_windows_of_later_today_and_of_the_next_delivery_day_follow(now: datetime) -> None:
    """H-113: grid of two hours from the opening on; today only where a shift still runs."""
    fleet(hours=5)
    starts = [calendar.local(offer.promised_from_at) for offer in find(SISKA, now).offers[1:]]
    assert [(start.day, start.hour) for start in starts] == [(23, 15), (24, 7), (24, 9), (24, 11), (24, 13)]


def test_a_promise_leaves_nothing_in_the_database_until_it_is_kept(now: datetime) -> None:
    fleet()
    find(SISKA, now)
    assert db.session.scalar(sa.select(sa.func.count(Quote.id))) == 0
    best_offer(SISKA)
    assert db.session.scalar(sa.select(sa.func.count(Quote.id))) == 7


def test_many_open_orders_push_the_promise_beyond_the_hour_with_that_reason(now: datetime) -> None:
    """H-111, H-112, X-26."""
    fleet(1)
    found = []
    for seed in range(1, 9):
        found.append(order_live(seed))
    hours = [order for order in found if order.promise_kind is PromiseKind.HOUR]
    later = [order for order in hours if order.promise_reason is not None]
    assert later, "one van cannot serve eight orders within the hour"
    for order in later:
        assert order.promise_reason is DelayReason.SEVERAL_ORDERS
        assert order.promised_by_at == order.clock_start_at + timedelta(minutes=120)
    for order in hours:
        assert order.promised_by_at - order.clock_start_at in (timedelta(minutes=60), timedelta(minutes=120))


def test_a_full_fleet_gives_no_hour_promise_and_offers_windows(now: datetime) -> None:
    """H-111: never more than two hours; X-15."""
    fleet(1, load={"Z10": 30})
    for seed in range(1, 30):
        offer = best_offer(somewhere(seed))
        if offer.kind is not PromiseKind.HOUR:
            break
        order_live(seed)
    else:
        pytest.fail("one van promised the hour without end")
    assert offer.kind is PromiseKind.AGREED
    assert offer.promised_from_at >= now + timedelta(minutes=120)
    planned = db.session.scalars(sa.select(Stop.planned_start_at)).all()
    assert [at for at in planned if at is None or at > now + timedelta(minutes=120)] == []


def test_no_stock_no_promise_of_today(now: datetime) -> None:
    """The spare is kept back (H-079): one full cylinder on board is not promised."""
    fleet(1, load={"Z10": 1})
    today = [offer for offer in find(SISKA, now).offers if calendar.local_date(offer.promised_from_at).day == 23]
    assert today == []


def test_a_card_needs_a_van_with_a_terminal(now: datetime) -> None:
    """H-121."""
    fleet(1, terminals=[False])
    by_card = promises().find(SISKA, swap_demand(now, payment=PaymentMethod.CARD), now=now)
    in_cash = promises().find(SISKA, swap_demand(now), now=now)
    assert by_card.offers[0].kind is PromiseKind.AGREED
    assert in_cash.offers[0].kind is PromiseKind.HOUR


def test_the_hour_is_not_promised_where_the_shifts_end_before(now: datetime) -> None:
    """X-15."""
    fleet(hours=0.2)
    kinds = {offer.kind for offer in find(SISKA, now).offers}
    assert kinds == {PromiseKind.AGREED}


def test_outside_the_hours_the_clock_starts_at_the_next_opening(held: Callable[[datetime], Any]) -> None:
    """X-15: Monday 23.00 in Ljubljana; vans begin on Tuesday at 7."""
    night = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    with held(night):
        fleet(begins_in=8, hours=16)
        first = find(SISKA, night).offers[0]
        assert first.kind is PromiseKind.HOUR
        assert first.clock_start_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
        assert first.promised_by_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_e_bank_waits_for_the_next_delivery_day(now: datetime) -> None:
    """H-123, X-03, and on a Saturday that is Monday."""
    fleet()
    found = promises().find(SISKA, swap_demand(now, payment=PaymentMethod.EBANK), now=now)
    assert {calendar.local_date(offer.promised_from_at).day for offer in found.offers} == {24, 25}
    assert {offer.kind for offer in found.offers} == {PromiseKind.AGREED}


def test_a_wished_day_is_respected_and_sunday_is_none(now: datetime) -> None:
    """H-114: Sunday 29 November is closed, so Monday and Tuesday are offered."""
    fleet()
    sunday = calendar.local_date(now) + timedelta(days=6)
    days = [calendar.local_date(offer.promised_from_at).day for offer in find(SISKA, now, not_before=sunday).offers]
    assert days == [30, 30, 30, 30, 1, 1, 1, 1]


def test_outside_the_zone_the_days_of_the_longest_prefix_are_offered(now: datetime) -> None:
    """H-114: 4000 matches `40` (Thursday) before `4` (Tuesday)."""
    fleet()
    found = find(KRANJ, now)
    assert not found.in_zone
    assert [calendar.local_date(offer.promised_from_at).isoformat() for offer in found.offers] == [
        "2026-11-26", "2026-12-03", "2026-12-10", "2026-12-17"]
    assert {offer.kind for offer in found.offers} == {PromiseKind.AGREED}


def test_a_place_without_a_row_in_the_plan_gets_a_note_instead(now: datetime) -> None:
    """H-113: by agreement."""
    fleet()
    found = find(somewhere(1, postcode="9000", city="Murska Sobota", lat=46.66, lon=16.16), now)
    assert (found.in_zone, found.offers, bool(found.note)) == (False, (), True)


def test_a_zone_without_a_polygon_goes_by_postal_code(now: datetime) -> None:
    """X-14."""
    fleet()
    with unit_of_work():
        db.session.execute(sa.update(Zone).values(polygon={}))
    assert find(SISKA, now).in_zone
    assert not find(KRANJ, now).in_zone


def test_a_fresh_quote_is_renewed_as_it_was_shown(now: datetime) -> None:
    """Y-04."""
    fleet()
    shown = best_offer(SISKA)
    assert promises().renew(shown.quote_key, SISKA, swap_demand(now), now=now) == shown


def test_a_promise_that_still_holds_stays_although_time_passed(now: datetime) -> None:
    """Y-04: ten minutes later the shown end still stands, the quote lives on."""
    fleet()
    shown = best_offer(SISKA)
    later = now + timedelta(minutes=10)
    renewed = promises().renew(shown.quote_key, SISKA, swap_demand(now), now=later)
    assert renewed.promised_by_at == shown.promised_by_at
    assert renewed.expires_at == later + timedelta(minutes=5)


def test_a_promise_that_cannot_be_kept_any_more_is_made_anew_and_later(now: datetime) -> None:
    fleet()
    shown = best_offer(SISKA)
    later = now + timedelta(minutes=59)
    renewed = promises().renew(shown.quote_key, SISKA, swap_demand(now), now=later)
    assert renewed.promised_by_at == later + timedelta(minutes=60)
    assert renewed.quote_key.split("-")[0] == shown.quote_key.split("-")[0]


@pytest.mark.parametrize("key", ["", "nothing", "abc-x", "00112233aabbccdd-1", "-1", "a-99999999999999"])
def test_an_unknown_quote_is_stale(now: datetime, key: str) -> None:
    fleet()
    with pytest.raises(StaleQuote):
        promises().renew(key, SISKA, swap_demand(now), now=now)


def test_a_quote_is_taken_once_and_only_for_the_plan_it_was_found_for(now: datetime) -> None:
    """Y-04: guarded by the version and by the quote."""
    depot_id = fleet().depot_id
    before = version(depot_id)
    shown = best_offer(SISKA)
    demand = swap_demand(now)
    with unit_of_work():
        promises().accept(shown, SISKA, demand, now=now)
    assert version(depot_id) == before + 1
    with pytest.raises(StaleQuote), unit_of_work():
        promises().accept(shown, SISKA, demand, now=now)
    assert version(depot_id) == before + 1
    with pytest.raises(StaleQuote):
        promises().renew(shown.quote_key, SISKA, demand, now=now)


def test_a_plan_that_moved_refuses_the_old_offer_and_writes_nothing(now: datetime) -> None:
    depot_id = fleet().depot_id
    shown = best_offer(SISKA)
    order_live(3)
    before = version(depot_id)
    with pytest.raises(StaleQuote), unit_of_work():
        place_order(order_request(place=SISKA), shown, now=now, actor="guest")
    assert version(depot_id) == before
    quote = db.session.scalar(sa.select(Quote).where(Quote.key == shown.quote_key.split("-")[0]))
    assert quote is not None
    assert quote.accepted_at is None


def test_an_order_gets_its_stop_in_a_route_within_the_same_request(now: datetime) -> None:
    """The signal after the commit plans at once; the sweep has nothing left to do."""
    shifts = fleet().shift_ids
    order = order_live(1)
    stop = stop_of(order)
    assert stop.status is StopStatus.PLANNED
    assert stop.shift_id in shifts
    assert stop.planned_start_at is not None
    assert stop.planned_start_at <= order.promised_by_at


def test_a_new_promise_never_breaks_an_older_one(now: datetime) -> None:
    fleet(2)
    orders = [order_live(seed) for seed in range(1, 15)]
    for order in orders:
        stop = stop_of(order)
        assert stop.planned_start_at is not None
        assert stop.planned_start_at <= order.promised_by_at, order.id


def test_an_order_that_has_no_stop_yet_is_reckoned_with(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between an order's commit and its stop the next promise already knows of it."""
    monkeypatch.setattr("delivery.reacting.plan_now", lambda _now: None)
    fleet(1, load={"Z10": 3})
    order_live(1)
    order_live(2)
    assert db.session.scalar(sa.select(sa.func.count(Stop.id))) == 0
    assert PromiseKind.HOUR not in {offer.kind for offer in find(somewhere(3), now).offers}


def test_traffic_is_the_reason_where_its_factor_is_raised(now: datetime) -> None:
    """X-26."""
    fleet(1)
    far = somewhere(1, lat=46.005, lon=14.62)
    with unit_of_work():
        settings.put("travel_factor", 4.5, valid_from=now, set_by="test")
    first = find(far, now).offers[0]
    assert (first.kind, first.reason) == (PromiseKind.HOUR, DelayReason.TRAFFIC)


def test_windows_without_a_roster_fill_up(now: datetime) -> None:
    """H-113: while nobody is rostered, a window takes so many visits for each van."""
    depot_id = fleet(1).depot_id
    with unit_of_work():
        settings.put("agreed_stops_per_van", 1, valid_from=now, set_by="test")
    first = next(offer for offer in find(SISKA, now).offers if calendar.local_date(offer.promised_from_at).day == 24)
    best = best_offer(SISKA, payment=PaymentMethod.EBANK)
    assert best.promised_from_at == first.promised_from_at
    order_live(5, which=[offer.promised_from_at for offer in find(somewhere(5), now).offers].index(
        first.promised_from_at))
    after = [offer.promised_from_at for offer in find(SISKA, now).offers]
    assert first.promised_from_at not in after
    assert db.session.get(PlanState, depot_id) is not None


def test_two_kinds_of_goods_ask_for_both_stocks(now: datetime) -> None:
    fleet(1, load={"Z10": 5})
    demand = prepare(one(ExchangeKind.PURCHASE, 1, "P5"), payment=PaymentMethod.CASH, floor=0, now=now).demand
    assert PromiseKind.HOUR not in {offer.kind for offer in promises().find(SISKA, demand, now=now).offers}


def test_a_van_that_is_down_promises_nothing(now: datetime) -> None:
    fleet(1)
    with unit_of_work():
        db.session.execute(sa.update(Shift).values(status="down"))
    assert PromiseKind.HOUR not in {offer.kind for offer in find(SISKA, now).offers}
