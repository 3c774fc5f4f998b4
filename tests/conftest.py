"""Fixtures: the application on SQLite and on PostgreSQL, a clean database for every test, a held clock."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from app import create_app
from core import clock
from core.db import Base, db
from tests import postgres

MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # a working Monday, 12.00 in Ljubljana


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.server())
        except postgres.NoPostgres as error:
            pytest.skip(str(error))
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application per database for the whole run; tests use `app`, which cleans up after each."""
    folder = tmp_path_factory.mktemp(request.param)
    url = f"sqlite:///{folder / 'test.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    app = create_app({
        "TESTING": True,
        "SECRET_KEY": "tests only",
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 40, "max_overflow": 40} if url.startswith("postgres") else {},
        "HUEY_URL": "off",
        "DEMO": True,
        "WTF_CSRF_ENABLED": False,
        "SESSION_COOKIE_SECURE": False,
        "PUBLIC_URL": "http://localhost",
        "ARGON2_TIME_COST": 1,
        "ARGON2_MEMORY_KIB": 64,
        "MAP_PATH": str(folder / "map.npz"),
        "FISCAL_TRIAL_KEY": str(tmp_path_factory.getbasetemp().parent / "fiscal_trial.p12"),
        "SOLVER_PROCESSES": 1,
        "SOLVER_TIME_LIMIT_MS": 300,
    })

    @app.teardown_request
    def _forget_the_request(_error: BaseException | None) -> None:
        """A test holds one application context over many requests: nothing of a request may stay in it."""
        for name in list(g):
            g.pop(name)

    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.drop_all()
        db.engine.dispose()


written: set[str] = set()  # tables that got rows since they were emptied


def note_written(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    """Remember the table of an INSERT; anything else that may write makes all tables suspect."""
    words = statement.split(None, 3)
    if words[0].upper() == "INSERT":
        written.add(words[2].strip('"'))
    elif words[0].upper() not in ("SELECT", "UPDATE", "DELETE", "PRAGMA", "SET", "SHOW", "BEGIN"):
        written.update(Base.metadata.tables)


event.listen(Engine, "before_cursor_execute", note_written)


def empty_tables() -> None:
    """Delete every row that a test wrote, children first."""
    db.session.rollback()
    with db.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in written:
                connection.execute(table.delete())
    written.clear()


@pytest.fixture
def app(database_app: Flask) -> Iterator[Flask]:
    """The application with an application context pushed and an empty database."""
    with database_app.app_context():
        yield database_app
        db.session.remove()
        empty_tables()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def now() -> Iterator[datetime]:
    """Hold the clock at a Monday noon in Ljubljana; move it with core.clock.advance."""
    with clock.frozen_at(MONDAY_NOON):
        yield MONDAY_NOON


@pytest.fixture
def held() -> Any:
    """`held(instant)`: a context manager that holds the clock elsewhere."""
    return clock.frozen_at
