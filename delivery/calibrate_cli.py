"""`flask routing calibrate | set-factor`: traffic, fitted from recorded drives or set by hand."""
from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from core import calendar, settings
from core.clock import utc_now
from core.db import db, unit_of_work
from delivery.calibration import LEAST_LEGS, WHOLE, Errors, Fitted, Leg, errors, fit
from delivery.factors import EVERYWHERE, Factors, factors_at
from delivery.legs import Tour, count_drives, legs_of, recorded_tours
from delivery.models import TravelFactor
from delivery.routing_cli import group
from delivery.states import DayKind, FactorSource
from delivery.travel import FORMULA, FreeFlow, free_flow

WEEKS = 8


class Refused(click.ClickException):
    """Nothing was written; the message says why."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class _Present:
    """The factors in force, by kind of day and hour."""

    now: datetime
    engine: str

    def of(self, legs: Sequence[Leg]) -> list[int]:
        known: dict[tuple[DayKind, int], Factors] = {}
        found = []
        for leg in legs:
            key = leg.kind, leg.hour
            if key not in known:
                known[key] = factors_at(self.now, self.engine, for_drive_at=leg.left_at)
            found.append(known[key].by_area.get(leg.area, known[key].hour))
        return found


@group.command("calibrate")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help=f"First day; {WEEKS} weeks ago if not given.")
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
def calibrate(since: datetime | None, dry_run: bool) -> None:
    """Fit travel factors by hour and area from recorded stops, and show what they are worth."""
    now, source = utc_now(), free_flow()
    first = since.date() if since else calendar.local_date(now - timedelta(weeks=WEEKS))
    tours = recorded_tours(calendar.start_of_day(first))
    legs = _legs(tours, source)
    click.echo(f"{len(legs)} drives since {first.isoformat()} tell something about traffic, "
               f"{count_drives(tours) - len(legs)} do not; free flow from: {source.engine}")
    if len(legs) < LEAST_LEGS:
        raise Refused(f"{len(legs)} usable drives since {first.isoformat()} are too few: at least {LEAST_LEGS} "
                      "are needed. Nothing was written.")
    setting = float(settings.get("travel_factor", now))
    present = _Present(now=now, engine=source.engine).of(legs)
    fitted, judged = fit(legs, setting=setting), errors(legs, present, setting=setting)
    _show(legs, present, fitted, judged)
    if dry_run:
        click.echo("Nothing was written (dry run).")
    elif not judged.better:
        click.echo("Nothing was written: the present factors are as good.")
    else:
        with unit_of_work():
            db.session.add_all(_rows(fitted, source.engine, now))
        click.echo(f"Written: {len(fitted.permille)} factors, in force from now on.")


def _legs(tours: Sequence[Tour], source: FreeFlow) -> list[Leg]:
    found: list[Leg] = []
    with click.progressbar(tours, label="free-flow times", file=sys.stderr) as bar:
        for tour in bar:
            free = source.times.matrix(tour.points)
            if free.provisional:
                raise Refused(f"The travel server {source.engine} does not answer. Nothing was written.")
            found += legs_of(tour, free, accept_estimates=source.engine == FORMULA)
    return sorted(found, key=lambda leg: leg.left_at)


def _show(legs: Sequence[Leg], present: Sequence[int], fitted: Fitted, judged: Errors) -> None:
    click.echo(f"{'':28}{'now':>8}{'fitted':>8}{'drives':>8}")
    for key in sorted(fitted.permille, key=lambda key: (key[0], key[1] or "", key[2] or 0)):
        area, kind, hour = key
        own = [factor for leg, factor in zip(legs, present, strict=True)
               if area in (EVERYWHERE, leg.area) and kind in (None, leg.kind) and hour in (None, leg.hour)]
        if not own:
            continue
        name = f"{area or 'everywhere'} {f'{kind} {hour:2}.00' if kind else ''}"
        click.echo(f"{name:28}{sum(own) / len(own) / 1000:8.3f}{fitted.permille[key] / 1000:8.3f}"
                   f"{fitted.samples[key]:8}")
    share = 100 * (judged.after_s / judged.before_s - 1) if judged.before_s else 0.0
    click.echo(f"mean error of a drive: {judged.before_s:.1f} s now, {judged.after_s:.1f} s fitted ({share:+.0f} %), "
               "measured on drives left out of the fit")


def _rows(fitted: Fitted, engine: str, now: datetime) -> list[TravelFactor]:
    return [TravelFactor(engine=engine, area=area, day_kind=kind, hour=hour, permille=permille, fitted_at=now,
                         samples=fitted.samples[area, kind, hour], source=FactorSource.FITTED, set_by="calibrate")
            for (area, kind, hour), permille in fitted.permille.items()]


@group.command("set-factor")
@click.argument("factor", type=click.FloatRange(0.2, 10))
@click.option("--area", default=EVERYWHERE, help="A cell as `calibrate` names it; everywhere if not given.")
@click.option("--day", type=click.Choice([kind.value for kind in DayKind]), help="Kind of day; together with --hour.")
@click.option("--hour", type=click.IntRange(0, 23), help="Hour of the day in Ljubljana.")
def set_factor(factor: float, area: str, day: str | None, hour: int | None) -> None:
    """Set a travel factor by hand, from now on: 1 is free flow. The next calibration supersedes it."""
    if (day is None) != (hour is None):
        raise click.UsageError("Give --day and --hour together, or none of them.")
    if (area, day, hour) == WHOLE:
        raise click.UsageError("Say for which --area or --day and --hour. For all drives there is the setting "
                               "travel_factor.")
    with unit_of_work():
        db.session.add(TravelFactor(engine="", area=area[:40], day_kind=DayKind(day) if day else None, hour=hour,
                                    permille=round(1000 * factor), fitted_at=utc_now(), source=FactorSource.MANUAL,
                                    set_by="cli"))
    click.echo(f"From now on: {factor:.3f}")
