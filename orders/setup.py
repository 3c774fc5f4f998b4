"""Wiring of orders: the pages, and the words that every template may use."""
from __future__ import annotations

from flask import Flask

from orders import cli, verifying, words
from orders.cases import words as change_words
from orders.cases.changes import answer_path
from orders.returns import words as case_words
from orders.units import unit_name
from orders.views.bank import bank
from orders.views.changes import changes, desk_changes
from orders.views.counter import counter
from orders.views.decisions import decisions, evidence
from orders.views.desk import desk
from orders.views.desk_orders import desk_orders
from orders.views.desk_returns import returns_desk
from orders.views.grievances import contact_form, grievances
from orders.views.kept import kept
from orders.views.payments import payments
from orders.views.returns import returns
from orders.views.shop import bp as shop
from orders.views.technical import technical


def init_app(app: Flask) -> None:
    """Register blueprints and template globals."""
    for blueprint in (shop, returns, payments, kept, bank, desk, desk_orders, returns_desk, changes, desk_changes,
                      counter, technical, decisions, evidence, contact_form, grievances):
        app.register_blueprint(blueprint)
    app.cli.add_command(cli.bank_group)
    app.extensions.setdefault("ledger_checks", []).append(verifying.checks)
    app.jinja_env.globals.update(
        status_word=words.status_word, exchange_word=words.exchange_word, payment_word=words.payment_word,
        delay_reason_word=words.delay_reason_word, channel_word=words.channel_word, event_word=words.event_word,
        actor_word=words.actor_word,
        case_kind_word=case_words.case_kind_word, case_status_word=case_words.case_status_word,
        withdrawal_refusal_word=case_words.withdrawal_refusal_word, exclusion_word=case_words.exclusion_word,
        expectation_word=case_words.expectation_word, case_reason_word=case_words.reason_word,
        defect_word=case_words.defect_word, wish_word=case_words.wish_word, outcome_word=case_words.outcome_word,
        unit_name=unit_name, answer_path=answer_path, change_kind_word=change_words.change_kind_word,
        change_status_word=change_words.change_status_word,
        grievance_status_word=change_words.grievance_status_word,
        grievance_event_word=change_words.grievance_event_word)
