"""A file of SEPA credit transfers (ISO 20022 pain.001.001.09), by sepaxml and checked against the schema (pure)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sepaxml import SepaTransfer

SCHEMA = "pain.001.001.09"


@dataclass(frozen=True, kw_only=True)
class Payer:
    """Whose account is debited; without a BIC the bank takes it from the IBAN."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, kw_only=True)
class Payee:
    """One transfer: who gets how much for what. `key` is the payer's own, at most 35 characters."""

    key: str
    name: str
    iban: str
    amount_cents: int
    purpose: str


def transfer_file(payer: Payer, payees: Sequence[Payee], *, execute_on: date) -> str:
    """The file as text. ValueError without transfers; the library's ValidationError where it breaks the schema."""
    if not payees:
        raise ValueError("a file of no transfers")
    ours = {"name": payer.name[:70], "IBAN": payer.iban, "batch": True, "currency": "EUR"}
    if payer.bic:
        ours["BIC"] = payer.bic
    made = SepaTransfer(ours, schema=SCHEMA, clean=True)
    for payee in payees:
        made.add_payment({"name": payee.name[:70], "IBAN": payee.iban, "amount": payee.amount_cents,
                          "execution_date": execute_on, "description": payee.purpose[:140],
                          "endtoend_id": payee.key[:35]})
    content: bytes = made.export(validate=True)
    return content.decode("utf-8")
