"""Refusals by the rules. Raised in services, translated once in core.http."""
from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A refusal by the rules.

    `code` is stable and fit for logs and the API; `status` the HTTP status; `message` a lazily translated
    sentence for the person; `field` the form field it belongs to, if one; `details` ids for the log.
    """

    code = "refused"
    status = 409
    message: Any = ""
    field: str | None = None

    def __init__(self, message: Any = None, *, field: str | None = None, **details: Any) -> None:
        if message is not None:
            self.message = message
        if field is not None:
            self.field = field
        self.details = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DomainError):
    """The thing does not exist, or is not this person's to see."""

    code = "not_found"
    status = 404


class InvalidInput(DomainError):
    """A value that cannot be used; says which field and why."""

    code = "invalid_input"
    status = 422
