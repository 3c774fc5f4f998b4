"""The checker finds every violation made by hand, names it, and finds nothing in a sound plan."""
from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.checker import Severity, Violation, ViolationKind, check, hard_violations
from routing.insertion import empty_plan, insert_all
from routing.plan import Plan, schedule
from routing.problem import UNREACHABLE, Break, Problem
from tests.routing.problems import (
    call,
    city,
    depot_call,
    line,
    plan_of,
    problem,
    rich_problems,
    tiny_problems,
    van,
)

HARD, SOFT, WARNING = Severity.HARD, Severity.SOFT, Severity.WARNING
Kind = ViolationKind
CARD = frozenset({"card"})


def only(at: Problem, plan: Plan) -> Violation:
    found, = check(at, plan)
    return found


def test_a_sound_plan_has_no_violation() -> None:
    at = problem(call("a", 1, due_s=100, latest_s=100), call("b", 2))
    assert check(at, Plan(routes={"v1": ("a",)}, unserved={"b": "stock_short"})) == ()


def test_shift_over_names_the_first_visit_that_ends_after_it() -> None:
    at = problem(call("a", 1), call("b", 1), vans=(van(end_s=699),))
    assert only(at, plan_of(v1="a b")) == Violation(kind=Kind.SHIFT_OVER, severity=HARD, vehicle_id="v1", visit_id="b",
                                                    amount=101)


def test_shift_over_on_the_way_home_names_no_visit() -> None:
    at = problem(call("a", 1), vans=(van(end_s=499),))
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.SHIFT_OVER, severity=HARD, vehicle_id="v1", amount=1)


def test_without_a_home_the_last_service_ends_the_shift() -> None:
    at = problem(call("a", 1), vans=(van(end_s=400, end_location=None),))
    assert check(at, plan_of(v1="a")) == ()


def test_a_van_that_cannot_be_home_in_time_anyhow_is_no_hard_violation() -> None:
    at = problem(vans=(van(start_location=3, end_s=299),))
    assert only(at, plan_of()) == Violation(kind=Kind.SHIFT_OVER, severity=SOFT, vehicle_id="v1", amount=1)


def test_window_missed() -> None:
    at = problem(call("a", 1), call("b", 1, latest_s=399))
    assert only(at, plan_of(v1="a b")) == Violation(kind=Kind.WINDOW_MISSED, severity=HARD, vehicle_id="v1",
                                                    visit_id="b", amount=1)


def test_a_window_nobody_can_meet_is_missed_softly() -> None:
    at = problem(call("a", 1, latest_s=99))
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.WINDOW_MISSED, severity=SOFT, vehicle_id="v1",
                                                  visit_id="a", amount=1)


def test_promise_late_is_soft() -> None:
    """Y-03: 60 minutes is the soft target."""
    at = problem(call("a", 1, due_s=70))
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.PROMISE_LATE, severity=SOFT, vehicle_id="v1",
                                                  visit_id="a", amount=30)


def test_stock_short_names_type_amount_and_the_visit_that_runs_short() -> None:
    at = problem(call("a", 1, deliver={"Z10": 2}), call("b", 2, deliver={"Z10": 2}), call("c", 3),
                 vans=(van(full_stock={"Z10": 3}),))
    assert only(at, plan_of(v1="a b c")) == Violation(kind=Kind.STOCK_SHORT, severity=HARD, vehicle_id="v1",
                                                      visit_id="b", amount=2, detail="Z10")


def test_a_spare_that_is_used_is_a_warning() -> None:
    """H-079: a spare stays on board; a dispatcher may decide otherwise."""
    at = problem(call("a", 1, deliver={"Z10": 2}), vans=(van(full_stock={"Z10": 2}, spare={"Z10": 1}),))
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.SPARE_USED, severity=WARNING, vehicle_id="v1",
                                                  visit_id="a", amount=1, detail="Z10")


def test_slots_are_checked_at_every_point_of_the_route() -> None:
    vans = (van(slots=21),)
    takes, frees = call("takes", 1, deliver={}, collect={"Z10": 2}), call("frees", 2, collect={})
    at = problem(takes, frees, vans=vans)
    assert check(at, plan_of(v1="frees takes")) == ()
    assert only(at, plan_of(v1="takes frees")) == Violation(kind=Kind.SLOTS_OVER, severity=HARD, vehicle_id="v1",
                                                            visit_id="takes", amount=1)


def test_gas_is_checked_at_every_point_of_the_route() -> None:
    """X-17."""
    takes = call("takes", 1, deliver={}, gas_out_g=0, gas_in_g=10_000)
    at = problem(takes, call("gives", 2), vans=(van(gas_limit_g=205_000),))
    assert check(at, plan_of(v1="gives takes")) == ()
    assert only(at, plan_of(v1="takes gives")) == Violation(kind=Kind.GAS_OVER, severity=HARD, vehicle_id="v1",
                                                            visit_id="takes", amount=5_000)


def test_capacity_counts_what_is_still_to_be_brought_and_what_was_taken() -> None:
    vans = (van(capacity={"kg": 3}),)
    at = problem(call("a", 1, brings={"kg": 1}, takes={"kg": 2}), call("b", 2, brings={"kg": 2}), vans=vans)
    assert check(at, plan_of(v1="b a")) == ()
    assert only(at, plan_of(v1="a b")) == Violation(kind=Kind.CAPACITY_OVER, severity=HARD, vehicle_id="v1",
                                                    visit_id="a", amount=1, detail="kg")


def test_a_van_that_sets_out_with_too_much_is_named_by_the_first_it_brings_to() -> None:
    vans = (van(capacity={"kg": 3}),)
    at = problem(call("a", 1), call("b", 1, brings={"kg": 2}), call("c", 2, brings={"kg": 2}), vans=vans)
    assert only(at, plan_of(v1="a b c")) == Violation(kind=Kind.CAPACITY_OVER, severity=HARD, vehicle_id="v1",
                                                      visit_id="b", amount=1, detail="kg")


def test_freight_that_a_van_does_not_know_cannot_be_carried() -> None:
    at = problem(call("a", 1, takes={"m3": 1}), vans=(van(capacity={"kg": 3}),))
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.CAPACITY_OVER, severity=HARD, vehicle_id="v1",
                                                  visit_id="a", amount=1, detail="m3")


def test_freight_of_the_frozen_prefix_alone_is_soft() -> None:
    at = problem(call("f", 1, brings={"kg": 5}), call("a", 2, takes={"kg": 3}), call("b", 2, brings={"kg": 1}),
                 vans=(van(capacity={"kg": 3}, frozen=("f",)),))
    rest = {"a": "", "b": ""}
    assert only(at, Plan(routes={"v1": ("f",)}, unserved=rest)).severity is SOFT
    assert only(at, Plan(routes={"v1": ("f", "a")}, unserved={"b": ""})).severity is SOFT
    assert only(at, Plan(routes={"v1": ("f", "b")}, unserved={"a": ""})) == Violation(
        kind=Kind.CAPACITY_OVER, severity=HARD, vehicle_id="v1", visit_id="f", amount=3, detail="kg")


def test_after_a_reload_stock_slots_and_gas_count_anew() -> None:
    """P5, H-079: the spare is kept back each time."""
    sold = {"deliver": {"Z10": 2}, "collect": {"Z10": 2}, "gas_out_g": 20_000}
    at = problem(call("a", 1, **sold), call("b", 1, **sold), depot_call("r", full_stock={"Z10": 2}, slots_used=2),
                 vans=(van(full_stock={"Z10": 2}),))
    assert check(at, plan_of(v1="a r b")) == ()
    assert only(at, plan_of(v1="a b r")) == Violation(kind=Kind.STOCK_SHORT, severity=HARD, vehicle_id="v1",
                                                      visit_id="b", amount=2, detail="Z10")
    keeps = replace(at, vehicles=(van(full_stock={"Z10": 3}, spare={"Z10": 1}),))
    assert only(keeps, plan_of(v1="a r b")) == Violation(kind=Kind.SPARE_USED, severity=WARNING, vehicle_id="v1",
                                                         visit_id="b", amount=1, detail="Z10")


def test_a_reload_leaves_the_empties_and_may_itself_be_too_much() -> None:
    """P5, X-17."""
    takes = {"deliver": {}, "collect": {"Z10": 15}, "gas_out_g": 0, "gas_in_g": 100_000}
    at = problem(call("a", 1, **takes), call("b", 1, **takes), depot_call("r"), vans=(van(),))
    assert check(at, plan_of(v1="a r b")) == ()
    assert {found.kind for found in check(at, plan_of(v1="a b"))} == {Kind.SLOTS_OVER, Kind.GAS_OVER}
    heavy = problem(call("a", 1), depot_call("r", slots_used=45, gas_on_board_g=333_001))
    assert {(found.kind, found.visit_id, found.amount) for found in check(heavy, plan_of(v1="r a"))} == {
        (Kind.SLOTS_OVER, "r", 5), (Kind.GAS_OVER, "r", 1)}


def test_a_reload_that_is_not_made_is_not_missing() -> None:
    """P5."""
    at = problem(call("a", 1), depot_call("r"), vans=(van(), van("v2")))
    assert check(at, plan_of(v1="a")) == ()
    assert only(at, plan_of(v1="a", v2="r")) == Violation(kind=Kind.WRONG_VEHICLE, severity=HARD, vehicle_id="v2",
                                                          visit_id="r")


def test_a_visit_for_one_vehicle_is_with_no_other() -> None:
    at = problem(call("a", 1, only_vehicle="v2"), vans=(van(), van("v2")))
    assert check(at, plan_of(v2="a")) == ()
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.WRONG_VEHICLE, severity=HARD, vehicle_id="v1", visit_id="a")
    frozen = replace(at, vehicles=(van(frozen=("a",)), van("v2")))
    assert only(frozen, plan_of(v1="a")).severity is SOFT


def test_a_break_that_cannot_begin_in_its_window_is_missed() -> None:
    breaks = (Break(id="one", earliest_s=400, latest_s=500, duration_s=300),
              Break(id="two", earliest_s=410, latest_s=600, duration_s=300))
    at = problem(call("a", 1), vans=(van(breaks=breaks),))
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.BREAK_MISSED, severity=HARD, vehicle_id="v1", visit_id="a",
                                                  amount=100, detail="two")
    late = replace(at, vehicles=(van(start_s=2000, breaks=breaks[:1]),))
    assert only(late, plan_of(v1="a")) == Violation(kind=Kind.BREAK_MISSED, severity=SOFT, vehicle_id="v1",
                                                    amount=1500, detail="one")
    assert check(late, Plan(routes={}, unserved={"a": ""})) == ()


def test_a_place_without_a_way_is_named_and_takes_no_time() -> None:
    far = tuple((*row[:3], UNREACHABLE, *row[4:]) for row in line(6))
    at = problem(call("a", 1), call("b", 3), call("c", 2, latest_s=800), durations_s=far)
    assert only(at, plan_of(v1="a b c")) == Violation(kind=Kind.UNREACHABLE, severity=HARD, vehicle_id="v1",
                                                      visit_id="b")
    stuck = problem(call("a", 1), vans=(van(end_location=3),), durations_s=far)
    assert only(stuck, plan_of(v1="a")) == Violation(kind=Kind.UNREACHABLE, severity=HARD, vehicle_id="v1")
    assert only(stuck, Plan(routes={}, unserved={"a": ""})).severity is SOFT


def test_skill_missing_names_the_skill() -> None:
    at = problem(call("a", 1, skills=CARD))
    assert only(at, plan_of(v1="a")) == Violation(kind=Kind.SKILL_MISSING, severity=HARD, vehicle_id="v1",
                                                  visit_id="a", detail="card")


def test_frozen_moved_names_the_first_visit_out_of_place() -> None:
    """Y-05."""
    at = problem(call("a", 1), call("b", 2), call("c", 3), vans=(van(frozen=("a", "b")),))
    assert check(at, plan_of(v1="a b c")) == ()
    for route in ("a c b", "a"):
        found = check(at, Plan(routes={"v1": tuple(route.split())}, unserved={
            name: "" for name in "abc" if name not in route}))
        assert found[0] == Violation(kind=Kind.FROZEN_MOVED, severity=HARD, vehicle_id="v1", visit_id="b")


def test_what_the_frozen_prefix_breaks_is_soft_and_what_follows_must_not_add_to_it() -> None:
    frozen = call("f", 5, latest_s=1, skills=CARD, deliver={"Z10": 21}, collect={"Z10": 50}, gas_out_g=0,
                  gas_in_g=200_000)
    after = call("x", 5, service_s=0, collect={"Z10": 2}, gas_out_g=0, gas_in_g=1)
    at = problem(frozen, after, vans=(van(frozen=("f",), end_s=800),))
    alone = check(at, Plan(routes={"v1": ("f",)}, unserved={"x": ""}))
    assert {found.kind for found in alone} == {Kind.WINDOW_MISSED, Kind.SHIFT_OVER, Kind.SKILL_MISSING,
                                               Kind.STOCK_SHORT, Kind.SLOTS_OVER, Kind.GAS_OVER}
    assert {found.severity for found in alone} == {SOFT}
    assert {found.kind for found in hard_violations(at, plan_of(v1="f x"))} == {
        Kind.STOCK_SHORT, Kind.SLOTS_OVER, Kind.GAS_OVER}


def test_visit_twice_missing_and_unknown() -> None:
    at = problem(call("a", 1), call("b", 2), call("c", 3), vans=(van(), van("v2")))
    plan = Plan(routes={"v1": ("a", "ghost"), "v2": ("a", "b"), "v9": ()}, unserved={"b": "", "phantom": ""})
    assert check(at, plan) == (
        Violation(kind=Kind.UNKNOWN_VISIT, severity=HARD, vehicle_id="v1", visit_id="ghost"),
        Violation(kind=Kind.UNKNOWN_VEHICLE, severity=HARD, vehicle_id="v9"),
        Violation(kind=Kind.UNKNOWN_VISIT, severity=HARD, visit_id="phantom", detail="unserved"),
        Violation(kind=Kind.VISIT_TWICE, severity=HARD, vehicle_id="v1", visit_id="a", amount=2),
        Violation(kind=Kind.VISIT_TWICE, severity=HARD, vehicle_id="v2", visit_id="b", amount=2),
        Violation(kind=Kind.VISIT_MISSING, severity=HARD, visit_id="c"))



# Two rests that cannot both begin in their windows.
TOO_CLOSE = (Break(id="one", earliest_s=600, latest_s=700, duration_s=300),
             Break(id="two", earliest_s=601, latest_s=701, duration_s=300))
ENSUING = {Kind.VISIT_TWICE: {Kind.STOCK_SHORT, Kind.SLOTS_OVER}}  # what is served twice is handed out twice


def cut_off(at: Problem, place: int) -> Problem:
    """The same problem without a way to that place."""
    return replace(at, durations_s=tuple(
        tuple(UNREACHABLE if column == place and number != place else value for column, value in enumerate(row))
        for number, row in enumerate(at.durations_s)))


def changed(at: Problem, visit_id: str, **changes: object) -> Problem:
    """The same problem with one visit changed: what was sound breaks exactly there."""
    return replace(at, visits=tuple(replace(visit, **changes) if visit.id == visit_id else visit  # type: ignore[arg-type]
                                    for visit in at.visits))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(set(Kind) - {Kind.SPARE_USED})), st.data())
def test_each_kind_of_violation_put_into_a_sound_plan_is_found(seed: int, kind: Kind, data: st.DataObject) -> None:
    at = city(seed, 12, 3, frozen=1)
    plan = insert_all(at, empty_plan(at), at.visits)
    assume(not plan.unserved)
    assert hard_violations(at, plan) == ()
    open_visits = sorted(name for name in at.visit_by_id if name not in at.frozen_ids)
    victim = data.draw(st.sampled_from(open_visits))
    vehicle_id = plan.vehicle_of(victim)
    assert vehicle_id is not None
    route = plan.route(vehicle_id)
    start_s = next(stop.start_s for stop in schedule(at, at.vehicle_by_id[vehicle_id], route)
                   if stop.visit_id == victim)
    where = vehicle_id
    match kind:
        case Kind.SHIFT_OVER:
            at = changed(at, victim, service_s=40_000)
        case Kind.WINDOW_MISSED:  # another van stands next door, so the bound is no lost cause
            spare = van("v9", start_location=at.visit_by_id[victim].location, full_stock={}, skills=CARD)
            assume(start_s > 0)
            at = replace(changed(at, victim, latest_s=start_s - 1), vehicles=(*at.vehicles, spare))
        case Kind.STOCK_SHORT:
            at = changed(at, victim, deliver={"Z10": 17})
        case Kind.SLOTS_OVER:
            at = changed(at, victim, deliver={}, collect={"Z10": 60})
        case Kind.GAS_OVER:
            at = changed(at, victim, gas_in_g=500_000)
        case Kind.CAPACITY_OVER:
            at = changed(at, victim, takes={"kg": 1})
        case Kind.BREAK_MISSED:
            at = replace(at, vehicles=tuple(replace(vehicle, breaks=TOO_CLOSE) for vehicle in at.vehicles))
        case Kind.UNREACHABLE:
            at = cut_off(at, at.visit_by_id[victim].location)
        case Kind.WRONG_VEHICLE:
            at = changed(at, victim, only_vehicle=next(name for name in at.vehicle_by_id if name != vehicle_id))
        case Kind.SKILL_MISSING:
            at = changed(at, victim, skills=frozenset({"crane"}))
        case Kind.PROMISE_LATE:
            at = changed(at, victim, due_s=start_s - 1)
        case Kind.FROZEN_MOVED:
            plan = plan.without(route[0]).with_visit(route[0], vehicle_id, 1)
        case Kind.VISIT_TWICE:
            plan = plan.with_visit(victim, vehicle_id, len(route))
        case Kind.VISIT_MISSING:
            plan = plan.without(victim)
        case Kind.UNKNOWN_VISIT:
            plan = plan.with_visit("ghost", vehicle_id, len(route))
        case Kind.UNKNOWN_VEHICLE:
            where = "ghost"
            plan = Plan(routes={**plan.routes, "ghost": ()}, unserved=plan.unserved)
    found = [violation for violation in check(at, plan) if violation.kind is kind]
    assert found
    assert {violation.kind for violation in hard_violations(at, plan)} <= {kind, *ENSUING.get(kind, ())}
    assert kind is Kind.VISIT_MISSING or where in {violation.vehicle_id for violation in found}


@settings(max_examples=100, deadline=None)
@given(st.one_of(tiny_problems(), rich_problems()), st.randoms(use_true_random=False))
def test_any_order_of_any_visits_can_be_checked(at: Problem, dice: object) -> None:
    """A plan dragged by hand is judged, never an exception."""
    names = [*at.visit_by_id, "ghost"]
    dice.shuffle(names)  # type: ignore[attr-defined]
    cut = len(names) // 2
    plan = Plan(routes={"v0": tuple(names[:cut]), "v7": tuple(names[cut:])})
    assert Kind.UNKNOWN_VISIT in {violation.kind for violation in check(at, plan)}
