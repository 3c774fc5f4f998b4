"""What is to happen when: the product's clock is moved on from one event to the next."""
from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from core import clock

Act = Callable[[], object]


class Agenda:
    """Events in the order of their instants; those of one instant in the order in which they were entered."""

    def __init__(self) -> None:
        self._events: list[tuple[datetime, int, Act]] = []
        self._numbers = count()

    def enter(self, at: datetime, act: Act) -> None:
        """Let something happen then, or at once if that is over."""
        heapq.heappush(self._events, (at, next(self._numbers), act))

    def run(self, *, after_each: Act) -> None:
        """Play until nothing is left. The clock has to be held."""
        while self._events:
            at, _, act = heapq.heappop(self._events)
            now = clock.utc_now()
            if at > now:
                clock.advance(at - now)
            act()
            after_each()
