"""first tables"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = 'bf88fb61b4bd'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table('access_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_access_links_token_hash'))
    )
    with op.batch_alter_table('access_links', schema=None) as batch_op:
        batch_op.create_index('ix_access_links_subject', ['purpose', 'subject_id'], unique=False)

    op.create_table('attempts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts'))
    )
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.create_index('ix_attempts_kind_key_at', ['kind', 'key_hash', 'at'], unique=False)

    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('ref', sa.String(length=60), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entries_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_ref'), ['ref'], unique=False)

    op.create_table('certificate_counters',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_certificate_counters'))
    )
    op.create_table('customers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('search_name', sa.String(length=80), nullable=False),
    sa.Column('phone_e164', sa.String(length=20), nullable=False),
    sa.Column('phone_kind', sa.Enum('mobile', 'fixed', 'other', name='phone_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customers')),
    sa.UniqueConstraint('phone_e164', name=op.f('uq_customers_phone_e164'))
    )
    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customers_search_name'), ['search_name'], unique=False)

    op.create_table('cylinder_types',
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('name_sl', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('net_gas_g', sa.Integer(), nullable=False),
    sa.Column('company_owned', sa.Boolean(), nullable=False),
    sa.Column('colour', sa.String(length=20), nullable=False),
    sa.CheckConstraint('net_gas_g > 0', name=op.f('ck_cylinder_types_net_gas')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_cylinder_types'))
    )
    op.create_table('depots',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('address', sa.String(length=120), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_depots')),
    sa.UniqueConstraint('name', name=op.f('uq_depots_name'))
    )
    op.create_table('heartbeats',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeats'))
    )
    op.create_table('inbound_sms',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('provider_id', sa.String(length=80), nullable=False),
    sa.Column('sender', sa.String(length=40), nullable=False),
    sa.Column('recipient', sa.String(length=40), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_sms')),
    sa.UniqueConstraint('provider_id', name=op.f('uq_inbound_sms_provider_id'))
    )
    with op.batch_alter_table('inbound_sms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inbound_sms_sender'), ['sender'], unique=False)

    op.create_table('invoice_counters',
    sa.Column('premise', sa.String(length=20), nullable=False),
    sa.Column('device', sa.String(length=20), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('premise', 'device', name=op.f('pk_invoice_counters'))
    )
    op.create_table('invoices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('invoice', 'credit_note', name='invoice_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('premise', sa.String(length=20), nullable=False),
    sa.Column('device', sa.String(length=20), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by', sa.String(length=60), nullable=False),
    sa.Column('supplied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('order_ref', sa.String(length=60), nullable=False),
    sa.Column('order_number', sa.String(length=20), nullable=False),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('buyer_name', sa.String(length=80), nullable=False),
    sa.Column('buyer_address', sa.String(length=180), nullable=False),
    sa.Column('search_name', sa.String(length=80), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('total_cents', sa.Integer(), nullable=False),
    sa.CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name=op.f('ck_invoices_corrects')),
    sa.CheckConstraint('sequence > 0', name=op.f('ck_invoices_sequence')),
    sa.ForeignKeyConstraint(['corrects_id'], ['invoices.id'], name=op.f('fk_invoices_corrects_id_invoices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoices')),
    sa.UniqueConstraint('number', name=op.f('uq_invoices_number')),
    sa.UniqueConstraint('premise', 'device', 'sequence', name=op.f('uq_invoices_premise_device_sequence'))
    )
    with op.batch_alter_table('invoices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoices_corrects_id'), ['corrects_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoices_issued_at'), ['issued_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoices_order_number'), ['order_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoices_order_ref'), ['order_ref'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoices_search_name'), ['search_name'], unique=False)

    op.create_table('known_addresses',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('street', sa.String(length=80), nullable=False),
    sa.Column('house_number', sa.String(length=12), nullable=False),
    sa.Column('postcode', sa.String(length=4), nullable=False),
    sa.Column('city', sa.String(length=60), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('search_key', sa.String(length=180), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_addresses')),
    sa.UniqueConstraint('search_key', name=op.f('uq_known_addresses_search_key'))
    )
    op.create_table('ledger_transactions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('ref', sa.String(length=60), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_transactions')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_ledger_transactions_dedupe_key'))
    )
    with op.batch_alter_table('ledger_transactions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_transactions_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_transactions_ref'), ['ref'], unique=False)

    op.create_table('number_counters',
    sa.Column('series', sa.String(length=10), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series', 'year', name=op.f('pk_number_counters'))
    )
    op.create_table('outbox_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('medium', sa.Enum('sms', 'email', name='medium', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('recipient', sa.String(length=120), nullable=False),
    sa.Column('template', sa.String(length=60), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('ref', sa.String(length=60), nullable=False),
    sa.Column('status', sa.Enum('queued', 'sending', 'accepted', 'delivered', 'failed', 'unknown', name='message_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('provider_id', sa.String(length=80), nullable=True),
    sa.Column('error_code', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_messages')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_outbox_messages_dedupe_key'))
    )
    with op.batch_alter_table('outbox_messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_messages_provider_id'), ['provider_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_messages_recipient'), ['recipient'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_messages_ref'), ['ref'], unique=False)
        batch_op.create_index('ix_outbox_messages_status_due', ['status', 'due_at'], unique=False)

    op.create_table('payments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_ref', sa.String(length=60), nullable=False),
    sa.Column('method', sa.Enum('cash', 'card', 'ebank', name='payment_method', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('scheme', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.CheckConstraint('amount_cents <> 0', name=op.f('ck_payments_amount')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments'))
    )
    with op.batch_alter_table('payments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payments_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_payments_order_ref'), ['order_ref'], unique=False)

    op.create_table('promo_campaigns',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('prefix', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.Enum('fixed', 'percent', name='benefit_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('value_cents', sa.Integer(), nullable=True),
    sa.Column('percent', sa.Integer(), nullable=True),
    sa.Column('cap_cents', sa.Integer(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('product_codes', sa.JSON(), nullable=False),
    sa.Column('order_channel', sa.String(length=20), nullable=True),
    sa.Column('zone', sa.Enum('anywhere', 'inside', 'outside', name='zone_limit', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('first_order_only', sa.Boolean(), nullable=False),
    sa.Column('burn_policy', sa.Enum('customer_cancels', 'cancels_or_damaged', 'never', name='burn_policy', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('max_redemptions', sa.Integer(), nullable=True),
    sa.Column('budget_cents', sa.Integer(), nullable=True),
    sa.Column('redeemed_count', sa.Integer(), nullable=False),
    sa.Column('spent_cents', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=60), nullable=False),
    sa.Column('ended_by', sa.String(length=60), nullable=True),
    sa.CheckConstraint("kind <> 'fixed' OR value_cents > 0", name=op.f('ck_promo_campaigns_fixed_value')),
    sa.CheckConstraint("kind <> 'percent' OR (percent > 0 AND percent <= 100)", name=op.f('ck_promo_campaigns_percent_value')),
    sa.CheckConstraint('budget_cents IS NULL OR spent_cents <= budget_cents', name=op.f('ck_promo_campaigns_budget')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_promo_campaigns_time')),
    sa.CheckConstraint('max_redemptions IS NULL OR redeemed_count <= max_redemptions', name=op.f('ck_promo_campaigns_max_redemptions')),
    sa.CheckConstraint('redeemed_count >= 0 AND spent_cents >= 0', name=op.f('ck_promo_campaigns_counts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promo_campaigns')),
    sa.UniqueConstraint('request_key', name=op.f('uq_promo_campaigns_request_key'))
    )
    op.create_table('settings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('value', sa.JSON(), nullable=True),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_by', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_settings'))
    )
    with op.batch_alter_table('settings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_settings_key'), ['key'], unique=False)

    op.create_table('staff_users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('previous_hash', sa.String(length=200), nullable=True),
    sa.Column('role', sa.Enum('customer', 'agent', 'dispatcher', 'driver', 'finance', 'technical', 'marketing', 'administrator', 'auditor', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_users')),
    sa.UniqueConstraint('email', name=op.f('uq_staff_users_email')),
    sa.UniqueConstraint('request_key', name=op.f('uq_staff_users_request_key'))
    )
    op.create_table('terms_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('text_sl', sa.Text(), nullable=False),
    sa.Column('text_en', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_terms_versions')),
    sa.UniqueConstraint('version', name=op.f('uq_terms_versions_version'))
    )
    op.create_table('consents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('ref', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.Enum('gdpr_statement', 'marketing_sms', name='consent_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('given', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_consents_customer_id_customers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consents_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_consents_ref'), ['ref'], unique=False)

    op.create_table('customer_addresses',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('street', sa.String(length=80), nullable=False),
    sa.Column('house_number', sa.String(length=12), nullable=False),
    sa.Column('postcode', sa.String(length=4), nullable=False),
    sa.Column('city', sa.String(length=60), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('floor', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('search_key', sa.String(length=180), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_customer_addresses_customer_id_customers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_addresses')),
    sa.UniqueConstraint('customer_id', 'search_key', name=op.f('uq_customer_addresses_customer_id_search_key'))
    )
    op.create_table('deposit_certificates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('status', sa.Enum('issued', 'paid_out', 'kept', 'replaced', name='certificate_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('order_ref', sa.String(length=60), nullable=False),
    sa.Column('order_number', sa.String(length=20), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('holder_name', sa.String(length=80), nullable=False),
    sa.Column('search_name', sa.String(length=80), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_ref', sa.String(length=60), nullable=False),
    sa.Column('replaced_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(status = 'issued') = (ended_at IS NULL)", name=op.f('ck_deposit_certificates_ended')),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_deposit_certificates_amount')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_deposit_certificates_customer_id_customers')),
    sa.ForeignKeyConstraint(['replaced_by_id'], ['deposit_certificates.id'], name=op.f('fk_deposit_certificates_replaced_by_id_deposit_certificates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deposit_certificates')),
    sa.UniqueConstraint('number', name=op.f('uq_deposit_certificates_number'))
    )
    with op.batch_alter_table('deposit_certificates', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deposit_certificates_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_deposit_certificates_order_ref'), ['order_ref'], unique=False)
        batch_op.create_index(batch_op.f('ix_deposit_certificates_search_name'), ['search_name'], unique=False)

    op.create_table('drivers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('phone_e164', sa.String(length=20), nullable=False),
    sa.Column('staff_user_id', sa.Integer(), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['staff_user_id'], ['staff_users.id'], name=op.f('fk_drivers_staff_user_id_staff_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drivers')),
    sa.UniqueConstraint('phone_e164', name=op.f('uq_drivers_phone_e164'))
    )
    op.create_table('invoice_lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('description_sl', sa.String(length=160), nullable=False),
    sa.Column('description_en', sa.String(length=160), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_gross_cents', sa.Integer(), nullable=False),
    sa.Column('vat_permille', sa.Integer(), nullable=True),
    sa.Column('gross_cents', sa.Integer(), nullable=False),
    sa.CheckConstraint('gross_cents = quantity * unit_gross_cents', name=op.f('ck_invoice_lines_gross')),
    sa.CheckConstraint('quantity <> 0', name=op.f('ck_invoice_lines_quantity')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_invoice_lines_invoice_id_invoices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_lines')),
    sa.UniqueConstraint('invoice_id', 'position', name=op.f('uq_invoice_lines_invoice_id_position'))
    )
    op.create_table('invoice_payments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('method', sa.Enum('cash', 'card', 'ebank', name='payment_method', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('cents', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_invoice_payments_invoice_id_invoices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_payments'))
    )
    with op.batch_alter_table('invoice_payments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoice_payments_invoice_id'), ['invoice_id'], unique=False)

    op.create_table('invoice_shares',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('vat_permille', sa.Integer(), nullable=True),
    sa.Column('gross_cents', sa.Integer(), nullable=False),
    sa.Column('vat_cents', sa.Integer(), nullable=False),
    sa.Column('creditable_cents', sa.Integer(), nullable=False),
    sa.Column('credited_cents', sa.Integer(), nullable=False),
    sa.CheckConstraint('credited_cents >= 0 AND credited_cents <= creditable_cents', name=op.f('ck_invoice_shares_credited')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_invoice_shares_invoice_id_invoices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_shares')),
    sa.UniqueConstraint('invoice_id', 'vat_permille', name=op.f('uq_invoice_shares_invoice_id_vat_permille'))
    )
    op.create_table('ledger_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('transaction_id', sa.Integer(), nullable=False),
    sa.Column('account', sa.String(length=60), nullable=False),
    sa.Column('unit', sa.String(length=10), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_ledger_entries_amount')),
    sa.ForeignKeyConstraint(['transaction_id'], ['ledger_transactions.id'], name=op.f('fk_ledger_entries_transaction_id_ledger_transactions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entries'))
    )
    with op.batch_alter_table('ledger_entries', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_entries_balance', ['account', 'unit', 'amount'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entries_transaction_id'), ['transaction_id'], unique=False)

    op.create_table('orders',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Enum('awaiting_payment', 'confirmed', 'out_for_delivery', 'delivered', 'cancelled', 'rejected', name='order_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('channel', sa.Enum('web', 'phone', 'email', 'door', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('contact_name', sa.String(length=80), nullable=False),
    sa.Column('phone_e164', sa.String(length=20), nullable=False),
    sa.Column('phone_kind', sa.Enum('mobile', 'fixed', 'other', name='phone_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=True),
    sa.Column('street', sa.String(length=80), nullable=False),
    sa.Column('house_number', sa.String(length=12), nullable=False),
    sa.Column('postcode', sa.String(length=4), nullable=False),
    sa.Column('city', sa.String(length=60), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('floor', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('in_zone', sa.Boolean(), nullable=False),
    sa.Column('payment_method', sa.Enum('cash', 'card', 'ebank', name='payment_method', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('gas_cents', sa.Integer(), nullable=False),
    sa.Column('deposit_cents', sa.Integer(), nullable=False),
    sa.Column('buyback_cents', sa.Integer(), nullable=False),
    sa.Column('discount_cents', sa.Integer(), nullable=False),
    sa.Column('total_cents', sa.Integer(), nullable=False),
    sa.Column('cash_part_cents', sa.Integer(), nullable=False),
    sa.Column('promo_code', sa.String(length=40), nullable=True),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refund_due_cents', sa.Integer(), nullable=False),
    sa.Column('refund_iban', sa.String(length=34), nullable=True),
    sa.Column('refunded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('promise_kind', sa.Enum('hour', 'agreed', name='promise_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('clock_start_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promised_from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promised_by_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promise_reason', sa.Enum('several_orders', 'traffic', 'unforeseen', name='delay_reason', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('promise_closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('terms_version_id', sa.Integer(), nullable=False),
    sa.Column('terms_confirmed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('adult_confirmed', sa.Boolean(), nullable=False),
    sa.Column('data_confirmed', sa.Boolean(), nullable=False),
    sa.Column('duties_confirmed', sa.Boolean(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint('gas_cents >= 0 AND deposit_cents >= 0 AND buyback_cents >= 0 AND discount_cents >= 0', name=op.f('ck_orders_amounts')),
    sa.CheckConstraint('total_cents = gas_cents - discount_cents + deposit_cents - buyback_cents', name=op.f('ck_orders_total')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_orders_customer_id_customers')),
    sa.ForeignKeyConstraint(['taken_by'], ['staff_users.id'], name=op.f('fk_orders_taken_by_staff_users')),
    sa.ForeignKeyConstraint(['terms_version_id'], ['terms_versions.id'], name=op.f('fk_orders_terms_version_id_terms_versions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sa.UniqueConstraint('number', name=op.f('uq_orders_number')),
    sa.UniqueConstraint('request_key', name=op.f('uq_orders_request_key'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_orders_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_orders_phone_e164'), ['phone_e164'], unique=False)
        batch_op.create_index('ix_orders_status_created', ['status', 'created_at'], unique=False)

    op.create_table('place_days',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('postcode_prefix', sa.String(length=4), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('from_time', sa.Time(), nullable=False),
    sa.Column('by_time', sa.Time(), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_place_days_depot_id_depots')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place_days'))
    )
    with op.batch_alter_table('place_days', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_place_days_postcode_prefix'), ['postcode_prefix'], unique=False)

    op.create_table('plan_proposals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('plan_version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Enum('open', 'applied', 'discarded', 'stale', name='proposal_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('routes', sa.JSON(), nullable=False),
    sa.Column('diff', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_plan_proposals_depot_id_depots')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_proposals'))
    )
    with op.batch_alter_table('plan_proposals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_proposals_depot_id'), ['depot_id'], unique=False)

    op.create_table('plan_states',
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('improved_version', sa.Integer(), nullable=False),
    sa.Column('improving_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_plan_states_depot_id_depots')),
    sa.PrimaryKeyConstraint('depot_id', name=op.f('pk_plan_states'))
    )
    op.create_table('products',
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('cylinder_type', sa.String(length=10), nullable=False),
    sa.Column('name_sl', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('exchanges', sa.JSON(), nullable=False),
    sa.Column('available', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('picture', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['cylinder_type'], ['cylinder_types.code'], name=op.f('fk_products_cylinder_type_cylinder_types')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_products'))
    )
    op.create_table('promo_batches',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('sms', 'email', 'media', 'personal', name='code_channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by', sa.String(length=60), nullable=False),
    sa.CheckConstraint('number > 0', name=op.f('ck_promo_batches_number')),
    sa.ForeignKeyConstraint(['campaign_id'], ['promo_campaigns.id'], name=op.f('fk_promo_batches_campaign_id_promo_campaigns')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promo_batches')),
    sa.UniqueConstraint('request_key', name=op.f('uq_promo_batches_request_key'))
    )
    with op.batch_alter_table('promo_batches', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promo_batches_campaign_id'), ['campaign_id'], unique=False)

    op.create_table('quotes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('plan_version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('postcode', sa.String(length=4), nullable=False),
    sa.Column('in_zone', sa.Boolean(), nullable=False),
    sa.Column('demand', sa.JSON(), nullable=False),
    sa.Column('kind', sa.Enum('hour', 'agreed', name='promise_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('clock_start_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promised_from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promised_by_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('estimated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Enum('several_orders', 'traffic', 'unforeseen', name='delay_reason', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('estimated_travel', sa.Boolean(), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_quotes_depot_id_depots')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quotes')),
    sa.UniqueConstraint('key', name=op.f('uq_quotes_key'))
    )
    op.create_table('vehicles',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('plate', sa.String(length=12), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('slots', sa.Integer(), nullable=False),
    sa.Column('gas_limit_g', sa.Integer(), nullable=False),
    sa.Column('card_terminal', sa.Boolean(), nullable=False),
    sa.Column('standard_load', sa.JSON(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_vehicles_depot_id_depots')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vehicles')),
    sa.UniqueConstraint('code', name=op.f('uq_vehicles_code'))
    )
    op.create_table('zones',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('polygon', sa.JSON(), nullable=False),
    sa.Column('postcodes', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_zones_depot_id_depots')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zones')),
    sa.UniqueConstraint('name', name=op.f('uq_zones_name'))
    )
    op.create_table('documents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('certificate_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(invoice_id IS NULL) <> (certificate_id IS NULL)', name=op.f('ck_documents_one_subject')),
    sa.ForeignKeyConstraint(['certificate_id'], ['deposit_certificates.id'], name=op.f('fk_documents_certificate_id_deposit_certificates')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_documents_invoice_id_invoices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_documents')),
    sa.UniqueConstraint('certificate_id', name=op.f('uq_documents_certificate_id')),
    sa.UniqueConstraint('invoice_id', name=op.f('uq_documents_invoice_id'))
    )
    op.create_table('handovers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('driver_id', sa.Integer(), nullable=False),
    sa.Column('stop_ref', sa.String(length=30), nullable=False),
    sa.Column('payment_method', sa.Enum('cash', 'card', 'ebank', name='payment_method', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('card_scheme', sa.String(length=20), nullable=False),
    sa.Column('gdpr', sa.String(length=10), nullable=False),
    sa.Column('gas_cents', sa.Integer(), nullable=False),
    sa.Column('discount_cents', sa.Integer(), nullable=False),
    sa.Column('deposit_cents', sa.Integer(), nullable=False),
    sa.Column('buyback_cents', sa.Integer(), nullable=False),
    sa.Column('kept_deposit_cents', sa.Integer(), nullable=False),
    sa.Column('total_cents', sa.Integer(), nullable=False),
    sa.Column('prepaid_cents', sa.Integer(), nullable=False),
    sa.Column('cash_cents', sa.Integer(), nullable=False),
    sa.Column('card_cents', sa.Integer(), nullable=False),
    sa.CheckConstraint('total_cents = gas_cents - discount_cents + deposit_cents - buyback_cents', name=op.f('ck_handovers_total')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_handovers_invoice_id_invoices')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_handovers_order_id_orders')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handovers')),
    sa.UniqueConstraint('order_id', name=op.f('uq_handovers_order_id'))
    )
    op.create_table('order_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('action', sa.Enum('pay', 'dispatch', 'recall', 'deliver', 'fail', 'cancel', 'cancel_by_company', 'reject', name='order_action', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_events_order_id_orders')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_events'))
    )
    with op.batch_alter_table('order_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_events_order_id'), ['order_id'], unique=False)

    op.create_table('order_lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('product_code', sa.String(length=20), nullable=False),
    sa.Column('cylinder_type', sa.String(length=10), nullable=False),
    sa.Column('exchange', sa.Enum('swap', 'm10', 'k', 'purchase_with_empty', 'purchase', name='exchange_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_price_cents', sa.Integer(), nullable=False),
    sa.Column('vat_permille', sa.Integer(), nullable=False),
    sa.Column('unit_deposit_cents', sa.Integer(), nullable=False),
    sa.Column('unit_buyback_cents', sa.Integer(), nullable=False),
    sa.Column('net_gas_g', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_order_lines_quantity')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_lines_order_id_orders')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_lines'))
    )
    with op.batch_alter_table('order_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_lines_order_id'), ['order_id'], unique=False)

    op.create_table('prices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product_code', sa.String(length=20), nullable=False),
    sa.Column('gross_cents', sa.Integer(), nullable=False),
    sa.Column('vat_permille', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('gross_cents > 0 AND vat_permille >= 0', name=op.f('ck_prices_amounts')),
    sa.ForeignKeyConstraint(['product_code'], ['products.code'], name=op.f('fk_prices_product_code_products')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prices')),
    sa.UniqueConstraint('product_code', 'valid_from', name=op.f('uq_prices_product_code_valid_from'))
    )
    op.create_table('promo_codes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('state', sa.Enum('issued', 'held', 'redeemed', 'burnt', name='code_state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('held_by', sa.String(length=64), nullable=True),
    sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'held') = (held_by IS NOT NULL AND held_until IS NOT NULL)", name=op.f('ck_promo_codes_hold')),
    sa.ForeignKeyConstraint(['batch_id'], ['promo_batches.id'], name=op.f('fk_promo_codes_batch_id_promo_batches')),
    sa.ForeignKeyConstraint(['campaign_id'], ['promo_campaigns.id'], name=op.f('fk_promo_codes_campaign_id_promo_campaigns')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_promo_codes_customer_id_customers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promo_codes')),
    sa.UniqueConstraint('code', name=op.f('uq_promo_codes_code'))
    )
    with op.batch_alter_table('promo_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promo_codes_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index('ix_promo_codes_campaign_state', ['campaign_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_promo_codes_held_by'), ['held_by'], unique=False)

    op.create_table('return_cases',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=14), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.Enum('withdrawal', 'deposit_return', 'complaint', name='case_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('status', sa.Enum('requested', 'awaiting_pickup', 'on_the_way', 'refund_due', 'testing', 'completed', 'rejected', 'cancelled', name='case_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('channel', sa.Enum('web', 'phone', 'email', 'door', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('taken_by', sa.Integer(), nullable=True),
    sa.Column('notice_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('goods_back_on', sa.Date(), nullable=True),
    sa.Column('refund_by_on', sa.Date(), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('contact_name', sa.String(length=80), nullable=False),
    sa.Column('phone_e164', sa.String(length=20), nullable=False),
    sa.Column('phone_kind', sa.Enum('mobile', 'fixed', 'other', name='phone_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=True),
    sa.Column('street', sa.String(length=80), nullable=False),
    sa.Column('house_number', sa.String(length=12), nullable=False),
    sa.Column('postcode', sa.String(length=4), nullable=False),
    sa.Column('city', sa.String(length=60), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('floor', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('window_from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('window_by_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('window_closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pay_out_expected', sa.String(length=20), nullable=False),
    sa.Column('refund_cents', sa.Integer(), nullable=False),
    sa.Column('bank_cents', sa.Integer(), nullable=False),
    sa.Column('refund_method', sa.Enum('cash', 'bank', name='refund_method', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('iban', sa.String(length=34), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('wish', sa.String(length=20), nullable=False),
    sa.Column('checks', sa.JSON(), nullable=False),
    sa.Column('collected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('refund_cents >= 0 AND bank_cents >= 0 AND bank_cents <= refund_cents', name=op.f('ck_return_cases_amounts')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_return_cases_customer_id_customers')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_return_cases_order_id_orders')),
    sa.ForeignKeyConstraint(['taken_by'], ['staff_users.id'], name=op.f('fk_return_cases_taken_by_staff_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_cases')),
    sa.UniqueConstraint('number', name=op.f('uq_return_cases_number')),
    sa.UniqueConstraint('request_key', name=op.f('uq_return_cases_request_key'))
    )
    with op.batch_alter_table('return_cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_return_cases_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_return_cases_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_return_cases_phone_e164'), ['phone_e164'], unique=False)
        batch_op.create_index('ix_return_cases_status', ['status', 'notice_at'], unique=False)
        batch_op.create_index('uq_return_cases_withdrawal', ['order_id'], unique=True, sqlite_where=sa.text("kind = 'withdrawal' AND status NOT IN ('cancelled', 'rejected')"), postgresql_where=sa.text("kind = 'withdrawal' AND status NOT IN ('cancelled', 'rejected')"))

    op.create_table('shifts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('driver_id', sa.Integer(), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Enum('planned', 'active', 'ended', 'down', name='shift_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('float_cents', sa.Integer(), nullable=False),
    sa.Column('list_version', sa.Integer(), nullable=False),
    sa.Column('list_published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_version', sa.Integer(), nullable=False),
    sa.Column('last_lat', sa.Double(), nullable=True),
    sa.Column('last_lon', sa.Double(), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_shifts_hours')),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_shifts_depot_id_depots')),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_shifts_driver_id_drivers')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicles.id'], name=op.f('fk_shifts_vehicle_id_vehicles')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shifts')),
    sa.UniqueConstraint('vehicle_id', 'starts_at', name=op.f('uq_shifts_vehicle_id_starts_at'))
    )
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shifts_ends_at'), ['ends_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_shifts_starts_at'), ['starts_at'], unique=False)

    op.create_table('case_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('action', sa.Enum('accept', 'dispatch', 'recall', 'fail', 'collect_paid', 'collect_refund_due', 'collect_for_testing', 'collect_unpaid', 'refund', 'reject', 'cancel', name='case_action', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['return_cases.id'], name=op.f('fk_case_events_case_id_return_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_events'))
    )
    with op.batch_alter_table('case_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_events_case_id'), ['case_id'], unique=False)

    op.create_table('case_lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('order_line_id', sa.Integer(), nullable=True),
    sa.Column('cylinder_type', sa.String(length=10), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('full', sa.Boolean(), nullable=False),
    sa.Column('net_gas_g', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_case_lines_quantity')),
    sa.ForeignKeyConstraint(['case_id'], ['return_cases.id'], name=op.f('fk_case_lines_case_id_return_cases')),
    sa.ForeignKeyConstraint(['order_line_id'], ['order_lines.id'], name=op.f('fk_case_lines_order_line_id_order_lines')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_lines'))
    )
    with op.batch_alter_table('case_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_lines_case_id'), ['case_id'], unique=False)

    op.create_table('handover_lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('handover_id', sa.Integer(), nullable=False),
    sa.Column('order_line_id', sa.Integer(), nullable=False),
    sa.Column('product_code', sa.String(length=20), nullable=False),
    sa.Column('cylinder_type', sa.String(length=10), nullable=False),
    sa.Column('exchange', sa.Enum('swap', 'm10', 'k', 'purchase_with_empty', 'purchase', name='exchange_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_price_cents', sa.Integer(), nullable=False),
    sa.Column('vat_permille', sa.Integer(), nullable=False),
    sa.Column('discount_cents', sa.Integer(), nullable=False),
    sa.Column('unit_deposit_cents', sa.Integer(), nullable=False),
    sa.Column('new_deposits', sa.Integer(), nullable=False),
    sa.Column('unit_buyback_cents', sa.Integer(), nullable=False),
    sa.Column('damaged_empties', sa.Integer(), nullable=False),
    sa.Column('replaced', sa.Integer(), nullable=False),
    sa.Column('net_gas_g', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_handover_lines_quantity')),
    sa.ForeignKeyConstraint(['handover_id'], ['handovers.id'], name=op.f('fk_handover_lines_handover_id_handovers')),
    sa.ForeignKeyConstraint(['order_line_id'], ['order_lines.id'], name=op.f('fk_handover_lines_order_line_id_order_lines')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover_lines'))
    )
    with op.batch_alter_table('handover_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handover_lines_handover_id'), ['handover_id'], unique=False)

    op.create_table('promo_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('action', sa.Enum('issue', 'hold', 'let_go', 'redeem', 'release', 'burn', 'keep', name='code_action', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('order_ref', sa.String(length=40), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['promo_codes.id'], name=op.f('fk_promo_events_code_id_promo_codes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promo_events'))
    )
    with op.batch_alter_table('promo_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promo_events_code_id'), ['code_id'], unique=False)

    op.create_table('promo_redemptions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('order_ref', sa.String(length=40), nullable=False),
    sa.Column('order_channel', sa.String(length=20), nullable=False),
    sa.Column('gas_cents', sa.Integer(), nullable=False),
    sa.Column('discount_cents', sa.Integer(), nullable=False),
    sa.Column('redeemed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.Enum('used', 'released', 'burnt', name='outcome', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('discount_cents > 0 AND gas_cents > discount_cents', name=op.f('ck_promo_redemptions_amounts')),
    sa.ForeignKeyConstraint(['campaign_id'], ['promo_campaigns.id'], name=op.f('fk_promo_redemptions_campaign_id_promo_campaigns')),
    sa.ForeignKeyConstraint(['code_id'], ['promo_codes.id'], name=op.f('fk_promo_redemptions_code_id_promo_codes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promo_redemptions'))
    )
    with op.batch_alter_table('promo_redemptions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promo_redemptions_campaign_id'), ['campaign_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_promo_redemptions_code_id'), ['code_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_promo_redemptions_order_ref'), ['order_ref'], unique=False)
        batch_op.create_index('uq_promo_redemptions_code_live', ['code_id'], unique=True, sqlite_where=sa.text("outcome = 'used'"), postgresql_where=sa.text("outcome = 'used'"))
        batch_op.create_index('uq_promo_redemptions_order_live', ['order_ref'], unique=True, sqlite_where=sa.text("outcome = 'used'"), postgresql_where=sa.text("outcome = 'used'"))

    op.create_table('stops',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=True),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('shift_id', sa.Integer(), nullable=True),
    sa.Column('status', sa.Enum('unassigned', 'planned', 'en_route', 'arrived', 'done', 'failed', 'void', name='stop_status', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('locked', sa.Boolean(), nullable=False),
    sa.Column('service_s', sa.Integer(), nullable=False),
    sa.Column('planned_start_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('planned_leave_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('left_for_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('unserved_reason', sa.String(length=60), nullable=False),
    sa.Column('fail_reason', sa.Enum('not_home', 'wrong_address', 'damaged', 'foil_removed', 'customer_cancelled', 'other', name='fail_reason', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(shift_id IS NULL) = (status = 'unassigned') OR status IN ('void', 'failed', 'done')", name=op.f('ck_stops_assigned')),
    sa.CheckConstraint('(order_id IS NULL) <> (case_id IS NULL)', name=op.f('ck_stops_one_source')),
    sa.ForeignKeyConstraint(['case_id'], ['return_cases.id'], name=op.f('fk_stops_case_id_return_cases')),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_stops_depot_id_depots')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_stops_order_id_orders')),
    sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_stops_shift_id_shifts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stops'))
    )
    with op.batch_alter_table('stops', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stops_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_stops_depot_status', ['depot_id', 'status'], unique=False)
        batch_op.create_index(batch_op.f('ix_stops_order_id'), ['order_id'], unique=False)
        batch_op.create_index('ix_stops_shift', ['shift_id', 'position'], unique=False)
        batch_op.create_index('uq_stops_live_case', ['case_id'], unique=True, sqlite_where=sa.text("status NOT IN ('done', 'failed', 'void')"), postgresql_where=sa.text("status NOT IN ('done', 'failed', 'void')"))
        batch_op.create_index('uq_stops_live_order', ['order_id'], unique=True, sqlite_where=sa.text("status NOT IN ('done', 'failed', 'void')"), postgresql_where=sa.text("status NOT IN ('done', 'failed', 'void')"))

    op.create_table('list_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('list_version', sa.Integer(), nullable=False),
    sa.Column('stop_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_list_entries_shift_id_shifts')),
    sa.ForeignKeyConstraint(['stop_id'], ['stops.id'], name=op.f('fk_list_entries_stop_id_stops')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_list_entries')),
    sa.UniqueConstraint('shift_id', 'list_version', 'stop_id', name=op.f('uq_list_entries_shift_id_list_version_stop_id'))
    )
    op.create_table('plan_moves',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('depot_id', sa.Integer(), nullable=False),
    sa.Column('stop_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['depot_id'], ['depots.id'], name=op.f('fk_plan_moves_depot_id_depots')),
    sa.ForeignKeyConstraint(['stop_id'], ['stops.id'], name=op.f('fk_plan_moves_stop_id_stops')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_moves'))
    )
    with op.batch_alter_table('plan_moves', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_moves_depot_id'), ['depot_id'], unique=False)

    op.create_table('stop_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stop_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['stop_id'], ['stops.id'], name=op.f('fk_stop_events_stop_id_stops')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stop_events'))
    )
    with op.batch_alter_table('stop_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stop_events_stop_id'), ['stop_id'], unique=False)



def downgrade() -> None:
    """Back."""
    with op.batch_alter_table('stop_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stop_events_stop_id'))

    op.drop_table('stop_events')
    with op.batch_alter_table('plan_moves', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_moves_depot_id'))

    op.drop_table('plan_moves')
    op.drop_table('list_entries')
    with op.batch_alter_table('stops', schema=None) as batch_op:
        batch_op.drop_index('uq_stops_live_order', sqlite_where=sa.text("status NOT IN ('done', 'failed', 'void')"), postgresql_where=sa.text("status NOT IN ('done', 'failed', 'void')"))
        batch_op.drop_index('uq_stops_live_case', sqlite_where=sa.text("status NOT IN ('done', 'failed', 'void')"), postgresql_where=sa.text("status NOT IN ('done', 'failed', 'void')"))
        batch_op.drop_index('ix_stops_shift')
        batch_op.drop_index(batch_op.f('ix_stops_order_id'))
        batch_op.drop_index('ix_stops_depot_status')
        batch_op.drop_index(batch_op.f('ix_stops_case_id'))

    op.drop_table('stops')
    with op.batch_alter_table('promo_redemptions', schema=None) as batch_op:
        batch_op.drop_index('uq_promo_redemptions_order_live', sqlite_where=sa.text("outcome = 'used'"), postgresql_where=sa.text("outcome = 'used'"))
        batch_op.drop_index('uq_promo_redemptions_code_live', sqlite_where=sa.text("outcome = 'used'"), postgresql_where=sa.text("outcome = 'used'"))
        batch_op.drop_index(batch_op.f('ix_promo_redemptions_order_ref'))
        batch_op.drop_index(batch_op.f('ix_promo_redemptions_code_id'))
        batch_op.drop_index(batch_op.f('ix_promo_redemptions_campaign_id'))

    op.drop_table('promo_redemptions')
    with op.batch_alter_table('promo_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_promo_events_code_id'))

    op.drop_table('promo_events')
    with op.batch_alter_table('handover_lines', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handover_lines_handover_id'))

    op.drop_table('handover_lines')
    with op.batch_alter_table('case_lines', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_lines_case_id'))

    op.drop_table('case_lines')
    with op.batch_alter_table('case_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_events_case_id'))

    op.drop_table('case_events')
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shifts_starts_at'))
        batch_op.drop_index(batch_op.f('ix_shifts_ends_at'))

    op.drop_table('shifts')
    with op.batch_alter_table('return_cases', schema=None) as batch_op:
        batch_op.drop_index('uq_return_cases_withdrawal', sqlite_where=sa.text("kind = 'withdrawal' AND status NOT IN ('cancelled', 'rejected')"), postgresql_where=sa.text("kind = 'withdrawal' AND status NOT IN ('cancelled', 'rejected')"))
        batch_op.drop_index('ix_return_cases_status')
        batch_op.drop_index(batch_op.f('ix_return_cases_phone_e164'))
        batch_op.drop_index(batch_op.f('ix_return_cases_order_id'))
        batch_op.drop_index(batch_op.f('ix_return_cases_customer_id'))

    op.drop_table('return_cases')
    with op.batch_alter_table('promo_codes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_promo_codes_held_by'))
        batch_op.drop_index('ix_promo_codes_campaign_state')
        batch_op.drop_index(batch_op.f('ix_promo_codes_batch_id'))

    op.drop_table('promo_codes')
    op.drop_table('prices')
    with op.batch_alter_table('order_lines', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_lines_order_id'))

    op.drop_table('order_lines')
    with op.batch_alter_table('order_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_events_order_id'))

    op.drop_table('order_events')
    op.drop_table('handovers')
    op.drop_table('documents')
    op.drop_table('zones')
    op.drop_table('vehicles')
    op.drop_table('quotes')
    with op.batch_alter_table('promo_batches', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_promo_batches_campaign_id'))

    op.drop_table('promo_batches')
    op.drop_table('products')
    op.drop_table('plan_states')
    with op.batch_alter_table('plan_proposals', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_proposals_depot_id'))

    op.drop_table('plan_proposals')
    with op.batch_alter_table('place_days', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_place_days_postcode_prefix'))

    op.drop_table('place_days')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_index('ix_orders_status_created')
        batch_op.drop_index(batch_op.f('ix_orders_phone_e164'))
        batch_op.drop_index(batch_op.f('ix_orders_customer_id'))

    op.drop_table('orders')
    with op.batch_alter_table('ledger_entries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_entries_transaction_id'))
        batch_op.drop_index('ix_ledger_entries_balance')

    op.drop_table('ledger_entries')
    op.drop_table('invoice_shares')
    with op.batch_alter_table('invoice_payments', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invoice_payments_invoice_id'))

    op.drop_table('invoice_payments')
    op.drop_table('invoice_lines')
    op.drop_table('drivers')
    with op.batch_alter_table('deposit_certificates', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deposit_certificates_search_name'))
        batch_op.drop_index(batch_op.f('ix_deposit_certificates_order_ref'))
        batch_op.drop_index(batch_op.f('ix_deposit_certificates_customer_id'))

    op.drop_table('deposit_certificates')
    op.drop_table('customer_addresses')
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consents_ref'))
        batch_op.drop_index(batch_op.f('ix_consents_customer_id'))

    op.drop_table('consents')
    op.drop_table('terms_versions')
    op.drop_table('staff_users')
    with op.batch_alter_table('settings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_settings_key'))

    op.drop_table('settings')
    op.drop_table('promo_campaigns')
    with op.batch_alter_table('payments', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payments_order_ref'))
        batch_op.drop_index(batch_op.f('ix_payments_at'))

    op.drop_table('payments')
    with op.batch_alter_table('outbox_messages', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_messages_status_due')
        batch_op.drop_index(batch_op.f('ix_outbox_messages_ref'))
        batch_op.drop_index(batch_op.f('ix_outbox_messages_recipient'))
        batch_op.drop_index(batch_op.f('ix_outbox_messages_provider_id'))

    op.drop_table('outbox_messages')
    op.drop_table('number_counters')
    with op.batch_alter_table('ledger_transactions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_transactions_ref'))
        batch_op.drop_index(batch_op.f('ix_ledger_transactions_at'))

    op.drop_table('ledger_transactions')
    op.drop_table('known_addresses')
    with op.batch_alter_table('invoices', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invoices_search_name'))
        batch_op.drop_index(batch_op.f('ix_invoices_order_ref'))
        batch_op.drop_index(batch_op.f('ix_invoices_order_number'))
        batch_op.drop_index(batch_op.f('ix_invoices_issued_at'))
        batch_op.drop_index(batch_op.f('ix_invoices_corrects_id'))

    op.drop_table('invoices')
    op.drop_table('invoice_counters')
    with op.batch_alter_table('inbound_sms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inbound_sms_sender'))

    op.drop_table('inbound_sms')
    op.drop_table('heartbeats')
    op.drop_table('depots')
    op.drop_table('cylinder_types')
    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customers_search_name'))

    op.drop_table('customers')
    op.drop_table('certificate_counters')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entries_ref'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_at'))

    op.drop_table('audit_entries')
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_index('ix_attempts_kind_key_at')

    op.drop_table('attempts')
    with op.batch_alter_table('access_links', schema=None) as batch_op:
        batch_op.drop_index('ix_access_links_subject')

    op.drop_table('access_links')
