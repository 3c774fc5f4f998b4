"""Trial insertion (Y-04, Y-05, H-110, H-111): the cheapest feasible place, and why there is none."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.checker import ViolationKind, hard_violations
from routing.insertion import Insertion, InsertionIndex, Refusal, best_insertion, empty_plan, insert_all
from routing.plan import Plan, Unserved, cost, schedule
from routing.problem import Problem, ProblemError, Vehicle, Visit
from tests.routing.problems import call, city, plan_of, problem, rich_problems, tiny_problems, van

LOADS = {ViolationKind.STOCK_SHORT, ViolationKind.SLOTS_OVER, ViolationKind.GAS_OVER}


def newly_late(at: Problem, before: Plan, after: Plan, visit_id: str) -> set[str]:
    def late(plan: Plan) -> set[str]:
        return {stop.visit_id for vehicle in at.vehicles for stop in schedule(at, vehicle, plan.route(vehicle.id))
                if stop.lateness_s}
    return late(after) - late(before) - {visit_id}


def keeps_spare(at: Problem, plan: Plan, vehicle_id: str) -> bool:
    """What follows the frozen visits hands out no cylinder of the spare, from reload to reload (H-079)."""
    vehicle = at.vehicle_by_id[vehicle_id]
    left, sold = vehicle.full_stock.get("Z10", 0), 0
    for name in plan.route(vehicle_id):
        visit = at.visit_by_id[name]
        if visit.reload is not None:
            left, sold = visit.reload.full_stock.get("Z10", 0), 0
        elif name in vehicle.frozen:
            left -= visit.deliver.get("Z10", 0)
        else:
            sold += visit.deliver.get("Z10", 0)
        if sold > max(0, left - vehicle.spare.get("Z10", 0)):
            return False
    return True


def places(at: Problem, plan: Plan, visit: Visit, vehicle: Vehicle) -> list[tuple[bool, int]]:
    """Every feasible place by brute force: whether it breaks a promise, and what it costs."""
    found = []
    for position in range(len(vehicle.frozen), len(plan.route(vehicle.id)) + 1):
        tried = plan.with_visit(visit.id, vehicle.id, position)
        if not hard_violations(at, tried) and keeps_spare(at, tried, vehicle.id):
            grows = cost(at, tried).total - cost(at, plan).total + visit.drop_penalty
            found.append((bool(newly_late(at, plan, tried, visit.id)), grows))
    return found


def overloaded(at: Problem, plan: Plan, vehicle_id: str) -> bool:
    short = any(violation.kind in LOADS for violation in hard_violations(at, plan))
    return short or not keeps_spare(at, plan, vehicle_id)


def places_reloading(at: Problem, plan: Plan, visit: Visit, vehicle: Vehicle) -> list[tuple[bool, int]]:
    """The same with one more reload, if loads stand in the way somewhere; the route with it alone is sound, too."""
    found: list[tuple[bool, int]] = []
    if not any(overloaded(at, plan.with_visit(visit.id, vehicle.id, position), vehicle.id)
               for position in range(len(vehicle.frozen), len(plan.route(vehicle.id)) + 1)):
        return found
    for reload in at.reloads[vehicle.id]:
        if plan.vehicle_of(reload.id) is None:
            for position in range(len(vehicle.frozen), len(plan.route(vehicle.id)) + 1):
                more = plan.with_visit(reload.id, vehicle.id, position)
                grows = cost(at, more).total - cost(at, plan).total
                if all(violation.visit_id == visit.id for violation in hard_violations(at, more)):
                    found += [(breaks or bool(newly_late(at, plan, more, visit.id)), grows + then)
                              for breaks, then in places(at, more, visit, vehicle)]
    return found


@settings(max_examples=500, deadline=None)
@given(st.one_of(tiny_problems(), rich_problems()), st.data())
def test_the_insertion_is_the_best_of_all_places_tried_one_by_one(at: Problem, data: st.DataObject) -> None:
    """P5: a reload is put in where the vehicle could not serve the visit without."""
    movable = [visit for visit in at.visits if visit.id not in at.frozen_ids and visit.reload is None]
    visit = data.draw(st.sampled_from(movable))
    plan = insert_all(at, empty_plan(at), [other for other in movable if other is not visit]).without(visit.id)
    best = min((place for vehicle in at.vehicles for place in places(at, plan, visit, vehicle) or
                places_reloading(at, plan, visit, vehicle)), default=None)
    found = best_insertion(at, plan, visit)
    if best is None:
        assert isinstance(found, Refusal)
    else:
        assert isinstance(found, Insertion)
        assert (bool(found.newly_late), found.cost_delta) == best
        after = found.into(plan, visit.id)
        assert cost(at, after).total - cost(at, plan).total + visit.drop_penalty == found.cost_delta
        assert newly_late(at, plan, after, visit.id) == set(found.newly_late)


@settings(max_examples=200, deadline=None)
@given(st.one_of(tiny_problems(), rich_problems()))
def test_a_plan_made_by_insertion_has_no_hard_violation_and_spares_the_spare(at: Problem) -> None:
    plan = insert_all(at, empty_plan(at), at.visits)
    assert hard_violations(at, plan) == ()
    assert {name for route in plan.routes.values() for name in route} | set(plan.unserved) >= {
        visit.id for visit in at.visits if visit.reload is None}
    assert not {reload.id for reloads in at.reloads.values() for reload in reloads} & set(plan.unserved)
    for vehicle in at.vehicles:
        assert plan.route(vehicle.id)[:len(vehicle.frozen)] == vehicle.frozen


def test_the_insertion_takes_the_way_without_a_detour() -> None:
    at = problem(call("a", 1), call("c", 3))
    found = best_insertion(at, plan_of(v1="a c"), call("b", 2))
    assert found == Insertion(vehicle_id="v1", position=1, start_s=500, lateness_s=0, cost_delta=0, others_late_s=0,
                              newly_late=())


def test_a_trial_changes_nothing_and_serves_visits_that_are_not_the_problems_own() -> None:
    at = problem(call("a", 1))
    plan = plan_of(v1="a")
    before = dict(plan.routes)
    best_insertion(at, plan, call("new", 2))
    assert plan.routes == before
    assert set(at.visit_by_id) == {"a"}


def test_nothing_is_inserted_before_a_frozen_prefix() -> None:
    at = problem(call("far", 5), call("near", 1), vans=(van(frozen=("far",)),))
    found = best_insertion(at, plan_of(v1="far"), at.visit_by_id["near"])
    assert isinstance(found, Insertion)
    assert (found.position, found.start_s) == (1, 1200)


def test_another_promise_is_kept_even_where_breaking_it_costs_less() -> None:
    at = problem(call("a", 3, due_s=300, lateness_weight=1))
    asked = call("b", 1, due_s=100, lateness_weight=1)
    kept = best_insertion(at, plan_of(v1="a"), asked)
    broken = best_insertion(at, plan_of(v1="a"), asked, protect_promises=False)
    assert isinstance(kept, Insertion)
    assert isinstance(broken, Insertion)
    assert (kept.position, kept.lateness_s, kept.newly_late, kept.others_late_s) == (1, 700, (), 0)
    assert (broken.position, broken.lateness_s, broken.newly_late, broken.others_late_s) == (0, 0, ("a",), 300)
    assert broken.cost_delta < kept.cost_delta


def test_another_promise_breaks_only_where_there_is_no_other_place() -> None:
    at = problem(call("a", 3, due_s=300))
    found = best_insertion(at, plan_of(v1="a"), call("b", 1, latest_s=200))
    assert isinstance(found, Insertion)
    assert (found.position, found.newly_late, found.others_late_s) == (0, ("a",), 300)


def test_a_hard_bound_of_another_visit_is_never_broken() -> None:
    at = problem(call("a", 3, latest_s=300))
    found = best_insertion(at, plan_of(v1="a"), call("b", 1, latest_s=200))
    assert found == Refusal(reasons=(Unserved.OTHERS_BOUND,), by_vehicle=(("v1", Unserved.OTHERS_BOUND),))


@pytest.mark.parametrize(("reason", "vehicle", "visit"), [
    (Unserved.SKILL_MISSING, van(), call("x", 1, skills=frozenset({"card"}))),
    (Unserved.STOCK_SHORT, van(), call("x", 1, deliver={"P10": 1})),
    (Unserved.STOCK_SHORT, van(full_stock={"Z10": 2}, spare={"Z10": 1}), call("x", 1, deliver={"Z10": 2})),
    (Unserved.SLOTS_OVER, van(slots=20), call("x", 1, deliver={}, collect={"Z10": 1})),
    (Unserved.GAS_OVER, van(gas_limit_g=200_000), call("x", 1, deliver={}, gas_out_g=0, gas_in_g=10_000)),
    (Unserved.SHIFT_OVER, van(end_s=499), call("x", 1)),
])
def test_a_refusal_names_the_binding_constraint(reason: Unserved, vehicle: Vehicle, visit: Visit) -> None:
    """H-079 for the spare, X-17 for the gas."""
    at = problem(vans=(vehicle,))
    assert best_insertion(at, Plan(routes={}), visit) == Refusal(reasons=(reason,), by_vehicle=(("v1", reason),))


def test_a_window_that_another_van_could_keep_binds_this_one() -> None:
    at = problem(vans=(van("v1", start_s=900), van("v2", skills=frozenset({"card"}))))
    visit = call("x", 1, latest_s=900)
    index = InsertionIndex(at, empty_plan(at))
    assert index.best_on("v1", visit) is Unserved.WINDOW_MISSED
    assert isinstance(index.best_on("v2", visit), Insertion)


def test_a_refusal_puts_the_nearest_miss_first() -> None:
    at = problem(vans=(van("v1"), van("v2", end_s=100, skills=frozenset({"card"}))))
    found = best_insertion(at, Plan(routes={}), call("x", 3, skills=frozenset({"card"})))
    assert found == Refusal(reasons=(Unserved.SHIFT_OVER, Unserved.SKILL_MISSING),
                            by_vehicle=(("v1", Unserved.SKILL_MISSING), ("v2", Unserved.SHIFT_OVER)))


def test_without_vehicles_there_is_no_vehicle() -> None:
    at = Problem(vehicles=(), visits=(), durations_s=((0,),), distances_m=((0,),))
    assert best_insertion(at, Plan(routes={}), call("x", 0)) == Refusal(reasons=(Unserved.NO_VEHICLE,))


def test_an_order_that_nobody_can_reach_in_time_any_more_is_still_served() -> None:
    """Y-03: a late order is never dropped."""
    at = problem(call("late", 3, latest_s=-600, due_s=-4200))
    plan = insert_all(at, empty_plan(at), at.visits)
    assert plan.routes == {"v1": ("late",)}
    assert plan.unserved == {}


def test_a_higher_priority_is_served_first_when_not_all_fit() -> None:
    at = problem(call("a", 1), call("b", 1, priority=1), vans=(van(full_stock={"Z10": 1}),))
    plan = insert_all(at, empty_plan(at), at.visits)
    assert plan == Plan(routes={"v1": ("b",)}, unserved={"a": Unserved.STOCK_SHORT})


def test_moving_a_visit_to_another_vehicle_costs() -> None:
    at = problem(call("a", 1, current_vehicle="v1", change_vehicle_cost=400), vans=(van("v1"), van("v2")))
    index = InsertionIndex(at, empty_plan(at))
    stays, moves = (index.best_on(name, at.visits[0]) for name in ("v1", "v2"))
    assert isinstance(stays, Insertion)
    assert isinstance(moves, Insertion)
    assert (stays.cost_delta, moves.cost_delta) == (200, 600)


def test_what_fits_nowhere_is_unserved_and_gets_served_once_it_fits() -> None:
    visits = call("a", 1), call("b", 2, deliver={"P10": 1})
    short = problem(*visits)
    plan = insert_all(short, empty_plan(short), short.visits)
    assert plan == Plan(routes={"v1": ("a",)}, unserved={"b": Unserved.STOCK_SHORT})
    loaded = problem(*visits, vans=(van(full_stock={"Z10": 19, "P10": 1}),))
    plan = insert_all(loaded, plan, loaded.visits)
    assert plan.unserved == {}
    assert sorted(plan.route("v1")) == ["a", "b"]


def test_many_visits_are_inserted_in_order_of_their_bounds() -> None:
    at = city(3, 130, 12)
    plan = insert_all(at, empty_plan(at), at.visits)
    assert hard_violations(at, plan) == ()
    assert {name for route in plan.routes.values() for name in route} | set(plan.unserved) == set(at.visit_by_id)


def test_a_visit_is_not_inserted_twice() -> None:
    at = problem(call("a", 1))
    with pytest.raises(ValueError, match="visit a is in a route already"):
        best_insertion(at, plan_of(v1="a"), at.visits[0])
    index = InsertionIndex(at, plan_of(v1="a"))
    found = index.best(call("a", 1))
    assert isinstance(found, Insertion)
    with pytest.raises(ValueError, match="visit a is in a route already"):
        index.insert("a", found)
    assert index.plan() == plan_of(v1="a")


def test_a_plan_that_moves_frozen_visits_is_refused() -> None:
    at = problem(call("a", 1), call("b", 2), vans=(van(frozen=("a",)),))
    with pytest.raises(ValueError, match="vehicle v1 does not begin with its frozen visits"):
        InsertionIndex(at, plan_of(v1="b a"))


def test_a_visit_outside_the_matrix_is_refused() -> None:
    with pytest.raises(ProblemError, match="visit x: location 6 is not in the matrix of 6 places"):
        best_insertion(problem(), Plan(routes={}), call("x", 6))
