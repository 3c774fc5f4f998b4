"""A plan is applied while an order is cancelled; two workers meet at one depot (D6, Y-05, Y-06)."""
from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from core.clock import utc_now
from core.db import db, unit_of_work
from delivery import planning, tasks, worker
from delivery.guardrails import starts
from delivery.models import Depot, Stop, StopEvent
from delivery.plan_state import bump, claim_improvement, needs_improvement
from delivery.states import StopStatus
from delivery.worker import Improvement, improve
from orders.models import Order
from orders.services import cancel_order
from orders.states import OrderStatus
from routing.plan import Plan
from tests.concurrency.racing import race
from tests.delivery.factories import fleet, order_live, stop_of, van, version


@pytest.mark.parametrize("n", range(4))
def test_an_order_cancelled_while_a_plan_is_applied_is_void_and_nobody_else_is_lost(app: Flask, now: datetime,
                                                                                   n: int) -> None:
    """Whoever is first: the cancelled stop ends void and nothing touches it afterwards, the others have one place
    each. With both guards of `planning.apply` taken out (the version and the look whether every stop is still
    wanted) the late plan put the void stop back into the pool in each round on SQLite."""
    made = fleet(2)
    orders = [order_live(10 * n + number) for number in range(4)]
    gone_id, gone_stop = orders[0].id, stop_of(orders[0]).id
    seen = planning.snapshot(made.depot_id, now)
    first, second = seen.plan.routes
    swapped = Plan(routes={first: tuple(name for name in seen.plan.route(second) if name != f"stop:{gone_stop}"),
                           second: tuple(name for name in seen.plan.route(first) if name != f"stop:{gone_stop}")},
                   unserved={f"stop:{gone_stop}": "too_costly"})
    db.session.rollback()

    def act(number: int) -> None:
        if number:
            with unit_of_work():
                cancel_order(gone_id, by="customer", reason="", now=now, actor="customer")
        else:
            with unit_of_work():
                planning.apply(seen, swapped, now=now, actor="system", what="improved")

    assert race(app, 2, act) == {"won": 2}
    assert db.session.get_one(Order, gone_id).status is OrderStatus.CANCELLED
    assert db.session.get_one(Stop, gone_stop).status is StopStatus.VOID
    last = db.session.scalars(sa.select(StopEvent).where(StopEvent.stop_id == gone_stop).order_by(
        StopEvent.id.desc())).first()
    assert last is not None
    assert last.what == "void"
    stops = db.session.scalars(sa.select(Stop).where(Stop.id != gone_stop).order_by(Stop.id)).all()
    assert [stop.order_id for stop in stops] == [order.id for order in orders[1:]]
    assert all(stop.status is StopStatus.PLANNED and stop.shift_id in made.shift_ids for stop in stops)
    after = planning.snapshot(made.depot_id, now)
    assert len(starts(after.problem, after.plan)) == 3


def test_two_workers_never_improve_one_depot_at_once(app: Flask, now: datetime) -> None:
    """The claim is one guarded UPDATE. Without `improving_until` in its WHERE all six claimed it."""
    made = fleet(1)
    order_live(1)
    claims: Counter[bool] = Counter()
    lock = threading.Lock()

    def claim(_n: int) -> None:
        with unit_of_work():
            won = claim_improvement(made.depot_id, now, worker.LEASE)
        with lock:
            claims[won] += 1

    assert race(app, 6, claim) == {"won": 6}
    assert claims == {True: 1, False: 5}


def test_different_depots_are_improved_at_the_same_time(app: Flask, now: datetime,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    """Both searches are under way together: each waits inside for the other. A second worker finds both busy."""
    made = fleet(1)
    with unit_of_work():
        other = Depot(name="Kranj", address="Kranj", lat=46.24, lon=14.35)
        db.session.add(other)
        db.session.flush()
        other_id = other.id
        van(other_id, 5)
        bump(other_id, now)
        bump(made.depot_id, now)
    before = version(other_id)
    together = threading.Barrier(2, timeout=20)
    busy: list[Improvement] = []

    def meet(*_args: object, **_kwargs: object) -> object:
        if together.wait() == 0:
            busy.extend(improve(depot_id, utc_now()) for depot_id in (made.depot_id, other_id))
        together.wait()
        return type("Found", (), {"plan": Plan(routes={})})

    monkeypatch.setattr(worker, "solver_pool", lambda: type("Pool", (), {"solve_portfolio": staticmethod(meet)}))
    depot_ids = [made.depot_id, other_id]

    def act(n: int) -> None:
        improve(depot_ids[n], now)

    assert race(app, 2, act) == {"won": 2}
    assert busy == [Improvement.BUSY, Improvement.BUSY]
    assert not any(needs_improvement(depot_id) for depot_id in depot_ids)
    assert version(other_id) == before


def test_the_sweep_improves_depots_side_by_side_and_one_failure_holds_up_no_other(
        app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three depots, two solver processes: two searches meet, the third breaks and is left for the next sweep."""
    made = fleet(1)
    depot_ids = [made.depot_id]
    with unit_of_work():
        for number, name in enumerate(("Kranj", "Maribor"), start=5):
            depot = Depot(name=name, address=name, lat=46.2, lon=14.4)
            db.session.add(depot)
            db.session.flush()
            van(depot.id, number)
            depot_ids.append(depot.id)
        for depot_id in depot_ids:
            bump(depot_id, now)
    together = threading.Barrier(2, timeout=20)

    def meet(depot_id: int, _now: datetime) -> Improvement:
        if depot_id == depot_ids[2]:
            raise RuntimeError("out of memory")
        together.wait()
        return Improvement.UNCHANGED

    monkeypatch.setitem(app.config, "SOLVER_PROCESSES", 2)
    monkeypatch.setattr(tasks, "improve", meet)
    assert tasks.improve_all() == {depot_ids[0]: "unchanged", depot_ids[1]: "unchanged", depot_ids[2]: "failed"}
