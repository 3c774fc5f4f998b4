"""Commands of orders."""
from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from billing.bank.states import ReceiptState
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.i18n import in_language
from orders.receipts import import_statement

bank_group = AppGroup("bank", help="Account statements.")


class Refused(click.ClickException):
    """One line with the reason and the place; nothing was written."""

    exit_code = 2


@bank_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Import an account statement (camt.053, or CSV with our columns) and match its receipts."""
    with in_language("en"):
        try:
            with unit_of_work():
                statement = import_statement(file.read_bytes(), file_name=file.name, now=utc_now(), actor="system")
        except DomainError as refusal:
            raise Refused(f"{file}: {refusal}") from None
    states = [receipt.state for receipt in statement.receipts]
    click.echo(f"{len(states)} movements, {statement.known_before} known before; {states.count(ReceiptState.PAID)} "
               f"paid their order, {states.count(ReceiptState.OPEN)} wait for a decision.")
