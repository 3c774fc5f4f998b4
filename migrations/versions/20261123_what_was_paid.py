"""what was paid before delivery"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '7b1e40c2d95a'
down_revision = 'a41c77d20e58'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The amount of each prepayment; those that are there paid the gas as ordered."""
    op.add_column('orders', sa.Column('paid_cents', sa.Integer(), nullable=True))
    op.execute('UPDATE orders SET paid_cents = gas_cents - discount_cents WHERE paid_at IS NOT NULL')


def downgrade() -> None:
    op.drop_column('orders', 'paid_cents')
