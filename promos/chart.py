"""The plot of redemptions by day: figures for a small drawing (pure)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 640, 120
_WIDEST_BAR = 40
_LONGEST_DAYS = 92


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day: its number and the rectangle that shows it."""

    day: date
    number: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars from the first day to the last, and the value at the top of the upright axis."""

    bars: tuple[Bar, ...]
    top: int
    first: date
    last: date
    width: int = WIDTH
    height: int = HEIGHT


def redeemed_chart(days: Mapping[date, int]) -> Chart | None:
    """Bars for every day from the first redemption to the last, the latest 92 at most; None without redemptions."""
    if not days:
        return None
    last = max(days)
    first = max(min(days), last - timedelta(days=_LONGEST_DAYS - 1))
    count = (last - first).days + 1
    step = min(WIDTH / count, _WIDEST_BAR)
    top = max(number for day, number in days.items() if day >= first)
    bars = []
    for position in range(count):
        day = first + timedelta(days=position)
        number = days.get(day, 0)
        height = HEIGHT * number / top
        bars.append(Bar(day=day, number=number, x=round(position * step, 1), y=round(HEIGHT - height, 1),
                        width=round(step * 0.8, 1), height=round(height, 1)))
    return Chart(bars=tuple(bars), top=top, first=first, last=last)
