"""A circuit breaker: who does not answer is left alone for a while."""
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Breaker:
    """Opens after `failures` in a row for `pause_s`; then one question is let through to try. Thread-safe."""

    def __init__(self, name: str, *, failures: int = 3, pause_s: float = 30.0,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._limit, self._pause_s, self._clock = name, failures, pause_s, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._open_until: float | None = None
        self._trying = False
        self._reason = ""

    @property
    def note(self) -> str:
        """What is wrong, for people; empty while all is well."""
        with self._lock:
            return f"{self._name} does not answer: {self._reason}" if self._open_until is not None else ""

    def allows(self) -> bool:
        """Whether a question may be put now."""
        with self._lock:
            if self._open_until is None:
                return True
            if self._trying or self._clock() < self._open_until:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The server answered."""
        with self._lock:
            was_open, self._open_until = self._open_until is not None, None
            self._failed, self._trying, self._reason = 0, False, ""
        if was_open:
            log.warning("travel server %s answers again", self._name)

    def undecided(self) -> None:
        """The server answered, but nothing that tells whether it works: the next question tries it again."""
        with self._lock:
            self._trying = False

    def failed(self, reason: str) -> None:
        """The server gave no usable answer."""
        with self._lock:
            self._failed, self._trying, self._reason = self._failed + 1, False, reason
            opens = self._failed >= self._limit or self._open_until is not None
            first = opens and self._open_until is None
            if opens:
                self._open_until = self._clock() + self._pause_s
        if first:
            log.warning("travel server %s is left alone for %.0f s at a time: %s", self._name, self._pause_s, reason)
