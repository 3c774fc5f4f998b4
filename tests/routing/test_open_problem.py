"""Routes priced in arrays cost and are judged exactly as one by one."""
from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.checker import Severity, check
from routing.plan import Plan, cost
from routing.problem import Problem
from routing.search.columns import ColumnPool, Columns, joined, without
from routing.search.open_problem import EMPTY, UNFIT, OpenProblem, as_rows
from tests.routing.problems import call, city, problem, rich_problems, tiny_problems, van

CARD = frozenset({"card"})


def opened(at: Problem) -> OpenProblem:
    return OpenProblem(at, [visit for visit in at.visits if visit.id not in at.frozen_ids])


def one_route(at: OpenProblem, vehicle: int, route: list[int]) -> Plan:
    routes = [route if number == vehicle else [] for number in range(len(at.problem.vehicles))]
    return at.plan_of(routes)


def added_cost(at: OpenProblem, vehicle: int, route: list[int]) -> int:
    """What the route adds to the plan in which every vehicle has its frozen stops only, drop penalties aside."""
    nothing, some = (cost(at.problem, one_route(at, vehicle, part)) for part in ([], route))
    return some.total - some.dropped_cost - nothing.total + nothing.dropped_cost


def legal(at: OpenProblem, vehicle: int, route: list[int]) -> bool:
    """No hard violation, and no warning that the plan uses a spare (H-079) beyond what is frozen already."""
    before, after = (sum(violation.severity is not Severity.SOFT for violation in check(
        at.problem, one_route(at, vehicle, part))) for part in ([], route))
    return after <= before


def random_routes(at: OpenProblem, seed: int, number: int) -> list[tuple[int, list[int]]]:
    dice = random.Random(seed)
    longest = min(8, len(at.visits))
    return [(dice.randrange(len(at.kind_of)), dice.sample(range(len(at.visits)), dice.randint(1, longest)))
            for _ in range(number)]


def assert_priced_as_planned(at: OpenProblem, routes: list[tuple[int, list[int]]]) -> None:
    kinds = np.array([at.kind_of[vehicle] for vehicle, _ in routes], dtype=np.int64)
    prices = at.price(kinds, as_rows([route for _, route in routes]))
    for (vehicle, route), price in zip(routes, prices.tolist(), strict=True):
        assert price == (added_cost(at, vehicle, route) if legal(at, vehicle, route) else UNFIT)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_routes_of_a_live_moment_cost_what_plan_cost_says(seed: int) -> None:
    at = opened(city(seed, 30, 5, frozen=1))
    assert_priced_as_planned(at, random_routes(at, seed, 200))


@settings(max_examples=150, deadline=None)
@given(st.one_of(tiny_problems(), rich_problems()))
def test_with_every_rule_binding_routes_cost_what_plan_cost_says(at: Problem) -> None:
    """Stock with its spare (H-079), slots, gas (X-17), skills, windows, announced times, changes, fixed costs, and
    freight, targets, rests, reloads (P5), visits for one vehicle, places without a way."""
    opens = opened(at)
    if opens.visits:
        assert_priced_as_planned(opens, random_routes(opens, 1, 20))


def test_vehicles_that_stand_alike_are_one_kind() -> None:
    at = opened(problem(call("a", 1), vans=(van("v1"), van("v2"), van("v3", start_s=5), van("v4", skills=CARD))))
    assert (at.kind_of, at.number_of) == ([0, 0, 1, 2], [2, 1, 1])


def test_a_vehicle_that_a_visit_would_not_like_to_leave_is_a_kind_of_its_own() -> None:
    at = opened(problem(call("a", 1, current_vehicle="v2", change_vehicle_cost=9), vans=(van("v1"), van("v2"))))
    assert at.kind_of == [0, 1]
    assert at.price(np.array([0, 1]), as_rows([[0], [0]])).tolist() == [209, 200]


def test_a_pool_keeps_each_legal_route_once() -> None:
    at = opened(problem(call("a", 1), call("b", 2), call("card", 3, skills=CARD)))
    pool = ColumnPool(at)
    pool.see([[0, 1]], [0])
    pool.see([[0, 1]], [0])
    pool.see([[2]], [0])
    pool.see([[]], [0])
    columns = pool.columns()
    assert (columns.rows.tolist(), columns.prices.tolist()) == ([[0, 1]], [400])
    pool.add(columns)
    assert len(pool.columns().prices) == 1


def test_columns_lose_the_visits_that_are_served_elsewhere() -> None:
    at = opened(problem(call("a", 1), call("b", 2), call("c", 3)))
    rows = as_rows([[0, 1, 2], [1], [2]])
    columns = Columns(np.zeros(3, np.int64), rows, at.price(np.zeros(3, np.int64), rows))
    left = without(at, joined([columns]), np.array([False, True, False]))
    assert sorted(zip(left.rows.tolist(), left.prices.tolist(), strict=True)) == [([0, 2], 600), ([2, EMPTY], 600)]
