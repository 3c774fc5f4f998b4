"""A van loads once, however often it is planned or pressed at once (P5)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask

from billing.ledger import trial_balance, vehicle_stock
from billing.models import LedgerTransaction
from core.db import db, unit_of_work
from delivery import planning
from delivery.driving import arrive, leave_for, reload_van
from delivery.models import Stop
from delivery.resting import begin_rest
from delivery.services import send_to_load
from delivery.snapshots import new_reload_name
from delivery.states import StopKind
from routing.plan import Plan
from tests.concurrency.racing import race
from tests.delivery.factories import fleet, order_live, version
from tests.delivery.test_reloading import loadable


def test_loaded_pressed_four_times_at_once_books_once(app: Flask, now: datetime) -> None:
    """With the look at the stop and the states in the WHERE of `_advance` taken out, all four won."""
    made = loadable(fleet(1, load={"Z10": 3}))
    shift_id = made.shift_ids[0]
    with unit_of_work():
        stop_id = send_to_load(shift_id, seen_version=version(made.depot_id), now=now, actor="staff:1")
    for step in (leave_for, arrive):
        with unit_of_work():
            step(shift_id, stop_id, now=now)

    def press(_n: int) -> None:
        with unit_of_work():
            reload_van(shift_id, stop_id, now=now)

    assert race(app, 4, press) == {"won": 1, "StopOver": 3}
    vehicle_id = made.shifts[0].vehicle_id
    assert vehicle_stock([vehicle_id])[vehicle_id].full == {"Z10": 16, "P5": 2}
    assert db.session.scalar(sa.select(sa.func.count(LedgerTransaction.id)).where(
        LedgerTransaction.dedupe_key == f"reload:stop:{stop_id}")) == 1
    assert set(trial_balance().values()) == {0}


def test_a_plan_with_a_reload_applied_four_times_at_once_makes_one(app: Flask, now: datetime) -> None:
    """The plan's version lets one through. With it taken out of `bump_from`'s WHERE all four were
    applied."""
    made = loadable(fleet(1))
    order_live(1)
    seen = planning.snapshot(made.depot_id, now)
    van = f"shift:{made.shift_ids[0]}"
    plan = Plan(routes={van: (new_reload_name(made.shift_ids[0]), *seen.plan.route(van))})
    db.session.rollback()
    applied: list[bool] = []

    def write(_n: int) -> None:
        with unit_of_work():
            applied.append(planning.apply(seen, plan, now=now, actor="system", what="improved"))

    assert race(app, 4, write) == {"won": 4}
    assert sorted(applied) == [False, False, False, True]
    assert db.session.scalar(sa.select(sa.func.count(Stop.id)).where(Stop.kind == StopKind.RELOAD)) == 1


def test_a_break_begun_four_times_at_once_begins_once(app: Flask, now: datetime) -> None:
    """Without `break_started_at IS NULL` in the WHERE all four won."""
    made = fleet(1)

    def begin(_n: int) -> None:
        with unit_of_work():
            begin_rest(made.shift_ids[0], now=now)

    assert race(app, 4, begin) == {"won": 1, "RestOver": 3}
    assert made.shifts[0].break_started_at == now
