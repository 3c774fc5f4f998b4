"""Who may do what (Y-16)."""
from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The nine roles of Y-16."""

    CUSTOMER = "customer"
    AGENT = "agent"
    DISPATCHER = "dispatcher"
    DRIVER = "driver"
    FINANCE = "finance"
    TECHNICAL = "technical"
    MARKETING = "marketing"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


STAFF_ROLES = frozenset(Role) - {Role.CUSTOMER}
