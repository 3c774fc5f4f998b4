"""codes sent by SMS, hours and pauses of campaigns"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = 'a41c77d20e58'
down_revision = '3c1d5a7e9b20'
branch_labels = None
depends_on = None


ACTIONS = ("issue", "hold", "let_go", "redeem", "release", "burn", "keep")
MORE_ACTIONS = ("issue", "hold", "let_go", "lapse", "send", "redeem", "release", "burn", "keep")


def set_actions(actions: tuple[str, ...]) -> None:
    """The closed set of what happens to a code, which alembic does not compare."""
    values = ", ".join(f"'{value}'" for value in actions)
    with op.batch_alter_table("promo_events", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_promo_events_code_action"), type_="check")
        batch_op.create_check_constraint(op.f("ck_promo_events_code_action"), f"action IN ({values})")


def upgrade() -> None:
    """Mailings with whom they went to, the hours of a campaign, and when it was stopped."""
    op.create_table('promo_mailings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('intro', sa.String(length=80), nullable=False),
    sa.Column('recipients', sa.Integer(), nullable=False),
    sa.Column('parts', sa.Integer(), nullable=False),
    sa.Column('price_cents', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['promo_campaigns.id'], name=op.f('fk_promo_mailings_campaign_id_promo_campaigns')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promo_mailings')),
    sa.UniqueConstraint('request_key', name=op.f('uq_promo_mailings_request_key'))
    )
    with op.batch_alter_table('promo_mailings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promo_mailings_campaign_id'), ['campaign_id'], unique=False)

    op.create_table('promo_sends',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mailing_id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'sent', 'skipped', name='send_state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['promo_campaigns.id'], name=op.f('fk_promo_sends_campaign_id_promo_campaigns')),
    sa.ForeignKeyConstraint(['code_id'], ['promo_codes.id'], name=op.f('fk_promo_sends_code_id_promo_codes')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_promo_sends_customer_id_customers')),
    sa.ForeignKeyConstraint(['mailing_id'], ['promo_mailings.id'], name=op.f('fk_promo_sends_mailing_id_promo_mailings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promo_sends')),
    sa.UniqueConstraint('campaign_id', 'customer_id', name=op.f('uq_promo_sends_campaign_id_customer_id')),
    sa.UniqueConstraint('code_id', name=op.f('uq_promo_sends_code_id'))
    )
    with op.batch_alter_table('promo_sends', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promo_sends_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_promo_sends_mailing_id'), ['mailing_id'], unique=False)
        batch_op.create_index('ix_promo_sends_state_id', ['state', 'id'], unique=False)

    with op.batch_alter_table('promo_campaigns', schema=None) as batch_op:
        batch_op.add_column(sa.Column('from_time', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('until_time', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True))

    set_actions(MORE_ACTIONS)


def downgrade() -> None:
    """Back; fails where codes were sent or holds ran out already."""
    set_actions(ACTIONS)
    with op.batch_alter_table('promo_campaigns', schema=None) as batch_op:
        batch_op.drop_column('paused_at')
        batch_op.drop_column('until_time')
        batch_op.drop_column('from_time')

    with op.batch_alter_table('promo_sends', schema=None) as batch_op:
        batch_op.drop_index('ix_promo_sends_state_id')
        batch_op.drop_index(batch_op.f('ix_promo_sends_mailing_id'))
        batch_op.drop_index(batch_op.f('ix_promo_sends_customer_id'))

    op.drop_table('promo_sends')
    with op.batch_alter_table('promo_mailings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_promo_mailings_campaign_id'))

    op.drop_table('promo_mailings')
