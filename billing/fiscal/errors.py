"""Refusals of the verification."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l

from core.errors import DomainError


class NothingToRetry(DomainError):
    """It has its unique mark already, or does not exist."""

    code = "nothing_to_retry"
    message = _l("This document has its unique mark (EOR) already.")
