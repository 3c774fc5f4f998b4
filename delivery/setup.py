"""Wiring of delivery: the promise that orders ask for, the signals, pages, commands and sweeps."""
from __future__ import annotations

from flask import Flask

from delivery import address_cli as address_cli  # registers its commands
from delivery import calibrate_cli as calibrate_cli  # registers its commands
from delivery import cli, reacting, roads, routing_cli, travel, verifying, words
from delivery import map_cli as map_cli  # registers its commands
from delivery import solve_cli as solve_cli  # registers its commands
from delivery import tasks as tasks  # registers the sweeps
from delivery.promising import LivePromises
from delivery.queries import carrier_names
from delivery.views import board, closings, driver, ground, tracking


def init_app(app: Flask) -> None:
    """Answer orders' question for promises; register blueprints, commands and template globals."""
    app.extensions["promises"] = LivePromises()
    app.extensions["carrier_names"] = carrier_names
    app.extensions.setdefault("ledger_checks", []).append(verifying.checks)
    reacting.connect()
    travel.init_app(app)
    for module in (board, driver, ground, tracking, closings):
        app.register_blueprint(module.blueprint)
    app.cli.add_command(cli.group)
    app.cli.add_command(routing_cli.group)
    app.jinja_env.globals.update(stop_kind_word=words.stop_kind_word, unserved_word=words.unserved_word,
                                 fail_word=words.fail_word, map_credit=roads.map_credit, map_mark=roads.map_mark)
