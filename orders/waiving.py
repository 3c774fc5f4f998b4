"""Giving back a deposit that was kept for a damaged cylinder (X-06): finance or a dispatcher, with a reason, once."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from billing import chart
from billing.bank.ibans import checked_iban
from billing.bank.models import Transfer
from billing.entries import moved
from billing.ledger import post
from core import audit
from core.db import changed_rows, db
from orders.errors import NothingKept, WrongState
from orders.events import note_event
from orders.models import Handover, Order
from orders.queries import order_by_id


def kept_deposits(*, most: int = 100) -> Sequence[Handover]:
    """Deliveries at which a deposit was kept and not given back, the latest first."""
    return db.session.scalars(sa.select(Handover).where(
        Handover.kept_deposit_cents > 0, Handover.waived_at.is_(None)).order_by(Handover.id.desc()).limit(most)).all()


def waive_kept_deposit(order_id: int, *, reason: str, iban: str | None, now: datetime, actor: str) -> Order:
    """The kept deposit is due back by transfer. NothingKept for a second time or where none was kept; WrongIban;
    WrongState where another refund of this order was transferred or stands in a file for the bank with its amount."""
    account = checked_iban(iban)
    order = order_by_id(order_id)
    guarded = sa.update(Handover).where(Handover.order_id == order_id, Handover.kept_deposit_cents > 0,
                                        Handover.waived_at.is_(None))
    if changed_rows(guarded.values(waived_at=now)) != 1:
        raise NothingKept(order_id=order_id)
    cents = db.session.scalars(sa.select(Handover.kept_deposit_cents).where(Handover.order_id == order_id)).one()
    db.session.execute(sa.select(Order.id).where(Order.id == order_id).with_for_update())  # waits for a file being made
    in_file = sa.exists().where(Transfer.subject == order.ref)
    due = sa.update(Order).where(Order.id == order_id, Order.refunded_at.is_(None), ~in_file).values(
        refund_due_cents=Order.refund_due_cents + cents, refund_iban=account or Order.refund_iban)
    if changed_rows(due) != 1:
        raise WrongState(order_id=order_id)
    post("deposit_waived", order.ref, moved(chart.REFUNDS_DUE, chart.KEPT_DEPOSITS, chart.EUR, cents), at=now,
         dedupe_key=f"{order.ref}:deposit_waived", actor=actor)
    note_event(order, "deposit_waived", now=now, actor=actor, amount_cents=cents, reason=reason[:200])
    audit.record("deposit_waived", order.ref, actor=actor, amount_cents=cents, reason=reason[:200])
    db.session.refresh(order)
    return order
