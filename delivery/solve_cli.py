"""`flask routing solve | check`: the planner for files of other planners. Needs no database."""
from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from delivery.routing_cli import group
from delivery.travel import free_flow
from routing.formats.errors import FILE, FormatError
from routing.formats.instance import Instance, faults, routes_of
from routing.formats.solomon import read_solomon
from routing.formats.solution import read_solution, write_solution
from routing.formats.vroom import Point, Row, read_vroom
from routing.formats.vroom_answer import vroom_answer
from routing.formats.vroom_model import vroom_model
from routing.formats.vrplib import read_vrplib
from routing.plan import Plan
from routing.pool import SolverPool
from routing.problem import Problem

VROOM, SOLOMON, VRPLIB = "vroom", "solomon", "vrplib"
FORMATS = (VROOM, SOLOMON, VRPLIB)
ENDINGS = {".vrp": VRPLIB, ".txt": SOLOMON}
STDIN = "-"
MOST_BYTES = 256 * 1024 * 1024
MOST_THREADS = 64
MOST_SECONDS = 24 * 3600.0
MEMORY_MB = 4000  # of each process; these are started by hand, for files of any size
TICK_S = 0.25
QUICK_S = 2.0  # above that a bar shows how far it is
MAP_SOURCE = "map"
ATTRIBUTION = "© OpenStreetMap contributors"


class BadInput(click.ClickException):
    """One line on what is wrong with the input, and where."""

    exit_code = 2


class NoSolution(click.ClickException):
    """The input is right and there is no answer to it."""

    exit_code = 1


@group.command("solve")
@click.argument("file")
@click.option("--time-limit", "seconds", type=click.FloatRange(0.1, MOST_SECONDS), default=10.0, show_default=True,
              help="Wall time in seconds.")
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), default=1, show_default=True,
              help="Solver processes.")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="By default by the name: .vrp is vrplib, .txt is solomon, all else vroom.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the answer.")
def solve(file: str, seconds: float, threads: int, form: str | None, out: Path | None) -> None:
    """Plan FILE (- for standard input) and print the answer in the file's own format."""
    if out is not None and not out.parent.is_dir():
        raise BadInput(f"{out}: there is no such folder")
    with _named(file):
        text = _read(file)
        answer = (_solve_vroom(text, seconds, threads) if _form(file, form) == VROOM
                  else _solve_instance(_instance(text, _form(file, form)), seconds, threads))
    _write(answer, out)


@group.command("check")
@click.argument("file")
@click.argument("solution")
@click.option("--format", "form", type=click.Choice((SOLOMON, VRPLIB)), help="By default by the name.")
def check(file: str, solution: str, form: str | None) -> None:
    """Recompute the cost of SOLUTION to a Solomon or VRPLIB FILE and name what is wrong with it."""
    form = form or _form(file, None)
    with _named(file):
        if form == VROOM:
            raise FormatError("--format", f"only {SOLOMON} and {VRPLIB} files have solutions of their own")
        instance = _instance(_read(file), form)
    with _named(solution):
        given = read_solution(_read(solution), instance.scale)
    wrong = faults(instance, given.routes)
    cost = instance.cost(given.routes) if all(
        number in instance.customers for route in given.routes for number in route) else None
    if cost is not None and given.cost not in (None, cost):
        wrong.append(f"the cost is {instance.units(cost)}, not {instance.units(given.cost or 0)}")
    if wrong:
        raise NoSolution("\n".join(wrong))
    click.echo(f"{len(given.routes)} routes, cost {instance.units(cost or 0)}, nothing wrong")


def _form(file: str, form: str | None) -> str:
    return form or ENDINGS.get(Path(file).suffix.lower(), VROOM)


@contextmanager
def _named(file: str) -> Iterator[None]:
    """Say of which file a refusal is."""
    try:
        yield
    except FormatError as error:
        raise BadInput(error.of("standard input" if file == STDIN else file)) from error


def _read(file: str) -> str:
    try:
        if file == STDIN:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise FormatError(FILE, (error.strerror or str(error)).lower()) from error
    if len(data) > MOST_BYTES:
        raise FormatError(FILE, f"it is larger than {MOST_BYTES >> 20} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(f"line {line}", "it is no UTF-8 text") from error


def _instance(text: str, form: str) -> Instance:
    return read_solomon(text) if form == SOLOMON else read_vrplib(text)


def _solve_vroom(text: str, seconds: float, threads: int) -> str:
    begun = perf_counter()
    file = read_vroom(text)
    notes: dict[str, Any] = {}

    def ways(points: Sequence[Point]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
        source = free_flow()
        matrix = source.times.matrix([(lat, lon) for lon, lat in points])
        notes["travel_times"] = {"source": source.engine, "estimated": matrix.estimated}
        if source.engine == MAP_SOURCE:
            notes["attribution"] = ATTRIBUTION
        return matrix.durations_s, matrix.distances_m

    model = vroom_model(file, ways)
    loaded = perf_counter()
    plan = _plan(model.problem, seconds, threads)
    answer = vroom_answer(model, plan, loading_ms=round((loaded - begun) * 1000),
                          solving_ms=round((perf_counter() - loaded) * 1000), notes=notes)
    return json.dumps(answer, ensure_ascii=False) + "\n"


def _solve_instance(instance: Instance, seconds: float, threads: int) -> str:
    hopeless = instance.unreachable()
    if hopeless:
        raise NoSolution(f"customer {hopeless[0]} cannot be served even by a vehicle of its own"
                         + (f" (nor {len(hopeless) - 1} others)" if hopeless[1:] else ""))
    plan = _plan(instance.problem(), seconds, threads)
    if plan.unserved:
        raise NoSolution(f"no plan was found that serves every customer: {len(plan.unserved)} are left, "
                         f"the first is {min(plan.unserved, key=int)}")
    return write_solution(instance, routes_of(plan))


def _plan(problem: Problem, seconds: float, threads: int) -> Plan:
    """Solve in processes of our own, with a bar on standard error where it takes long."""
    if not problem.visits:
        return Plan(routes={})
    with SolverPool(workers=threads, memory_limit_mb=MEMORY_MB) as pool, ThreadPoolExecutor(1) as thread:
        future = thread.submit(pool.solve_portfolio, problem, time_limit_ms=round(seconds * 1000))
        try:
            _watch(future, seconds)
        except KeyboardInterrupt:
            pool.close()
            raise
        return future.result().plan


def _watch(future: Future[Any], seconds: float) -> None:
    if seconds <= QUICK_S:
        return
    begun = perf_counter()
    with click.progressbar(length=round(seconds), label="Planning", file=sys.stderr) as bar:
        done = 0
        while not future.done():
            with suppress(TimeoutError):
                future.exception(timeout=TICK_S)
            now = min(round(seconds), int(perf_counter() - begun))
            bar.update(now - done)
            done = now


def _write(answer: str, out: Path | None) -> None:
    """To standard output, or whole or not at all to a file."""
    if out is None:
        click.echo(answer, nl=False)
        return
    part = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        part.write_text(answer, encoding="utf-8")
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{out}: {(error.strerror or str(error)).lower()}") from error
