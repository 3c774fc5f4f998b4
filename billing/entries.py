"""One line of a posting (pure)."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from billing.errors import UnbalancedEntries


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`amount` of a `unit` into (positive) or out of (negative) an account: cents of `EUR`, or cylinders of a type."""

    account: str
    unit: str
    amount: int


def moved(source: str, target: str, unit: str, amount: int) -> tuple[Entry, ...]:
    """`amount` of a unit from one account to another; nothing for 0."""
    if amount == 0:
        return ()
    return (Entry(account=source, unit=unit, amount=-amount), Entry(account=target, unit=unit, amount=amount))


def balanced(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries with one row per account and unit, without zeros. UnbalancedEntries when a unit does not sum to 0.

    Also for entries that leave nothing to post.
    """
    sums: dict[tuple[str, str], int] = defaultdict(int)
    units: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.account, entry.unit] += entry.amount
        units[entry.unit] += entry.amount
    wrong = {unit: amount for unit, amount in units.items() if amount}
    if wrong:
        raise UnbalancedEntries(f"entries do not balance: {wrong}")
    rows = tuple(Entry(account=account, unit=unit, amount=amount) for (account, unit), amount in sums.items() if amount)
    if not rows:
        raise UnbalancedEntries("nothing to post")
    return rows
