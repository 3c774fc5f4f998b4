"""The live moment: trial insertion behind a promise, the first plan, and what the background adds to it.

60 open orders up to 45 minutes old, vans at different places, two cylinder types with a spare, one frozen stop each.
The places are drawn from the ring road of Ljubljana; ways come from the formula, as without a map.
"""
from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from time import perf_counter

from routing.insertion import Insertion, best_insertion, empty_plan, insert_all
from routing.plan import Plan, cost
from routing.pool import SolverPool
from routing.problem import Problem, Vehicle, Visit
from routing.solving import SolveParams, Strategy
from routing.travel_times.base import Point
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.formula import FormulaTravelTimes

ORDERS, VANS, TRIALS, SEED = 60, 6, 200, 1
DEPOT = (46.0775, 14.4890)
SOUTH, NORTH, WEST, EAST = 46.02, 46.09, 14.46, 14.57
Figure = dict[str, str | float]


def place(dice: random.Random) -> Point:
    """Somewhere inside the ring road."""
    return dice.uniform(SOUTH, NORTH), dice.uniform(WEST, EAST)


def order(dice: random.Random, name: str, location: int) -> Visit:
    """An order with its promise at 60 minutes; most are a swap of one cylinder."""
    number, kind = dice.choice((1, 1, 1, 2)), dice.choice(("Z10", "Z10", "P10"))
    return Visit(
        id=name, location=location, service_s=240 + 60 * number, due_s=3600 - dice.randint(0, 2700),
        deliver={kind: number}, collect={} if dice.random() < 0.15 else {kind: number}, gas_out_g=10_000 * number,
        skills=frozenset({"card"} if dice.random() < 0.2 else ()), drop_penalty=50_000_000)


def moment(orders: int, vans: int, seed: int) -> tuple[Problem, list[Point]]:
    """A problem and its points; the last point belongs to the order that asks."""
    dice = random.Random(seed)
    points = [DEPOT, *(place(dice) for _ in range(vans + orders + 1))]
    ways = FormulaTravelTimes().matrix(points)
    visits = tuple(order(dice, f"o{number}", 1 + vans + number) for number in range(orders))
    free = [visit.id for visit in visits if not visit.skills]
    vehicles = tuple(Vehicle(
        id=f"v{van}", start_location=1 + van, end_location=0, start_s=dice.randint(0, 300), end_s=8 * 3600,
        full_stock={"Z10": 20, "P10": 10}, spare={"Z10": 1, "P10": 1}, slots=44, slots_used=34, gas_limit_g=333_000,
        gas_on_board_g=300_000, frozen=(free[van],), skills=frozenset({"card"} if van else ())) for van in range(vans))
    problem = Problem(vehicles=vehicles, visits=visits, durations_s=ways.durations_s, distances_m=ways.distances_m)
    return problem, points


def milliseconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1000


def share(times: list[float], part: float) -> float:
    """The time that this part of all stays below."""
    return round(sorted(times)[min(len(times) - 1, int(part * len(times)))], 3)


def asked(problem: Problem, plan: Plan, number: int) -> Insertion:
    """One question: a new order at the last point."""
    dice = random.Random(number)
    found = best_insertion(problem, plan, order(dice, f"new{number}", len(problem.durations_s) - 1))
    if not isinstance(found, Insertion):
        raise RuntimeError(f"the benchmark's order fits nowhere: {found}")
    return found


def asked_afresh(plan: Plan, number: int) -> Insertion:
    """The same with the problem made from its points first."""
    return asked(moment(ORDERS, VANS, SEED)[0], plan, number)


def run() -> list[Figure]:
    """Measure and return the figures."""
    problem, points = moment(ORDERS, VANS, SEED)
    plan = insert_all(problem, empty_plan(problem), problem.visits)
    size = f"{ORDERS} open orders, {VANS} vans"
    trials = [milliseconds(partial(asked, problem, plan, number)) for number in range(TRIALS)]
    fresh = [milliseconds(partial(asked_afresh, plan, number)) for number in range(TRIALS // 4)]
    cache, dice = CachedTravelTimes(FormulaTravelTimes()), random.Random(SEED)
    cache.matrix(points)
    rows = [milliseconds(lambda: cache.matrix([*points[:-1], place(dice)])) for _ in range(TRIALS // 4)]
    first = [milliseconds(lambda: insert_all(problem, empty_plan(problem), problem.visits)) for _ in range(10)]
    figures: list[Figure] = [
        {"name": "trial insertion p50", "value": share(trials, 0.5), "unit": "ms", "note": size},
        {"name": "trial insertion p95", "value": share(trials, 0.95), "unit": "ms", "note": size},
        {"name": "problem from points by formula, then trial, p95", "value": share(fresh, 0.95), "unit": "ms",
         "note": size},
        {"name": "matrix with one new point from the cache p95", "value": share(rows, 0.95), "unit": "ms",
         "note": f"{len(points)} points"},
        {"name": "first plan by insertion p50", "value": share(first, 0.5), "unit": "ms", "note": size},
        {"name": "cost of the inserted plan", "value": cost(problem, plan).total, "unit": "", "note": size}]
    return figures + improved(problem, plan, size)


def improved(problem: Problem, plan: Plan, size: str) -> list[Figure]:
    """What the solver processes make of the plan in three seconds."""
    with SolverPool(2) as pool:
        warm_up = milliseconds(lambda: pool.submit(problem, SolveParams(time_limit_ms=100)).result())
        portfolio = pool.solve_portfolio(problem, plan, time_limit_ms=3000)
        alone = [pool.submit(problem, SolveParams(time_limit_ms=3000, strategy=strategy), plan)
                 for strategy in (Strategy.SISR, Strategy.GLS_WARM)]
        found = [answer.result() for answer in alone]
    return [
        {"name": "first answer of a cold solver process", "value": round(warm_up), "unit": "ms",
         "note": "100 ms of them for the search"},
        {"name": "cost after 3 s of portfolio", "value": portfolio.cost.total, "unit": "",
         "note": f"{size}, by {portfolio.strategy}, {portfolio.wall_ms} ms"},
        {"name": "cost after 3 s of ruin and recreate", "value": found[0].cost.total, "unit": "", "note": size},
        {"name": "cost after 3 s of guided local search", "value": found[1].cost.total, "unit": "", "note": size}]


if __name__ == "__main__":
    for figure in run():
        print(f"{figure['name']:<50} {figure['value']:>12} {figure['unit']:<3} {figure['note']}")
