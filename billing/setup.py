"""What billing adds to the application."""
from __future__ import annotations

from flask import Flask
from markupsafe import Markup

from billing import cli
from billing.bank.ibans import show_iban
from billing.bank.references import show_reference
from billing.bank.upn import PaymentSlip, picture
from billing.views import documents, finance, prices
from billing.words import certificate_word, document_word, posting_word, price_exchange_word


def init_app(app: Flask) -> None:
    """Register pages, commands and words."""
    for module in (prices, documents, finance):
        app.register_blueprint(module.blueprint)
    app.cli.add_command(cli.group)
    app.jinja_env.filters.update(iban=show_iban, reference=show_reference, upn=_upn)
    app.jinja_env.globals.update(certificate_word=certificate_word, document_word=document_word,
                                 posting_word=posting_word, price_exchange_word=price_exchange_word)


def _upn(slip: PaymentSlip) -> Markup:
    return Markup(picture(slip))  # noqa: S704 - drawn here, square by square
