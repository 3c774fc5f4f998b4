"""The driver's job list by SMS: versioned, one message per stop, changes only after the first (PRODUCT U4, Y-13)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was sent: the list's version, how many messages, and the driver's page."""

    version: int
    messages: int
    path: str


def publish(shift_id: int, *, now: datetime, actor: str) -> Published:
    """Send the van's list to its driver: all of it the first time, then the changes. Inside a unit of work.

    Raises UnknownShift, ShiftClosed, NothingToPublish; StalePlan when two published at once.
    """
    raise NotImplementedError


def list_changed(shift_id: int) -> bool:
    """Whether the route differs from what its driver was sent last."""
    raise NotImplementedError


def driver_path(shift_id: int, now: datetime) -> str:
    """The path of the driver's page `/d/<token>`; makes a link where none is valid. Inside a unit of work."""
    raise NotImplementedError
