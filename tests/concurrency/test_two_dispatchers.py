"""Two people and one plan, on both databases: one wins, the other is told (Y-04, Y-05, Y-06)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask

from core.db import db, unit_of_work
from delivery.driving import leave_for
from delivery.models import PlanMove, Quote, Stop, StopEvent
from delivery.services import ensure_stops, move_stop, publish
from notify.models import OutboxMessage
from orders.ports import promises
from orders.services import place_order
from tests.concurrency.racing import race
from tests.delivery.factories import best_offer, fleet, order_live, somewhere, stop_of, version
from tests.factories import order_request


def test_two_dispatchers_move_one_stop_and_one_of_them_is_told(app: Flask, now: datetime) -> None:
    """Both saw the same version. With the version taken out of `bump_from`'s WHERE both won on PostgreSQL, and the
    second overwrote the first without knowing it; SQLite lets one writer in at a time, so there both compare."""
    made = fleet(3)
    stop = stop_of(order_live(1, which=1))
    seen, stop_id = version(made.depot_id), stop.id
    targets = [shift_id for shift_id in made.shift_ids if shift_id != stop.shift_id]

    def move(n: int) -> None:
        with unit_of_work():
            assert move_stop(stop_id, targets[n], None, seen_version=seen, now=now, actor=f"staff:{n}").applied

    assert race(app, 2, move) == {"won": 1, "StalePlan": 1}
    assert version(made.depot_id) == seen + 1
    move_row = db.session.scalars(sa.select(PlanMove)).one()
    event = db.session.scalars(sa.select(StopEvent).where(StopEvent.what == "moved")).one()
    assert move_row.actor == event.actor
    assert db.session.get_one(Stop, stop_id).shift_id == targets[int(event.actor.removeprefix("staff:"))]


def test_a_dispatcher_moves_a_stop_that_its_driver_leaves_for(app: Flask, now: datetime) -> None:
    """Either the stop is moved and the driver is refused, or the van is on its way and the dispatcher is."""
    made = fleet(2)
    stop = stop_of(order_live(1))
    seen, stop_id, home = version(made.depot_id), stop.id, stop.shift_id or 0
    target = next(shift_id for shift_id in made.shift_ids if shift_id != home)

    def act(n: int) -> None:
        with unit_of_work():
            if n:
                leave_for(home, stop_id, now=now)
            else:
                move_stop(stop_id, target, None, seen_version=seen, now=now, actor="staff:1", force_reason="x")

    results = race(app, 2, act)
    assert results["won"] == 1
    assert set(results) - {"won"} <= {"StalePlan", "NotMovable", "UnknownStop"}
    after = db.session.get_one(Stop, stop_id)
    assert (after.shift_id, after.status.value) in {(home, "en_route"), (target, "planned")}


def test_one_quote_accepted_twelve_times_at_once_makes_one_order(app: Flask, now: datetime) -> None:
    """Y-04. Without the version and `accepted_at IS NULL` in the WHERE all twelve won, on both databases."""
    fleet(2)
    place = somewhere(1)
    offer = best_offer(place)
    requests = [order_request(place=place) for _ in range(12)]

    def order(n: int) -> None:
        with unit_of_work():
            place_order(requests[n], offer, now=now, actor="guest")

    assert race(app, 12, order) == {"won": 1, "StaleQuote": 11}
    assert db.session.scalar(sa.select(sa.func.count(Stop.id))) == 1
    assert db.session.scalar(sa.select(sa.func.count(Quote.id)).where(Quote.accepted_at.is_not(None))) == 1


def test_two_orders_for_the_last_cylinder_cannot_both_be_promised(app: Flask, now: datetime) -> None:
    """Two customers were shown the same free place: the plan's version lets one through, the other is asked anew.
    Without it in the WHERE both won, on both databases."""
    fleet(1, load={"Z10": 2})
    places = [somewhere(1), somewhere(2)]
    offers = [best_offer(place) for place in places]
    requests = [order_request(place=place) for place in places]

    def order(n: int) -> None:
        with unit_of_work():
            place_order(requests[n], offers[n], now=now, actor="guest")

    assert race(app, 2, order) == {"won": 1, "StaleQuote": 1}
    assert db.session.scalar(sa.select(sa.func.count(Quote.id)).where(Quote.accepted_at.is_not(None))) == 1
    assert promises() is app.extensions["promises"]


def test_a_stop_is_made_once_though_six_look_for_it_at_once(app: Flask, now: datetime, monkeypatch: object) -> None:
    """Web process and sweeps meet: taking the plan's row first lets one make it. Without it three of the others
    broke on the unique index on PostgreSQL."""
    monkeypatch.setattr("delivery.reacting.plan_now", lambda _now: None)  # type: ignore[attr-defined]
    fleet(1)
    order_live(1)

    def ensure(_n: int) -> None:
        with unit_of_work():
            ensure_stops(now)

    assert race(app, 6, ensure) == {"won": 6}
    assert db.session.scalar(sa.select(sa.func.count(Stop.id))) == 1


def test_a_list_published_twice_at_once_is_sent_once(app: Flask, now: datetime) -> None:
    made = fleet(1)
    order_live(1)
    before = db.session.scalar(sa.select(sa.func.count(OutboxMessage.id))) or 0
    db.session.rollback()

    def send(_n: int) -> None:
        with unit_of_work():
            publish(made.shift_ids[0], now=now, actor="staff:1")

    assert race(app, 4, send) == {"won": 4}
    assert made.shifts[0].list_version == 1
    assert (db.session.scalar(sa.select(sa.func.count(OutboxMessage.id))) or 0) - before == 2
