"""The words for roles, consents and acts in the audit trail."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.models import ConsentKind
from core.roles import Role

_ROLES = {
    Role.CUSTOMER: _l("customer"),
    Role.AGENT: _l("agent"),
    Role.DISPATCHER: _l("dispatcher"),
    Role.DRIVER: _l("driver"),
    Role.FINANCE: _l("finance"),
    Role.TECHNICAL: _l("technical sector"),
    Role.COUNTER: _l("counter clerk"),
    Role.MARKETING: _l("marketing"),
    Role.ADMINISTRATOR: _l("administrator"),
    Role.AUDITOR: _l("auditor"),
}
_CONSENTS = {
    ConsentKind.GDPR_STATEMENT: _l("GDPR statement"),
    ConsentKind.MARKETING_SMS: _l("offers by SMS"),
}


def role_word(role: Role) -> Any:
    """The role as people say it."""
    return _ROLES[role]


def consent_word(kind: ConsentKind) -> Any:
    """What was agreed to, as people say it."""
    return _CONSENTS[kind]
