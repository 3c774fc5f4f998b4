"""What accounts adds to the application."""
from __future__ import annotations

from flask import Flask

from accounts import admin, cli, rules_admin, views
from accounts import register_cli as register_cli  # registers its commands
from accounts.words import consent_word, role_word


def init_app(app: Flask) -> None:
    """Register pages, commands and words; signing in itself comes with accounts.sessions."""
    app.register_blueprint(views.accounts)
    app.register_blueprint(admin.admin)
    app.register_blueprint(rules_admin.blueprint)
    app.cli.add_command(cli.group)
    app.jinja_env.globals.update(role_word=role_word, consent_word=consent_word)
