"""The migrations make the tables that the models describe, on both databases, and keep what is in them."""
from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from accounts.models import KnownAddress, KnownStreet
from accounts.queries import suggest_addresses
from core.db import Base, db

FIRST = "bf88fb61b4bd"


@pytest.fixture(autouse=True)
def no_tables(app: Flask) -> Iterator[None]:
    db.session.remove()
    db.drop_all()
    yield
    db.session.remove()
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    db.create_all()


def test_migrations_go_up_to_the_models_and_back_down() -> None:
    upgrade(directory="migrations")
    check(directory="migrations")
    found = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
    assert found == set(Base.metadata.tables)
    downgrade(directory="migrations", revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}


def checks() -> dict[tuple[str, str], str]:
    """Every CHECK of the database as it has it."""
    inspector = sa.inspect(db.engine)
    return {(table, str(check["name"])): " ".join(check["sqltext"].split()) for table in inspector.get_table_names()
            for check in inspector.get_check_constraints(table)}


def test_migrations_leave_the_same_closed_sets_as_the_models() -> None:
    """A value added to a StrEnum needs its CHECK put anew, which alembic does not notice."""
    upgrade(directory="migrations")
    migrated = checks()
    db.session.remove()
    downgrade(directory="migrations", revision="base")
    db.create_all()
    assert migrated == checks()


def test_addresses_from_before_the_streets_are_found_afterwards_and_new_ones_can_be_added() -> None:
    upgrade(directory="migrations", revision=FIRST)
    old = sa.table("known_addresses", *(sa.column(name) for name in (
        "street", "house_number", "postcode", "city", "lat", "lon", "source", "search_key")))
    with db.engine.begin() as connection:
        for number in ("12", "14 a"):
            connection.execute(old.insert().values(
                street="Šišenska cesta", house_number=number, postcode="1000", city="Ljubljana", lat=46.06, lon=14.48,
                source="register", search_key=f"sisenska cesta {number} 1000 ljubljana"))
    upgrade(directory="migrations")
    assert [place.line for place in suggest_addresses("14a sisen")] == ["Šišenska cesta 14 a, 1000 Ljubljana"]
    assert [(row.house_key, row.number_key) for row in db.session.scalars(
        sa.select(KnownAddress).order_by(KnownAddress.id))] == [
            ("sisenska cesta 12 1000", "12"), ("sisenska cesta 14a 1000", "14a")]
    db.session.add(KnownStreet(postcode="1000", search_key="dunajska cesta 1000 ljubljana"))
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count(KnownStreet.id))) == 2
