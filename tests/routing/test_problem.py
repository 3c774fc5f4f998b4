"""A problem that contradicts itself is refused by name (X-17, H-079)."""
from __future__ import annotations

import pickle
from typing import Any

import pytest

from routing.problem import UNREACHABLE, Break, Problem, ProblemError, Reload, Vehicle, Visit
from tests.routing.problems import call, city, depot_call, line, problem, van


@pytest.mark.parametrize(("name", "matrix", "message"), [
    ("durations_s", (), "durations_s: 0 rows where at least one are needed"),
    ("durations_s", ((0, 1), (1, 0, 2)), "durations_s: row 1 has 3 columns where 2 are needed"),
    ("durations_s", ((0, 1), (-1, 0)), "durations_s: row 1, column 0: -1 is out of range"),
    ("durations_s", ((0, 10**13), (1, 0)), "durations_s: row 0, column 1: 10000000000000 is out of range"),
    ("durations_s", ((0, 1.5), (1, 0)), "durations_s: row 0 holds something else than whole numbers"),
    ("durations_s", ((0, True), (1, 0)), "durations_s: row 0 holds something else than whole numbers"),
    ("distances_m", ((0,),), "distances_m: 1 rows where 6 are needed"),
])
def test_a_bad_matrix_is_refused_with_its_place(name: str, matrix: Any, message: str) -> None:
    with pytest.raises(ProblemError) as refused:
        problem(**{name: matrix})
    assert str(refused.value) == message


@pytest.mark.parametrize(("vehicle", "message"), [
    (van(start_location=6), "vehicle v1: location 6 is not in the matrix of 6 places"),
    (van(end_location=-1), "vehicle v1: location -1 is not in the matrix of 6 places"),
    (van(start_s=-1), "vehicle v1: start_s -1 is out of range"),
    (van(slots="40"), "vehicle v1: slots '40' is no whole number"),
    (van(full_stock={"Z10": -2}), "vehicle v1: full_stock: Z10 -2 is out of range"),
    (van(spare={"Z10": -1}), "vehicle v1: spare: Z10 -1 is out of range"),
    (van(slots_used=19), "vehicle v1: slots_used 19 is less than the full cylinders on board"),
    (van(frozen=("gone",)), "vehicle v1: frozen visit gone is unknown"),
    (van(frozen=("a", "a")), "frozen visit a is there twice"),
    (van(end_s=10**13), "vehicle v1: end_s 10000000000000 is out of range"),
    (van(capacity={"0": -1}), "vehicle v1: capacity: 0 -1 is out of range"),
    (van(breaks=(Break(id="noon", earliest_s=2, latest_s=1, duration_s=1800),)),
     "vehicle v1: break noon: the window ends at 1, before it begins at 2"),
    (van(breaks=(Break(id="noon", earliest_s=1, latest_s=1, duration_s=-5),)),
     "vehicle v1: break noon: duration_s -5 is out of range"),
    (van(breaks=(Break(id="noon", earliest_s=1, latest_s=1, duration_s=5),) * 2),
     "vehicle v1: break noon is there twice"),
])
def test_a_bad_vehicle_is_refused_by_name(vehicle: Vehicle, message: str) -> None:
    with pytest.raises(ProblemError) as refused:
        problem(call("a", 1), vans=(vehicle,))
    assert str(refused.value) == message


@pytest.mark.parametrize(("visit", "message"), [
    (call("b", 9), "visit b: location 9 is not in the matrix of 6 places"),
    (call("b", 1, service_s=-1), "visit b: service_s -1 is out of range"),
    (call("b", 1, deliver={"Z10": 1.0}), "visit b: deliver: Z10 1.0 is no whole number"),
    (call("b", 1, collect={"Z10": -1}), "visit b: collect: Z10 -1 is out of range"),
    (call("b", 1, due_s=1.5), "visit b: due_s 1.5 is no whole number in range"),
    (call("b", 1, earliest_s=900, latest_s=800), "visit b: the window ends at 800, before it begins at 900"),
    (call("b", 1, current_vehicle="v9"), "visit b: current vehicle v9 is unknown"),
    (call("b", 1, drop_penalty=-1), "visit b: drop_penalty -1 is out of range"),
    (call("a", 1), "visit a is there twice"),
    (call("b", 1, only_vehicle="v9"), "visit b: only vehicle v9 is unknown"),
    (call("b", 1, target_s=0.5), "visit b: target_s 0.5 is no whole number in range"),
    (call("b", 1, target_weight=-1), "visit b: target_weight -1 is out of range"),
    (call("b", 1, brings={"0": -1}), "visit b: brings: 0 -1 is out of range"),
    (call("b", 1, takes={"0": "1"}), "visit b: takes: 0 '1' is no whole number"),
    (depot_call("r", only_vehicle=None), "visit r: a reload needs its only_vehicle"),
    (depot_call("r", collect={"Z10": 1}), "visit r: a reload hands nothing over"),
    (depot_call("r", full_stock={"Z10": 9}, slots_used=8),
     "visit r: reload: slots_used 8 is less than the full cylinders on board"),
    (depot_call("r", full_stock={"Z10": -1}), "visit r: reload: full_stock: Z10 -1 is out of range"),
])
def test_a_bad_visit_is_refused_by_name(visit: Visit, message: str) -> None:
    with pytest.raises(ProblemError) as refused:
        problem(call("a", 1), visit)
    assert str(refused.value) == message


def test_a_vehicle_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ProblemError, match=r"^vehicle v1 is there twice$"):
        problem(vans=(van(), van()))


def test_a_visit_frozen_on_two_vehicles_is_refused() -> None:
    with pytest.raises(ProblemError, match=r"^frozen visit a is there twice$"):
        problem(call("a", 1), vans=(van(frozen=("a",)), van("v2", frozen=("a",))))


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ProblemError, match=r"^problem: cost_per_km -1 is out of range$"):
        problem(cost_per_km=-1)


def test_a_window_that_is_over_is_no_contradiction() -> None:
    assert problem(call("a", 1, latest_s=-60)).visits[0].latest_s == -60


def test_a_vehicle_stands_where_its_frozen_prefix_ends() -> None:
    """Y-05, H-079: what follows the prefix starts there, with the stock that is left, the spare kept back."""
    at = problem(call("a", 2, deliver={"Z10": 3}, collect={"Z10": 1}, gas_out_g=30_000, gas_in_g=5_000),
                 vans=(van(frozen=("a",), spare={"Z10": 2}, fixed_cost=500),))
    standing = at.standings["v1"]
    assert (standing.location, standing.ready_s, standing.end_s) == (2, 500, 36_000)
    assert (standing.stock_left, standing.slots_used, standing.slots_limit) == ({"Z10": 15}, 18, 40)
    assert (standing.gas_on_board_g, standing.gas_limit_g, standing.fixed_cost) == (175_000, 333_000, 0)


def test_limits_are_widened_to_what_the_frozen_prefix_needs_and_no_further() -> None:
    at = problem(call("a", 5, deliver={"Z10": 21}, collect={"Z10": 45}, gas_out_g=0, gas_in_g=200_000),
                 vans=(van(frozen=("a",), end_s=600),))
    standing = at.standings["v1"]
    assert (standing.ready_s, standing.end_s, standing.stock_left) == (800, 1300, {"Z10": 0})
    assert (standing.slots_limit, standing.gas_limit_g) == (44, 400_000)


def test_a_hard_bound_nobody_can_meet_becomes_a_promise_that_is_late() -> None:
    """Y-03: once past its limit an order has a steep soft cost and is never dropped."""
    at = problem(call("reachable", 3, latest_s=300), call("over", 3, latest_s=299), call("held", 5, latest_s=1),
                 vans=(van(), van("v2", start_s=400, frozen=("held",))))
    assert (at.terms["reachable"].latest_s, at.terms["reachable"].due_s) == (300, None)
    assert (at.terms["over"].latest_s, at.terms["over"].due_s) == (None, 299)
    assert (at.terms["held"].latest_s, at.terms["held"].due_s) == (None, 1)


def test_a_bound_binds_where_only_an_incapable_vehicle_would_be_too_late() -> None:
    at = problem(call("card", 1, latest_s=100, skills=frozenset({"card"})),
                 vans=(van(), van("v2", start_s=50, skills=frozenset({"card"}))))
    assert at.terms["card"].latest_s is None
    at = problem(call("card", 1, latest_s=150, skills=frozenset({"card"})),
                 vans=(van(), van("v2", start_s=50, skills=frozenset({"card"}))))
    assert at.terms["card"].latest_s == 150


def test_a_problem_survives_the_way_to_another_process() -> None:
    at = city(1, 10, 2, frozen=1)
    assert at.terms
    back: Problem = pickle.loads(pickle.dumps(at))
    assert (back.vehicles, back.visits, back.durations_s) == (at.vehicles, at.visits, at.durations_s)
    assert (back.terms, back.standings) == (at.terms, at.standings)


def test_leaving_a_reload_out_costs_nothing() -> None:
    """P5."""
    assert depot_call("r", drop_penalty=5).drop_penalty == 0
    reload = Reload(full_stock={"Z10": 20}, slots_used=20, gas_on_board_g=200_000)
    at = problem(call("a", 1), depot_call("r", only_vehicle="v2"), depot_call("s"), vans=(van(), van("v2")))
    assert {name: [visit.id for visit in visits] for name, visits in at.reloads.items()} == {"v1": ["s"], "v2": ["r"]}
    assert at.visit_by_id["s"].reload == reload


def test_where_there_is_no_way_a_price_means_nothing() -> None:
    at = problem(durations_s=((0, UNREACHABLE), (5, 0)), distances_m=((0, 0), (0, 0)))
    assert (at.arc_cost(0, 1), at.arc_cost(1, 0)) == (0, 5)


def test_driving_costs_by_time_and_way() -> None:
    at = problem(cost_per_s=2, cost_per_km=30, distances_m=line(6, 1500))
    assert at.arc_cost(0, 3) == 2 * 300 + 30 * 4500 // 1000
