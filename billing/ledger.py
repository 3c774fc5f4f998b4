"""Double entry for money and cylinders: append-only, each transaction zero in every unit.

Amounts are cents under the unit `EUR` and numbers of cylinders under their type. Nothing is kept that cannot be
added up from the entries: cash in a driver's pocket and full cylinders on a van are balances.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from billing.chart import vehicle_empty, vehicle_full, vehicle_held
from billing.entries import Entry, balanced
from billing.errors import UnbalancedEntries
from billing.models import LedgerEntry, LedgerTransaction
from core.db import db, insert_new

__all__ = ["Entry", "UnbalancedEntries", "VehicleStock", "balance", "balances", "post", "trial_balance",
           "unbalanced_transactions", "vehicle_stock"]


@dataclass(frozen=True, kw_only=True)
class VehicleStock:
    """Cylinders on a van by type. `held` ones take room and are not for delivery (H-079, H-165)."""

    full: dict[str, int] = field(default_factory=dict)
    empty: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)


def post(kind: str, ref: str, entries: Iterable[Entry], *, at: datetime, dedupe_key: str,
         actor: str) -> LedgerTransaction:
    """Post the entries as one transaction in the open unit of work.

    A second post with the same `dedupe_key` writes nothing and returns the first transaction. Raises
    UnbalancedEntries unless every unit sums to 0, or when there is nothing to post.
    """
    rows = balanced(entries)
    is_new = insert_new(LedgerTransaction, ["dedupe_key"],
                        {"at": at, "kind": kind, "ref": ref, "dedupe_key": dedupe_key, "actor": actor})
    transaction = db.session.scalars(
        sa.select(LedgerTransaction).where(LedgerTransaction.dedupe_key == dedupe_key)).one()
    if is_new:
        db.session.add_all(LedgerEntry(transaction_id=transaction.id, account=row.account, unit=row.unit,
                                       amount=row.amount) for row in rows)
        db.session.flush()
    return transaction


def is_posted(dedupe_key: str) -> bool:
    """Whether something was posted with this key."""
    return db.session.scalar(sa.select(LedgerTransaction.id).where(
        LedgerTransaction.dedupe_key == dedupe_key)) is not None


def balance(account: str, unit: str) -> int:
    """What an account holds of a unit."""
    return int(db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount), 0)).where(
        LedgerEntry.account == account, LedgerEntry.unit == unit)) or 0)


def balances(prefix: str) -> dict[tuple[str, str], int]:
    """Balances other than zero of all accounts whose name begins with `prefix`, by (account, unit)."""
    total = sa.func.sum(LedgerEntry.amount)
    rows = db.session.execute(
        sa.select(LedgerEntry.account, LedgerEntry.unit, total)
        .where(LedgerEntry.account.startswith(prefix, autoescape=True))
        .group_by(LedgerEntry.account, LedgerEntry.unit).having(total != 0)
        .order_by(LedgerEntry.account, LedgerEntry.unit))
    return {(account, unit): int(amount) for account, unit, amount in rows}


def trial_balance() -> dict[str, int]:
    """The sum of everything per unit: all 0 in a sound ledger."""
    rows = db.session.execute(sa.select(LedgerEntry.unit, sa.func.sum(LedgerEntry.amount))
                              .group_by(LedgerEntry.unit).order_by(LedgerEntry.unit))
    return {unit: int(amount) for unit, amount in rows}


def unbalanced_transactions() -> list[tuple[int, str, int]]:
    """(transaction id, unit, sum) wherever one is not zero in a unit; (id, "", 0) where one has no entry at all."""
    total = sa.func.sum(LedgerEntry.amount)
    wrong = db.session.execute(sa.select(LedgerEntry.transaction_id, LedgerEntry.unit, total)
                               .group_by(LedgerEntry.transaction_id, LedgerEntry.unit).having(total != 0)
                               .order_by(LedgerEntry.transaction_id, LedgerEntry.unit))
    bare = db.session.scalars(sa.select(LedgerTransaction.id).where(~LedgerTransaction.entries.any())
                              .order_by(LedgerTransaction.id))
    return [(number, unit, int(amount)) for number, unit, amount in wrong] + [(number, "", 0) for number in bare]


def vehicle_stock(vehicle_ids: Iterable[int]) -> dict[int, VehicleStock]:
    """What each of these vans carries, in one query; every asked van has a row."""
    stock = {vehicle_id: VehicleStock() for vehicle_id in vehicle_ids}
    places = {}
    for vehicle_id, carried in stock.items():
        places[vehicle_full(vehicle_id)] = carried.full
        places[vehicle_empty(vehicle_id)] = carried.empty
        places[vehicle_held(vehicle_id)] = carried.held
    total = sa.func.sum(LedgerEntry.amount)
    rows = db.session.execute(sa.select(LedgerEntry.account, LedgerEntry.unit, total)
                              .where(LedgerEntry.account.in_(places)).group_by(LedgerEntry.account, LedgerEntry.unit)
                              .having(total != 0))
    for account, unit, amount in rows:
        places[account][unit] = int(amount)
    return stock
