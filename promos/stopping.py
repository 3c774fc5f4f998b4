"""A customer who answers an offer with STOP gets no more of them (K-23).

Nothing is noted on the message: a standing yes that is older than a STOP from its customer's number is what has to be
taken back, so the work is found again however often it is looked for.
"""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from accounts.models import Consent, ConsentKind, Customer
from accounts.services import record_consent
from core.db import db
from core.signals import sms_received
from core.tasks import kick
from notify.models import InboundSms

SWEEP = "promos.stops"
WORDS = ("STOP", "ODJAVA", "UNSUBSCRIBE")


def unheard() -> list[int]:
    """The customers with a yes that is older than their STOP."""
    body = sa.func.upper(sa.func.trim(InboundSms.body))
    said = sa.or_(*(sa.or_(body == word, body.startswith(f"{word} "), body.startswith(f"{word}.")) for word in WORDS))
    return list(db.session.scalars(
        sa.select(Customer.id).distinct().join(Consent, Consent.customer_id == Customer.id)
        .join(InboundSms, InboundSms.sender == Customer.phone_e164)
        .where(Consent.kind == ConsentKind.MARKETING_SMS, Consent.given, Consent.withdrawn_at.is_(None),
               InboundSms.received_at >= Consent.at, said).order_by(Customer.id)))


def take_back() -> int:
    """Record their no; how many."""
    customers = unheard()
    for customer_id in customers:
        record_consent(customer_id=customer_id, ref=f"customer:{customer_id}", kind=ConsentKind.MARKETING_SMS,
                       given=False, channel="sms", actor="customer")
    return len(customers)


def connect() -> None:
    """Look at once when a message comes in; the sweep finds it anyway."""
    sms_received.connect(_heard)


def _heard(_sender: object, **_ids: Any) -> None:
    kick(SWEEP)
