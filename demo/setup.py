"""What the demo adds to the application: data and a welcome, only where PLIN_DEMO is on."""
from __future__ import annotations

from flask import Flask

from demo import cli, welcome


def init_app(app: Flask) -> None:
    """Register `flask demo` and the welcome of `flask serve`."""
    if not app.config["DEMO"]:
        return
    app.cli.add_command(cli.group)
    app.extensions["welcome"] = welcome
