"""This planner, PyVRP and VROOM on the same problems in the same run, each for ten seconds.

`python -m benchmarks.static [SECONDS]` measures for another time. This planner has two processes; PyVRP knows one
thread only and also gets the better of two seeds, run side by side; VROOM has two threads and stops by itself. All
get the same whole numbers, and every plan is scored by `routing.plan.cost`.
"""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from statistics import fmean

from benchmarks.peers import by_pyvrp, by_vroom
from benchmarks.problems import VRPTW_NAMES, available, day, live_hard, vrptw
from routing.checker import hard_violations
from routing.plan import Plan, cost
from routing.pool import SolverPool
from routing.problem import Problem

SECONDS, SEEDS = 10.0, (1, 2, 3, 4, 5)
SIZES: tuple[tuple[str, Callable[[int, int], Problem], int], ...] = (
    ("day", day, 100), ("day", day, 200), ("live", live_hard, 60), ("live", live_hard, 100))
Figure = dict[str, str | float]


def total(problem: Problem, plan: Plan) -> int:
    """What the plan costs by our own reckoning; a plan that breaks a rule is nobody's success."""
    wrong = hard_violations(problem, plan)
    if any(violation.kind != "visit_missing" for violation in wrong):
        raise RuntimeError(f"a plan with {wrong[0]}")
    return cost(problem, plan).total


def percent(value: float, reference: float) -> float:
    """How much more than the reference."""
    return round(100 * (value / reference - 1), 2)


def by_pyvrp_twice(problem: Problem, seconds: float) -> tuple[int, int]:
    """PyVRP's first seed, and the better one of two that run side by side."""
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        totals = [total(problem, plan) for plan in processes.map(by_pyvrp, repeat(problem), repeat(seconds), (1, 2))]
    return totals[0], min(totals)


def ours(pool: SolverPool, problem: Problem, seconds: float) -> int:
    """This planner with all its processes."""
    return total(problem, pool.solve_portfolio(problem, time_limit_ms=round(1000 * seconds)).plan)


def dispatch(pool: SolverPool, seconds: float) -> Iterator[Figure]:
    """Problems of Ljubljana."""
    for name, make, stops in SIZES:
        gaps, worse = [], []
        for seed in SEEDS:
            problem = make(stops, seed)
            mine = ours(pool, problem, seconds)
            one, two = by_pyvrp_twice(problem, seconds)
            vroom = total(problem, by_vroom(problem, seconds))
            gaps.append(percent(mine, one))
            worse.append(percent(vroom, one))
            yield {"name": f"{name} {stops} stops, seed {seed}: above PyVRP", "value": gaps[-1], "unit": "%",
                   "note": f"ours {mine}, PyVRP {one} (better of two {two}), VROOM {vroom} ({worse[-1]} %)"}
        yield {"name": f"{name} {stops} stops: above PyVRP, mean", "value": round(fmean(gaps), 2), "unit": "%",
               "note": f"most {max(gaps)}, VROOM {round(fmean(worse), 2)} %"}


def published(pool: SolverPool, seconds: float) -> Iterator[Figure]:
    """Solomon's and Gehring and Homberger's files."""
    gaps, peers = [], []
    for name in VRPTW_NAMES:
        problem, best = vrptw(name)
        mine, (one, _) = ours(pool, problem, seconds), by_pyvrp_twice(problem, seconds)
        vroom = total(problem, by_vroom(problem, seconds))
        gaps.append(percent(mine, best))
        peers.append((percent(one, best), percent(vroom, best)))
        yield {"name": f"{name}: above best known", "value": gaps[-1], "unit": "%",
               "note": f"{mine} to {best}; PyVRP {peers[-1][0]} %, VROOM {peers[-1][1]} %"}
    yield {"name": "published files: above best known, mean", "value": round(fmean(gaps), 2), "unit": "%",
           "note": f"PyVRP {round(fmean(peer for peer, _ in peers), 2)} %, "
                   f"VROOM {round(fmean(peer for _, peer in peers), 2)} %"}


def run(seconds: float = SECONDS) -> Iterator[Figure]:
    """Measure, each figure as soon as it is known."""
    if not available():
        yield {"name": "static problems", "value": 0, "unit": "", "note": "skipped: ../shared/data is not there"}
        return
    with SolverPool(2) as pool:
        pool.start()
        yield from dispatch(pool, seconds)
        yield from published(pool, seconds)


if __name__ == "__main__":
    for figure in run(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS):
        print(f"{figure['name']:<50} {figure['value']:>8} {figure['unit']:<3} {figure['note']}", flush=True)
