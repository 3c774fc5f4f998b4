"""When a driver rests: the one rule by which breaks stand in a route.

A rest begins between two services, never during one, wherever the van then is. Breaks are taken in the order of
their windows. A break whose window has begun when a service is over is taken at once, before driving on. Otherwise
the van drives on, and rests on arrival if the whole rest fits into the time it would wait there anyhow, or if serving
first would make it too late for the break. Where even the arrival would be too late, it waits where it is until the
break may begin, rests and drives then. After the last visit a break whose window has begun is taken before the way
home; one whose window begins later is not needed, nor is any on a route without visits.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from routing.problem import Break

Breaks = tuple["Break", ...]


class Rest(NamedTuple):
    """A break as taken; `missed_s` are the seconds by which it begins after its window."""

    break_id: str
    start_s: int
    end_s: int
    missed_s: int
    on_arrival: bool


class Leg(NamedTuple):
    """The way to the next visit, with the rests before its service; `pending` are the breaks still to come."""

    arrive_s: int
    start_s: int
    pending: Breaks
    rests: tuple[Rest, ...]


def in_order(breaks: Breaks) -> Breaks:
    """Breaks in the order in which they are taken."""
    return tuple(sorted(breaks, key=lambda rest: (rest.earliest_s, rest.latest_s, rest.id)))


def leg(leave_s: int, drive_s: int, earliest_s: int, service_s: int, pending: Breaks) -> Leg:
    """Drive to a visit and start its service as early as the breaks allow. `leave_s`: the last service is over."""
    if not pending:
        arrive_s = leave_s + drive_s
        return Leg(arrive_s, max(arrive_s, earliest_s), pending, ())
    rests: list[Rest] = []
    now_s, left = leave_s, list(pending)
    while left and (now_s >= left[0].earliest_s or now_s + drive_s > left[0].latest_s):
        now_s = _take(left, rests, max(now_s, left[0].earliest_s), False)
    arrive_s = now_s = now_s + drive_s
    while left:
        begin_s = max(now_s, left[0].earliest_s)
        waits = begin_s <= left[0].latest_s and begin_s + left[0].duration_s <= earliest_s
        if not waits and max(now_s, earliest_s) + service_s <= left[0].latest_s:
            break
        now_s = _take(left, rests, begin_s, True)
    return Leg(arrive_s, max(now_s, earliest_s), tuple(left), tuple(rests))


def before_home(leave_s: int, pending: Breaks) -> tuple[int, tuple[Rest, ...]]:
    """When the van sets out for home after its last service, and the rests before that."""
    if not pending:
        return leave_s, ()
    rests: list[Rest] = []
    left = list(pending)
    while left and leave_s >= left[0].earliest_s:
        leave_s = _take(left, rests, leave_s, False)
    return leave_s, tuple(rests)


def _take(left: list[Break], rests: list[Rest], begin_s: int, on_arrival: bool) -> int:
    taken = left.pop(0)
    rests.append(Rest(taken.id, begin_s, begin_s + taken.duration_s, max(0, begin_s - taken.latest_s), on_arrival))
    return begin_s + taken.duration_s
