"""`flask routing ...`: maps, travel times and the solver on a terminal. Each command stands in the module it is of."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

Bbox = tuple[float, float, float, float]  # south, west, north, east in degrees
group = AppGroup("routing", help="Maps, travel times and the solver.")


def bbox_option(text: str) -> Callable[[Any], Any]:
    """The option `--bbox S,W,N,E` with this help."""
    return click.option("--bbox", callback=_bbox, metavar="S,W,N,E", help=text)


def _bbox(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Bbox | None:
    """South, west, north, east in degrees."""
    if text is None:
        return None
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not four numbers: south,west,north,east") from None
    if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
        raise click.BadParameter(f"{text!r} is no box: south,west,north,east in degrees")
    return south, west, north, east
