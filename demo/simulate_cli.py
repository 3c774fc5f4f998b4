"""`flask simulate`: a whole day in Ljubljana, played faster than real time on a database of its own."""
from __future__ import annotations

import importlib
import importlib.util
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import click
from flask import current_app

from core import calendar
from core.clock import utc_now
from demo.simulator.baseline import GREEDY
from demo.simulator.daylog import DayLog
from demo.simulator.hindsight import HINDSIGHT
from demo.simulator.live import Player
from demo.simulator.many import Job, play_all, played
from demo.simulator.places import BadPlaces, spots_of
from demo.simulator.report import Figures, as_row, curve_of, figures_of, text_of
from demo.simulator.roads import map_file
from demo.simulator.run import LIVE, Ways
from demo.simulator.script import HOUR_S, OPENS, SHIFT_ENDS, DaySpec
from demo.simulator.server import NoServer, lives, running_server
from routing.maps.errors import MapError

ATTRIBUTION = "Roads: © OpenStreetMap contributors"
MOST_ORDERS, MOST_VANS = 2000, 60
USUAL_ORDERS = 300
WATCH = """
A day is being played on {url} at {speed:g} times its pace. Look at
  {url}/dispatch   the board (dispecer@plin.test): vans move along their routes
  {url}/outbox     every SMS: job lists of the drivers, times and delays for the customers
  and at any of the customers' pages named below. Order something yourself: it is driven as well.
Ctrl-C ends it.
"""
STEPS = 1000
PLOT = "demo.simulator.plot"  # loaded only where something is drawn: matplotlib is for developers


class Refused(click.ClickException):
    """One line on what is wrong; nothing was played or written."""

    exit_code = 2


class Clock(click.ParamType[tuple[int, int]]):
    """A time of the vans' shifts, `14:30` or `14:30/2` with the van's number: seconds from the opening, and the van."""

    name = "HH:MM[/van]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Refuse what is no such time."""
        clock, _, number = str(value).partition("/")
        try:
            at = datetime.strptime(clock, "%H:%M").time()  # noqa: DTZ007 - a time of day, no instant
            van = int(number or 1)
        except ValueError:
            self.fail(f"{value!r} is no time such as 14:30 or 14:30/2", param, ctx)
        if not OPENS <= at < SHIFT_ENDS or van < 1:
            self.fail(f"{value!r} is not in the vans' shifts, 7:00 to 22:00", param, ctx)
        return (at.hour - OPENS.hour) * HOUR_S + at.minute * 60, van


class Fleets(click.ParamType[tuple[int, ...]]):
    """Numbers of vans, `3-8`."""

    name = "A-B"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Refuse what is no such range."""
        if isinstance(value, tuple):
            return value
        first, dash, last = str(value).partition("-")
        if not (dash and first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= MOST_VANS):
            self.fail(f"{value!r} is no range such as 3-8 (at most {MOST_VANS} vans)", param, ctx)
        return tuple(range(int(first), int(last) + 1))


class Day(click.ParamType[date]):
    """A date, `2026-11-24`."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Refuse what is no date."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date such as 2026-11-24", param, ctx)


@click.command("simulate")
@click.option("--date", "on", type=Day(), help="The day to play. Asked for, as are orders and vans, without --live.")
@click.option("--orders", type=click.IntRange(1, MOST_ORDERS), help="Customers who ask on a day.")
@click.option("--vans", type=click.IntRange(1, MOST_VANS), help="Vans on shift from 7 to 22 (or --vans-range).")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same day.")
@click.option("--map", "roads", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Map file or .osm.pbf extract; without one, drives are reckoned by the formula.")
@click.option("--places", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV of places of demand with lat, lon and weight.")
@click.option("--policy", type=click.Choice((LIVE, GREEDY)), default=LIVE, show_default=True,
              help="live: the product, beside plain greedy insertion and hindsight; greedy: only that.")
@click.option("--compare/--alone", default=True, show_default=True, help="Reckon greedy and hindsight as well.")
@click.option("--improve-ms", type=click.IntRange(0, 60_000), default=500, show_default=True,
              help="Time of the solver for each improvement; 0: insertion only.")
@click.option("--improve-every", type=click.IntRange(1, 3600), default=30, show_default=True,
              help="At most one improvement in so many simulated seconds.")
@click.option("--hindsight-s", type=click.FloatRange(0, 3600), default=60.0, show_default=True,
              help="Time of the solver for the whole day in hindsight; 0: leave it out.")
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Solver processes.")
@click.option("--load", type=click.IntRange(10, 2000), help="Green cylinders on board of each van; no limit without.")
@click.option("--travel-factor", type=click.FloatRange(0.5, 5), default=1.25, show_default=True, help="Traffic.")
@click.option("--cancel-share", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Orders that are cancelled within 40 minutes, if the van has not left.")
@click.option("--no-show-share", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Orders where nobody opens.")
@click.option("--van-down", "downs", type=Clock(), multiple=True, help="A van breaks down; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON on standard output.")
@click.option("--vans-range", type=Fleets(), help="Play the day with each number of vans instead: the curve.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path),
              help="Draw the curve: PLOT.png and PLOT.svg. Two vans less to two more without --vans-range.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True,
              help="Days of a curve played at the same time.")
@click.option("--live", "address", help="Play against the running service at this address (`default`: PUBLIC_URL), in "
              "real time, with orders in the database that is configured. Ctrl-C ends it.")
@click.option("--with-server", is_flag=True, help="Start that service, and end it with the day.")
@click.option("--speed", type=click.FloatRange(0.1, 60), default=10.0, show_default=True,
              help="With --live: so many times as many orders, and as fast drivers, as in reality.")
@click.option("--minutes", type=click.FloatRange(0.01, 1440), help="With --live: end by itself after so long.")
@click.option("--events", type=click.Path(dir_okay=False, path_type=Path), help="Write every event there (JSON lines).")
def simulate(on: date | None, orders: int | None, vans: int | None, seed: int, roads: Path | None,
             places: Path | None, policy: str, compare: bool, hindsight_s: float, as_json: bool, events: Path | None,
             cancel_share: float, no_show_share: float, downs: Sequence[tuple[int, int]],
             vans_range: Sequence[int] | None, plot: Path | None, jobs: int, address: str | None, with_server: bool,
             speed: float, minutes: float | None, **ways: Any) -> None:
    """Play a day of orders through the product's own services and say what came of it."""
    if address is not None:
        spec = DaySpec(on=on or calendar.local_date(utc_now()), orders=orders or USUAL_ORDERS, seed=seed,
                       cancel_share=cancel_share, no_show_share=no_show_share)
        _live(spec, places, address, with_server=with_server, speed=speed, minutes=minutes)
        return
    fleets = _fleets(vans, vans_range, drawn=plot is not None)
    if on is None or orders is None or not fleets:
        raise click.UsageError("--date, --orders and --vans (or --vans-range) say what to play, or --live where")
    _require_plot(plot)
    if events is not None and not events.parent.is_dir():
        raise Refused(f"{events}: there is no such folder")
    wrong = [van for _, van in downs if van > min(fleets)]
    if wrong:
        raise Refused(f"--van-down: there is no van {wrong[0]} of {min(fleets)}")
    spec = DaySpec(on=on, orders=orders, seed=seed, cancel_share=cancel_share, no_show_share=no_show_share)
    policies = [policy] + ([GREEDY] if compare and policy == LIVE else [])
    policies += [HINDSIGHT] if compare and policy == LIVE and hindsight_s else []
    with tempfile.TemporaryDirectory(prefix="map-") as folder, _refusals():
        job = Job(policy=policy, spec=spec, vans=fleets[0], ways=_ways(downs, **ways), places=places,
                  map_path=map_file(roads, Path(folder)) if roads else None, hindsight_s=hindsight_s)
        logs = ([_with_bar(job, name) for name in policies] if len(fleets) == 1 else
                _curve([replace(job, policy=name, vans=fleet) for fleet in fleets for name in policies], jobs))
    if events is not None:
        events.write_text("".join(json.dumps({"policy": log.policy, **event.as_row()}) + "\n"
                                  for log in logs for event in log.events), encoding="utf-8")
    figures = [figures_of(log) for log in logs]
    _tell(figures, spec, roads, as_json)
    if plot is not None:
        title = f"{orders} orders in Ljubljana on {on.isoformat()}, seed {seed}"
        drawn = importlib.import_module(PLOT).draw(figures, title, _source(roads), plot)
        click.echo(f"Drawn: {', '.join(map(str, drawn))}", err=True)


def _fleets(vans: int | None, vans_range: Sequence[int] | None, *, drawn: bool) -> Sequence[int]:
    """The numbers of vans to play with; none where nothing was said."""
    if vans_range is not None or vans is None:
        return vans_range or ()
    return range(max(1, vans - 2), vans + 3) if drawn else (vans,)


def _live(spec: DaySpec, places: Path | None, address: str, *, with_server: bool, speed: float,
          minutes: float | None) -> None:
    """Play against a running service until Ctrl-C."""
    if not current_app.config["DEMO"]:
        raise Refused("--live places invented orders: it plays only where PLIN_DEMO is on")
    url = (current_app.config["PUBLIC_URL"] if address == "default" else address).rstrip("/")
    asked_to_stop = Event()
    handlers = {number: signal.signal(number, lambda *_: asked_to_stop.set())
                for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _refusals(), running_server(url) if with_server else nullcontext():
            if not with_server and not lives(url):
                raise Refused(f"no service answers on {url}: start it by `make run`, or use `make demo`")
            player = Player(spec, spots_of(places), speed=speed, address=url, say=click.echo)
            click.echo(WATCH.format(url=url, speed=speed))
            player.play(asked_to_stop, until=utc_now() + timedelta(minutes=minutes) if minutes else None)
    except (LookupError, NoServer) as error:
        raise Refused(str(error)) from error
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    click.echo("The day is over; what was played stays in the database.")


def _require_plot(plot: Path | None) -> None:
    """A drawing needs a folder and a library that only developers install."""
    if plot is None:
        return
    if not plot.parent.is_dir():
        raise Refused(f"{plot}: there is no such folder")
    if importlib.util.find_spec("matplotlib") is None:
        raise Refused("--plot needs matplotlib: pip install -r requirements-dev.txt")


def _curve(jobs: Sequence[Job], processes: int) -> list[DayLog]:
    """Play a day with several fleets, with a counter of the days on standard error."""
    logs: list[DayLog | None] = [None] * len(jobs)
    with click.progressbar(length=len(jobs), label="days", show_pos=True, file=sys.stderr, width=30) as bar:
        for number, log in play_all(jobs, current_app.extensions["create_app"], processes=processes):
            logs[number] = log
            bar.update(1)
    return [log for log in logs if log is not None]


def _source(roads: Path | None) -> str:
    return ATTRIBUTION if roads else "Drives are estimates by a formula: no map was given."


def _ways(downs: Sequence[tuple[int, int]], *, improve_ms: int, improve_every: int, threads: int, load: int | None,
          travel_factor: float) -> Ways:
    return Ways(improve_ms=improve_ms, improve_every_s=improve_every, processes=threads, load=load,
                travel_factor=travel_factor, vans_down={van - 1: second for second, van in downs})


@contextmanager
def _refusals() -> Iterator[None]:
    """What is wrong with a file is said in one line."""
    try:
        yield
    except (BadPlaces, MapError) as error:
        raise Refused(str(error)) from error


def _with_bar(job: Job, policy: str) -> DayLog:
    """Play a day with a bar of it on standard error."""
    with click.progressbar(length=STEPS, label=f"{policy:<9}", file=sys.stderr, width=30) as bar:
        def tick(part: float) -> None:
            step = int(STEPS * min(1.0, part)) - bar.pos
            if step > 0:
                bar.update(step)

        log = played(replace(job, policy=policy), current_app.extensions["create_app"], tick)
        tick(1.0)
    return log


def _tell(figures: Sequence[Figures], spec: DaySpec, roads: Path | None, as_json: bool) -> None:
    source = _source(roads)
    if as_json:
        click.echo(json.dumps({"date": spec.on.isoformat(), "seed": spec.seed, "orders": spec.orders,
                               "source": source, "days": [as_row(one) for one in figures]}, indent=1))
        return
    click.echo(f"{spec.on.isoformat()}, {spec.orders} orders, seed {spec.seed}. {source}")
    if len({one.vans for one in figures}) > 1:
        click.echo(curve_of(figures))
        return
    click.echo(text_of(figures))
    share = {one.policy: one.within_60 for one in figures}
    if HINDSIGHT in share:
        click.echo(f"The price of not knowing: {100 * (share[HINDSIGHT] - share[LIVE]):.1f} points of the share within "
                   "60 minutes.")
