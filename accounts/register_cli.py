"""`flask accounts import-addresses`: the register of addresses, from a table."""
from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from accounts import register
from accounts.cli import group
from accounts.importing import GUESSES, BadTable, read_register
from accounts.places import Place
from accounts.register import Stored
from core.db import unit_of_work


class Refused(click.ClickException):
    """Nothing was written; the message says where and why."""

    exit_code = 2


def load(found: Iterable[Place]) -> Stored:
    """Write addresses in parts, each in its own unit of work, so that nobody waits for long; with a progress bar."""
    added = updated = 0
    parts = list(register.chunks(found))
    with click.progressbar(parts, label="writing", file=sys.stderr) as bar:
        for part in bar:
            with unit_of_work():
                stored = register.store(part)
            added, updated = added + stored.added, updated + stored.updated
    return Stored(added=added, updated=updated)


@group.command("import-addresses")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", "columns", multiple=True, metavar="KEY=NAME",
              help=f"The file's name of a column, for one of: {', '.join(GUESSES)}.")
def import_addresses(file: Path, columns: tuple[str, ...]) -> None:
    """Load FILE, a table like REGISTER_NASLOVOV of the national register (EPSG:3794), or one with lat and lon.

    Houses that are there already are brought up to date; none is removed. A bad line refuses the whole file.
    """
    pairs = [column.partition("=") for column in columns]
    if any(not key or not name for key, _, name in pairs):
        raise click.UsageError("Write --column like --column number=HS.")
    try:
        with click.progressbar(length=file.stat().st_size, label="reading", file=sys.stderr) as bar:
            found = read_register(file, columns={key: name for key, _, name in pairs}, progress=bar.update)
    except (BadTable, OSError) as error:
        raise Refused(f"{error} Nothing was written.") from error
    stored = load(found.places)
    click.echo(f"{stored.added} new addresses, {stored.updated} brought up to date, "
               f"{found.without_position} lines without a position left out")
