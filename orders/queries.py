"""Reads of orders."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.db import db
from orders.errors import NoTerms, UnknownOrder, UnknownTerms
from orders.models import Order, TermsVersion
from orders.states import OrderStatus
from promos.queries import code_by_text
from promos.states import CodeAction, OrderEnd, end_action


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


def code_lost_by_cancelling(order: Order) -> bool:
    """Whether the code on an order is burnt when its customer cancels, by its campaign's policy (X-09)."""
    code = code_by_text(order.promo_code or "")
    return code is not None and end_action(code.campaign.burn_policy, OrderEnd.CANCELLED_BY_CUSTOMER) is CodeAction.BURN


def orders_awaiting_payment() -> Sequence[Order]:
    """E-bank orders that finance has not seen paid, the soonest delivery first."""
    return db.session.scalars(sa.select(Order).where(Order.status == OrderStatus.AWAITING_PAYMENT)
                              .order_by(Order.promised_from_at, Order.id)).all()


def orders_with_refund_due() -> Sequence[Order]:
    """Orders whose prepayment is owed back; oldest first."""
    return db.session.scalars(sa.select(Order).where(Order.refund_due_cents > 0, Order.refunded_at.is_(None))
                              .order_by(Order.id)).all()


def hold_orders_with_refund_due() -> None:
    """Hold these orders until the transaction ends; on SQLite every unit of work holds all."""
    db.session.execute(sa.select(Order.id).where(Order.refund_due_cents > 0, Order.refunded_at.is_(None))
                       .order_by(Order.id).with_for_update())


def current_terms(now: datetime) -> TermsVersion:
    """The general terms that hold at an instant (H-023). NoTerms when none were entered."""
    terms = db.session.scalar(sa.select(TermsVersion).where(TermsVersion.valid_from <= now)
                              .order_by(TermsVersion.valid_from.desc(), TermsVersion.id.desc()).limit(1))
    if terms is None:
        raise NoTerms
    return terms


def terms_by_version(version: str) -> TermsVersion:
    """The general terms of a version, also a past one (H-023); UnknownTerms if there is none."""
    terms = db.session.scalar(sa.select(TermsVersion).where(TermsVersion.version == version))
    if terms is None:
        raise UnknownTerms
    return terms


@dataclass(frozen=True, kw_only=True)
class OrderPage:
    """One page of a list, the number of all rows, and of pages (at least 1)."""

    rows: Sequence[Order]
    count: int
    page: int
    pages: int


def find_orders(text: str, status: OrderStatus | None, *, page: int = 1, size: int = 25) -> OrderPage:
    """Orders by parts of number, name, phone or street, newest first. For agents (Y-09)."""
    wanted = sa.select(Order)
    if status is not None:
        wanted = wanted.where(Order.status == status)
    for word in text.split()[:5]:
        columns = (Order.number, Order.contact_name, Order.street)
        spellings = {word, word.lower(), word.upper(), word.capitalize()}  # SQLite folds the case of ASCII only
        matches = [column.icontains(spelling, autoescape=True) for column in columns for spelling in sorted(spellings)]
        digits = "".join(character for character in word if character.isdigit()).lstrip("0")
        if len(digits) >= 3:
            matches.append(Order.phone_e164.contains(digits))
        wanted = wanted.where(sa.or_(*matches))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-count // size))
    page = min(max(page, 1), pages)
    rows = db.session.scalars(wanted.order_by(Order.id.desc()).limit(size).offset((page - 1) * size)).all()
    return OrderPage(rows=rows, count=count, page=page, pages=pages)
