"""Whole days of Ljubljana: the goals of the promise, over five seeds each.

    python -m benchmarks simulated_days            # takes hours on two cores
    DAYS_SEEDS=1 DAYS_SIZES=300x4 DAYS_IMPROVE_MS=300 python -m benchmarks simulated_days

Map of the shared data, travel factor 1.25, service 300 s x 0.7 to 1.5, orders by the hour in the proportion
3 4 6 8 9 9 8 6 6 7 9 9 6, places by the weights of the shared data; nobody cancels, nobody is absent. Each day is
played by the product, by plain greedy insertion and in hindsight.
"""
from __future__ import annotations

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Any

from app import create_app
from benchmarks.problems import LJUBLJANA, available
from demo.simulator.many import POLICIES, Job, play_all
from demo.simulator.report import Figures, figures_of
from demo.simulator.roads import map_file
from demo.simulator.run import LIVE, Ways
from demo.simulator.script import DaySpec

DAY = date(2026, 11, 24)
SIZES = os.environ.get("DAYS_SIZES", "260x5 260x4 300x4 480x6 600x8")
SEEDS = int(os.environ.get("DAYS_SEEDS", "5"))
IMPROVE_MS = int(os.environ.get("DAYS_IMPROVE_MS", "500"))
HINDSIGHT_S = float(os.environ.get("DAYS_HINDSIGHT_S", "60"))
PROCESSES = int(os.environ.get("DAYS_PROCESSES", "2"))
EXTRACT = LJUBLJANA / "ljubljana_roads_2019.osm.pbf"
Size = tuple[int, int]


def run() -> Iterator[dict[str, Any]]:
    """Means over the seeds, as soon as all days of a size are played."""
    if not available():
        raise RuntimeError("the shared data (../shared/data) is not there")
    sizes = [(int(orders), int(vans)) for orders, vans in (size.split("x") for size in SIZES.split())]
    with tempfile.TemporaryDirectory(prefix="map-") as folder:
        roads = map_file(EXTRACT, Path(folder))
        jobs = [Job(policy=policy, spec=DaySpec(on=DAY, orders=orders, seed=seed), vans=vans, map_path=roads,
                    ways=Ways(improve_ms=IMPROVE_MS), hindsight_s=HINDSIGHT_S)
                for orders, vans in sizes for seed in range(1, SEEDS + 1) for policy in POLICIES]
        played: dict[Size, list[Figures]] = defaultdict(list)
        for done, (number, log) in enumerate(play_all(jobs, create_app, processes=PROCESSES), start=1):
            size = jobs[number].spec.orders, jobs[number].vans
            played[size].append(figures_of(log))
            _tell(done, len(jobs), jobs[number], played[size][-1])
            if len(played[size]) == SEEDS * len(POLICIES):
                yield from _rows(size, played[size])


def _tell(done: int, of: int, job: Job, figures: Figures) -> None:
    print(f"  {done}/{of} {job.spec.orders} orders, {job.vans} vans, seed {job.spec.seed}, {job.policy}: "
          f"{100 * figures.within_60:.1f} % within 60, {100 * figures.within_120:.1f} % within 120, "
          f"{100 * figures.kept:.1f} % kept, {figures.refused} refused", file=sys.stderr, flush=True)


def _rows(size: Size, days: list[Figures]) -> Iterator[dict[str, Any]]:
    """The means of one size, policy by policy."""
    orders, vans = size
    for policy in POLICIES:
        own = [day for day in days if day.policy == policy]
        wait = ", ".join(f"{part} {mean(day.wait_min[part] for day in own):.0f}" for part in ("p50", "p95"))
        worst = f"worst seed {100 * min(day.within_120 for day in own):.1f}"
        rows = [("within 60 min", [day.within_60 for day in own], f"wait {wait} min"),
                ("within 120 min", [day.within_120 for day in own], worst)]
        bounds = [day.most_within_60 for day in own if day.most_within_60 is not None]
        if bounds:
            rows += [("within 60 min, the others left out", bounds, "what the search found")]
        if policy == LIVE:
            rows += [("promises kept", [day.kept for day in own], f"{sum(day.refused for day in own)} refused in all")]
        for name, shares, note in rows:
            yield {"name": f"{orders} orders, {vans} vans, {policy}: {name}", "value": round(100 * mean(shares), 2),
                   "unit": "%", "note": note}
        if policy == LIVE:
            yield from _effort(f"{orders} orders, {vans} vans, {policy}", own)


def _effort(name: str, days: list[Figures]) -> Iterator[dict[str, Any]]:
    yield {"name": f"{name}: driving", "value": round(mean(day.driving_min_per_stop for day in days), 2),
           "unit": "min", "note": f"per stop, {mean(day.km_per_stop for day in days):.2f} km"}
    for work in ("promise", "place and insert", "improve"):
        spreads = [day.planning_ms[work] for day in days if work in day.planning_ms]
        if spreads:
            yield {"name": f"{name}: {work} p95", "value": round(max(spread["p95"] for spread in spreads), 1),
                   "unit": "ms", "note": f"worst seed; p50 {mean(spread['p50'] for spread in spreads):.1f}"}
