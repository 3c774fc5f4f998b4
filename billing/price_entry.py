"""Entering and withdrawing future prices, and the list of all of them (H-041).

What holds at an instant is answered by billing.queries alone. A price that has begun to hold is never touched, so what
was true for an order stays true.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from billing.errors import PriceHolds, UnknownProduct, WrongPrice
from billing.models import Price, Product
from billing.queries import PAGE, Page
from core import audit
from core.audit import AuditEntry
from core.db import changed_rows, db, insert_new
from core.money import format_eur

LEAST_CENTS, MOST_CENTS = 100, 100_000
VAT_PERMILLES = (220, 95, 50)
FARTHEST = timedelta(days=2 * 366)
ENTERED, WITHDRAWN = "price.entered", "price.withdrawn"


class PriceStanding(StrEnum):
    """Where a price stands in time."""

    OVER = "over"
    HOLDS = "holds"
    COMING = "coming"


@dataclass(frozen=True, kw_only=True)
class PriceRow:
    """A price as the list shows it."""

    id: int
    product_code: str
    name_sl: str
    name_en: str
    gross_cents: int
    vat_permille: int
    valid_from: datetime
    standing: PriceStanding

    def name(self, language: str) -> str:
        """The product's name in Slovene or English."""
        return self.name_en if language == "en" else self.name_sl


def enter_price(product_code: str, gross_cents: int, vat_permille: int, valid_from: datetime, *, sure: bool = False,
                now: datetime, actor: str) -> None:
    """Let a price (VAT included) hold from a future instant on; the same one again changes nothing.

    UnknownProduct; WrongPrice with its field: a time that is past or years away, another price from that very
    instant, an absurd amount, an unknown VAT rate; and, unless the person is `sure`, an amount that is less than half
    or more than twice the one before it.
    """
    if db.session.get(Product, product_code) is None:
        raise UnknownProduct(product_code=product_code)
    _require_time(valid_from, now)
    if not LEAST_CENTS <= gross_cents <= MOST_CENTS:
        raise WrongPrice(_l("The amount must be between %(low)s and %(high)s.", low=format_eur(LEAST_CENTS),
                            high=format_eur(MOST_CENTS)), field="price")
    if vat_permille not in VAT_PERMILLES:
        raise WrongPrice(_l("Choose one of the values offered."), field="vat")
    before = db.session.scalar(sa.select(Price.gross_cents).where(
        Price.product_code == product_code, Price.valid_from < valid_from).order_by(Price.valid_from.desc()).limit(1))
    if before is not None and not sure and not before <= 2 * gross_cents <= 4 * before:
        raise WrongPrice(_l("The price before is %(before)s, so this looks like a slip. Check it; if it is right, tick "
                            "below that you are sure.", before=format_eur(before)), field="price")
    values = {"product_code": product_code, "gross_cents": gross_cents, "vat_permille": vat_permille,
              "valid_from": valid_from}
    if insert_new(Price, ["product_code", "valid_from"], values):
        _note(ENTERED, actor, values)
        return
    there = db.session.scalars(sa.select(Price).where(
        Price.product_code == product_code, Price.valid_from == valid_from)).one()
    if (there.gross_cents, there.vat_permille) != (gross_cents, vat_permille):
        raise WrongPrice(_l("A price of %(amount)s is entered from that very time already. Withdraw it first, or "
                            "choose another time.", amount=format_eur(there.gross_cents)), field="valid_on")


def withdraw_price(price_id: int, *, now: datetime, actor: str) -> None:
    """Take back a price that does not hold yet: the one before it goes on. PriceHolds once it has begun or is gone."""
    price = db.session.get(Price, price_id)
    if price is None:
        raise PriceHolds(price_id=price_id)
    values = {"product_code": price.product_code, "gross_cents": price.gross_cents,
              "vat_permille": price.vat_permille, "valid_from": price.valid_from}
    if changed_rows(sa.delete(Price).where(Price.id == price_id, Price.valid_from > now)) != 1:
        raise PriceHolds(price_id=price_id)
    _note(WITHDRAWN, actor, values)


def prices(now: datetime, *, page: int = 1) -> Page[PriceRow]:
    """All prices: by product as the public list orders them, the latest first."""
    holds = (sa.select(sa.func.max(Price.valid_from)).where(
        Price.product_code == Product.code, Price.valid_from <= now).correlate(Product).scalar_subquery())
    standing = sa.case((Price.valid_from > now, PriceStanding.COMING.value),
                       (Price.valid_from == holds, PriceStanding.HOLDS.value), else_=PriceStanding.OVER.value)
    total = db.session.scalar(sa.select(sa.func.count(Price.id))) or 0
    page = min(max(1, page), max(1, -(-total // PAGE)))
    rows = db.session.execute(
        sa.select(Price.id, Price.product_code, Product.name_sl, Product.name_en, Price.gross_cents,
                  Price.vat_permille, Price.valid_from, standing.label("standing"))
        .join(Product, Product.code == Price.product_code)
        .order_by(Product.position, Product.code, Price.valid_from.desc())
        .limit(PAGE).offset((page - 1) * PAGE))
    return Page(rows=[PriceRow(**{**row._mapping, "standing": PriceStanding(row.standing)}) for row in rows],
                total=total, page=page)


def changes(limit: int = PAGE) -> Sequence[AuditEntry]:
    """Who entered and withdrew which price, the latest first: withdrawn ones are remembered here."""
    return db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action.in_([ENTERED, WITHDRAWN]))
                              .order_by(AuditEntry.id.desc()).limit(limit)).all()


def products() -> Sequence[Product]:
    """What can have a price, as the public list orders it."""
    return db.session.scalars(sa.select(Product).order_by(Product.position, Product.code)).all()


def _require_time(valid_from: datetime, now: datetime) -> None:
    if valid_from <= now:
        raise WrongPrice(_l("A price can only be entered for a time that is still to come."), field="valid_on")
    if valid_from - now > FARTHEST:
        raise WrongPrice(_l("Choose a date that is not so far away."), field="valid_on")


def _note(action: str, actor: str, values: dict[str, object]) -> None:
    details = {**values, "valid_from": str(values["valid_from"])}
    audit.record(action, f"price:{values['product_code']}", actor=actor, **details)
