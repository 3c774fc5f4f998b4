"""Local dates, opening hours and deadlines of Ljubljana."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LJUBLJANA = ZoneInfo("Europe/Ljubljana")
SATURDAY = 5


def local(instant: datetime) -> datetime:
    """The instant as the clocks of Ljubljana show it."""
    return instant.astimezone(LJUBLJANA)


def local_date(instant: datetime) -> date:
    """The day in Ljubljana at that instant."""
    return local(instant).date()


def at_local(day: date, clock: time) -> datetime:
    """The instant (UTC) at which Ljubljana's clocks show `clock` on `day`."""
    return datetime.combine(day, clock, tzinfo=LJUBLJANA).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """The first instant of a local day."""
    return at_local(day, time.min)


def end_of_day(day: date) -> datetime:
    """The last whole second of a local day, 23.59.59."""
    return at_local(day, time(23, 59, 59))


@lru_cache(maxsize=16)
def _holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("SI", years=year)


def is_holiday(day: date) -> bool:
    """A work-free public holiday of Slovenia."""
    return day in _holidays(day.year)


def is_working_day(day: date) -> bool:
    """Neither Saturday, Sunday nor public holiday (X-19)."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def customer_deadline(event_on: date, days: int) -> date:
    """The last day of a customer's period: the event's day is not counted; it rolls to a working day (X-19, K-20)."""
    last = event_on + timedelta(days=days)
    while not is_working_day(last):
        last += timedelta(days=1)
    return last


def company_deadline(event_on: date, days: int) -> date:
    """The last day of the company's own period: never moves later (X-19)."""
    return event_on + timedelta(days=days)


def days_left(last: date, today: date) -> int:
    """Whole days until `last`; 0 on the last day, negative when over."""
    return (last - today).days


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """Weekly hours (X-15): per weekday 0 = Monday .. 6 an (open, close) pair of local times, or None when closed.

    A close of 00.00 means the end of that day. `closed_on_holidays` closes public holidays.
    """

    week: tuple[tuple[time, time] | None, ...]
    closed_on_holidays: bool = True

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing instants of a day; None when closed."""
        hours = self.week[day.weekday()]
        if hours is None or (self.closed_on_holidays and is_holiday(day)):
            return None
        opens, closes = hours
        end = start_of_day(day + timedelta(days=1)) if closes == time.min else at_local(day, closes)
        return at_local(day, opens), end

    def is_open(self, instant: datetime) -> bool:
        """Open at that instant; closing time itself is closed."""
        hours = self.on(local_date(instant))
        return hours is not None and hours[0] <= instant < hours[1]

    def clock_start(self, accepted_at: datetime) -> datetime:
        """When the 1-2 h clock begins: at acceptance inside the hours, else at the next opening (X-15)."""
        day = local_date(accepted_at)
        for _ in range(60):
            hours = self.on(day)
            if hours is not None and accepted_at < hours[1]:
                return max(accepted_at, hours[0])
            day += timedelta(days=1)
        raise ValueError("no opening within 60 days")

    def next_delivery_day(self, after: date) -> date:
        """The first day after `after` on which deliveries are made (H-123, X-03)."""
        for distance in range(1, 61):
            day = after + timedelta(days=distance)
            if self.on(day) is not None:
                return day
        raise ValueError("no opening within 60 days")


def hours_from_setting(value: dict[str, list[str] | None], closed_on_holidays: bool) -> OpeningHours:
    """Hours from a setting: `{"mon": ["07:00", "20:00"], ..., "sun": null}`."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week: list[tuple[time, time] | None] = []
    for name in names:
        pair = value.get(name)
        week.append((time.fromisoformat(pair[0]), time.fromisoformat(pair[1])) if pair else None)
    return OpeningHours(week=tuple(week), closed_on_holidays=closed_on_holidays)
