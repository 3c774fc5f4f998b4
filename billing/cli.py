"""Commands of billing."""
from __future__ import annotations

import click
from flask.cli import AppGroup

from billing import ledger

group = AppGroup("billing", help="Money and cylinders.")


@group.command("verify")
def verify() -> None:
    """Add up the whole ledger; fail when a unit or a transaction is not zero."""
    sums = ledger.trial_balance()
    for unit, amount in sums.items():
        click.echo(f"{unit:<10}{amount:>14}")
    wrong = ledger.unbalanced_transactions()
    for number, unit, amount in wrong:
        click.echo(f"transaction {number}: " + (f"{unit} {amount}" if unit else "no entries"))
    if wrong or any(sums.values()):
        raise click.ClickException("the ledger does not balance")
    click.echo("The ledger balances.")
