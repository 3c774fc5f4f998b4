"""Refusals of notify."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l

from core.errors import DomainError


class NotUnknown(DomainError):
    """Only a message with unknown outcome is decided about by a person."""

    code = "message_not_unknown"
    message = _l("What came of this message is known already.")
