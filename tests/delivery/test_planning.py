"""The live plan read, written and improved: frozen prefixes stay, versions guard, limits hold (Y-03, Y-05, Y-06)."""
from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from billing.ledger import balance, trial_balance, vehicle_stock
from core import clock
from core.db import db, unit_of_work
from core.errors import DomainError
from core.tasks import run_sweep
from delivery import planning
from delivery.driving import arrive, leave_for
from delivery.errors import ProposalClosed, UnknownProposal
from delivery.guardrails import broken_by
from delivery.models import PlanProposal, Shift, Stop
from delivery.moving import lock_stop, move_stop, unassign_stop
from delivery.proposals import apply_proposal, ask_improvement, discard_proposal, propose
from delivery.services import ensure_stops, undo_move, van_down, van_up
from delivery.solvers import solver_pool
from delivery.states import ProposalStatus, ShiftStatus, StopStatus
from delivery.vans import begin_due_shifts, end_due_shifts
from delivery.worker import Improvement, improve, insert_open
from orders.services import cancel_order
from orders.states import OrderStatus, PaymentMethod, PromiseKind
from routing.checker import hard_violations
from routing.plan import Plan
from tests.delivery.factories import FLOAT_CENTS, Fleet, fleet, order_live, stop_of, version

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def pool(app: Flask) -> Iterator[None]:
    """The solver processes of this application, ended afterwards."""
    yield
    made = app.extensions.pop("solver_pool", None)
    if made is not None:
        made.close()


def routes(made: Fleet) -> dict[int, list[int]]:
    db.session.rollback()
    rows = db.session.execute(sa.select(Stop.shift_id, Stop.id).where(Stop.shift_id.is_not(None)).order_by(
        Stop.shift_id, Stop.position))
    found: dict[int, list[int]] = {shift_id: [] for shift_id in made.shift_ids}
    for shift_id, stop_id in rows:
        found[shift_id].append(stop_id)
    return found


def test_a_snapshot_speaks_in_seconds_from_its_origin(now: datetime) -> None:
    made = fleet(1)
    order = order_live(1)
    stop = stop_of(order)
    seen = planning.snapshot(made.depot_id, now)
    visit = seen.problem.visit_by_id[f"stop:{stop.id}"]
    assert (seen.origin, visit.earliest_s, visit.due_s, visit.latest_s) == (now, 0, 3600, None)
    assert (visit.announced_s, seen.problem.announced_slack_s, seen.problem.announced_weight) == (0, 0, 1)
    assert (visit.target_s, visit.target_weight) == (3600 - 300, 10)  # the last five minutes are kept free
    assert visit.service_s == 240 + 60 + 60  # base, one cylinder, cash
    assert (visit.deliver, visit.collect, visit.gas_out_g, visit.gas_in_g) == ({"Z10": 1}, {"Z10": 1}, 10_000, 0)
    vehicle = seen.problem.vehicles[0]
    assert (vehicle.start_s, vehicle.end_s) == (0, 7 * 3600)
    assert vehicle.full_stock == {"Z10": 16, "P5": 3, "P35": 1}
    assert vehicle.spare == {"Z10": 1}  # green ones only (H-079)
    assert (vehicle.slots, vehicle.slots_used, vehicle.gas_on_board_g) == (40, 20, 210_000)
    assert seen.plan.routes == {vehicle.id: (visit.id,)}


def test_waiting_counts_from_the_order_on_and_in_a_window_from_what_was_told(now: datetime) -> None:
    """docs/adr/0013: who was told a time waits no less; who agreed on a window waits after the time told."""
    made = fleet(1)
    order = order_live(1)
    told = now + timedelta(minutes=30)
    for announced_at, kind, announced_s in ((told, PromiseKind.HOUR, 0), (None, PromiseKind.AGREED, 50 * 60),
                                            (told, PromiseKind.AGREED, 40 * 60)):
        stop_of(order).announced_at, order.promise_kind = announced_at, kind
        db.session.commit()
        assert planning.snapshot(made.depot_id, now).problem.visits[0].announced_s == announced_s


def test_a_shift_that_has_not_begun_goes_out_with_its_standard_load(now: datetime) -> None:
    made = fleet(1, begins_in=2, load={"Z10": 2})
    with unit_of_work():
        made.shifts[0].vehicle.standard_load = {"Z10": 20, "P5": 2}
    vehicle = planning.snapshot(made.depot_id, now).problem.vehicles[0]
    assert (vehicle.full_stock, vehicle.slots_used, vehicle.gas_on_board_g) == ({"Z10": 20, "P5": 2}, 22, 210_000)
    assert vehicle.start_s == 2 * 3600


def test_a_shift_begins_loaded_up_to_its_standard_load_once(now: datetime) -> None:
    made = fleet(1, begins_in=2, load={"Z10": 2})
    with unit_of_work():
        made.shifts[0].vehicle.standard_load = {"Z10": 20}
    vehicle_id = made.shifts[0].vehicle_id
    for _ in range(2):
        with unit_of_work():
            begin_due_shifts(now + timedelta(hours=2))
    assert vehicle_stock([vehicle_id])[vehicle_id].full == {"Z10": 20}
    assert balance(f"cash:driver:{made.shifts[0].driver_id}", "EUR") == FLOAT_CENTS  # H-146: change, once
    assert made.shifts[0].status is ShiftStatus.ACTIVE
    assert set(trial_balance().values()) == {0}


def test_the_other_shift_of_a_van_does_not_promise_the_same_cylinders(now: datetime) -> None:
    made = fleet(1, load={"Z10": 4}, hours=3)
    shift = made.shifts[0]
    with unit_of_work():
        db.session.add(Shift(vehicle_id=shift.vehicle_id, driver_id=shift.driver_id, depot_id=made.depot_id,
                             starts_at=now + timedelta(hours=3), ends_at=now + timedelta(hours=8)))
    order_live(1)
    order_live(2)
    second = planning.snapshot(made.depot_id, now).problem.vehicles[1]
    assert second.full_stock == {"Z10": 2}


def test_apply_refuses_a_plan_of_an_older_version_and_writes_nothing(now: datetime) -> None:
    made = fleet(2)
    order_live(1)
    seen = planning.snapshot(made.depot_id, now)
    order_live(2)
    before, at = routes(made), version(made.depot_id)
    with unit_of_work():
        assert not planning.apply(seen, seen.plan, now=now, actor="system", what="moved")
    assert (routes(made), version(made.depot_id)) == (before, at)


def test_apply_refuses_when_a_stop_is_no_longer_wanted(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fleet(1)
    order = order_live(1)
    seen = planning.snapshot(made.depot_id, now)
    monkeypatch.setattr("delivery.reacting.plan_now", lambda _now: None)
    with unit_of_work():
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
    at = version(made.depot_id)
    with unit_of_work():
        assert not planning.apply(seen, seen.plan, now=now, actor="system", what="moved")
    assert version(made.depot_id) == at


def test_a_cancelled_orders_stop_is_void_and_out_of_the_route(now: datetime) -> None:
    """Y-02: derived from the order."""
    made = fleet(1)
    first, second = order_live(1), order_live(2)
    with unit_of_work():
        cancel_order(first.id, by="customer", reason="", now=now, actor="customer")
    assert stop_of(first).status is StopStatus.VOID
    assert list(planning.snapshot(made.depot_id, now).stop_ids) == [f"stop:{stop_of(second).id}"]


def test_stops_are_made_once_however_often_they_are_ensured(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fleet(1)
    monkeypatch.setattr("delivery.reacting.plan_now", lambda _now: None)
    order_live(1)
    with unit_of_work():
        assert ensure_stops(now) == (made.depot_id,)
    with unit_of_work():
        assert ensure_stops(now) == ()
    assert db.session.scalar(sa.select(sa.func.count(Stop.id))) == 1


def test_the_sweep_finds_what_a_lost_signal_left(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet(1)
    with monkeypatch.context() as patch:
        patch.setattr("delivery.reacting.plan_now", lambda _now: None)
        order = order_live(1)
    run_sweep("delivery.insert")
    assert stop_of(order).status is StopStatus.PLANNED


def test_a_stop_without_a_van_says_why(now: datetime) -> None:
    """P3: the binding constraint."""
    made = fleet(1, load={"Z10": 4})
    orders = [order_live(seed) for seed in range(1, 4)]
    with unit_of_work():
        van_down(made.shift_ids[0], reason="okvara", now=now, actor="staff:1")
    assert {stop_of(order).unserved_reason for order in orders} == {"no_vehicle"}
    assert {stop_of(order).status for order in orders} == {StopStatus.UNASSIGNED}


def test_a_van_that_is_down_gives_its_stops_to_the_others_at_once(now: datetime) -> None:
    """P7; the order under way is recalled."""
    made = fleet(2)
    orders = [order_live(seed) for seed in range(1, 6)]
    busy = stop_of(orders[0]).shift_id
    assert busy is not None
    first = routes(made)[busy][0]
    with unit_of_work():
        leave_for(busy, first, now=now)
    with unit_of_work():
        freed = van_down(busy, reason="okvara", now=now, actor="staff:1")
    other = next(shift_id for shift_id in made.shift_ids if shift_id != busy)
    assert freed >= 1
    assert {stop_of(order).shift_id for order in orders} == {other}
    assert {order.status for order in orders} == {OrderStatus.CONFIRMED}
    with unit_of_work():
        van_up(busy, now=now, actor="staff:1")
    assert db.session.get_one(Shift, busy).status is ShiftStatus.ACTIVE


def test_current_next_told_locked_and_near_stops_are_frozen_and_those_before_them(now: datetime) -> None:
    """Y-05."""
    made = fleet(1)
    for seed in range(1, 6):
        order_live(seed)
    shift_id = made.shift_ids[0]
    order = routes(made)[shift_id]

    def frozen(at: datetime = now) -> int:
        db.session.rollback()
        return len(planning.snapshot(made.depot_id, at).problem.vehicles[0].frozen)

    assert frozen() == 1  # the next one
    with unit_of_work():
        db.session.get_one(Stop, order[1]).next_told_at = now
    assert frozen() == 2
    with unit_of_work():
        lock_stop(order[3], True, seen_version=version(made.depot_id), now=now, actor="staff:1")
    assert frozen() == 4
    with unit_of_work():
        db.session.execute(sa.update(Stop).values(next_told_at=None, locked=False))
        db.session.get_one(Stop, order[2]).planned_start_at = now + timedelta(minutes=10)
    assert frozen() == 3


def test_a_next_stop_that_waits_for_its_window_does_not_bind_the_van(now: datetime) -> None:
    made = fleet(1)
    late = order_live(1, which=2)  # an agreed window of the afternoon
    soon = order_live(2)
    assert planning.snapshot(made.depot_id, now).problem.vehicles[0].frozen == (f"stop:{stop_of(soon).id}",)
    assert routes(made)[made.shift_ids[0]] == [stop_of(soon).id, stop_of(late).id]


def test_the_frozen_beginning_survives_every_insertion(now: datetime) -> None:
    """D6."""
    made = fleet(2)
    for seed in range(1, 12):
        before = {vehicle.id: vehicle.frozen for vehicle in planning.snapshot(made.depot_id, now).problem.vehicles}
        db.session.rollback()
        order_live(seed)
        seen = planning.snapshot(made.depot_id, now)
        for vehicle_id, frozen in before.items():
            assert seen.plan.route(vehicle_id)[:len(frozen)] == frozen


def test_what_cannot_stay_in_its_van_goes_to_another(now: datetime) -> None:
    """A van that lost its card terminal: its card stop moves, unless it is frozen."""
    made = fleet(2)
    by_card = order_live(1, which=1, payment=PaymentMethod.CARD)
    shift_id = stop_of(by_card).shift_id
    assert shift_id is not None
    with unit_of_work():
        db.session.get_one(Shift, shift_id).vehicle.card_terminal = False
    assert insert_open(made.depot_id, now) == 0
    assert stop_of(by_card).shift_id == next(other for other in made.shift_ids if other != shift_id)


def test_times_are_reckoned_anew_as_they_pass(now: datetime) -> None:
    made = fleet(1)
    order = order_live(1)
    planned = stop_of(order).planned_start_at
    at = version(made.depot_id)
    clock.advance(timedelta(minutes=30))
    run_sweep("delivery.announce")
    moved = stop_of(order).planned_start_at
    assert planned is not None
    assert moved == planned + timedelta(minutes=30)
    assert version(made.depot_id) == at


def test_a_shift_that_is_over_gives_its_stops_back(now: datetime) -> None:
    made = fleet(1, hours=2)
    order = order_live(1)
    clock.advance(timedelta(hours=3))
    with unit_of_work():
        assert end_due_shifts(clock.utc_now()) == 1
    assert made.shifts[0].status is ShiftStatus.ENDED
    assert stop_of(order).status is StopStatus.UNASSIGNED


def test_a_shift_is_not_over_while_its_van_is_at_a_stop(now: datetime) -> None:
    made = fleet(1, hours=2)
    stop = stop_of(order_live(1))
    with unit_of_work():
        leave_for(made.shift_ids[0], stop.id, now=now)
    with unit_of_work():
        assert end_due_shifts(now + timedelta(hours=3)) == 0
    assert made.shifts[0].status is ShiftStatus.ACTIVE


@pytest.mark.usefixtures("pool")
def test_the_background_improves_a_bad_plan_by_itself_where_no_promise_breaks(now: datetime) -> None:
    """Y-06: routes laid crosswise on purpose are straightened; what is frozen stays."""
    made = fleet(2, hours=7)
    for seed in range(1, 9):
        order_live(seed, which=1)  # agreed windows of the afternoon: nothing is frozen, nothing is late
    seen = planning.snapshot(made.depot_id, now)
    stops = sorted(seen.stop_ids)
    with unit_of_work():
        bad = Plan(routes={f"shift:{made.shift_ids[0]}": tuple(stops[::2]),
                           f"shift:{made.shift_ids[1]}": tuple(stops[1::2])})
        assert planning.apply(seen, bad, now=now, actor="staff:1", what="moved")
    outcome = improve(made.depot_id, now)
    db.session.rollback()
    assert outcome in (Improvement.APPLIED, Improvement.UNCHANGED)
    after = planning.snapshot(made.depot_id, now)
    assert hard_violations(after.problem, after.plan) == ()
    assert broken_by(seen.problem, bad, after.plan) == {}
    db.session.rollback()
    assert improve(made.depot_id, now) is Improvement.UNCHANGED


@pytest.mark.usefixtures("pool")
def test_an_improvement_that_the_plan_overtook_is_not_written(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fleet(2)
    order_live(1, which=1)
    real = solver_pool().solve_portfolio

    def meanwhile(problem: object, initial: Plan, **limits: int) -> object:
        found = real(problem, initial, **limits)  # type: ignore[arg-type]
        with unit_of_work():
            ask_improvement(made.depot_id, now=now, actor="staff:1")
        route = next(name for name, visits in initial.routes.items() if visits)
        other = next(name for name in initial.routes if name != route)
        swapped = Plan(routes={other: initial.routes[route], route: ()})
        return type(found)(plan=swapped, cost=found.cost, strategy=found.strategy, wall_ms=1)

    monkeypatch.setattr(solver_pool(), "solve_portfolio", meanwhile)
    monkeypatch.setattr("delivery.worker.WORTH_IT", -10**9)
    before = routes(made)
    assert improve(made.depot_id, now) is Improvement.STALE
    assert routes(made) == before


def a_proposal(made: Fleet, now: datetime) -> int:
    """A proposal that exchanges the two vans' routes and breaks a promise, as if computed."""
    seen = planning.snapshot(made.depot_id, now)
    one, two = (f"shift:{shift_id}" for shift_id in made.shift_ids)
    swapped = Plan(routes={one: seen.plan.route(two), two: seen.plan.route(one)})
    stop = next(iter(seen.stop_ids))
    with unit_of_work():
        assert propose(seen, swapped, {stop: 120}, now=now)
    return db.session.scalars(sa.select(PlanProposal.id).order_by(PlanProposal.id.desc())).first() or 0


def test_a_proposal_says_what_moves_and_is_applied_once(now: datetime) -> None:
    """Y-06."""
    made = fleet(2)
    order_live(1, which=1)
    before = routes(made)
    number = a_proposal(made, now)
    proposal = db.session.get_one(PlanProposal, number)
    row = proposal.diff[0]
    assert (len(proposal.diff), row["breaks"], {row["from_van"], row["to_van"]}) == (1, 120, set(made.shift_ids))
    with unit_of_work():
        apply_proposal(number, now=now, actor="staff:1")
    assert routes(made) == {made.shift_ids[0]: before[made.shift_ids[1]], made.shift_ids[1]: before[made.shift_ids[0]]}
    with pytest.raises(ProposalClosed), unit_of_work():
        apply_proposal(number, now=now, actor="staff:1")


def test_a_proposal_that_knows_not_of_a_new_stop_is_closed_to_applying(now: datetime) -> None:
    made = fleet(2)
    order_live(1, which=1)
    number = a_proposal(made, now)
    order_live(2, which=1)
    before = routes(made)
    with pytest.raises(ProposalClosed), unit_of_work():
        apply_proposal(number, now=now, actor="staff:1")
    assert routes(made) == before
    assert db.session.get_one(PlanProposal, number).status is ProposalStatus.OPEN
    with unit_of_work():
        discard_proposal(number, now=now, actor="staff:1")
    assert db.session.get_one(PlanProposal, number).status is ProposalStatus.DISCARDED
    with pytest.raises(UnknownProposal), unit_of_work():
        discard_proposal(10**6, now=now, actor="staff:1")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_sequence_of_events_breaks_a_hard_limit_or_moves_a_frozen_stop(now: datetime, seed: int) -> None:
    """Orders, moves, locks, cancellations, departures in random order; the checker finds nothing hard, ever."""
    made = fleet(3, load={"Z10": 9})
    dice = random.Random(seed)
    orders = [order_live(seed * 100 + number) for number in range(5)]
    for step in range(22):
        clock.advance(timedelta(minutes=dice.randrange(4)))
        at = clock.utc_now()
        event = dice.choice(["order", "order", "order", "move", "move", "cancel", "leave", "lock", "undo", "unassign"])
        try:
            if event == "order":
                orders.append(order_live(seed * 1000 + step, payment=dice.choice(list(PaymentMethod)[:2])))
            else:
                something(event, made, orders, dice, at)
        except (DomainError, IndexError):
            db.session.rollback()
        db.session.rollback()
        seen = planning.snapshot(made.depot_id, at)
        assert hard_violations(seen.problem, seen.plan) == (), (step, event)
        for name, visits in seen.plan.routes.items():
            assert visits[:len(seen.problem.vehicle_by_id[name].frozen)] == seen.problem.vehicle_by_id[name].frozen


def something(event: str, made: Fleet, orders: list, dice: random.Random, at: datetime) -> None:  # type: ignore[type-arg]
    """One thing that people do."""
    stop = stop_of(dice.choice(orders))
    seen = version(made.depot_id)
    with unit_of_work():
        if event == "move":
            move_stop(stop.id, dice.choice(made.shift_ids), dice.choice([1, 2, None]), seen_version=seen, now=at,
                      actor="staff:1", force_reason=dice.choice(["", "stranka prosi"]))
        elif event == "cancel":
            cancel_order(stop.order_id or 0, by="customer", reason="", now=at, actor="customer")
        elif event == "leave" and stop.shift_id is not None:
            leave_for(stop.shift_id, stop.id, now=at, out_of_turn=True)
            arrive(stop.shift_id, stop.id, now=at)
        elif event == "lock":
            lock_stop(stop.id, not stop.locked, seen_version=seen, now=at, actor="staff:1")
        elif event == "undo":
            undo_move(made.depot_id, seen_version=seen, now=at, actor="staff:1")
        elif event == "unassign":
            unassign_stop(stop.id, seen_version=seen, now=at, actor="staff:1")
