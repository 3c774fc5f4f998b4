"""Commands for messages that went wrong."""
from __future__ import annotations

import click
from flask.cli import AppGroup

from core.db import unit_of_work
from core.errors import DomainError
from core.i18n import show_instant
from notify import queries, services

group = AppGroup("notify", help="Messages to people.")


@group.command("troubled")
def troubled() -> None:
    """List messages that failed or whose outcome is unknown."""
    rows = queries.troubled()
    for row in rows:
        click.echo(f"{row.id}  {row.status.value:8}  {row.template}  {row.ref}  {row.error_code}  "
                   f"{show_instant(row.changed_at)}")
    click.echo(f"{len(rows)} messages")


@group.command("resolve")
@click.argument("message_id", type=int)
@click.argument("decision", type=click.Choice(["sent", "resend"]))
def resolve(message_id: int, decision: str) -> None:
    """Decide about a message whose outcome is unknown: it was SENT, or RESEND it."""
    try:
        with unit_of_work():
            services.resolve_unknown(message_id, resend=decision == "resend", actor="system")
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo("Noted.")
