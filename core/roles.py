"""Who may do what (Y-16)."""
from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The roles of Y-16, and the clerk at a unit's counter (docs/adr/0016)."""

    CUSTOMER = "customer"
    AGENT = "agent"
    DISPATCHER = "dispatcher"
    DRIVER = "driver"
    FINANCE = "finance"
    TECHNICAL = "technical"
    COUNTER = "counter"
    MARKETING = "marketing"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


STAFF_ROLES = frozenset(Role) - {Role.CUSTOMER}
