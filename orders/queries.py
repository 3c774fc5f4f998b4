"""Reads of orders."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from core.db import db
from orders.errors import UnknownOrder, UnknownTerms
from orders.models import Order, TermsVersion
from orders.states import OPEN, OrderStatus


def order_by_id(order_id: int) -> Order:
    """The order; UnknownOrder if there is none."""
    order = db.session.get(Order, order_id)
    if order is None:
        raise UnknownOrder(order_id=order_id)
    return order


def order_by_number(number: str) -> Order | None:
    """The order of a public number like 2026-000123."""
    return db.session.scalar(sa.select(Order).where(Order.number == number.strip()))


def order_by_request_key(request_key: str) -> Order | None:
    """The order that this form has made already, if it has."""
    return db.session.scalar(sa.select(Order).where(Order.request_key == request_key))


def orders_of_phone(phone_e164: str, *, limit: int = 5) -> Sequence[Order]:
    """The newest orders of a number. For agents: a visitor never sees these (Y-09)."""
    return db.session.scalars(sa.select(Order).where(Order.phone_e164 == phone_e164)
                              .order_by(Order.created_at.desc(), Order.id.desc()).limit(limit)).all()


def orders_of_customer(customer_id: int, *, limit: int = 5) -> Sequence[Order]:
    """The newest orders joined to a customer's record."""
    return db.session.scalars(sa.select(Order).where(Order.customer_id == customer_id)
                              .order_by(Order.created_at.desc(), Order.id.desc()).limit(limit)).all()


def open_orders() -> Sequence[Order]:
    """Every order that is neither delivered, cancelled nor rejected; oldest first."""
    return db.session.scalars(sa.select(Order).where(Order.status.in_(OPEN)).order_by(Order.id)).all()


def orders_awaiting_payment() -> Sequence[Order]:
    """E-bank orders that finance has not seen paid, the soonest delivery first."""
    return db.session.scalars(sa.select(Order).where(Order.status == OrderStatus.AWAITING_PAYMENT)
                              .order_by(Order.promised_from_at, Order.id)).all()


def orders_with_refund_due() -> Sequence[Order]:
    """Orders whose prepayment is owed back; oldest first."""
    return db.session.scalars(sa.select(Order).where(Order.refund_due_cents > 0, Order.refunded_at.is_(None))
                              .order_by(Order.id)).all()


def current_terms(now: datetime) -> TermsVersion:
    """The general terms that hold at an instant (H-023). LookupError when none were loaded."""
    terms = db.session.scalar(sa.select(TermsVersion).where(TermsVersion.valid_from <= now)
                              .order_by(TermsVersion.valid_from.desc(), TermsVersion.id.desc()).limit(1))
    if terms is None:
        raise LookupError("no general terms hold")
    return terms


def terms_by_version(version: str) -> TermsVersion:
    """The general terms of a version, also a past one (H-023); UnknownTerms if there is none."""
    terms = db.session.scalar(sa.select(TermsVersion).where(TermsVersion.version == version))
    if terms is None:
        raise UnknownTerms
    return terms
