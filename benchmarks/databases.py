"""One application per database, each with an empty schema: SQLite in a file, PostgreSQL in a throw-away server."""
from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread

from flask import Flask

from app import create_app
from core.db import db
from tests import postgres

POOL = {"pool_size": 40, "max_overflow": 40}


@contextlib.contextmanager
def applications() -> Iterator[list[tuple[str, Flask]]]:
    """(name of the database, application) of both; only SQLite where there is no PostgreSQL server to start."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        urls = [("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}")]
        with contextlib.suppress(postgres.NoPostgres):
            urls.append(("PostgreSQL", stack.enter_context(postgres.server())))
        apps = []
        for name, url in urls:
            app = create_app({
                "SECRET_KEY": "bench", "HUEY_URL": "off", "SQLALCHEMY_DATABASE_URI": url,
                "SQLALCHEMY_ENGINE_OPTIONS": POOL if name == "PostgreSQL" else {},
                "FISCAL_TRIAL_KEY": str(Path(folder) / "trial.p12")})
            with app.app_context():
                db.create_all()
            apps.append((name, app))
        try:
            yield apps
        finally:
            for _name, app in apps:
                with app.app_context():
                    db.session.remove()
                    db.engine.dispose()


def seconds_of(app: Flask, threads: int, act: Callable[[int], object]) -> float:
    """Wall time until `act(n)` has returned in every one of so many threads that start together."""
    start = Barrier(threads + 1)

    def run(n: int) -> None:
        with app.app_context():
            start.wait()
            act(n)
            db.session.remove()

    workers = [Thread(target=run, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    return time.perf_counter() - began
