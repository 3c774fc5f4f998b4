"""What is wrong with a file."""
from __future__ import annotations

FILE = "file"  # the place of what is wrong with the whole file


class FormatError(ValueError):
    """A file that cannot be read; one line that begins with the place."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason

    def of(self, name: str) -> str:
        """The line with the file's name in front."""
        return f"{name}: {self.reason}" if self.place == FILE else f"{name}: {self}"
