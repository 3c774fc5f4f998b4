"""Planning that reads, computes with no transaction open, and writes: opens its own units of work.

Called after a commit by signals, by sweeps and by the command line; never inside a unit of work.
"""
from __future__ import annotations

from datetime import datetime


def insert_open(depot_id: int, now: datetime) -> int:
    """Insert the depot's stops without a van into its routes; returns how many found a place. Well under a second."""
    raise NotImplementedError


def improve(depot_id: int, now: datetime, *, time_limit_ms: int | None = None) -> str:
    """Improve the plan in solver processes: `applied`, `proposed`, `unchanged`, `stale` or `busy` (Y-06)."""
    raise NotImplementedError
