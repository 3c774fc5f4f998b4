"""Payments as they came."""
from __future__ import annotations

from datetime import datetime

from billing.models import Payment
from billing.states import PaymentMethod
from core.db import db


def record_payment(*, order_ref: str, method: str, amount_cents: int, at: datetime, actor: str,
                   scheme: str = "") -> Payment:
    """Note money that came for an order, or went back (negative); `method` is cash, card or ebank.

    The ledger is posted apart: a payment row says who paid how, the ledger where the money is.
    """
    payment = Payment(order_ref=order_ref, method=PaymentMethod(method), amount_cents=amount_cents, at=at, actor=actor,
                      scheme=scheme)
    db.session.add(payment)
    db.session.flush()
    return payment
