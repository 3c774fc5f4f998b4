"""Background work: named sweeps, kicked by huey and repeated by the worker's own clock.

A sweep finds what there is to do in the database, so a lost kick costs seconds and never data. Sweeps are
idempotent: they claim what they work on by a guarded UPDATE.
"""
from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from huey import MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.api import Huey

from core.db import db

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One kind of background work: `run()` under an application context, at least every `every_s` seconds."""

    name: str
    every_s: float
    run: Callable[[], object]


_sweeps: dict[str, Sweep] = {}


def sweep(name: str, *, every_s: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function as a sweep; packages do so in their tasks.py, imported by app.py."""
    def register(run: Callable[[], object]) -> Callable[[], object]:
        _sweeps[name] = Sweep(name=name, every_s=every_s, run=run)
        return run
    return register


def sweeps() -> dict[str, Sweep]:
    """All registered sweeps by name."""
    return dict(_sweeps)


def run_sweep(name: str) -> None:
    """Run one sweep now in the current application context; the session is left clean whatever happens."""
    try:
        _sweeps[name].run()
    finally:
        db.session.rollback()


def kick(name: str) -> None:
    """Ask the worker to run a sweep soon. Failing to ask is logged and costs seconds only."""
    task = current_app.extensions.get("kick_task")
    if task is None:
        return
    try:
        task(name)
    except Exception:
        log.warning("could not kick %s; its sweep will find the work", name, exc_info=True)


def make_huey(url: str, instance_path: str) -> Huey:
    """The queue engine for a URL: empty = SQLite file beside the database, postgresql://, redis://, memory."""
    if url == "memory":
        return MemoryHuey("plin")
    if url.startswith("postgres"):
        return PostgresHuey("plin", dsn=url.replace("postgresql+psycopg://", "postgresql://"))
    if url.startswith("redis"):
        return RedisHuey("plin", url=url)
    Path(instance_path).mkdir(parents=True, exist_ok=True)
    return SqliteHuey("plin", filename=str(Path(instance_path) / "queue.db"))


def init_app(app: Flask) -> None:
    """Connect the queue; with HUEY_URL=off kicks are dropped (tests run sweeps by name)."""
    url: str = app.config["HUEY_URL"]
    if url == "off":
        return
    huey = make_huey(url, app.instance_path)

    @huey.task(name="run_sweep")
    def run(name: str) -> None:
        with app.app_context():
            run_sweep(name)

    app.extensions["huey"] = huey
    kick_task: Any = run
    app.extensions["kick_task"] = kick_task
