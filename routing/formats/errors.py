"""What is wrong with a file."""
from __future__ import annotations


class FormatError(ValueError):
    """A file that cannot be read; one line that begins with the place."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
