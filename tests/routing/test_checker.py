"""The checker finds every violation made by hand, names it, and finds nothing in a sound plan."""
from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.checker import Severity, Violation, ViolationKind, check, hard_violations
from routing.insertion import empty_plan, insert_all
from routing.plan import Plan, schedule
from routing.problem import Problem
from tests.routing.problems import call, city, plan_of, problem, tiny_problems, van

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



def changed(at: Problem, visit_id: str, **changes: object) -> Problem:
    """The same problem with one visit changed: what was sound breaks exactly there."""
    visits = tuple(type(visit)(**{**_fields(visit), **changes}) if visit.id == visit_id else visit
                   for visit in at.visits)
    return Problem(vehicles=at.vehicles, visits=visits, durations_s=at.durations_s, distances_m=at.distances_m,
                   cost_per_km=at.cost_per_km)


def _fields(thing: object) -> dict[str, object]:
    return {name: getattr(thing, name) for name in type(thing).__dataclass_fields__}  # type: ignore[attr-defined]


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
            at = Problem(vehicles=(*at.vehicles, spare), visits=changed(at, victim, latest_s=start_s - 1).visits,
                         durations_s=at.durations_s, distances_m=at.distances_m)
        case Kind.STOCK_SHORT:
            at = changed(at, victim, deliver={"Z10": 17})
        case Kind.SLOTS_OVER:
            at = changed(at, victim, deliver={}, collect={"Z10": 60})
        case Kind.GAS_OVER:
            at = changed(at, victim, gas_in_g=500_000)
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
    assert kind is Kind.VISIT_MISSING or where in {violation.vehicle_id for violation in found}


@settings(max_examples=100, deadline=None)
@given(tiny_problems(), st.randoms(use_true_random=False))
def test_any_order_of_any_visits_can_be_checked(at: Problem, dice: object) -> None:
    """A plan dragged by hand is judged, never an exception."""
    names = [*at.visit_by_id, "ghost"]
    dice.shuffle(names)  # type: ignore[attr-defined]
    cut = len(names) // 2
    plan = Plan(routes={"v0": tuple(names[:cut]), "v7": tuple(names[cut:])})
    assert Kind.UNKNOWN_VISIT in {violation.kind for violation in check(at, plan)}
