"""What is to happen when. Between events the product's clock is moved on, or real time is let pass."""
from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from itertools import count

from core import clock

Act = Callable[[], object]
Wait = Callable[[datetime], bool]
Around = Callable[[], AbstractContextManager[object]]


def move_on(at: datetime) -> bool:
    """Move the held clock on to an instant."""
    now = clock.utc_now()
    if at > now:
        clock.advance(at - now)
    return True


class Agenda:
    """Events in the order of their instants; those of one instant in the order in which they were entered."""

    def __init__(self) -> None:
        self._events: list[tuple[datetime, int, Act]] = []
        self._numbers = count()

    def enter(self, at: datetime, act: Act) -> None:
        """Let something happen then, or at once if that is over."""
        heapq.heappush(self._events, (at, next(self._numbers), act))

    def run(self, *, after_each: Act, wait: Wait = move_on, around: Around = nullcontext) -> None:
        """Play until nothing is left, or until `wait`, which lets time pass up to an instant, says no. Each event
        and what comes after it stand in a context of `around`."""
        while self._events and wait(self._events[0][0]):
            _, _, act = heapq.heappop(self._events)
            with around():
                act()
                after_each()
