"""Stops come from orders and cases, and are void when their source no longer wants a visit (Y-02)."""
from __future__ import annotations

from datetime import datetime


def ensure_stops(now: datetime) -> tuple[int, ...]:
    """Make a stop for every order and case that wants one, void the stops whose source does not; inside a unit of work.

    Returns the depots whose plan changed. Idempotent.
    """
    raise NotImplementedError
