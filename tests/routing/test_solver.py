"""The solver's plans: sound, never worse than what was given, the optimum where brute force can tell."""
from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.checker import Severity, check, hard_violations
from routing.insertion import empty_plan
from routing.plan import Plan, Unserved, cost
from routing.problem import Problem
from routing.search.model import Model
from routing.search.parameters import search_parameters
from routing.solver import solve
from routing.solving import SolveParams, Strategy, starting_plan
from tests.routing.problems import call, city, plan_of, problem, tiny_problems, van

CARD = frozenset({"card"})
SEARCHES = (Strategy.SISR, Strategy.GLS_WARM, Strategy.GLS_COLD)


def params(strategy: Strategy = Strategy.SISR, limit_ms: int = 250, seed: int = 0) -> SolveParams:
    return SolveParams(time_limit_ms=limit_ms, seed=seed, strategy=strategy)


def sound(at: Problem, plan: Plan) -> bool:
    """Without hard violations, and without a warning that it uses a spare (H-079)."""
    return all(violation.severity is Severity.SOFT for violation in check(at, plan))


def optimum(at: Problem) -> int:
    """The least cost of all sound plans: every order of all visits, cut into routes and the unserved."""
    names = [visit.id for visit in at.visits if visit.id not in at.frozen_ids]
    totals = set()
    for order in set(permutations([*names, *["|"] * len(at.vehicles)])):
        *parts, rest = " ".join(order).split("|")
        plan = Plan(routes={vehicle.id: (*vehicle.frozen, *part.split())
                            for vehicle, part in zip(at.vehicles, parts, strict=True)},
                    unserved=dict.fromkeys(rest.split(), ""))
        if sound(at, plan):
            totals.add(cost(at, plan).total)
    return min(totals)


@pytest.mark.parametrize("strategy", SEARCHES)
@pytest.mark.parametrize(("seed", "stops", "vans", "frozen"), [(1, 5, 1, 0), (2, 5, 2, 0), (3, 4, 2, 1)])
def test_on_tiny_problems_the_solver_finds_the_optimum(strategy: Strategy, seed: int, stops: int, vans: int,
                                                       frozen: int) -> None:
    at = city(seed, stops, vans, frozen=frozen)
    result = solve(at, params(strategy))
    assert hard_violations(at, result.plan) == ()
    assert result.cost.total == optimum(at)


def test_with_every_rule_binding_the_solver_finds_the_optimum() -> None:
    """Stock with its spare (H-079), slots, gas (X-17), skills, windows, announced times, changes, drops."""
    at = problem(
        call("a", 1, due_s=200, announced_s=100, current_vehicle="v2", change_vehicle_cost=90),
        call("b", 5, latest_s=1500, skills=CARD, deliver={}, collect={"Z10": 2}, gas_out_g=0, gas_in_g=20_000),
        call("c", 3, earliest_s=1200, deliver={"Z10": 2}, collect={}, gas_out_g=20_000),
        call("d", 4, deliver={"P10": 1}, drop_penalty=4000), call("e", 2, due_s=300, drop_penalty=200),
        vans=(van(full_stock={"Z10": 3}, spare={"Z10": 1}, slots=21, gas_limit_g=210_000, skills=CARD),
              van("v2", start_location=5, end_location=None, end_s=2500, full_stock={"Z10": 2}, fixed_cost=150)),
        announced_slack_s=60)
    best = optimum(at)
    for strategy in SEARCHES:
        result = solve(at, params(strategy))
        assert (result.cost.total, hard_violations(at, result.plan)) == (best, ())
        assert result.plan.unserved["d"] is Unserved.STOCK_SHORT


@pytest.mark.parametrize("strategy", SEARCHES)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_live_plan_is_sound_and_no_worse_than_insertion(strategy: Strategy, seed: int) -> None:
    at = city(seed, 40, 6, frozen=1)
    inserted = starting_plan(at)
    result = solve(at, params(strategy, 250, seed))
    assert hard_violations(at, result.plan) == ()
    assert result.cost == cost(at, result.plan)
    assert result.cost.total <= cost(at, inserted).total
    for vehicle in at.vehicles:
        assert result.plan.route(vehicle.id)[:1] == vehicle.frozen


@settings(max_examples=60, deadline=None)
@given(tiny_problems(), st.sampled_from(SEARCHES))
def test_whatever_the_problem_the_plan_is_sound_and_no_worse_than_insertion(at: Problem, strategy: Strategy) -> None:
    inserted = starting_plan(at)
    result = solve(at, params(strategy, limit_ms=20))
    assert hard_violations(at, result.plan) == ()
    assert result.cost.total <= cost(at, inserted).total
    assert {name for route in result.plan.routes.values() for name in route} | set(result.plan.unserved) == set(
        at.visit_by_id)


@settings(max_examples=60, deadline=None)
@given(tiny_problems(), st.sampled_from(SEARCHES))
def test_the_solvers_objective_is_the_cost_of_its_plan(at: Problem, strategy: Strategy) -> None:
    """One cost for insertion, checker and solver: what the model leaves out is the same for every plan."""
    open_visits = [visit for visit in at.visits if visit.id not in at.frozen_ids]
    model = Model(at, open_visits)
    assume(model.visits)
    plan = model.search(strategy, search_parameters(strategy, 20, promises=model.has_promises), starting_plan(at))
    assert plan is not None
    assert hard_violations(at, plan) == ()
    held = cost(at, empty_plan(at)).total - sum(visit.drop_penalty for visit in open_visits)
    home = sum(at.arc_cost(standing.location, standing.end_location) for standing in at.standings.values()
               if standing.end_location is not None)
    left_out = sum(visit.drop_penalty for visit in open_visits if visit not in model.visits)
    served = {name for route in plan.routes.values() for name in route}
    overdue = sum(-terms.due_s * terms.lateness_weight for visit in model.visits if visit.id in served
                  and (terms := at.terms[visit.id]).due_s is not None and terms.due_s < 0)
    assert cost(at, plan).total == model.objective + held - home + left_out + overdue


def test_a_long_frozen_prefix_stays_as_it_is_however_bad() -> None:
    """Y-05: the frozen stops lead the van to and fro, one is late, one lacks its skill; none of it moves."""
    at = problem(call("a", 5), call("b", 1, latest_s=10), call("c", 5, skills=CARD), call("d", 2), call("e", 3),
                 vans=(van(frozen=("a", "b", "c")),))
    for strategy in SEARCHES:
        result = solve(at, params(strategy))
        assert result.plan == plan_of(v1="a b c e d")
        assert hard_violations(at, result.plan) == ()


def test_the_result_is_never_worse_than_the_initial_plan() -> None:
    at = city(4, 25, 4)
    good = solve(at, params(limit_ms=1500)).plan
    for strategy in SEARCHES:
        again = solve(at, params(strategy, limit_ms=1), good)
        assert again.cost.total <= cost(at, good).total


def test_an_initial_plan_of_another_moment_is_adopted_as_far_as_it_holds() -> None:
    """An order was cancelled, one came, a van left, one stop froze: what is left of the plan is the start."""
    at = problem(call("a", 1), call("b", 2), call("new", 4), vans=(van(frozen=("b",)),))
    stale = Plan(routes={"v1": ("cancelled", "a", "b", "a"), "gone": ("new",)}, unserved={"old": "stock_short"})
    assert starting_plan(at, stale).route("v1")[0] == "b"
    result = solve(at, params(), stale)
    assert hard_violations(at, result.plan) == ()
    assert sorted(result.plan.route("v1")) == ["a", "b", "new"]


def test_an_unserved_visit_has_the_reason_that_a_trial_insertion_finds() -> None:
    at = problem(call("a", 1), call("crane", 2, skills=frozenset({"crane"})), call("p", 3, deliver={"P10": 1}),
                 call("late", 4, earliest_s=40_000), call("dear", 5, drop_penalty=10))
    result = solve(at, params())
    assert result.plan == Plan(routes={"v1": ("a",)}, unserved={
        "crane": Unserved.SKILL_MISSING, "p": Unserved.STOCK_SHORT, "late": Unserved.SHIFT_OVER,
        "dear": Unserved.TOO_COSTLY})


def test_an_overdue_order_is_served_all_the_same() -> None:
    """Y-03: a late order is never dropped."""
    at = problem(call("over", 5, latest_s=-3600), call("a", 1, due_s=-100))
    result = solve(at, params())
    assert (sorted(result.plan.route("v1")), result.plan.unserved) == (["a", "over"], {})


def test_a_spare_used_by_hand_may_stay() -> None:
    """H-079: the solver plans no spare away, and takes none back that a dispatcher gave."""
    at = problem(call("a", 1, drop_penalty=9000), vans=(van(full_stock={"Z10": 1}, spare={"Z10": 1}),))
    assert solve(at, params()).plan == Plan(routes={"v1": ()}, unserved={"a": Unserved.STOCK_SHORT})
    assert solve(at, params(), plan_of(v1="a")).plan == plan_of(v1="a")


@pytest.mark.parametrize("at", [problem(), problem(vans=(van(start_location=3, end_s=10),)),
                                Problem(vehicles=(), visits=(call("a", 0),), durations_s=((0,),),
                                        distances_m=((0,),))])
def test_a_problem_with_nothing_to_solve_is_answered(at: Problem) -> None:
    result = solve(at, params())
    assert result.strategy is Strategy.INSERTION
    assert list(result.plan.unserved.values()) == [Unserved.NO_VEHICLE] * len(at.visits)


def test_a_limit_of_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time_limit_ms 0 is no time at all"):
        SolveParams(time_limit_ms=0)
