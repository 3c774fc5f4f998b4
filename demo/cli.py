"""`flask demo`: the demo's data."""
from __future__ import annotations

import click
from flask.cli import AppGroup

from core.clock import utc_now
from demo.seed import bring_up_to_date

group = AppGroup("demo", help="Demo data.")


@group.command("seed")
def seed() -> None:
    """Make the demo's data where there are none, and add the shifts of today."""
    bring_up_to_date(utc_now())
    click.echo("The demo data are up to date.")
