"""Reloads at a depot (P5): put in where a visit needs one, taken out where none does, kept where frozen."""
from __future__ import annotations

import pytest

from routing.checker import hard_violations
from routing.insertion import Insertion, InsertionIndex, Refusal, best_insertion, insert_all
from routing.plan import Plan, Unserved, cost
from routing.problem import Visit
from routing.reloads import without_idle_reloads
from tests.routing.problems import call, depot_call, plan_of, problem, van

SOLD_OUT = van(full_stock={"Z10": 1}, slots_used=20)


def test_a_visit_that_lacks_stock_brings_a_reload_with_it() -> None:
    at = problem(call("a", 1), call("b", 2), depot_call("r"), vans=(SOLD_OUT,))
    plan = Plan(routes={"v1": ("a",)}, unserved={"b": Unserved.STOCK_SHORT})
    found = best_insertion(at, plan.without("b"), at.visit_by_id["b"])
    assert found == Insertion(vehicle_id="v1", position=1, start_s=800, lateness_s=0, cost_delta=200, others_late_s=0,
                              newly_late=(), reload_id="r", reload_position=0)
    after = found.into(plan, "b")
    assert after == plan_of(v1="r b a")
    assert cost(at, after).total == cost(at, plan.without("b")).total - 2_000_000 + found.cost_delta
    assert hard_violations(at, after) == ()


def test_a_visit_that_fits_without_brings_none() -> None:
    at = problem(call("a", 1), call("b", 2), depot_call("r"))
    found = best_insertion(at, plan_of(v1="a"), at.visit_by_id["b"])
    assert isinstance(found, Insertion)
    assert (found.cost_delta, found.reload_id) == (200, None)


@pytest.mark.parametrize(("visit", "changes"), [
    (call("x", 1, deliver={}, collect={"Z10": 1}), {"slots": 20}),
    (call("x", 1, deliver={}, collect={}, gas_out_g=0, gas_in_g=10_000), {"gas_limit_g": 200_000})])
def test_a_reload_makes_room_for_slots_and_gas_as_well(visit: Visit, changes: dict[str, int]) -> None:
    """X-17."""
    emptied = depot_call("r", full_stock={"Z10": 10}, slots_used=10, gas_on_board_g=100_000)
    at = problem(visit, emptied, vans=(van(**changes),))
    assert insert_all(at, Plan(routes={}), at.visits) == plan_of(v1="r x")


def test_a_second_reload_follows_where_one_does_not_suffice() -> None:
    once = {"full_stock": {"Z10": 1}, "slots_used": 1, "gas_on_board_g": 10_000}
    at = problem(call("a", 1), call("b", 1), call("c", 1), depot_call("r", **once), depot_call("s", **once),
                 vans=(van(full_stock={"Z10": 1}),))
    plan = insert_all(at, Plan(routes={}), at.visits)
    assert plan.unserved == {}
    assert [at.visit_by_id[name].reload is not None for name in plan.route("v1")] == [False, True, False, True, False]


def test_without_an_unused_reload_of_its_own_the_van_stays_short() -> None:
    at = problem(call("a", 1), call("b", 1), call("c", 1), depot_call("r", full_stock={"Z10": 1}, slots_used=1),
                 depot_call("other", only_vehicle="v2"), vans=(SOLD_OUT, van("v2", end_s=10)))
    plan = insert_all(at, Plan(routes={}), at.visits)
    assert set(plan.unserved.values()) == {Unserved.SHIFT_OVER}
    found = InsertionIndex(at, plan).best_on("v1", at.visit_by_id[next(iter(plan.unserved))])
    assert found is Unserved.STOCK_SHORT


def test_a_reload_breaks_no_hard_bound_and_a_promise_only_where_there_is_no_other_place() -> None:
    at = problem(call("soon", 1, latest_s=100), call("b", 2), depot_call("r"), vans=(SOLD_OUT,))
    plan = insert_all(at, plan_of(v1="soon"), at.visits)
    assert plan == plan_of(v1="soon r b")
    at = problem(call("soon", 1, due_s=100), call("b", 2, latest_s=800), depot_call("r"), vans=(SOLD_OUT,))
    found = best_insertion(at, plan_of(v1="soon"), at.visit_by_id["b"])
    assert isinstance(found, Insertion)
    assert (found.reload_position, found.position, found.newly_late) == (0, 1, ("soon",))


def test_the_spare_is_kept_back_after_each_reload() -> None:
    """H-079."""
    at = problem(call("a", 1), depot_call("r", full_stock={"Z10": 1}, slots_used=1),
                 vans=(van(full_stock={"Z10": 1}, spare={"Z10": 1}),))
    refused = Refusal(reasons=(Unserved.STOCK_SHORT,), by_vehicle=(("v1", Unserved.STOCK_SHORT),))
    assert best_insertion(at, Plan(routes={}), at.visit_by_id["a"]) == refused


def test_a_frozen_reload_stays_and_counts() -> None:
    """Y-05: the driver is on the way to the depot."""
    at = problem(call("a", 1), call("b", 2), depot_call("r"), vans=(van(full_stock={}, frozen=("r",)),))
    assert (at.standings["v1"].ready_s, at.standings["v1"].stock_left) == (600, {"Z10": 20})
    assert without_idle_reloads(at, plan_of(v1="r")) == plan_of(v1="r")
    assert insert_all(at, plan_of(v1="r"), at.visits) == plan_of(v1="r b a")


def test_reloads_that_nothing_needs_are_taken_out() -> None:
    at = problem(call("a", 1), call("b", 2, deliver={"Z10": 20}), *(depot_call(name) for name in "rst"))
    assert without_idle_reloads(at, plan_of(v1="a r s b t")) == plan_of(v1="a r b")
    assert without_idle_reloads(at, plan_of(v1="r b s")) == plan_of(v1="b")
    assert without_idle_reloads(at, plan_of(v1="r s t")) == Plan(routes={"v1": ()})


def test_a_plan_without_reloads_is_left_as_it_is() -> None:
    at = problem(call("a", 1), call("b", 2))
    plan = plan_of(v1="b a")
    assert without_idle_reloads(at, plan) is plan
