"""Background work of campaigns. Each sweep finds its work in the database and may run twice."""
from __future__ import annotations

import sqlalchemy as sa

from core.clock import utc_now
from core.db import db, unit_of_work
from core.tasks import sweep
from promos import mailing, services, stopping
from promos.models import PromoSend
from promos.states import SendState


@sweep("promos.holds", every_s=60)
def holds() -> int:
    """Free the codes whose 15 minutes are over (Y-12)."""
    if not services.held_too_long(utc_now()):
        return 0
    with unit_of_work():
        return services.lapse_holds(utc_now())


@sweep(mailing.SWEEP, every_s=10)
def mailings() -> int:
    """Send what mailings still owe, in portions, each in a transaction of its own."""
    sent = 0
    while db.session.scalar(sa.select(PromoSend.id).where(PromoSend.state == SendState.WAITING).limit(1)):
        with unit_of_work():
            portion = mailing.send_portion(utc_now())
        sent += portion
        if not portion:
            break
    return sent


@sweep(stopping.SWEEP, every_s=30)
def stops() -> int:
    """Take back the yes of customers who answered STOP (K-23)."""
    if not stopping.unheard():
        return 0
    with unit_of_work():
        return stopping.take_back()
