"""What happened on a simulated day. Every figure of the report follows from these events alone."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class What(StrEnum):
    """Kinds of events. START is the moment at the door from which service counts."""

    ASKED = "asked"
    REFUSED = "refused"
    PLACED = "placed"
    CANCELLED = "cancelled"
    CANCELLED_TOO_LATE = "cancelled_too_late"
    LEFT = "left"
    STARTED = "started"
    DELIVERED = "delivered"
    FAILED = "failed"
    RELOADED = "reloaded"
    VAN_DOWN = "van_down"
    HOME = "home"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened, to an order (by its number in the script), to a van, or to both."""

    at: datetime
    what: What
    order: int | None = None
    van: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        """The event as plain values."""
        facts = {name: value.isoformat() if isinstance(value, datetime) else value
                 for name, value in self.facts.items()}
        return {"at": self.at.isoformat(), "what": self.what.value, "order": self.order, "van": self.van, **facts}


@dataclass(kw_only=True)
class DayLog:
    """The events of a day and how long the planning took, in milliseconds by kind of work.

    `most_within_60`: so many orders could be served within the hour if the others were left out (hindsight only).
    """

    policy: str
    vans: int
    events: list[Event] = field(default_factory=list)
    took_ms: dict[str, list[float]] = field(default_factory=dict)
    improvements: dict[str, int] = field(default_factory=dict)
    most_within_60: int | None = None

    def note(self, at: datetime, what: What, *, order: int | None = None, van: int | None = None,
             **facts: Any) -> None:
        """Write an event down."""
        self.events.append(Event(at=at, what=what, order=order, van=van, facts=facts))

    def took(self, work: str, milliseconds: float) -> None:
        """Write down how long something took."""
        self.took_ms.setdefault(work, []).append(milliseconds)
