"""Which stops automatic planning leaves where they are (Y-05)."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from delivery.live import AT_WORK
from delivery.models import Shift, Stop
from delivery.states import StopKind
from delivery.visits import promise_of


def frozen_count(shift: Shift, route: Sequence[Stop], now: datetime, freeze: timedelta, drive: timedelta, *,
                 unlocked: bool = False) -> int:
    """How many stops at the beginning of a route are frozen; `drive` is the way to the next one.

    Frozen are the current and the next stop, anything within the freeze minutes, anything whose customer was told
    that the van comes next, and locked stops; whatever stands before a frozen stop is frozen with it. A next stop
    whose window opens much later is not: the van would only wait for it. Nor is a call at the depot by itself: nobody
    waits there. `unlocked`: as if nothing were locked.
    """
    last = 0
    current = bool(route) and route[0].status in AT_WORK
    for number, stop in enumerate(route, start=1):
        if stop.kind is StopKind.RELOAD and stop.status not in AT_WORK and not stop.locked:
            continue
        soon = stop.planned_start_at is not None and stop.planned_start_at <= now + freeze
        if stop.status in AT_WORK or (stop.locked and not unlocked) or stop.next_told_at is not None or soon:
            last = number
        elif number == 1 + current and shift.starts_at <= now:
            free_at = now if not current else max(now, route[0].planned_leave_at or now)
            leaves_at = max(free_at, promise_of(stop.source).from_at - drive)
            if leaves_at <= now + freeze:
                last = number
    return last
