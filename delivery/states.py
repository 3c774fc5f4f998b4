"""States of shifts and stops (pure)."""
from __future__ import annotations

from enum import StrEnum


class ShiftStatus(StrEnum):
    """A vehicle with its driver for some hours. ENDED takes no more stops."""

    PLANNED = "planned"
    ACTIVE = "active"
    ENDED = "ended"
    DOWN = "down"


class StopStatus(StrEnum):
    """Where a stop stands. UNASSIGNED has no shift; EN_ROUTE begins when the van leaves for it (Y-07)."""

    UNASSIGNED = "unassigned"
    PLANNED = "planned"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    DONE = "done"
    FAILED = "failed"
    VOID = "void"


class StopKind(StrEnum):
    """What a stop serves (Y-02): an order, a case, or the van itself, which loads at its depot."""

    ORDER = "order"
    CASE = "case"
    RELOAD = "reload"


LIVE = frozenset({StopStatus.UNASSIGNED, StopStatus.PLANNED, StopStatus.EN_ROUTE, StopStatus.ARRIVED})
MOVABLE = frozenset({StopStatus.UNASSIGNED, StopStatus.PLANNED})


class FailReason(StrEnum):
    """Why a stop failed (PRODUCT U4)."""

    NOT_HOME = "not_home"
    WRONG_ADDRESS = "wrong_address"
    DAMAGED = "damaged"
    FOIL_REMOVED = "foil_removed"
    CUSTOMER_CANCELLED = "customer_cancelled"
    OTHER = "other"


class ProposalStatus(StrEnum):
    """A background result that may not apply itself (Y-06)."""

    OPEN = "open"
    APPLIED = "applied"
    DISCARDED = "discarded"
    STALE = "stale"


class DayKind(StrEnum):
    """Days on which traffic is alike. SUNDAY stands for public holidays as well."""

    WORKDAY = "workday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class FactorSource(StrEnum):
    """Where a travel factor comes from: set by a person, or fitted from recorded stops."""

    MANUAL = "manual"
    FITTED = "fitted"
