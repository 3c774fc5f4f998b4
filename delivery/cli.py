"""`flask delivery plan | improve`: the live plan on a terminal."""
from __future__ import annotations

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup

from core.clock import utc_now
from core.db import db
from core.i18n import show_time
from delivery.board_rows import StopView
from delivery.board_view import board_view
from delivery.models import Depot
from delivery.worker import improve

group = AppGroup("delivery", help="The live plan.")


@group.command("plan")
def plan() -> None:
    """Print every depot's routes and what waits."""
    for depot_id in list(db.session.scalars(sa.select(Depot.id).order_by(Depot.id))):
        board = board_view(depot_id, utc_now())
        click.echo(f"{board.depot_name}, version {board.version}")
        for route in board.routes:
            km = f"{route.distance_m / 1000:.1f} km"
            click.echo(f"  {route.vehicle_code} {route.driver_name}, {show_time(route.starts_at)}-"
                       f"{show_time(route.ends_at)}, {route.status}, {len(route.stops)} stops, {km}")
            for stop in route.stops:
                click.echo(f"    {_line(stop)}")
        click.echo(f"  without a van: {len(board.pool)}")
        for stop in board.pool:
            click.echo(f"    {_line(stop)} ({stop.unserved_reason})")


def _line(stop: StopView) -> str:
    at = show_time(stop.planned_start_at) if stop.planned_start_at else "--.--"
    mark = "*" if stop.frozen else " "
    late = f" late {stop.lateness_s // 60} min" if stop.lateness_s else ""
    return f"{stop.position:>2}{mark} {at} by {show_time(stop.promised_by_at)}{late}  {stop.number}  {stop.goods}  " \
           f"{stop.street_line}"


@group.command("improve")
@click.option("--ms", type=click.IntRange(min=1), help="Time limit in milliseconds.")
def improve_now(ms: int | None) -> None:
    """Improve every depot's plan once, here and now."""
    for depot_id in list(db.session.scalars(sa.select(Depot.id).order_by(Depot.id))):
        click.echo(f"depot {depot_id}: {improve(depot_id, utc_now(), time_limit_ms=ms).value}")
    pool = current_app.extensions.pop("solver_pool", None)
    if pool is not None:
        pool.close()
