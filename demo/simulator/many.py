"""Many days or ways of planning, several at a time in processes of their own: the application of each has its clock."""
from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from demo.simulator.baseline import GREEDY, matrix_of, play_greedy
from demo.simulator.daylog import DayLog
from demo.simulator.hindsight import HINDSIGHT, play_hindsight
from demo.simulator.places import at_doors, spots_of
from demo.simulator.roads import believed, doors_of, free_flow_of
from demo.simulator.run import LIVE, Factory, Tick, Ways, play
from demo.simulator.script import DaySpec, script_of

POLICIES = (LIVE, GREEDY, HINDSIGHT)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One day, planned one way. `hindsight_s`: how long the solver may look at the whole day."""

    policy: str
    spec: DaySpec
    vans: int
    ways: Ways = field(default_factory=Ways)
    places: Path | None = None
    map_path: Path | None = None
    hindsight_s: float = 60.0


def played(job: Job, factory: Factory, tick: Tick = lambda part: None) -> DayLog:
    """Play one day; `tick` hears which part of it is over. Raises BadPlaces and MapError."""
    spots = at_doors(spots_of(job.places), doors_of(job.map_path))
    script, roads = script_of(job.spec, spots), free_flow_of(job.map_path)
    if job.policy == LIVE:
        return play(factory, job.spec, script, job.vans, job.ways, roads=roads, tick=tick)
    ways = matrix_of(script, believed(roads, job.ways.travel_factor))
    if job.policy == HINDSIGHT:
        return play_hindsight(job.spec, script, job.vans, ways, seconds=job.hindsight_s,
                              processes=job.ways.processes, tick=tick)
    return play_greedy(job.spec, script, job.vans, ways, tick)


def play_all(jobs: Sequence[Job], factory: Factory, *, processes: int) -> Iterator[tuple[int, DayLog]]:
    """Play all jobs, so many at a time; each as it is finished, with its place among the jobs."""
    if processes == 1:
        yield from ((number, played(job, factory)) for number, job in enumerate(jobs))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=processes, mp_context=context) as crew:
        answers = {crew.submit(played, job, factory): number for number, job in enumerate(jobs)}
        try:
            for answer in as_completed(answers):
                yield answers[answer], answer.result()
        except BaseException:
            crew.shutdown(wait=False, cancel_futures=True)
            raise
