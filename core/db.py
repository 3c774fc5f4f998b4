"""Database session, column types and the unit of work.

One business action is one `unit_of_work()`; services never commit. SQLite gets BEGIN IMMEDIATE
inside a unit of work only, so that a writer waits at the start and not in the middle.
"""
from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every model's base; give `__tablename__` explicitly."""

    metadata = sa.MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
migrate = Migrate()

log = logging.getLogger(__name__)

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_after_commit: ContextVar[list[Callable[[], object]] | None] = ContextVar("after_commit", default=None)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant. Refuses naive values; comes back aware UTC on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant must be aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def str_enum(kind: type[StrEnum]) -> sa.Enum:
    """A column type for a closed set: text plus a CHECK constraint, the same on both databases."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    return sa.Enum(kind, native_enum=False, create_constraint=True, length=40, name=name,
                   values_callable=lambda members: [member.value for member in members])


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction for one business action; commits at the end, rolls back on any exception.

    Opened by views, CLI and workers only. Reads made before it are ended first, so that nothing is decided on a
    stale snapshot. Callbacks given to `after_commit` run once the data is safe.
    """
    if _writing.get():
        raise RuntimeError("a unit of work is already open")
    session = db.session
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside a unit of work")
    session.rollback()
    callbacks: list[Callable[[], object]] = []
    writing, hooks = _writing.set(True), _after_commit.set(callbacks)
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(writing)
        _after_commit.reset(hooks)
    for callback in callbacks:
        try:
            callback()
        except Exception:  # the data are safe; what a callback only kicks, a sweep finds
            session.rollback()
            log.exception("a callback after the commit failed")


def after_commit(callback: Callable[[], object]) -> None:
    """Run `callback` after the open unit of work has committed; not at all if it rolls back."""
    callbacks = _after_commit.get()
    if callbacks is None:
        raise RuntimeError("after_commit needs an open unit of work")
    callbacks.append(callback)


def changed_rows(statement: sa.sql.dml.UpdateBase) -> int:
    """Execute a guarded UPDATE or DELETE and say how many rows it changed.

    Loaded objects are expired, so that what is read next is what the database holds.
    """
    db.session.flush()
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.expire_all()
    return cast("sa.CursorResult[Any]", result).rowcount


def insert_new(model: type[Base], unique: list[str], values: dict[str, Any]) -> bool:
    """Insert a row unless its unique key is there already; True when it was new.

    Two at once cannot fail each other: the database decides. `unique` names the columns of one unique constraint.
    """
    db.session.flush()
    kind = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = kind.insert(model).values(values).on_conflict_do_nothing(index_elements=unique)
    return db.session.scalar(statement.returning(sa.literal(1))) is not None


def init_app(app: Flask) -> None:
    """Bind the database to the application and prepare SQLite connections."""
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations", render_as_batch=True, compare_type=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


def _prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "busy_timeout=10000", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
