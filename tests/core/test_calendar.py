"""Holidays, deadlines and opening hours: vectors of DOMAIN section 4."""
from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import settings
from core.calendar import (
    OpeningHours,
    at_local,
    company_deadline,
    customer_deadline,
    days_left,
    end_of_day,
    hours_from_setting,
    is_holiday,
    is_working_day,
    local,
    local_date,
    start_of_day,
)

HOLIDAYS_2026 = ["01-01", "01-02", "02-08", "04-05", "04-06", "04-27", "05-01", "05-02", "05-24", "06-25", "08-15",
                 "10-31", "11-01", "12-25", "12-26"]
DEFAULT = hours_from_setting(settings.DEFAULTS["opening_hours"], True)


def test_the_work_free_days_of_2026_are_these() -> None:
    found = [day.strftime("%m-%d") for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
             if is_holiday(day)]
    assert found == HOLIDAYS_2026


def test_a_state_holiday_that_is_worked_is_a_working_day() -> None:
    assert is_working_day(date(2026, 9, 23)) is True


def test_a_day_off_for_one_year_only_counts() -> None:
    assert is_holiday(date(2023, 8, 14)) is True
    assert is_holiday(date(2024, 8, 14)) is False


@pytest.mark.parametrize(("event", "days", "last"), [
    (date(2026, 4, 17), 14, date(2026, 5, 4)), (date(2026, 11, 8), 14, date(2026, 11, 23)),
    (date(2026, 12, 11), 14, date(2026, 12, 28)), (date(2026, 12, 24), 8, date(2027, 1, 4)),
    (date(2026, 12, 18), 15, date(2027, 1, 4)), (date(2026, 11, 14), 14, date(2026, 11, 30)),
    (date(2026, 11, 23), 8, date(2026, 12, 1)),
])
def test_a_customers_period_ends_on_the_next_working_day(event: date, days: int, last: date) -> None:
    """X-19, K-20, H-140."""
    assert customer_deadline(event, days) == last


@pytest.mark.parametrize(("event", "days", "last"), [
    (date(2026, 4, 17), 14, date(2026, 5, 1)), (date(2026, 11, 14), 14, date(2026, 11, 28)),
    (date(2026, 12, 24), 8, date(2027, 1, 1))])
def test_the_companys_own_period_never_moves_later(event: date, days: int, last: date) -> None:
    """X-19."""
    assert company_deadline(event, days) == last


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(min_value=0, max_value=60))
def test_a_customers_period_is_never_shorter_and_ends_on_a_working_day(event: date, days: int) -> None:
    last = customer_deadline(event, days)
    assert last >= event + timedelta(days=days)
    assert is_working_day(last)


def test_days_left_are_whole_days() -> None:
    last = date(2026, 12, 1)
    assert [days_left(last, last + timedelta(days=n)) for n in (-8, 0, 1)] == [8, 0, -1]


def test_instants_become_local_days() -> None:
    assert local_date(datetime(2026, 11, 23, 22, 59, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert local_date(datetime(2026, 11, 23, 23, 0, tzinfo=UTC)) == date(2026, 11, 24)
    assert local_date(datetime(2026, 7, 1, 22, 0, tzinfo=UTC)) == date(2026, 7, 2)
    assert local(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)).hour == 14


def test_a_local_time_becomes_an_instant_in_winter_and_summer() -> None:
    assert at_local(date(2026, 1, 15), time(7)) == datetime(2026, 1, 15, 6, 0, tzinfo=UTC)
    assert at_local(date(2026, 7, 15), time(7)) == datetime(2026, 7, 15, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25),
                                            (date(2026, 11, 23), 24)])
def test_a_day_may_have_23_or_25_hours(day: date, hours: int) -> None:
    assert start_of_day(day + timedelta(days=1)) - start_of_day(day) == timedelta(hours=hours)
    assert start_of_day(day + timedelta(days=1)) - end_of_day(day) == timedelta(seconds=1)


def at(day: date, clock: str) -> datetime:
    return at_local(day, time.fromisoformat(clock))


MONDAY, FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)


@pytest.mark.parametrize(("instant", "is_open"), [
    (at(MONDAY, "06:59:59"), False), (at(MONDAY, "07:00"), True), (at(MONDAY, "19:59:59"), True),
    (at(MONDAY, "20:00"), False), (at(SATURDAY, "13:59"), True), (at(SATURDAY, "14:00"), False),
    (at(SUNDAY, "10:00"), False), (at(date(2026, 12, 25), "10:00"), False),
])
def test_the_default_hours_are_those_of_the_terms(instant: datetime, is_open: bool) -> None:
    """X-15: Mon-Fri 7-20, Sat 7-14, closed on Sundays and public holidays."""
    assert DEFAULT.is_open(instant) is is_open


@pytest.mark.parametrize(("accepted", "starts"), [
    (at(MONDAY, "12:00"), at(MONDAY, "12:00")), (at(MONDAY, "05:00"), at(MONDAY, "07:00")),
    (at(MONDAY, "07:00"), at(MONDAY, "07:00")), (at(MONDAY, "20:00"), at(date(2026, 11, 24), "07:00")),
    (at(FRIDAY, "21:00"), at(SATURDAY, "07:00")), (at(SATURDAY, "14:00"), at(date(2026, 11, 30), "07:00")),
    (at(date(2026, 12, 24), "23:59"), at(date(2026, 12, 28), "07:00")),
])
def test_the_clock_runs_from_acceptance_or_from_the_next_opening(accepted: datetime, starts: datetime) -> None:
    """X-15."""
    assert DEFAULT.clock_start(accepted) == starts


@pytest.mark.parametrize(("after", "day"), [
    (MONDAY, date(2026, 11, 24)), (FRIDAY, SATURDAY), (SATURDAY, date(2026, 11, 30)),
    (date(2026, 12, 24), date(2026, 12, 28)), (date(2026, 12, 31), date(2027, 1, 4))])
def test_the_next_delivery_day_skips_closed_days(after: date, day: date) -> None:
    """H-123, X-03."""
    assert DEFAULT.next_delivery_day(after) == day


def test_midnight_as_closing_time_is_the_end_of_the_day() -> None:
    around = OpeningHours(week=((time(0), time(0)),) * 7, closed_on_holidays=False)
    for instant in (at(SUNDAY, "00:00"), at(SUNDAY, "23:59:59"), at(date(2026, 12, 25), "12:00")):
        assert around.is_open(instant) is True
        assert around.clock_start(instant) == instant


def test_hours_that_never_open_are_an_error_and_no_endless_search() -> None:
    closed = OpeningHours(week=(None,) * 7)
    with pytest.raises(ValueError):
        closed.clock_start(at(MONDAY, "12:00"))
    with pytest.raises(ValueError):
        closed.next_delivery_day(MONDAY)
