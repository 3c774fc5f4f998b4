"""The solver on problems with reloads, breaks, freight, targets, visits for one vehicle, places without a way (P5)."""
from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routing.checker import check, hard_violations
from routing.insertion import empty_plan
from routing.plan import Plan, Unserved, cost
from routing.problem import UNREACHABLE, Break, Problem, Vehicle, Visit
from routing.search.model import Model
from routing.search.parameters import search_parameters
from routing.solver import solve
from routing.solving import SolveParams, Strategy, starting_plan
from tests.routing.problems import call, city, depot_call, line, plan_of, problem, rich_problems, van

SEARCHES = (Strategy.SISR, Strategy.GLS_WARM, Strategy.GLS_COLD, Strategy.STAGED)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def params(strategy: Strategy, limit_ms: int = 250, seed: int = 0) -> SolveParams:
    return SolveParams(time_limit_ms=limit_ms, seed=seed, strategy=strategy)


def best_routes(at: Problem, vehicle: Vehicle) -> dict[frozenset[str], int]:
    """For each set of visits the least that any route of the vehicle costs, by trying all orders: windows, the
    shift, green cylinders on board and rack places reckoned here anew."""
    best: dict[frozenset[str], int] = {}
    assert vehicle.end_location is not None
    home = [row[vehicle.end_location] for row in at.durations_s]

    def prolong(served: frozenset[str], left: list[Visit], place: int, leave: int, stock: int, slots: int,
                price: int) -> None:
        if leave + home[place] <= vehicle.end_s:
            best[served] = min(price + home[place], best.get(served, price + home[place]))
        for visit in left:
            terms, way = at.terms[visit.id], at.durations_s[place][visit.location]
            start, rest = max(leave + way, terms.earliest_s), [other for other in left if other is not visit]
            if terms.latest_s is not None and start > terms.latest_s:
                continue
            then = (rest, visit.location, start + terms.service_s)
            if visit.reload is not None:
                prolong(served, *then, visit.reload.full_stock["Z10"], visit.reload.slots_used, price + way)
            elif stock >= visit.deliver["Z10"] and slots + visit.slots_net <= vehicle.slots:
                prolong(served | {visit.id}, *then, stock - visit.deliver["Z10"], slots + visit.slots_net,
                        price + way + terms.cost(start))

    mine = [visit for visit in at.visits if visit.only_vehicle in (None, vehicle.id)]
    prolong(frozenset(), mine, vehicle.start_location, vehicle.start_s, vehicle.full_stock["Z10"],
            vehicle.slots_used, 0)
    return best


def optimum(at: Problem) -> int:
    """The least cost of all sound plans (no visit favours a vehicle)."""
    names = {visit.id for visit in at.visits if visit.reload is None}
    totals = {frozenset[str](): 0}
    for vehicle in at.vehicles:
        grown: dict[frozenset[str], int] = {}
        prices = best_routes(at, vehicle)
        for served, total in totals.items():
            for more, price in prices.items():
                if served.isdisjoint(more):
                    grown[served | more] = min(total + price, grown.get(served | more, total + price))
        totals = grown
    return min(total + sum(at.visit_by_id[name].drop_penalty for name in names - served)
               for served, total in totals.items())


def short_city(seed: int, stops: int) -> Problem:
    """A few orders with windows and two vans that have too little on board for all; each may load once more."""
    dice = random.Random(seed)
    at = city(seed, stops, 2)
    visits = [replace(visit, deliver={"Z10": 1}, collect={"Z10": dice.choice((0, 1, 1, 2))}, skills=frozenset(),
                      latest_s=dice.choice((None, 3000, 6000)), target_s=dice.choice((None, 900)), target_weight=5)
              for visit in at.visits]
    reloads = [depot_call(f"r{vehicle.id}", only_vehicle=vehicle.id, full_stock={"Z10": 3}, slots_used=3,
                          gas_on_board_g=30_000, service_s=300) for vehicle in at.vehicles]
    vans = [replace(vehicle, full_stock={"Z10": 2}, spare={}, slots=4, slots_used=2, gas_on_board_g=20_000)
            for vehicle in at.vehicles]
    return replace(at, vehicles=tuple(vans), visits=(*visits, *reloads))


@pytest.mark.parametrize(("seed", "stops"), [(1, 5), (2, 6), (3, 6), (4, 7), (5, 7)])
def test_with_windows_stock_and_a_reload_the_solver_finds_the_optimum(seed: int, stops: int) -> None:
    at = short_city(seed, stops)
    best = optimum(at)
    assert best < optimum(replace(at, visits=tuple(visit for visit in at.visits if visit.reload is None)))
    result = solve(at, params(Strategy.STAGED, 2500))
    assert hard_violations(at, result.plan) == ()
    assert result.cost.total == best


@SLOW
@given(rich_problems(), st.sampled_from(SEARCHES))
def test_whatever_the_problem_the_plan_is_sound_and_no_worse_than_insertion(at: Problem, strategy: Strategy) -> None:
    inserted = starting_plan(at)
    result = solve(at, params(strategy, limit_ms=30))
    assert hard_violations(at, result.plan) == ()
    assert result.cost == cost(at, result.plan)
    assert result.cost.total <= cost(at, inserted).total
    named = {name for route in result.plan.routes.values() for name in route} | set(result.plan.unserved)
    assert named >= {visit.id for visit in at.visits if visit.reload is None}
    assert all(at.visit_by_id[name].reload is None for name in result.plan.unserved)


@SLOW
@given(rich_problems(rests=False), st.sampled_from(SEARCHES[:3]))
def test_the_solvers_objective_is_the_cost_of_its_plan(at: Problem, strategy: Strategy) -> None:
    """One cost for insertion, checker and solver, breaks aside: what the model leaves out is the same for every
    plan, and a reload that it makes for nothing is taken out."""
    open_visits = [visit for visit in at.visits if visit.id not in at.frozen_ids]
    model = Model(at, open_visits)
    assume(model.visits)
    routes = model.search_routes(strategy, search_parameters(strategy, 50, promises=model.has_promises),
                                 starting_plan(at))
    assume(routes is not None)  # on a busy machine the time may be over before the first plan
    assert routes is not None
    plan = Plan(routes={standing.vehicle_id: (*standing.frozen, *(model.visits[number].id for number in route))
                        for standing, route in zip(model.standings, routes, strict=True)})
    assert not [found for found in hard_violations(at, plan) if found.kind != "visit_missing"]
    held = cost(at, empty_plan(at)).total - sum(visit.drop_penalty for visit in open_visits)
    home = sum(at.arc_cost(standing.location, standing.end_location) for standing in at.standings.values()
               if standing.end_location is not None)
    left_out = sum(visit.drop_penalty for visit in open_visits if visit not in model.visits)
    served = {name for route in plan.routes.values() for name in route}
    overdue = sum(max(0, -bound) * weight for visit in model.visits if visit.id in served
                  for terms in [at.terms[visit.id]]
                  for bound, weight in [(terms.due_s, terms.lateness_weight), (terms.target_s, terms.target_weight)]
                  if bound is not None)
    assert cost(at, plan).total == model.objective + held - home + left_out + overdue


@pytest.mark.parametrize("strategy", SEARCHES)
def test_a_van_that_has_sold_out_loads_again(strategy: Strategy) -> None:
    """P5: stock and slots are both reset; the reload stands before the visits that need it and is never reported."""
    sold = {"deliver": {"Z10": 3}, "collect": {"Z10": 3}, "gas_out_g": 30_000}
    loads = {"full_stock": {"Z10": 3}, "slots_used": 17}
    at = problem(call("a", 4, **sold), call("b", 5, **sold), depot_call("r", **loads), depot_call("r2", **loads),
                 vans=(van(start_location=3, full_stock={"Z10": 3}, slots=20, slots_used=20),))
    result = solve(at, params(strategy))
    assert result.plan in (plan_of(v1="a r b"), plan_of(v1="b r a"))
    assert (result.plan.unserved, result.cost.dropped) == ({}, 0)
    assert hard_violations(at, result.plan) == ()


@pytest.mark.parametrize("strategy", SEARCHES)
def test_a_reload_that_nothing_needs_is_not_kept(strategy: Strategy) -> None:
    """P5: last in a route, two in a row, or at no cost on the way: an order was cancelled."""
    at = problem(call("a", 1), call("b", 2), *(depot_call(name, service_s=0) for name in ("r", "s", "t")))
    stale = plan_of(v1="r a s t b")
    assert solve(at, params(strategy), stale).plan == plan_of(v1="a b")
    assert solve(at, params(strategy), plan_of(v1="a b r")).plan == plan_of(v1="a b")


def test_without_a_need_the_model_knows_no_reload() -> None:
    at = problem(call("a", 1), call("b", 2), depot_call("r"), depot_call("r2", only_vehicle="v2"),
                 vans=(van(), van("v2", full_stock={"Z10": 1})))
    assert [visit.id for visit in Model(at, at.visits).visits] == ["a", "b", "r2"]


@pytest.mark.parametrize("strategy", SEARCHES)
def test_a_driver_rests_within_the_window(strategy: Strategy) -> None:
    noon = Break(id="noon", earliest_s=1000, latest_s=1600, duration_s=1800)
    at = problem(*(call(f"o{number}", 1 + number % 5, due_s=3600) for number in range(6)),
                 vans=(van(breaks=(noon,)), van("v2", start_location=5)))
    result = solve(at, params(strategy))
    assert hard_violations(at, result.plan) == ()
    assert (result.cost.dropped, result.cost.lateness_s) == (0, 0)


@pytest.mark.parametrize("strategy", SEARCHES)
def test_freight_is_brought_and_taken_within_capacity(strategy: Strategy) -> None:
    """What is brought makes room for what is taken, so that the order of the visits counts."""
    at = problem(call("gives", 3, brings={"kg": 3}), call("takes", 1, takes={"kg": 3}),
                 call("swaps", 2, brings={"kg": 1}, takes={"kg": 1}),
                 call("huge", 4, takes={"kg": 9}), vans=(van(capacity={"kg": 4}),))
    result = solve(at, params(strategy))
    assert hard_violations(at, result.plan) == ()
    assert result.plan.unserved == {"huge": Unserved.CAPACITY_OVER}
    route = result.plan.route("v1")
    assert route.index("gives") < route.index("takes")


@pytest.mark.parametrize("strategy", SEARCHES)
def test_what_cannot_be_reached_is_unserved_by_name_and_all_else_is_served(strategy: Strategy) -> None:
    """Bad input: pairs without a way are no exception."""
    island = tuple(tuple(UNREACHABLE if (a == 3) != (b == 3) else way for b, way in enumerate(row))
                   for a, row in enumerate(line(6)))
    at = problem(call("a", 1), call("b", 3), call("c", 5), durations_s=island,
                 vans=(van(), van("v2", start_location=3)))
    result = solve(at, params(strategy))
    assert result.plan.unserved == {"b": Unserved.UNREACHABLE}
    assert sorted(result.plan.route("v1")) == ["a", "c"]
    assert [found for found in check(at, result.plan) if found.vehicle_id != "v2"] == []


@pytest.mark.parametrize("strategy", SEARCHES)
def test_a_target_is_aimed_at_without_being_a_promise(strategy: Strategy) -> None:
    late = {"target_s": 400, "target_weight": 10, "due_s": 5000}
    at = problem(call("near", 1, due_s=5000), call("far", 4, **late), vans=(van(),))
    result = solve(at, params(strategy))
    assert result.plan == plan_of(v1="far near")
    assert (result.cost.behind_target_s, result.cost.target_cost, result.cost.lateness_s) == (0, 0, 0)
    both = cost(at, plan_of(v1="near far"))
    assert (both.behind_target_s, both.target_cost, both.lateness_s) == (300, 3000, 0)


def test_each_visit_that_cannot_be_served_has_its_named_reason() -> None:
    """Bad input: capacity below one order, a visit for a van that lacks what it needs."""
    at = problem(call("heavy", 1, brings={"kg": 2}), call("other", 1, brings={"m3": 1}),
                 call("mine", 2, only_vehicle="v2", deliver={"P10": 1}), call("late", 2, earliest_s=40_000),
                 vans=(van(capacity={"kg": 1}), van("v2", capacity={"kg": 1})))
    assert solve(at, params(Strategy.GLS_COLD)).plan.unserved == {
        "heavy": Unserved.CAPACITY_OVER, "other": Unserved.CAPACITY_OVER, "mine": Unserved.STOCK_SHORT,
        "late": Unserved.SHIFT_OVER}




def test_a_live_day_with_reloads_and_breaks_is_sound_and_no_worse_than_insertion() -> None:
    at = city(7, 40, 6, frozen=1)
    vans = [replace(vehicle, full_stock={"Z10": 4, "P10": 2}, slots=34,
                    breaks=(Break(id="noon", earliest_s=1800, latest_s=4000, duration_s=1200),))
            for vehicle in at.vehicles]
    reloads = [depot_call(f"r{vehicle.id}", only_vehicle=vehicle.id, full_stock={"Z10": 16, "P10": 8}, slots_used=30,
                          gas_on_board_g=240_000, service_s=600) for vehicle in at.vehicles]
    at = replace(at, vehicles=tuple(vans), visits=(*at.visits, *reloads))
    inserted = starting_plan(at)
    assert any(name in inserted.route(vehicle.id) for vehicle in vans for name in (f"r{vehicle.id}",))
    for strategy in (Strategy.GLS_WARM, Strategy.STAGED):
        result = solve(at, params(strategy, 600))
        assert hard_violations(at, result.plan) == ()
        assert result.cost.total <= cost(at, inserted).total
