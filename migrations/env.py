"""How Alembic reaches the database: through the application; on SQLite foreign keys rest while tables are rebuilt."""
from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from core.db import UtcDateTime

database = current_app.extensions["migrate"].db
options = current_app.extensions["migrate"].configure_args


def plain_types(kind: str, item: object, _context: object) -> str | bool:
    """Migrations name the database's own types, not ours, so that old ones never depend on today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def migrate(connection: Connection) -> None:
    """Run the migrations in one transaction."""
    context.configure(connection=connection, target_metadata=database.metadata, render_item=plain_types, **options)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(url=database.engine.url, target_metadata=database.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with database.engine.connect() as opened:
        sqlite = opened.dialect.name == "sqlite"
        if sqlite:
            opened.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        migrate(opened)
        if sqlite:
            opened.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")
