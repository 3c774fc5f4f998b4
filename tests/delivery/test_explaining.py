"""Explanations: what binds a late or unassigned stop, and fixes that really help (D7, P3)."""
from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import db, unit_of_work
from core.roles import Role
from delivery.causes import CauseKind
from delivery.errors import StalePlan, UnknownFix
from delivery.explaining import Explanation, explain
from delivery.fixing import Fix, FixKind
from delivery.models import Driver, Shift, Stop, Vehicle
from delivery.plan_state import bump
from delivery.remedies import carry_out, fix_key
from delivery.services import move_stop, unassign_stop
from delivery.states import LIVE
from delivery.vans import begin_due_shifts
from delivery.visits import promise_of
from delivery.worker import plan_now
from notify.models import OutboxMessage
from orders.models import Order
from orders.states import DelayReason, ExchangeKind, PaymentMethod, PromiseKind
from tests.delivery.factories import Fleet, fleet, order_live, somewhere, stop_of, version
from tests.factories import make_offer, make_order, one, signed_in

pytestmark = pytest.mark.usefixtures("app")


def in_trouble(now: datetime) -> list[int]:
    """Stops that are late, or have no van though their day is rostered."""
    db.session.rollback()
    stops = db.session.scalars(sa.select(Stop).where(Stop.status.in_(LIVE)).order_by(Stop.id)).all()
    return [stop.id for stop in stops if promise_of(stop.source).by_at < now + timedelta(hours=12) and (
        stop.planned_start_at is None or stop.planned_start_at > promise_of(stop.source).by_at)]


def crowd(seed: int, now: datetime) -> Fleet:
    """More orders than the vans can serve in time, promised as if they could, some of what no van has."""
    dice = random.Random(seed)
    made = fleet(2, load={"Z10": dice.choice([6, 9, 16]), "P5": 1}, hours=dice.choice([1.2, 2.0, 7.0]),
                 terminals=(True, False))
    for number in range(dice.choice([16, 20])):
        lines = (one(ExchangeKind.PURCHASE_WITH_EMPTY, 1, "P5") if dice.random() < 0.15
                 else one(ExchangeKind.SWAP))
        payment = PaymentMethod.CARD if dice.random() < 0.2 else PaymentMethod.CASH
        make_order(place=somewhere(100 * seed + number), offer=make_offer(minutes=dice.choice([40, 60, 75])),
                   lines=lines, payment=payment)
    plan_now(now)
    return made


def do(found: Explanation, fix: Fix, made: Fleet, now: datetime) -> None:
    """Do what a fix says: by its button, or, for one more van, by entering a shift and moving the stop there."""
    if fix.kind is not FixKind.MORE_VANS:
        with unit_of_work():
            carry_out(found, fix_key(fix), now=now, actor="staff:1")
        return
    with unit_of_work():
        vehicle = db.session.scalars(sa.select(Vehicle).where(
            Vehicle.code == found.vans[fix.vehicle_id or ""])).one()
        driver = Driver(name="Nov Voznik", phone_e164="+38641999999")
        db.session.add(driver)
        db.session.flush()
        shift = Shift(vehicle_id=vehicle.id, driver_id=driver.id, depot_id=made.depot_id, starts_at=now,
                      ends_at=now + timedelta(hours=4))
        db.session.add(shift)
        db.session.flush()
        shift_id = shift.id
        begin_due_shifts(now)
    at = version(made.depot_id)
    with unit_of_work():
        assert move_stop(found.stop_id, shift_id, 1, seen_version=at, now=now, actor="staff:1").applied


@pytest.mark.parametrize("seed", range(6))
def test_every_stop_in_trouble_has_a_cause_and_a_fix_that_was_tried(seed: int, now: datetime) -> None:
    """D7: at least one binding constraint and one verified fix each; the first one removes the lateness."""
    made = crowd(seed, now)
    troubled = in_trouble(now)
    assert troubled
    for stop_id in troubled:
        found = explain(stop_id, now)
        db.session.rollback()
        assert found is not None
        assert len(found.causes) >= 1
        assert len(found.fixes) >= 1, found.causes
    for _ in range(6):
        troubled = in_trouble(now)
        if not troubled:
            break
        found = explain(troubled[0], now)
        assert found is not None
        do(found, found.fixes[0], made, now)
        assert troubled[0] not in in_trouble(now)


def test_a_stop_held_in_the_pool_is_helped_by_letting_it_go(now: datetime) -> None:
    made = fleet(1)
    stop = stop_of(order_live(1))
    stop_id = stop.id
    with unit_of_work():
        unassign_stop(stop_id, seen_version=version(made.depot_id), now=now, actor="staff:1")
    found = explain(stop_id, now)
    assert found is not None
    assert [cause.kind for cause in found.causes] == [CauseKind.HELD]
    kinds = [fix.kind for fix in found.fixes]
    assert FixKind.UNLOCK in kinds
    do(found, found.fixes[kinds.index(FixKind.UNLOCK)], made, now)
    assert stop_of_id(stop_id).shift_id == made.shift_ids[0]


def stop_of_id(stop_id: int) -> Stop:
    db.session.rollback()
    return db.session.get_one(Stop, stop_id)


def test_a_card_that_no_van_on_shift_takes_names_the_van_that_would(now: datetime) -> None:
    """The only van has no terminal; one with a terminal stands at the depot without a shift."""
    made = fleet(1, terminals=(False,))
    order = make_order(place=somewhere(1), offer=make_offer(), payment=PaymentMethod.CARD)
    with unit_of_work():
        db.session.add(Vehicle(code="LJ-9", plate="LJ 99-PLN", depot_id=made.depot_id, slots=40, gas_limit_g=333_000,
                               card_terminal=True, standard_load={"Z10": 10}))
    plan_now(now)
    found = explain(stop_of(order).id, now)
    assert found is not None
    assert [(cause.kind, cause.detail) for cause in found.causes] == [(CauseKind.SKILL_MISSING, "card")]
    assert [(fix.kind, found.vans[fix.vehicle_id or ""]) for fix in found.fixes] == [(FixKind.MORE_VANS, "LJ-9")]
    do(found, found.fixes[0], made, now)
    assert in_trouble(now) == []


def test_a_fix_is_refused_when_the_plan_moved_since_it_was_shown(now: datetime) -> None:
    """Nothing is written then: neither the promise nor the plan's version changes."""
    made = crowd(0, now)
    stop_id = in_trouble(now)[0]
    found = explain(stop_id, now)
    assert found is not None
    order_id = stop_of_id(stop_id).order_id
    promised = db.session.get_one(Order, order_id).promised_by_at
    with unit_of_work():
        bump(made.depot_id, now)
    at = version(made.depot_id)
    for fix in found.fixes:
        with pytest.raises(StalePlan), unit_of_work():
            carry_out(found, fix_key(fix), now=now, actor="staff:1")
    with pytest.raises(UnknownFix), unit_of_work():
        carry_out(found, "move-stop1--", now=now, actor="staff:1")
    assert version(made.depot_id) == at
    assert db.session.get_one(Order, order_id).promised_by_at == promised


def test_two_hours_are_told_with_their_reason(now: datetime) -> None:
    """H-111, H-112: the lengthened promise carries a reason code and goes to the customer."""
    made = crowd(0, now)
    stop_id = in_trouble(now)[0]
    found = explain(stop_id, now)
    assert found is not None
    fix = next(fix for fix in found.fixes if fix.kind is FixKind.TWO_HOURS)
    do(found, fix, made, now)
    order = db.session.get_one(Order, stop_of_id(stop_id).order_id)
    assert order.promised_by_at == found.seen.at(fix.by_s or 0)
    assert order.promised_by_at <= order.clock_start_at + timedelta(hours=2)
    assert (order.promise_kind, order.promise_reason) == (PromiseKind.HOUR, DelayReason.SEVERAL_ORDERS)
    told = db.session.scalars(sa.select(OutboxMessage).where(
        OutboxMessage.template == "order_window", OutboxMessage.ref == order.ref)).all()
    assert len(told) >= 1


def test_the_board_explains_the_selected_stop_and_its_button_helps(app: Flask, now: datetime) -> None:
    made = crowd(0, now)
    stop_id = in_trouble(now)[0]
    client = signed_in(app, Role.DISPATCHER)
    page = client.get(f"/dispatch?stop={stop_id}&lang=en").text
    assert 'data-testid="explanation"' in page
    found = explain(stop_id, now)
    assert found is not None
    key = fix_key(found.fixes[0])
    assert f'value="{key}"' in page
    stale = client.post(f"/dispatch/stops/{stop_id}/fix", data={"fix": key, "seen_version": 0})
    assert stale.status_code == StalePlan.status
    done = client.post(f"/dispatch/stops/{stop_id}/fix", data={"fix": key, "seen_version": version(made.depot_id)})
    assert done.status_code == 303
    assert stop_id not in in_trouble(now)
