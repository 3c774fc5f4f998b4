"""The migrations make the tables that the models describe, on both databases."""
from __future__ import annotations

import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from core.db import Base, db


def test_migrations_go_up_to_the_models_and_back_down(app: Flask) -> None:
    db.session.remove()
    db.drop_all()
    try:
        upgrade(directory="migrations")
        check(directory="migrations")
        found = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
        assert found == set(Base.metadata.tables)
        downgrade(directory="migrations", revision="base")
        assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}
    finally:
        with db.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
        db.create_all()
