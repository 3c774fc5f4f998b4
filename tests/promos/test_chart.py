"""The plot of redemptions by day: rectangles written out by hand."""
from __future__ import annotations

from datetime import date, timedelta

from promos.chart import Bar, redeemed_chart

FIRST = date(2026, 11, 20)


def test_without_redemptions_there_is_no_plot() -> None:
    assert redeemed_chart({}) is None


def test_every_day_from_first_to_last_has_a_bar_in_proportion() -> None:
    chart = redeemed_chart({FIRST: 4, FIRST + timedelta(days=2): 1})
    assert chart is not None
    assert (chart.top, chart.first, chart.last) == (4, FIRST, FIRST + timedelta(days=2))
    assert chart.bars == (
        Bar(day=FIRST, number=4, x=0, y=0, width=32, height=120),
        Bar(day=FIRST + timedelta(days=1), number=0, x=40, y=120, width=32, height=0),
        Bar(day=FIRST + timedelta(days=2), number=1, x=80, y=90, width=32, height=30))


def test_a_long_campaign_shows_its_last_92_days_within_the_width() -> None:
    last = FIRST + timedelta(days=200)
    chart = redeemed_chart({FIRST: 9, last: 3})
    assert chart is not None
    assert (len(chart.bars), chart.top, chart.last) == (92, 3, last)
    assert chart.bars[-1].x + chart.bars[-1].width <= chart.width
