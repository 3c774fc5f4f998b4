"""The stages of the search: whatever they find is sound, priced as planned, and never worse than what was given."""
from __future__ import annotations

import gc
import weakref
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from routing.checker import hard_violations
from routing.insertion import empty_plan, insert_all
from routing.plan import Plan, cost
from routing.pool import SolverPool, round_ends_ms
from routing.problem import Problem
from routing.search.columns import ColumnPool
from routing.search.decomposition import Decomposition
from routing.search.engine import Engine
from routing.search.model import Model
from routing.search.open_problem import EMPTY, OpenProblem, as_rows
from routing.search.parameters import Way, piece_parameters
from routing.search.recombination import Recombination
from routing.solver import solve
from routing.solving import SolveParams, Strategy, starting_plan
from tests.routing.problems import city, tiny_problems

SEEDS = (1, 2, 3)


def opened(at: Problem) -> OpenProblem:
    return OpenProblem(at, [visit for visit in at.visits if visit.id not in at.frozen_ids])


def soon(seconds: float = 0.4) -> float:
    return perf_counter() + seconds


def never() -> float:
    return perf_counter() + 3600


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dive_serves_everybody_once_with_legal_routes(seed: int) -> None:
    at = opened(city(seed, 30, 5, frozen=1))
    mixer = Recombination(at, ColumnPool(at), seed)
    routes = at.routes_of(starting_plan(at.problem))
    mixed = mixer.relaxed(routes, soon())
    assert mixed is not None
    assert mixed[1].value <= mixer.cost(routes) + 1e-6
    found = mixer.dive(*mixed, never())
    assert found is not None
    plan = at.plan_of(found)
    assert hard_violations(at.problem, plan) == ()
    assert mixer.cost(found) - mixer.cost(routes) == cost(at.problem, plan).total - cost(
        at.problem, at.plan_of(routes)).total


def test_every_column_made_is_a_legal_route_at_its_price() -> None:
    at = opened(city(4, 25, 4, frozen=1))
    mixer = Recombination(at, ColumnPool(at), 0)
    mixed = mixer.relaxed(at.routes_of(starting_plan(at.problem)), soon())
    assert mixed is not None
    columns = mixed[0].columns
    assert len({(kind, tuple(row)) for kind, row in zip(columns.kinds.tolist(), columns.rows.tolist(), strict=True)}
               ) == len(columns.prices)
    idle = cost(at.problem, at.plan_of([[] for _ in at.kind_of]))
    for kind, route in columns.lists()[::29]:
        assert EMPTY not in route
        plan = at.plan_of([route if number == at.kind_of.index(kind) else [] for number in range(len(at.kind_of))])
        spent = cost(at.problem, plan)
        priced = at.price(np.array([kind]), as_rows([route]))
        assert priced[0] == spent.total - spent.dropped_cost - idle.total + idle.dropped_cost
        assert hard_violations(at.problem, plan) == ()


def test_a_dive_without_time_gives_no_plan_rather_than_half_a_one() -> None:
    at = opened(city(4, 20, 4))
    mixer = Recombination(at, ColumnPool(at), 0)
    mixed = mixer.relaxed(at.routes_of(starting_plan(at.problem)), perf_counter())
    assert mixed is not None
    assert mixer.dive(*mixed, perf_counter()) is None


@pytest.mark.parametrize("way", list(Way))
def test_a_piece_solved_anew_never_makes_the_plan_worse_or_illegal(way: Way) -> None:
    at = opened(city(7, 40, 5, frozen=1))
    before = at.plan_of(at.routes_of(starting_plan(at.problem)))
    pieces = Decomposition(at, at.routes_of(before), 3, lambda routes, kinds: None)
    total = cost(at.problem, before).total
    for size in (8, 15, 30):
        gain = pieces.step(size, *piece_parameters(way, 60, 200.0, promises=True))
        plan = at.plan_of(pieces.routes)
        assert hard_violations(at.problem, plan) == ()
        assert cost(at.problem, plan).total == total - gain
        assert gain >= 0
        total -= gain


def test_a_stretch_between_others_is_bound_to_be_in_time_for_them() -> None:
    """What stands before and after a stretch keeps its start; stock and racks are those left between the two."""
    at = opened(city(2, 24, 1))
    pieces = Decomposition(at, at.routes_of(starting_plan(at.problem)), 1, lambda routes, kinds: None)
    before = list(pieces.routes[0])
    for _ in range(6):
        pieces.step(6, *piece_parameters(Way.RUIN, 30, 50.0, promises=True))
        assert sorted(pieces.routes[0]) == sorted(before)
        assert hard_violations(at.problem, at.plan_of(pieces.routes)) == ()


@settings(max_examples=40, deadline=None)
@given(tiny_problems())
def test_whatever_the_problem_the_stages_give_a_sound_plan_no_worse_than_insertion(at: Problem) -> None:
    model = Model(at, [visit for visit in at.visits if visit.id not in at.frozen_ids])
    base = starting_plan(at)
    if not model.visits:
        return
    for seed, cold in ((0, True), (1, False)):
        found = Engine(model, base, seed, ()).run(soon(0.06), cold=cold)
        assert hard_violations(at, found) == ()
        assert solve(at, SolveParams(time_limit_ms=30, seed=seed), found).cost.total <= cost(at, base).total


def test_routes_that_others_have_seen_are_taken_into_account() -> None:
    """A process that searches by itself for a moment only puts the other's plan together from its routes."""
    at = city(8, 30, 5)
    good = solve(at, SolveParams(time_limit_ms=1500, tell=True))
    poor = insert_all(at, empty_plan(at), at.visits)
    assert good.cost.total < cost(at, poor).total
    routes = tuple((name, route) for name, route in good.plan.routes.items() if route)
    assert set(routes) & set(good.seen)
    again = solve(at, SolveParams(time_limit_ms=1500, seed=1, known=routes), poor)
    assert again.cost.total <= good.cost.total


def test_a_route_of_a_visit_that_is_no_more_is_forgotten() -> None:
    at = city(3, 20, 3)
    result = solve(at, SolveParams(time_limit_ms=60, seed=1, known=(("v0", ("gone", "o1")), ("v1", ("o2",)))))
    assert hard_violations(at, result.plan) == ()


def test_rounds_end_with_the_limit_and_short_limits_have_one() -> None:
    assert round_ends_ms(10_000) == (4000, 7000, 10_000)
    assert round_ends_ms(300) == (300,)


def test_the_processes_of_a_portfolio_get_what_is_left_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, bool, int]] = []
    original = SolverPool.submit

    def submit(pool: SolverPool, problem: Problem, params: SolveParams, initial: Plan | None = None) -> Any:
        asked.append((params.seed, params.time_limit_ms, params.tell, len(params.known)))
        return original(pool, problem, params, initial)

    monkeypatch.setattr(SolverPool, "submit", submit)
    with SolverPool(2) as pool:
        pool.start()
        at = city(5, 30, 5, frozen=1)
        result = pool.solve_portfolio(at, time_limit_ms=2400)
    assert result.strategy is Strategy.STAGED
    assert hard_violations(at, result.plan) == ()
    assert [seed for seed, *_ in asked] == [0, 1, 100, 101, 200, 201][:len(asked)]
    assert asked[:2] == [(0, 960, True, 0), (1, 960, True, 0)]
    assert all(limit_ms <= 2400 and (tell or seed >= 200) for seed, limit_ms, tell, _ in asked)
    assert all(known > 0 for seed, _, _, known in asked if seed >= 100)


def test_a_search_that_is_over_is_forgotten() -> None:
    """OR-Tools keeps what it called back for ever; nothing of ours may hang on it."""
    at = city(5, 20, 3)
    model = Model(at, at.visits)
    engine = Engine(model, starting_plan(at), 0, ())
    engine.run(soon(0.2), cold=True)
    held = [weakref.ref(engine), weakref.ref(model), weakref.ref(engine.pool)]
    del engine, model
    gc.collect()
    assert [reference() for reference in held] == [None, None, None]
