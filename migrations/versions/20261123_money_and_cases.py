"""bank, verification, counter, appeals, grievances and changes"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '3c1d5a7e9b20'
down_revision = 'ef36d7eefb33'
branch_labels = None
depends_on = None

ACTIONS = ("accept", "dispatch", "recall", "fail", "collect_paid", "collect_refund_due", "collect_for_testing",
           "collect_unpaid", "refund", "reject", "cancel")
MORE_ACTIONS = ("accept", "dispatch", "recall", "fail", "collect_paid", "collect_refund_due", "collect_for_testing",
                "collect_unpaid", "hand_over", "refund", "reject", "cancel", "hand_in", "overturn", "goodwill",
                "find_justified", "repair", "replace", "credit")
CHANNELS = ("web", "phone", "email", "door")
STATUSES = ("requested", "awaiting_pickup", "on_the_way", "refund_due", "testing", "completed", "rejected", "cancelled")
MORE_STATUSES = ("requested", "awaiting_pickup", "on_the_way", "refund_due", "testing", "justified", "completed",
                 "rejected", "cancelled")
KINDS = ("withdrawal", "deposit_return", "complaint")
ROLES = ("customer", "agent", "dispatcher", "driver", "finance", "technical", "marketing", "administrator", "auditor")
MORE_ROLES = ("customer", "agent", "dispatcher", "driver", "finance", "technical", "counter", "marketing",
              "administrator", "auditor")
CHECKS = (  # table, constraint, column, values before, values after
    ("case_events", "case_action", "action", ACTIONS, MORE_ACTIONS),
    ("orders", "channel", "channel", CHANNELS, (*CHANNELS, "counter")),
    ("return_cases", "case_kind", "kind", KINDS, (*KINDS, "replacement")),
    ("return_cases", "case_status", "status", STATUSES, MORE_STATUSES),
    ("return_cases", "channel", "channel", CHANNELS, (*CHANNELS, "counter")),
    ("staff_users", "role", "role", ROLES, MORE_ROLES),
)


def set_checks(*, forward: bool) -> None:
    """Closed sets are CHECKs, which alembic does not compare: they are put anew."""
    for table, name, column, before, after in CHECKS:
        values = ", ".join(f"'{value}'" for value in (after if forward else before))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} IN ({values})")


def upgrade() -> None:
    """Statements, transfers, verification, grievances, changes by the company, appeals, evidence, the counter."""
    op.create_table('bank_statements',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account', sa.String(length=34), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('imported_by', sa.String(length=60), nullable=False),
    sa.Column('opening_cents', sa.BigInteger(), nullable=True),
    sa.Column('closing_cents', sa.BigInteger(), nullable=True),
    sa.Column('known_before', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_statements')),
    sa.UniqueConstraint('account', 'number', name=op.f('uq_bank_statements_account_number'))
    )
    op.create_table('transfer_files',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=60), nullable=False),
    sa.Column('execute_on', sa.Date(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('total_cents', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer_files'))
    )
    op.create_table('bank_receipts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('statement_id', sa.Integer(), nullable=False),
    sa.Column('account', sa.String(length=34), nullable=False),
    sa.Column('bank_reference', sa.String(length=70), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=140), nullable=False),
    sa.Column('iban', sa.String(length=34), nullable=False),
    sa.Column('reference', sa.String(length=40), nullable=False),
    sa.Column('purpose', sa.String(length=300), nullable=False),
    sa.Column('end_to_end_id', sa.String(length=35), nullable=False),
    sa.Column('state', sa.Enum('open', 'paid', 'noted', 'return_due', 'returned', 'kept', 'payment', name='receipt_state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('finding', sa.Enum('', 'no_reference', 'unknown_order', 'not_waiting', 'underpaid', 'overpaid', name='finding', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('order_ref', sa.String(length=60), nullable=False),
    sa.Column('return_cents', sa.BigInteger(), nullable=False),
    sa.Column('return_iban', sa.String(length=34), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('decided_by', sa.String(length=60), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('return_cents >= 0 AND return_cents <= abs(amount_cents)', name=op.f('ck_bank_receipts_return')),
    sa.ForeignKeyConstraint(['statement_id'], ['bank_statements.id'], name=op.f('fk_bank_receipts_statement_id_bank_statements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_receipts')),
    sa.UniqueConstraint('account', 'bank_reference', name=op.f('uq_bank_receipts_account_bank_reference'))
    )
    with op.batch_alter_table('bank_receipts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bank_receipts_order_ref'), ['order_ref'], unique=False)
        batch_op.create_index(batch_op.f('ix_bank_receipts_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_bank_receipts_statement_id'), ['statement_id'], unique=False)

    op.create_table('copy_counters',
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_copy_counters_invoice_id_invoices')),
    sa.PrimaryKeyConstraint('invoice_id', name=op.f('pk_copy_counters'))
    )
    op.create_table('fiscal_records',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('tax_number', sa.String(length=8), nullable=False),
    sa.Column('zoi', sa.String(length=32), nullable=False),
    sa.Column('eor', sa.String(length=36), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'confirmed', 'refused', name='fiscal_state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('error', sa.String(length=300), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'confirmed') = (eor <> '')", name=op.f('ck_fiscal_records_eor')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_fiscal_records_invoice_id_invoices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fiscal_records')),
    sa.UniqueConstraint('invoice_id', name=op.f('uq_fiscal_records_invoice_id'))
    )
    with op.batch_alter_table('fiscal_records', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_fiscal_records_next_at'), ['next_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_fiscal_records_state'), ['state'], unique=False)

    op.create_table('grievances',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=14), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Enum('received', 'offered', 'agreed', 'declined', 'closed', name='grievance_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('channel', sa.Enum('web', 'phone', 'email', 'door', 'counter', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_by_on', sa.Date(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=True),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=False),
    sa.Column('phone_e164', sa.String(length=20), nullable=False),
    sa.Column('order_number', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('offer', sa.Text(), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['staff_users.id'], name=op.f('fk_grievances_contact_id_staff_users')),
    sa.ForeignKeyConstraint(['taken_by'], ['staff_users.id'], name=op.f('fk_grievances_taken_by_staff_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grievances')),
    sa.UniqueConstraint('number', name=op.f('uq_grievances_number')),
    sa.UniqueConstraint('request_key', name=op.f('uq_grievances_request_key'))
    )
    with op.batch_alter_table('grievances', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grievances_contact_id'), ['contact_id'], unique=False)

    op.create_table('transfers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('iban', sa.String(length=34), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=140), nullable=False),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_transfers_amount')),
    sa.ForeignKeyConstraint(['file_id'], ['transfer_files.id'], name=op.f('fk_transfers_file_id_transfer_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfers')),
    sa.UniqueConstraint('subject', name=op.f('uq_transfers_subject'))
    )
    with op.batch_alter_table('transfers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transfers_file_id'), ['file_id'], unique=False)

    op.create_table('grievance_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('grievance_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['grievance_id'], ['grievances.id'], name=op.f('fk_grievance_events_grievance_id_grievances')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grievance_events'))
    )
    with op.batch_alter_table('grievance_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grievance_events_grievance_id'), ['grievance_id'], unique=False)

    op.create_table('order_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('item', 'time', 'price', name='change_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('status', sa.Enum('asked', 'accepted', 'substituted', 'cancelled', name='change_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('terms', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(length=60), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.String(length=60), nullable=False),
    sa.Column('channel', sa.Enum('web', 'phone', 'email', 'door', 'counter', name='channel', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_changes_order_id_orders')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_changes'))
    )
    with op.batch_alter_table('order_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_changes_order_id'), ['order_id'], unique=False)
        batch_op.create_index('uq_order_changes_asked', ['order_id'], unique=True, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))

    op.create_table('case_appeals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=60), nullable=False),
    sa.Column('decision', sa.Enum('upheld', 'overturned', name='appeal_decision', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['return_cases.id'], name=op.f('fk_case_appeals_case_id_return_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_appeals'))
    )
    with op.batch_alter_table('case_appeals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_appeals_case_id'), ['case_id'], unique=False)
        batch_op.create_index('uq_case_appeals_undecided', ['case_id'], unique=True, sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))

    op.create_table('case_evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('jpeg', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['return_cases.id'], name=op.f('fk_case_evidence_case_id_return_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_evidence'))
    )
    with op.batch_alter_table('case_evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_evidence_case_id'), ['case_id'], unique=False)

    op.create_table('shift_closings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('expected', sa.JSON(), nullable=False),
    sa.Column('counted', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counted_by', sa.String(length=60), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_shift_closings_shift_id_shifts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shift_closings')),
    sa.UniqueConstraint('shift_id', name=op.f('uq_shift_closings_shift_id'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('on_hold_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('return_cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('received_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('outcome', sa.Enum('rejected', 'repaired', 'replaced', 'credited', name='outcome', native_enum=False, create_constraint=True, length=40), nullable=True))
        batch_op.add_column(sa.Column('parent_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('unit', sa.String(length=20), server_default='', nullable=False))
        batch_op.create_unique_constraint(batch_op.f('uq_return_cases_parent_id'), ['parent_id'])
        batch_op.create_foreign_key(batch_op.f('fk_return_cases_parent_id_return_cases'), 'return_cases', ['parent_id'], ['id'])

    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('waived_at', sa.DateTime(timezone=True), nullable=True))
    set_checks(forward=True)


def downgrade() -> None:
    """Back; fails where rows already use what was added."""
    set_checks(forward=False)
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.drop_column('waived_at')
    with op.batch_alter_table('return_cases', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_return_cases_parent_id_return_cases'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_return_cases_parent_id'), type_='unique')
        batch_op.drop_column('unit')
        batch_op.drop_column('parent_id')
        batch_op.drop_constraint(op.f('ck_return_cases_outcome'), type_='check')
        batch_op.drop_column('outcome')
        batch_op.drop_column('received_at')

    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_column('on_hold_at')

    op.drop_table('shift_closings')
    with op.batch_alter_table('case_evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_evidence_case_id'))

    op.drop_table('case_evidence')
    with op.batch_alter_table('case_appeals', schema=None) as batch_op:
        batch_op.drop_index('uq_case_appeals_undecided', sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_case_appeals_case_id'))

    op.drop_table('case_appeals')
    with op.batch_alter_table('order_changes', schema=None) as batch_op:
        batch_op.drop_index('uq_order_changes_asked', sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.drop_index(batch_op.f('ix_order_changes_order_id'))

    op.drop_table('order_changes')
    with op.batch_alter_table('grievance_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grievance_events_grievance_id'))

    op.drop_table('grievance_events')
    with op.batch_alter_table('transfers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_transfers_file_id'))

    op.drop_table('transfers')
    with op.batch_alter_table('grievances', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grievances_contact_id'))

    op.drop_table('grievances')
    with op.batch_alter_table('fiscal_records', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_fiscal_records_state'))
        batch_op.drop_index(batch_op.f('ix_fiscal_records_next_at'))

    op.drop_table('fiscal_records')
    op.drop_table('copy_counters')
    with op.batch_alter_table('bank_receipts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_bank_receipts_statement_id'))
        batch_op.drop_index(batch_op.f('ix_bank_receipts_state'))
        batch_op.drop_index(batch_op.f('ix_bank_receipts_order_ref'))

    op.drop_table('bank_receipts')
    op.drop_table('transfer_files')
    op.drop_table('bank_statements')
