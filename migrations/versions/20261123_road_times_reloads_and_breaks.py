"""road times, reloads and breaks"""
from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op


revision = 'ef36d7eefb33'
down_revision = 'bf88fb61b4bd'
branch_labels = None
depends_on = None

OF_ORDER_OR_CASE = '(order_id IS NULL) <> (case_id IS NULL)'
OF_ITS_KIND = "(kind = 'order') = (order_id IS NOT NULL) AND (kind = 'case') = (case_id IS NOT NULL)"


def upgrade() -> None:
    """Streets and keys for addresses that are there, a kind for stops that are there."""
    op.create_table('known_streets',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('postcode', sa.String(length=4), nullable=False),
    sa.Column('search_key', sa.String(length=180), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_streets')),
    sa.UniqueConstraint('search_key', name=op.f('uq_known_streets_search_key'))
    )
    op.create_table('travel_factors',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('engine', sa.String(length=20), nullable=False),
    sa.Column('area', sa.String(length=40), nullable=False),
    sa.Column('day_kind', sa.Enum('workday', 'saturday', 'sunday', name='day_kind', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('hour', sa.Integer(), nullable=True),
    sa.Column('permille', sa.Integer(), nullable=False),
    sa.Column('fitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.Column('source', sa.Enum('manual', 'fitted', name='factor_source', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('set_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint('(hour IS NULL) = (day_kind IS NULL)', name=op.f('ck_travel_factors_hour_of_a_day')),
    sa.CheckConstraint('hour IS NULL OR (hour >= 0 AND hour < 24)', name=op.f('ck_travel_factors_hour')),
    sa.CheckConstraint('permille > 0 AND permille < 100000', name=op.f('ck_travel_factors_sensible')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_travel_factors'))
    )
    with op.batch_alter_table('travel_factors', schema=None) as batch_op:
        batch_op.create_index('ix_travel_factors_newest', ['engine', 'source', 'fitted_at'], unique=False)

    with op.batch_alter_table('drivers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('adr', sa.Boolean(), nullable=True))
    op.execute(sa.table('drivers', sa.column('adr', sa.Boolean())).update().values(adr=False))
    with op.batch_alter_table('drivers', schema=None) as batch_op:
        batch_op.alter_column('adr', existing_type=sa.Boolean(), nullable=False)

    with op.batch_alter_table('known_addresses', schema=None) as batch_op:
        batch_op.add_column(sa.Column('house_key', sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column('number_key', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('street_id', sa.Integer(), nullable=True))
    _key_addresses()
    with op.batch_alter_table('known_addresses', schema=None) as batch_op:
        batch_op.alter_column('house_key', existing_type=sa.String(length=120), nullable=False)
        batch_op.alter_column('number_key', existing_type=sa.String(length=20), nullable=False)
        batch_op.alter_column('street_id', existing_type=sa.Integer(), nullable=False)
        batch_op.create_index(batch_op.f('ix_known_addresses_house_key'), ['house_key'], unique=False)
        batch_op.create_index('ix_known_addresses_street_number', ['street_id', 'number_key'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_known_addresses_street_id_known_streets'), 'known_streets', ['street_id'], ['id'])

    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('break_minutes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('break_started_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('break_ended_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('stops', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.Enum('order', 'case', 'reload', name='stop_kind', native_enum=False, create_constraint=True, length=40), nullable=True))
        batch_op.add_column(sa.Column('travel_estimated', sa.Boolean(), nullable=True))
    stops = sa.table('stops', sa.column('kind', sa.String()), sa.column('order_id'), sa.column('travel_estimated', sa.Boolean()))
    op.execute(stops.update().values(travel_estimated=True, kind=sa.case((stops.c.order_id.is_not(None), 'order'), else_='case')))
    with op.batch_alter_table('stops', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_stops_one_source'), type_='check')
        batch_op.alter_column('kind', existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column('travel_estimated', existing_type=sa.Boolean(), nullable=False)
        batch_op.create_check_constraint(op.f('ck_stops_one_source'), OF_ITS_KIND)


def downgrade() -> None:
    """Back. A van's own calls at the depot have no place in the tables as they were."""
    stops = sa.table('stops', sa.column('id'), sa.column('kind', sa.String()))
    events = sa.table('stop_events', sa.column('stop_id'))
    calls = sa.select(stops.c.id).where(stops.c.kind == 'reload')
    op.execute(events.delete().where(events.c.stop_id.in_(calls)))
    op.execute(stops.delete().where(stops.c.kind == 'reload'))
    with op.batch_alter_table('stops', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_stops_one_source'), type_='check')
        batch_op.drop_constraint(op.f('ck_stops_stop_kind'), type_='check')
        batch_op.drop_column('travel_estimated')
        batch_op.drop_column('kind')
        batch_op.create_check_constraint(op.f('ck_stops_one_source'), OF_ORDER_OR_CASE)

    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.drop_column('break_ended_at')
        batch_op.drop_column('break_started_at')
        batch_op.drop_column('break_minutes')

    with op.batch_alter_table('known_addresses', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_known_addresses_street_id_known_streets'), type_='foreignkey')
        batch_op.drop_index('ix_known_addresses_street_number')
        batch_op.drop_index(batch_op.f('ix_known_addresses_house_key'))
        batch_op.drop_column('street_id')
        batch_op.drop_column('number_key')
        batch_op.drop_column('house_key')

    with op.batch_alter_table('drivers', schema=None) as batch_op:
        batch_op.drop_column('adr')

    with op.batch_alter_table('travel_factors', schema=None) as batch_op:
        batch_op.drop_index('ix_travel_factors_newest')

    op.drop_table('travel_factors')
    op.drop_table('known_streets')


def _key_addresses() -> None:
    """The keys of houses and their streets, as they were reckoned on the day of this migration."""
    texts = ('street', 'house_number', 'postcode', 'city', 'house_key', 'number_key')
    addresses = sa.table('known_addresses', sa.column('id', sa.Integer()), sa.column('street_id', sa.Integer()),
                         *(sa.column(name, sa.String()) for name in texts))
    streets = sa.table('known_streets', sa.column('id', sa.Integer()), sa.column('postcode', sa.String()),
                       sa.column('search_key', sa.String()))
    connection = op.get_bind()
    numbers: dict[str, int] = {}
    for row in connection.execute(sa.select(addresses).order_by(addresses.c.id)).all():
        street, number = _fold(row.street), _fold(row.house_number)
        key = f"{street} {_fold(row.postcode)} {_fold(row.city)}"[:180]
        if key not in numbers:
            numbers[key] = len(numbers) + 1
            connection.execute(streets.insert().values(id=numbers[key], postcode=row.postcode, search_key=key))
        connection.execute(addresses.update().where(addresses.c.id == row.id).values(
            house_key=f"{street} {number} {_fold(row.postcode)}"[:120], number_key=number[:20], street_id=numbers[key]))
    if numbers and connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('known_streets', 'id'), :last)"), {"last": len(numbers)})


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = plain.replace("đ", "d").replace("ł", "l")
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    words = " ".join("".join(character if character.isalnum() else " " for character in letters).split())
    return re.sub(r"\b(\d+) ([a-z])\b", r"\1\2", words)
