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
from routing.pool import MANY_SEEDS, SolverPool
from routing.problem import Problem
from routing.schedule import Round, rounds
from routing.search.columns import ColumnPool
from routing.search.decomposition import Decomposition
from routing.search.engine import Engine
from routing.search.model import Model
from routing.search.open_problem import EMPTY, OpenProblem, as_rows
from routing.search.parameters import Way, district_parameters, piece_parameters
from routing.search.recombination import Recombination
from routing.search.reinsertion import Reinsertion
from routing.solver import solve
from routing.solving import SolveParams, Stage, Strategy, joined, starting_plan
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


@pytest.mark.parametrize("seed", SEEDS)
def test_stops_put_back_cost_what_was_reckoned_and_less_than_before(seed: int) -> None:
    at = opened(city(seed, 30, 5, frozen=1))
    before = at.plan_of(at.routes_of(starting_plan(at.problem)))
    told: list[int] = []
    search = Reinsertion(at, at.routes_of(before), seed,
                         lambda routes, kinds: told.append(cost(at.problem, at.plan_of(routes)).total))
    found = at.plan_of(search.run(soon()))
    assert hard_violations(at.problem, found) == ()
    assert told == sorted(told, reverse=True)
    assert told[-1] == cost(at.problem, found).total < cost(at.problem, before).total
    assert [line.cost for line in search.lines] == search.prices  # though changed bit by bit, thousands of times


def test_a_stop_left_out_finds_its_place_again_and_one_that_fits_nowhere_stays_out() -> None:
    at = opened(city(5, 24, 4))
    routes = at.routes_of(starting_plan(at.problem))
    thinned = [[visit for visit in route if visit % 5] for route in routes]
    found = Reinsertion(at, thinned, 1, lambda routes, kinds: None).run(soon())
    assert sorted(visit for route in found for visit in route) == list(range(24))
    search = Reinsertion(at, [[] for _ in routes], 1, lambda routes, kinds: None)
    search.may = [[False] * 24 for _ in at.fleet]
    assert search.run(soon(0.05)) == [[] for _ in routes]


@settings(max_examples=40, deadline=None)
@given(tiny_problems())
def test_whatever_the_problem_the_stages_give_a_sound_plan_no_worse_than_insertion(at: Problem) -> None:
    model = Model(at, [visit for visit in at.visits if visit.id not in at.frozen_ids])
    base = starting_plan(at)
    if not model.visits:
        return
    for seed, stage in enumerate(Stage):
        found = Engine(model, base, SolveParams(seed=seed, stage=stage, heat=1.0)).run(soon(0.05))
        assert hard_violations(at, found) == ()
        again = solve(at, SolveParams(time_limit_ms=30, seed=seed, stage=stage), found)
        assert again.cost.total <= cost(at, base).total


def pieces_of(at: Problem, routes: Plan | None = None) -> Decomposition:
    model = opened(at)
    return Decomposition(model, model.routes_of(routes or starting_plan(at)), 1, lambda routes, kinds: None)


def test_districts_share_out_every_route_once_and_everybody_left_out() -> None:
    at = city(6, 120, 12, frozen=1)
    pieces = pieces_of(at)
    for number in (3, 17, 40):  # left out: not in any route
        pieces.adopt([[visit for visit in route if visit != number] for route in pieces.routes])
    for members in (1, 2, 3):
        shares = pieces.districts(5, members)
        assert len(shares) == members
        assert all(shares)
        districts = [district for share in shares for district in share]
        vehicles = [stretch.vehicle for district in districts for stretch in district.stretches]
        assert len(vehicles) == len(set(vehicles))
        assert {vehicle for vehicle, route in enumerate(pieces.routes) if route} <= set(vehicles)
        assert all((begin, end) == (0, len(pieces.routes[vehicle]))
                   for district in districts for vehicle, begin, end in district.stretches)
        assert sorted(visit for district in districts for visit in district.left_out) == sorted((3, 17, 40))


def test_each_process_works_out_the_same_districts_and_another_turn_gives_others() -> None:
    at = city(6, 120, 12)
    one, other = pieces_of(at), pieces_of(at)
    other.dice.seed(99)
    assert one.districts(2, 2) == other.districts(2, 2)
    assert one.districts(2, 2) != one.districts(3, 2)


def test_a_district_solved_anew_leaves_the_others_as_they_are() -> None:
    at = city(9, 80, 8)
    pieces = pieces_of(at)
    before, plan = [list(route) for route in pieces.routes], opened(at).plan_of(pieces.routes)
    district = pieces.districts(1, 2)[0][0]
    gain = pieces.solve(district, Strategy.SISR, district_parameters(300, 200.0, len(district.visits)))
    inside = {stretch.vehicle for stretch in district.stretches}
    assert all(pieces.routes[vehicle] == before[vehicle] for vehicle in range(len(before)) if vehicle not in inside)
    after = opened(at).plan_of(pieces.routes)
    assert hard_violations(at, after) == ()
    assert cost(at, after).total == cost(at, plan).total - gain
    assert gain > 0  # insertion alone is far from good


def test_what_the_processes_made_of_their_districts_comes_together() -> None:
    at = city(3, 8, 3)
    base = Plan(routes={"v0": ("o0", "o1"), "v1": ("o2", "o3"), "v2": ("o4", "o5", "o6", "o7")})
    one = Plan(routes={**base.routes, "v0": ("o1", "o0")})
    other = Plan(routes={**base.routes, "v1": ("o3",)}, unserved={"o2": "window"})
    found = joined(at, base, [one, other])
    assert found.routes == {"v0": ("o1", "o0"), "v1": ("o3",), "v2": ("o4", "o5", "o6", "o7")}
    assert set(found.unserved) == {"o2"}
    clash = Plan(routes={**base.routes, "v0": ("o1",), "v2": ("o0", "o4", "o5", "o6", "o7")})
    assert joined(at, base, [one, clash]).routes == one.routes  # both changed v0: the first one's stands
    assert joined(at, base, []).routes == base.routes


def test_routes_that_others_have_seen_are_taken_into_account() -> None:
    """A process that searches by itself for a moment only puts the other's plan together from its routes."""
    at = city(8, 30, 5)
    good = solve(at, SolveParams(time_limit_ms=1500, tell=True))
    poor = insert_all(at, empty_plan(at), at.visits)
    assert good.cost.total < cost(at, poor).total
    routes = tuple((name, route) for name, route in good.plan.routes.items() if route)
    assert set(routes) & set(good.seen)
    again = solve(at, SolveParams(time_limit_ms=1500, seed=1, known=routes, stage=Stage.PIECES), poor)
    assert again.cost.total <= good.cost.total


def test_a_route_of_a_visit_that_is_no_more_is_forgotten() -> None:
    at = city(3, 20, 3)
    result = solve(at, SolveParams(time_limit_ms=60, seed=1, known=(("v0", ("gone", "o1")), ("v1", ("o2",)))))
    assert hard_violations(at, result.plan) == ()


@pytest.mark.parametrize("promises", [False, True])
@pytest.mark.parametrize("visits", [0, 1, 60, 200, 1000])
@pytest.mark.parametrize("limit_ms", [1, 300, 3000, 10_000, 60_000])
def test_rounds_follow_one_another_and_end_with_the_limit(limit_ms: int, visits: int, promises: bool) -> None:
    found = rounds(visits, limit_ms, promises=promises)
    ends = [turn.end_ms for turn in found]
    assert ends == sorted(set(ends))
    assert ends[-1] == limit_ms
    assert ends[0] > 0


def test_a_long_search_cools_its_districts_and_a_short_one_mixes_all() -> None:
    found = rounds(200, 10_000, promises=False)
    assert [turn.stage for turn in found] == [Stage.WHOLE, *5 * [Stage.DISTRICTS], Stage.PIECES]
    heats = [turn.heat for turn in found if turn.stage is Stage.DISTRICTS]
    assert heats == sorted(heats, reverse=True)
    assert heats[0] == 1.0
    assert rounds(200, 300, promises=True) == (Round(300, Stage.MIXED),)


def test_where_promises_rule_stops_are_put_back_by_what_they_do_to_everybody() -> None:
    found = rounds(60, 3000, promises=True)
    assert [turn.stage for turn in found] == [Stage.REINSERT, Stage.REINSERT, Stage.PIECES]


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
    schedule = rounds(25, 2400, promises=True)
    begun = [seed // MANY_SEEDS for seed, *_ in asked[::2]]
    assert begun == sorted(set(begun)), "a busy machine may skip a round, but none comes twice"
    assert [seed for seed, *_ in asked[1::2]] == [seed + 1 for seed, *_ in asked[::2]]
    assert asked[:2] == [(0, schedule[0].end_ms, True, 0), (1, schedule[0].end_ms, True, 0)]
    for seed, limit_ms, tell, known in asked[2:]:
        assert limit_ms <= schedule[seed // MANY_SEEDS].end_ms
        assert tell or seed // MANY_SEEDS == len(schedule) - 1
        assert known > 0


def test_a_search_that_is_over_is_forgotten() -> None:
    """OR-Tools keeps what it called back for ever; nothing of ours may hang on it."""
    at = city(5, 20, 3)
    model = Model(at, at.visits)
    engine = Engine(model, starting_plan(at), SolveParams())
    engine.run(soon(0.2))
    held = [weakref.ref(engine), weakref.ref(model), weakref.ref(engine.pool)]
    del engine, model
    gc.collect()
    assert [reference() for reference in held] == [None, None, None]
