"""Commands of billing."""
from __future__ import annotations

import click
from flask.cli import AppGroup

from billing import ledger
from billing.ports import ledger_checks

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
