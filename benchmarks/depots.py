"""Four depots with 200 stops each: plans by depot are independent jobs, spread over two solver processes.

Each depot has a day of its own, drawn as in benchmarks.problems (fixed seeds): a legal plan by insertion, then all
four improved side by side by one pool. The last figure is the most memory that one process took.
"""
from __future__ import annotations

import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from benchmarks import problems
from benchmarks.routing_live import Figure, milliseconds
from routing.checker import hard_violations
from routing.insertion import empty_plan, insert_all
from routing.plan import Plan, cost
from routing.pool import SolverPool
from routing.problem import Problem
from routing.solving import SolveResult

DEPOTS = ("Ljubljana", "Maribor", "Izola", "Kranj")
STOPS, LIMIT_MS, PROCESSES = 200, 10_000, 2


def legal(problem: Problem) -> Plan:
    """The plan by insertion alone."""
    return insert_all(problem, empty_plan(problem), problem.visits, protect_promises=False)


def peak_mb(pids: tuple[int, ...]) -> int:
    """The most memory that one of these processes ever took."""
    return max(int(line.split()[1]) // 1024 for pid in pids
               for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))


def run() -> list[Figure]:
    """Measure and return the figures; none without the shared data."""
    if not problems.available():
        return []
    days = {name: problems.day(STOPS, seed) for seed, name in enumerate(DEPOTS, start=1)}
    plans: dict[str, Plan] = {}
    firsts = [milliseconds(lambda name=name, day=day: plans.update({name: legal(day)}))  # type: ignore[misc]
              for name, day in days.items()]
    with SolverPool(PROCESSES) as pool, ThreadPoolExecutor(max_workers=len(days)) as crew:
        pool.start()

        def improve(name: str) -> SolveResult:
            return pool.solve_portfolio(days[name], plans[name], time_limit_ms=LIMIT_MS)

        begun = perf_counter()
        found = dict(zip(days, crew.map(improve, days), strict=True))
        wall = round(perf_counter() - begun, 1)
        memory = peak_mb(pool.pids())
    size = f"{STOPS} stops, {len(next(iter(days.values())).vehicles)} vans"
    figures: list[Figure] = [
        {"name": "legal plan of one depot, slowest", "value": round(max(firsts)), "unit": "ms", "note": size},
        {"name": "four depots improved side by side", "value": wall, "unit": "s",
         "note": f"{LIMIT_MS // 1000} s each on {PROCESSES} processes"}]
    for name, result in found.items():
        before = cost(days[name], plans[name]).total
        wrong = len(hard_violations(days[name], result.plan))
        figures.append({"name": f"{name}: cost after improving", "value": result.cost.total, "unit": "",
                        "note": f"{100 * (before - result.cost.total) / before:.1f} % below insertion, {wrong} broken, "
                                f"{len(result.plan.unserved)} unserved"})
    parent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [*figures, {"name": "memory of the asking process, peak", "value": parent, "unit": "MB"},
            {"name": "memory of a solver process, peak", "value": memory, "unit": "MB"}]


if __name__ == "__main__":
    for figure in run():
        print(f"{figure['name']:<50} {figure['value']:>12} {figure['unit']:<3} {figure.get('note', '')}")
