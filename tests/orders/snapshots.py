"""What the database holds, to prove that a refusal changed nothing."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.db import Base, db

UNTOUCHED = {"attempts"}  # counted in a transaction of their own, on purpose (Y-12)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table; ends the session's own transaction first."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
                for table in Base.metadata.sorted_tables if table.name not in UNTOUCHED}
