"""What notify adds to the application."""
from __future__ import annotations

from flask import Flask

from notify import (
    cli,
    tasks,  # noqa: F401 - registers the sweep
    transports,
    views,
)


def init_app(app: Flask) -> None:
    """Register pages, callbacks, commands and the sweep; choose the transports."""
    app.register_blueprint(views.outbox)
    app.register_blueprint(views.hooks)
    app.extensions["csrf"].exempt(views.hooks)
    app.cli.add_command(cli.group)
    app.extensions["transports"] = transports.from_config(app.config)
