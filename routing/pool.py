"""Solver processes: started once, kept warm, one job at a time, killed one by one.

Each process has a thread here that feeds it over a pipe, watches its time and replaces it when it is overdue, dead
or used up. A process is a fresh interpreter running `routing.worker`, not a fork and not a child of
multiprocessing: it works from any thread and from daemonic processes, never runs the parent's main module again,
and nothing of OR-Tools is loaded here.
"""
from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import Any

from routing.plan import Plan, cost
from routing.problem import Problem
from routing.schedule import LEAST_ROUND_MS, rounds
from routing.solving import (
    SeenRoute,
    SolveParams,
    SolveResult,
    Stage,
    Strategy,
    best_of,
    joined,
    starting_plan,
    with_reasons,
)

log = logging.getLogger(__name__)
ROOT = Path(__file__).parents[1]
START_S = 60.0  # to load OR-Tools on a busy machine
END_S = 2.0
MANY_SEEDS = 100  # of one round


class SolverError(Exception):
    """A solver process gave no plan."""


class SolverDied(SolverError):
    """The process ended while it solved: a failed check inside the library, or out of memory."""


class SolverTimeout(SolverError):
    """The process overran its limit and was killed."""


class SolverFailed(SolverError):
    """The process raised an exception and lives on."""


class PoolClosed(SolverError):
    """The pool takes no more jobs."""


@dataclass(frozen=True, kw_only=True)
class _Job:
    message: bytes  # pickled by the asker: a problem works out parts of itself while it is used
    time_limit_ms: int
    answer: Future[SolveResult] = field(default_factory=Future)


class _Worker:
    """One solver process, used by one thread; `kill` may come from any."""

    def __init__(self, memory_limit_mb: int) -> None:
        self._memory_limit_mb = memory_limit_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection[Any, Any] | None = None
        self._ready = False
        self.jobs_done = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process; it loads OR-Tools while nobody waits."""
        here, there = Pipe()
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "routing.worker", str(there.fileno()), str(self._memory_limit_mb)],
            pass_fds=(there.fileno(),), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path})
        there.close()
        self._connection, self._ready, self.jobs_done = here, False, 0

    def run(self, job: _Job, grace_s: float) -> SolveResult:
        """Solve in the process. Raises SolverError; after SolverDied and SolverTimeout it has to be replaced."""
        if self.pid is None:  # died idle: not this job's fault
            self.kill()
            self.start()
        if not self._ready:
            self._receive(START_S)
            self._ready = True
        if self._connection is None:
            raise SolverDied("the process was taken away")
        try:
            self._connection.send_bytes(job.message)
        except OSError as error:
            raise SolverDied("the process takes no jobs") from error
        kind, content = self._receive(job.time_limit_ms / 1000 + grace_s)
        self.jobs_done += 1
        if kind == "failed":
            raise SolverFailed(content)
        result: SolveResult = content
        return result

    def _receive(self, patience_s: float) -> tuple[str, Any]:
        if self._connection is None:
            raise SolverDied("the process was taken away")
        try:
            if not self._connection.poll(patience_s):
                raise SolverTimeout(f"no answer after {patience_s:.1f} s")
            answer: tuple[str, Any] = self._connection.recv()
        except (EOFError, OSError) as error:
            raise SolverDied("the process ended before it answered") from error
        return answer

    def retire(self) -> None:
        """Let the idle process end by itself."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End the process now."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def replace(self) -> None:
        """Kill the process and start another one."""
        self.kill()
        self.retire()
        self.start()


@dataclass(frozen=True, kw_only=True)
class _Crew:
    """What the threads share. They hold no reference to the pool, so that a forgotten pool ends its processes."""

    workers: tuple[_Worker, ...]
    jobs: SimpleQueue[_Job | None] = field(default_factory=SimpleQueue)
    closing: threading.Event = field(default_factory=threading.Event)
    owner: int = field(default_factory=os.getpid)


class SolverPool:
    """Solver processes for this process. They start with the first job, or with `start`.

    `memory_limit_mb` bounds each process's address space (0: no limit); one that overruns its job's limit by
    `grace_s` is killed; one that did `recycle_after` jobs is replaced, as OR-Tools gives back no memory. After a
    fork the child has a crew of its own. Ends at exit without holding it up.
    """

    def __init__(self, workers: int = 2, *, memory_limit_mb: int = 1500, grace_s: float = 2.0,
                 recycle_after: int = 200) -> None:
        if workers < 1:
            raise ValueError("a pool needs at least one worker")
        self.workers = workers
        self._memory_limit_mb = memory_limit_mb
        self._grace_s = grace_s
        self._recycle_after = recycle_after
        self._lock = threading.Lock()
        self._crew: _Crew | None = None
        self._closed = False

    def start(self) -> None:
        """Start the processes, so that the first job finds them warm. Raises PoolClosed."""
        with self._lock:
            self._working_crew()

    def _working_crew(self) -> _Crew:
        """The crew, started if need be. The lock is held."""
        if self._closed:
            raise PoolClosed("the pool is closed")
        if self._crew is None or self._crew.owner != os.getpid():
            crew = _Crew(workers=tuple(_Worker(self._memory_limit_mb) for _ in range(self.workers)))
            for worker in crew.workers:
                worker.start()
                threading.Thread(target=_work, args=(crew, worker, self._grace_s, self._recycle_after),
                                 name="solver", daemon=True).start()
            self._crew = crew
            weakref.finalize(self, _dismiss, crew)
        return self._crew

    def pids(self) -> tuple[int, ...]:
        """The living processes."""
        workers = self._crew.workers if self._crew is not None else ()
        return tuple(pid for pid in (worker.pid for worker in workers) if pid is not None)

    def submit(self, problem: Problem, params: SolveParams, initial: Plan | None = None) -> Future[SolveResult]:
        """Queue a job. The future raises SolverDied, SolverTimeout, SolverFailed or PoolClosed.

        What is asked is packed here and now: the caller may go on using the problem while it is solved.
        """
        job = _Job(message=pickle.dumps((problem, params, initial)), time_limit_ms=params.time_limit_ms)
        with self._lock:  # no job may slip in behind the word to go home
            self._working_crew().jobs.put(job)
        return job.answer

    def solve_portfolio(self, problem: Problem, initial: Plan | None = None, *,
                        time_limit_ms: int = 3000) -> SolveResult:
        """Solve in all processes at once and keep the best plan, the given and the inserted one among them.

        Between rounds the processes hear of the best plan and of the routes that the others have seen. One that
        dies, overruns or fails is left out of its round: without any, the plan of the rounds before stands, or the
        insertion's. All of it takes the limit and, when a process has to be killed, its grace. Raises PoolClosed.
        """
        begun = perf_counter()
        open_visits = [visit for visit in problem.visits if visit.id not in problem.frozen_ids]
        promises = any(visit.due_s is not None or visit.target_s is not None for visit in open_visits)
        schedule = rounds(len(open_visits), time_limit_ms, promises=promises)
        first: Plan | None = None
        best, known = initial, tuple[SeenRoute, ...]()
        for number, turn in enumerate(schedule):
            limit_ms = turn.end_ms - (round((perf_counter() - begun) * 1000) if number else 0)
            if limit_ms < LEAST_ROUND_MS / 2 and number:  # others keep the processes busy
                continue
            answers = self._ask_all(problem, best, SolveParams(
                time_limit_ms=max(1, limit_ms), known=known, tell=turn is not schedule[-1], stage=turn.stage,
                heat=turn.heat, members=self.workers, turn=number, seed=number * MANY_SEEDS))
            if first is None:
                best = first = starting_plan(problem, initial)  # while the processes are busy
            found = _answered(answers)
            known = tuple(dict.fromkeys(route for result in found for route in result.seen))
            best = _best_of_round(problem, turn.stage, best or first, [result.plan for result in found])
            if not found:
                break
        best = best or starting_plan(problem, initial)
        plan = with_reasons(problem, best)
        return SolveResult(plan=plan, cost=cost(problem, plan), wall_ms=round((perf_counter() - begun) * 1000),
                           strategy=Strategy.INSERTION if best is first else Strategy.STAGED)

    def _ask_all(self, problem: Problem, initial: Plan | None, params: SolveParams) -> list[Future[SolveResult]]:
        """The same job for every process, each with a seed of its own."""
        return [self.submit(problem, replace(params, seed=params.seed + member, member=member), initial)
                for member in range(self.workers)]

    def close(self) -> None:
        """End the processes now. Jobs that are waiting or running get PoolClosed."""
        with self._lock:
            self._closed = True
            crew, self._crew = self._crew, None
        if crew is not None:
            _dismiss(crew)

    def __enter__(self) -> SolverPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _best_of_round(problem: Problem, stage: Stage, base: Plan, found: list[Plan]) -> Plan:
    """The best plan after a round; what the processes made of their districts comes together."""
    together = [joined(problem, base, found)] if stage is Stage.DISTRICTS else []
    return best_of(problem, [base, *found, *together])


def _answered(answers: Iterable[Future[SolveResult]]) -> list[SolveResult]:
    """The answers of those processes that gave one."""
    found: list[SolveResult] = []
    for answer in answers:
        try:
            found.append(answer.result())
        except PoolClosed:
            raise
        except SolverError as error:
            log.warning("a solver gave no plan: %s: %s", type(error).__name__, error)
    return found


def _work(crew: _Crew, worker: _Worker, grace_s: float, recycle_after: int) -> None:
    """A worker's thread: feed it, watch it, replace it."""
    while (job := crew.jobs.get()) is not None:
        if not job.answer.set_running_or_notify_cancel():
            continue
        try:
            if crew.closing.is_set():
                raise PoolClosed("the pool was closed")
            result = worker.run(job, grace_s)
        except (SolverDied, SolverTimeout) as error:
            if not crew.closing.is_set():
                worker.replace()
            job.answer.set_exception(PoolClosed("the pool was closed") if crew.closing.is_set() else error)
        except Exception as error:  # the asker's matter, the thread lives on
            job.answer.set_exception(error)
        else:
            job.answer.set_result(result)
        if worker.jobs_done >= recycle_after and not crew.closing.is_set():
            worker.retire()
            worker.start()
    worker.kill()


def _dismiss(crew: _Crew) -> None:
    """End a crew's processes; a fork's copy of a crew leaves them to their owner."""
    if crew.owner != os.getpid():
        return
    crew.closing.set()
    for worker in crew.workers:
        worker.kill()
        crew.jobs.put(None)
