"""What billing adds to the application."""
from __future__ import annotations

from flask import Flask
from markupsafe import Markup

from billing import cli, tasks  # noqa: F401 - tasks registers the sweep
from billing.bank.ibans import show_iban
from billing.bank.references import show_reference
from billing.bank.upn import PaymentSlip, picture
from billing.fiscal.code import digits_picture
from billing.fiscal.services import overdue
from billing.views import certificates, documents, finance, fiscal, movements, price_editor, prices
from billing.words import certificate_word, document_word, posting_word, price_exchange_word
from core.clock import utc_now
from core.health import add_note


def init_app(app: Flask) -> None:
    """Register pages, commands and words."""
    for module in (prices, price_editor, documents, finance, certificates, fiscal, movements):
        app.register_blueprint(module.blueprint)
    app.cli.add_command(cli.group)
    add_note(app, "fiscal", _fiscal_note)
    app.jinja_env.filters.update(iban=show_iban, reference=show_reference, upn=_upn,
                                 digits_code=_digits_code)
    app.jinja_env.globals.update(certificate_word=certificate_word, document_word=document_word,
                                 posting_word=posting_word, price_exchange_word=price_exchange_word)


def _upn(slip: PaymentSlip) -> Markup:
    return Markup(picture(slip))  # noqa: S704 - drawn here, square by square


def _digits_code(digits: str) -> Markup:
    return Markup(digits_picture(digits))  # noqa: S704 - drawn here, square by square


def _fiscal_note() -> str:
    late = overdue(utc_now())
    return f"{late} documents without their unique mark after the last day" if late else ""
