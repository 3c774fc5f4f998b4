"""What the demo adds to the application: the simulator; data and a welcome only where PLIN_DEMO is on."""
from __future__ import annotations

from flask import Flask

from demo import cli, simulate_cli, welcome


def init_app(app: Flask) -> None:
    """Register `flask simulate`; for the demo `flask demo` and the welcome of `flask serve` as well."""
    app.cli.add_command(simulate_cli.simulate)
    if not app.config["DEMO"]:
        return
    app.cli.add_command(cli.group)
    app.extensions["welcome"] = welcome
