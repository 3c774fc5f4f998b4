"""Solver processes die one by one and never take the service with them."""
from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routing.checker import hard_violations
from routing.insertion import empty_plan, insert_all
from routing.plan import cost
from routing.pool import PoolClosed, SolverDied, SolverFailed, SolverPool, SolverTimeout
from routing.problem import Problem
from routing.solving import SolveParams, Strategy
from tests.routing.problems import call, city, plan_of, problem
from tests.routing.stuck import Deadly, Greedy, Hanging, Unsendable

ROOT = Path(__file__).parents[2]
QUICK = SolveParams(time_limit_ms=100)
PATIENT = SolveParams(time_limit_ms=10_000)  # a small problem does not use it up; a busy machine may
PATIENCE_S = 60  # how long a test waits before it calls a pool stuck; no test measures time


def like(kind: type[Problem], at: Problem) -> Problem:
    return kind(vehicles=at.vehicles, visits=at.visits, durations_s=at.durations_s, distances_m=at.distances_m)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def pool() -> Iterator[SolverPool]:
    with SolverPool(1, grace_s=PATIENCE_S, memory_limit_mb=1000) as opened:
        yield opened


@pytest.fixture
def hasty() -> Iterator[SolverPool]:
    """A pool that gives a job hardly more than its limit."""
    with SolverPool(1, grace_s=0.3) as opened:
        yield opened


@pytest.fixture
def small() -> Problem:
    return problem(call("a", 1), call("b", 2))


def test_a_job_is_solved_in_another_process_and_the_process_stays(pool: SolverPool, small: Problem) -> None:
    pool.start()
    first = pool.pids()
    assert len(first) == 1
    assert first != (os.getpid(),)
    for _ in range(2):
        result = pool.submit(small, QUICK).result(PATIENCE_S)
        assert sorted(result.plan.route("v1")) == ["a", "b"]
        assert result.cost.total == 400
    assert pool.pids() == first


def test_a_process_that_dies_fails_its_job_by_name_and_the_next_job_is_solved(pool: SolverPool, small: Problem) -> None:
    pool.start()
    first, = pool.pids()
    with pytest.raises(SolverDied):
        pool.submit(like(Deadly, small), QUICK).result(PATIENCE_S)
    assert gone(first)
    assert pool.submit(small, QUICK).result(PATIENCE_S).cost.total == 400
    assert first not in pool.pids()


def test_a_process_that_overruns_is_killed_and_the_next_job_is_solved(hasty: SolverPool, small: Problem) -> None:
    hasty.start()
    first, = hasty.pids()
    with pytest.raises(SolverTimeout):
        hasty.submit(like(Hanging, small), QUICK).result(PATIENCE_S)
    assert gone(first)
    assert hasty.submit(small, PATIENT).result(PATIENCE_S).cost.total == 400


def test_a_process_that_died_idle_is_replaced_unnoticed(pool: SolverPool, small: Problem) -> None:
    assert pool.submit(small, QUICK).result(PATIENCE_S).cost.total == 400
    first, = pool.pids()
    os.kill(first, signal.SIGKILL)
    while not gone(first):
        pool.pids()  # asks for the state of its process, which also buries it
    assert pool.submit(small, QUICK).result(PATIENCE_S).cost.total == 400


def test_a_process_gets_no_more_memory_than_its_limit(pool: SolverPool, small: Problem) -> None:
    with pytest.raises((SolverFailed, SolverDied)):
        pool.submit(like(Greedy, small), QUICK).result(PATIENCE_S)
    assert pool.submit(small, QUICK).result(PATIENCE_S).cost.total == 400


def test_a_problem_that_cannot_be_sent_is_the_askers_matter(pool: SolverPool, small: Problem) -> None:
    pool.start()
    first = pool.pids()
    with pytest.raises(TypeError, match="no way to send this"):
        pool.submit(like(Unsendable, small), QUICK)  # packed by the asker at once, who may go on using it
    assert pool.submit(small, QUICK).result(PATIENCE_S).cost.total == 400
    assert pool.pids() == first


def test_a_process_is_replaced_after_so_many_jobs(small: Problem) -> None:
    with SolverPool(1, recycle_after=1) as pool:
        pool.start()
        first, = pool.pids()
        assert pool.submit(small, QUICK).result(PATIENCE_S).cost.total == 400
        assert pool.submit(small, QUICK).result(PATIENCE_S).cost.total == 400
        assert gone(first)


def test_a_job_that_was_cancelled_is_not_begun(hasty: SolverPool, small: Problem) -> None:
    running = hasty.submit(like(Hanging, small), QUICK)
    waiting = hasty.submit(small, PATIENT)
    assert waiting.cancel()
    with pytest.raises(SolverTimeout):
        running.result(PATIENCE_S)
    assert hasty.submit(small, PATIENT).result(PATIENCE_S).cost.total == 400


def test_closing_ends_the_processes_and_answers_everybody(small: Problem) -> None:
    pool = SolverPool(2, grace_s=600)
    pool.start()
    pids = pool.pids()
    answers = [pool.submit(like(Hanging, small), QUICK) for _ in range(5)]
    pool.close()
    for answer in answers:
        with pytest.raises(PoolClosed):
            answer.result(PATIENCE_S)
    assert all(gone(pid) for pid in pids)
    assert pool.pids() == ()
    with pytest.raises(PoolClosed):
        pool.submit(small, QUICK)
    pool.close()


def test_a_forgotten_pool_ends_its_processes() -> None:
    pool = SolverPool(1)
    pool.start()
    first, = pool.pids()
    del pool
    gc.collect()
    assert gone(first)


def test_the_portfolio_keeps_the_best_of_its_members_and_of_insertion() -> None:
    at = city(5, 30, 5, frozen=1)
    initial = insert_all(at, empty_plan(at), at.visits)
    with SolverPool(2) as pool:
        result = pool.solve_portfolio(at, initial, time_limit_ms=300)
    assert hard_violations(at, result.plan) == ()
    assert result.cost == cost(at, result.plan)
    assert result.cost.total <= cost(at, initial).total


@pytest.mark.parametrize("kind", [Deadly, Hanging])
def test_in_a_portfolio_members_that_give_no_plan_are_left_out(hasty: SolverPool, kind: type[Problem]) -> None:
    """The insertion's plan stands where OR-Tools does not answer."""
    at = like(kind, city(6, 12, 3))
    result = hasty.solve_portfolio(at, time_limit_ms=100)
    assert result.strategy is Strategy.INSERTION
    assert hard_violations(at, result.plan) == ()
    assert result.plan.unserved == {}
    assert hasty.solve_portfolio(problem(call("a", 1)), time_limit_ms=20_000).plan == plan_of(v1="a")


def test_a_pool_works_from_any_thread(pool: SolverPool, small: Problem) -> None:
    totals: list[Any] = []
    threads = [threading.Thread(target=lambda: totals.append(
        pool.submit(small, QUICK).result(PATIENCE_S).cost.total)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert totals == [400, 400, 400]


def test_after_a_fork_the_child_has_processes_of_its_own(pool: SolverPool, small: Problem) -> None:
    """A pre-forking server may have started the pool before it forked."""
    source = """
import os
from routing.pool import SolverPool
from routing.solving import SolveParams
from tests.routing.problems import call, problem
small, quick = problem(call("a", 1)), SolveParams(time_limit_ms=50)
pool = SolverPool(1)
pool.start()
before = pool.pids()
child = os.fork()
assert pool.submit(small, quick).result(60).cost.total == 200
if child == 0:
    assert pool.pids() != before
else:
    assert os.waitpid(child, 0)[1] == 0
    assert pool.pids() == before
"""
    run(source)


def test_the_parent_never_loads_ortools_and_ends_with_work_under_way() -> None:
    """The interpreter lock is held while OR-Tools solves: it has no place in a web process."""
    source = """
import sys
import routing
from routing.pool import SolverPool
from routing.solving import SolveParams
from tests.routing.problems import call, problem
from tests.routing.stuck import Hanging
pool = SolverPool(1, grace_s=600)
small = problem(call("a", 1))
assert pool.submit(small, SolveParams(time_limit_ms=50)).result(60).cost.total == 200
assert not [name for name in sys.modules if name.split(".")[0] == "ortools"]
pool.submit(Hanging(vehicles=small.vehicles, visits=small.visits, durations_s=small.durations_s,
                    distances_m=small.distances_m), SolveParams(time_limit_ms=50))
print(*pool.pids())
"""
    assert gone(int(run(source)))


def run(source: str) -> str:
    """Run the source in an interpreter of its own and return what it prints."""
    done = subprocess.run([sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", source], cwd=ROOT,
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_pool_without_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="a pool needs at least one worker"):
        SolverPool(0)


def test_a_process_killed_between_rounds_is_replaced_and_its_plan_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best plan of the first round is not lost with the process that found it."""
    at = city(5, 30, 5, frozen=1)
    original, rounds = SolverPool.submit, [0]

    def submit(pool: SolverPool, problem: Problem, params: SolveParams, initial: Any = None) -> Any:
        rounds[0] += 1
        if rounds[0] == 3:
            for pid in pool.pids():
                os.kill(pid, signal.SIGKILL)
        return original(pool, problem, params, initial)

    monkeypatch.setattr(SolverPool, "submit", submit)
    with SolverPool(2, grace_s=PATIENCE_S) as pool:
        pool.start()
        result = pool.solve_portfolio(at, time_limit_ms=6000)
    assert result.strategy is Strategy.STAGED
    assert hard_violations(at, result.plan) == ()
    assert result.cost == cost(at, result.plan)
