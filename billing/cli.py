"""Commands of billing."""
from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from billing import ledger
from billing.errors import WrongOpening
from billing.opening import open_balances, read_balances
from billing.ports import ledger_checks
from core.clock import utc_now
from core.db import unit_of_work

group = AppGroup("billing", help="Money and cylinders.")


@group.command("verify")
def verify() -> None:
    """Add up the whole ledger and compare it with what is kept elsewhere; fail where anything differs."""
    sums = ledger.trial_balance()
    for unit, amount in sums.items():
        click.echo(f"{unit:<10}{amount:>14}")
    wrong = ledger.unbalanced_transactions()
    for number, unit, amount in wrong:
        click.echo(f"transaction {number}: " + (f"{unit} {amount}" if unit else "no entries"))
    if wrong or any(sums.values()):
        raise click.ClickException("the ledger does not balance")
    checks = list(ledger_checks())
    differing = [check for check in checks if not check.agrees]
    for check in differing:
        click.echo(f"{check.what}: {check.in_ledger} in the ledger, {check.elsewhere} elsewhere")
    if differing:
        raise click.ClickException(f"{len(differing)} of {len(checks)} figures differ")
    click.echo(f"The ledger balances, and {len(checks)} figures agree with it.")


class Refused(click.ClickException):
    """One line with the place and the reason; nothing was written."""

    exit_code = 2


@group.command("open-balances")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def open_from_file(file: Path) -> None:
    """Post what was there before the ledger began (CSV: account;unit;amount), each account and unit once."""
    try:
        balances = read_balances(file.read_bytes())
        with unit_of_work():
            number = open_balances(balances, now=utc_now(), actor="system")
    except WrongOpening as refusal:
        raise Refused(f"{file}: {refusal}") from None
    click.echo(f"{number} balances opened.")
