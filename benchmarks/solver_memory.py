"""Memory of one solver process over a thousand plans, without and with recycling."""
from __future__ import annotations

from pathlib import Path

from benchmarks.routing_live import moment
from routing.pool import SolverPool
from routing.solving import SolveParams

PLANS, MARKS, ORDERS, VANS, LIMIT_MS = 1000, (100, 500, 1000), 20, 3, 60
NEVER = PLANS + 1
Figure = dict[str, str | float]


def megabytes(pid: int) -> int:
    """Resident memory of the process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def resident(recycle_after: int) -> list[int]:
    """Resident memory at each mark."""
    problems = [moment(ORDERS, VANS, seed)[0] for seed in range(5)]
    sizes = []
    with SolverPool(1, recycle_after=recycle_after) as pool:
        for number in range(1, PLANS + 1):
            pool.submit(problems[number % len(problems)], SolveParams(time_limit_ms=LIMIT_MS)).result()
            if number in MARKS:
                sizes.append(megabytes(*pool.pids()))
    return sizes


def run() -> list[Figure]:
    """Measure and return the figures."""
    figures: list[Figure] = []
    for name, recycle_after in (("one process for all", NEVER), ("recycled after 200", 200)):
        note = f"{name}; {ORDERS} orders, {VANS} vans, {LIMIT_MS} ms each"
        figures += [{"name": f"resident after {mark} plans", "value": size, "unit": "MB", "note": note}
                    for mark, size in zip(MARKS, resident(recycle_after), strict=True)]
    return figures


if __name__ == "__main__":
    for figure in run():
        print(f"{figure['name']:<40} {figure['value']:>6} {figure['unit']} {figure['note']}")
