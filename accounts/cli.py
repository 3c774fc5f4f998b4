"""Commands for staff accounts: the first administrator is made here."""
from __future__ import annotations

import click
from flask.cli import AppGroup

from accounts import passwords, services
from core.db import unit_of_work
from core.errors import DomainError
from core.roles import STAFF_ROLES, Role

group = AppGroup("accounts", help="Staff accounts.")


@group.command("create-staff")
@click.argument("email")
@click.argument("name")
@click.argument("role", type=click.Choice(sorted(role.value for role in STAFF_ROLES)))
def create_staff(email: str, name: str, role: str) -> None:
    """Make an account for EMAIL, called NAME, with ROLE, and print its password."""
    password = passwords.make()
    try:
        with unit_of_work():
            services.create_staff(email, name, password, Role(role))
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Password: {password}")
