"""Which promise a place in the plan is worth (pure rules over instants: H-110 to H-114, X-26)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core import calendar
from core.calendar import OpeningHours
from orders.states import DelayReason

ROUND_TO = timedelta(minutes=5)
SHORTEST_WINDOW = timedelta(minutes=60)


@dataclass(frozen=True, kw_only=True)
class PromiseRules:
    """The figures of the settings that hold now."""

    soft: timedelta
    hard: timedelta
    room: timedelta
    margin: timedelta
    window: timedelta
    quote: timedelta
    stops_per_van: int
    hours: OpeningHours
    factor: float
    usual_factor: float


def rounded_up(instant: datetime) -> datetime:
    """The next whole five minutes on Ljubljana's clocks."""
    midnight = calendar.start_of_day(calendar.local_date(instant))
    return midnight + -(-(instant - midnight) // ROUND_TO) * ROUND_TO


def hour_promise(clock_start_at: datetime, estimated_at: datetime, rules: PromiseRules) -> datetime:
    """By when to promise: 60 minutes where the plan leaves that much room for the orders to come, else 120 (H-110,
    H-111). What lies between is not promised: it would bind every later plan and help nobody (docs/adr/0013)."""
    within = rules.soft if estimated_at + rules.room <= clock_start_at + rules.soft else rules.hard
    return clock_start_at + within


def delay_reason(clock_start_at: datetime, promised_by_at: datetime, idle_at: datetime | None,
                 rules: PromiseRules) -> DelayReason | None:
    """Why a promise is beyond 60 minutes (H-112, X-26): other orders, if a van without any would come in time; else
    the traffic, if its factor is raised; else unforeseen. None within the hour."""
    soft = clock_start_at + rules.soft
    if promised_by_at <= soft:
        return None
    if idle_at is not None and idle_at + rules.margin <= soft:
        return DelayReason.SEVERAL_ORDERS
    return DelayReason.TRAFFIC if rules.factor > rules.usual_factor else DelayReason.UNFORESEEN


def windows_on(day: date, rules: PromiseRules, *, after: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows of a day inside the opening hours that begin after an instant (H-113)."""
    hours = rules.hours.on(day)
    if hours is None:
        return
    start, closes = hours
    if start == calendar.start_of_day(day):  # open around the clock: windows people like
        start = calendar.at_local(day, time(6))
    while start + SHORTEST_WINDOW <= closes:
        end = min(start + rules.window, closes)
        if start >= after:
            yield start, end
        start = end
