"""Live moments with soft promises: what three seconds bring against a minute, and how many orders at once still go.

`python -m benchmarks.dispatch [SECONDS]` measures against another time than a minute.
"""
from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from statistics import fmean
from time import perf_counter

from benchmarks.problems import available, day, live
from routing.insertion import empty_plan, insert_all
from routing.plan import cost
from routing.pool import SolverPool

LONG_S, SEEDS, SIZES = 60.0, (1, 2, 3), (60, 100)
LIVE_S = (3.0, 10.0)
MANY, MANY_VANS, MANY_S = 500, 40, 30.0
Figure = dict[str, str | float]


def against_a_minute(pool: SolverPool, long_s: float) -> Iterator[Figure]:
    """How far the plan of a few seconds is from that of a long search, in percent."""
    for orders in SIZES:
        gaps: dict[float, list[float]] = {seconds: [] for seconds in LIVE_S}
        for seed in SEEDS:
            problem = live(orders, seed)
            first = insert_all(problem, empty_plan(problem), problem.visits, protect_promises=False)
            best = pool.solve_portfolio(problem, first, time_limit_ms=round(1000 * long_s)).cost
            for seconds in LIVE_S:
                found = pool.solve_portfolio(problem, first, time_limit_ms=round(1000 * seconds)).cost
                gaps[seconds].append(round(100 * (found.total / best.total - 1), 2))
                yield {"name": f"{orders} live orders, seed {seed}: {seconds:g} s above {long_s:g} s",
                       "value": gaps[seconds][-1], "unit": "%",
                       "note": f"{found.total} to {best.total}, late {found.lateness_s} to {best.lateness_s} s, "
                               f"insertion {cost(problem, first).total}"}
        for seconds in LIVE_S:
            yield {"name": f"{orders} live orders: {seconds:g} s above {long_s:g} s, mean",
                   "value": round(fmean(gaps[seconds]), 2), "unit": "%", "note": f"most {max(gaps[seconds])}"}


def many() -> Iterator[Figure]:
    """A day's worth of agreed windows at once: 500 stops for 40 vans."""
    problem = day(MANY, 1, MANY_VANS)
    note = f"{MANY} stops, {len(problem.vehicles)} vans"
    begun = perf_counter()
    first = insert_all(problem, empty_plan(problem), problem.visits, protect_promises=False)
    first_s = perf_counter() - begun
    with SolverPool(2) as pool:
        pool.start()
        found = pool.solve_portfolio(problem, first, time_limit_ms=round(1000 * MANY_S))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    saved = 1 - found.cost.total / cost(problem, first).total
    yield {"name": "first legal plan", "value": round(first_s, 2), "unit": "s", "note": note}
    yield {"name": f"improved in {MANY_S:g} s", "value": round(100 * saved, 1), "unit": "%",
           "note": f"{note}; {found.wall_ms} ms"}
    yield {"name": "largest solver process", "value": peak, "unit": "MB", "note": note}


def run(long_s: float = LONG_S) -> Iterator[Figure]:
    """Measure, each figure as soon as it is known."""
    if not available():
        yield {"name": "dispatch problems", "value": 0, "unit": "", "note": "skipped: ../shared/data is not there"}
        return
    with SolverPool(2) as pool:
        pool.start()
        yield from against_a_minute(pool, long_s)
    yield from many()


if __name__ == "__main__":
    for figure in run(float(sys.argv[1]) if len(sys.argv) > 1 else LONG_S):
        print(f"{figure['name']:<50} {figure['value']:>8} {figure['unit']:<3} {figure['note']}", flush=True)
