"""States of a proposed change and of a grievance (pure)."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ChangeKind(StrEnum):
    """What the company wants to change (H-046)."""

    ITEM = "item"
    TIME = "time"
    PRICE = "price"


class ChangeStatus(StrEnum):
    """A change is asked once and answered once (X-27)."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    SUBSTITUTED = "substituted"
    CANCELLED = "cancelled"


class GrievanceStatus(StrEnum):
    """Where a grievance stands (H-170)."""

    RECEIVED = "received"
    OFFERED = "offered"
    AGREED = "agreed"
    DECLINED = "declined"
    CLOSED = "closed"


class GrievanceAction(StrEnum):
    """What can be done to a grievance."""

    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    CLOSE = "close"


S, A = GrievanceStatus, GrievanceAction

TRANSITIONS: Mapping[tuple[GrievanceStatus, GrievanceAction], GrievanceStatus] = {
    (S.RECEIVED, A.OFFER): S.OFFERED,
    (S.RECEIVED, A.CLOSE): S.CLOSED,
    (S.OFFERED, A.ACCEPT): S.AGREED,
    (S.OFFERED, A.DECLINE): S.DECLINED,
    (S.DECLINED, A.OFFER): S.OFFERED,
    (S.DECLINED, A.CLOSE): S.CLOSED,
    (S.AGREED, A.CLOSE): S.CLOSED,
}
