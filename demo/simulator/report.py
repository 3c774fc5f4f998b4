"""What a simulated day came to. Pure: every figure follows from the day's events."""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from demo.simulator.daylog import DayLog, Event, What

HOUR, TWO_HOURS = timedelta(minutes=60), timedelta(minutes=120)
SHIFT_HOURS = 15


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of one day. Shares are parts of 1.

    `within_60` and `within_120` are shares of all orders asked for and not cancelled: those refused, and those still
    open at the end, count as missed. A start is the driver at the door. `kept` is the share of promises whose start
    was not after them, of all promises given and not cancelled. `most_within_60` is the share that could be served
    within the hour if the others were left out (hindsight only).
    """

    policy: str
    vans: int
    asked: int
    refused: int
    placed: int
    cancelled: int
    failed: int
    delivered: int
    open: int
    within_60: float
    within_120: float
    wait_min: dict[str, float]
    promises: dict[str, int]
    kept: float
    km: float
    km_per_stop: float
    driving_min_per_stop: float
    van_hours: float
    busy_hours: float
    planning_ms: dict[str, dict[str, float]]
    improvements: dict[str, int]
    most_within_60: float | None = None


def figures_of(log: DayLog) -> Figures:
    """Reckon the figures of a day."""
    first = {what: _first(log.events, what) for what in What}
    placed, started = first[What.PLACED], first[What.STARTED]
    counted = [number for number in first[What.ASKED] if number not in first[What.CANCELLED]]
    waits = {number: started[number].at - first[What.ASKED][number].at for number in counted if number in started}
    promised = [number for number in counted if number in placed]
    kept = sum(number in started and started[number].at <= placed[number].facts["promised_by_at"]
               for number in promised)
    km, driving_s, service_s = _driven(log.events)
    stops = max(1, len(started))
    return Figures(
        policy=log.policy, vans=log.vans, asked=len(first[What.ASKED]), refused=len(first[What.REFUSED]),
        placed=len(placed), cancelled=len(first[What.CANCELLED]), failed=len(first[What.FAILED]),
        delivered=len(first[What.DELIVERED]),
        open=sum(number not in started for number in promised),
        within_60=_share(sum(wait <= HOUR for wait in waits.values()), len(counted)),
        within_120=_share(sum(wait <= TWO_HOURS for wait in waits.values()), len(counted)),
        wait_min=_spread([wait / timedelta(minutes=1) for wait in waits.values()]), promises=_promises(placed.values()),
        kept=_share(kept, len(promised)), km=round(km, 1), km_per_stop=round(km / stops, 2),
        driving_min_per_stop=round(driving_s / 60 / stops, 2), van_hours=float(SHIFT_HOURS * log.vans),
        busy_hours=round((driving_s + service_s) / 3600, 1),
        planning_ms={work: _spread(times) for work, times in log.took_ms.items()},
        improvements=dict(log.improvements),
        most_within_60=_share(log.most_within_60, len(counted)) if log.most_within_60 is not None else None)


def _first(events: Iterable[Event], what: What) -> dict[int, Event]:
    """The first event of a kind for each order."""
    found: dict[int, Event] = {}
    for event in events:
        if event.what is what and event.order is not None:
            found.setdefault(event.order, event)
    return found


def _promises(placed: Iterable[Event]) -> dict[str, int]:
    """How many were promised how much, with the reason for more than an hour."""
    counted: Counter[str] = Counter()
    for event in placed:
        minutes = round((event.facts["promised_by_at"] - event.facts["clock_start_at"]) / timedelta(minutes=1))
        reason = event.facts["reason"]
        counted[f"{minutes} min" + (f", {reason}" if reason else "")] += 1
    return dict(sorted(counted.items(), key=lambda item: (int(item[0].split()[0]), item[0])))


def _driven(events: Iterable[Event]) -> tuple[float, int, int]:
    """Kilometres, seconds at the wheel and seconds at doors; a drive that was broken off counts as a whole."""
    metres = driving_s = service_s = 0
    for event in events:
        metres += event.facts.get("drive_m", 0)
        driving_s += event.facts.get("drive_s", 0)
        service_s += event.facts.get("service_s", 0)
    return metres / 1000, driving_s, service_s


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _spread(values: Sequence[float]) -> dict[str, float]:
    """Number, median, 95th percentile and greatest; the percentiles are values that occur."""
    ordered = sorted(values)
    if not ordered:
        return {"n": 0, "p50": 0.0, "p95": 0.0, "max": 0.0}
    return {"n": len(ordered), **{f"p{part}": round(ordered[math.ceil(part / 100 * len(ordered)) - 1], 1)
                                  for part in (50, 95)}, "max": round(ordered[-1], 1)}


def text_of(columns: Sequence[Figures]) -> str:
    """The figures of several ways of planning the same day, side by side."""
    rows = [("", [f"{one.policy}, {one.vans} vans" for one in columns])]
    rows += [(name, [cell(one) for one in columns]) for name, cell in _ROWS]
    width = max(24, *(len(cell) + 2 for _, cells in rows for cell in cells))
    lines = [f"{name:<34}" + "".join(f"{cell:>{width}}" for cell in cells) for name, cells in rows]
    for one in columns:
        lines += [f"promised by {one.policy}: " + "; ".join(f"{what}: {count}" for what, count in one.promises.items())]
        lines += [f"{one.policy}, {work}: " + ", ".join(f"{key} {value:g}" for key, value in spread.items()) + " ms"
                  for work, spread in one.planning_ms.items()]
        if one.most_within_60 is not None:
            lines += [f"{one.policy}: {_percent(one.most_within_60)} could be within 60 minutes, the others left out"]
        if one.improvements:
            lines += [f"improvements of {one.policy}: "
                      + ", ".join(f"{count} {what}" for what, count in sorted(one.improvements.items()))]
    return "\n".join(lines)


def curve_of(figures: Sequence[Figures]) -> str:
    """Vans against the share within 60 minutes (within 120 in brackets), one column for each way of planning."""
    policies = list(dict.fromkeys(one.policy for one in figures))
    found = {(one.vans, one.policy): one for one in figures}
    lines = ["vans" + "".join(f"{policy:>22}" for policy in policies)]
    for vans in sorted({one.vans for one in figures}):
        cells = [found.get((vans, policy)) for policy in policies]
        lines.append(f"{vans:>4}" + "".join(
            f"{_percent(one.within_60):>11} ({_percent(one.within_120)})".rjust(22) if one else " " * 22
            for one in cells))
    return "\n".join(lines)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("orders asked for", lambda one: str(one.asked)),
    ("  refused", lambda one: str(one.refused)),
    ("  placed", lambda one: str(one.placed)),
    ("  cancelled", lambda one: str(one.cancelled)),
    ("  nobody home", lambda one: str(one.failed)),
    ("  open at the end", lambda one: str(one.open)),
    ("served within 60 minutes", lambda one: _percent(one.within_60)),
    ("served within 120 minutes", lambda one: _percent(one.within_120)),
    ("promises kept", lambda one: _percent(one.kept)),
    ("wait p50 / p95 / max, minutes", lambda one: " / ".join(
        f"{one.wait_min[key]:.0f}" for key in ("p50", "p95", "max"))),
    ("kilometres, per stop", lambda one: f"{one.km:.0f}, {one.km_per_stop:.2f}"),
    ("driving minutes per stop", lambda one: f"{one.driving_min_per_stop:.2f}"),
    ("van hours, of them at work", lambda one: f"{one.van_hours:.0f}, {one.busy_hours:.1f}"),
)


def as_row(one: Figures) -> dict[str, Any]:
    """The figures as plain values for JSON."""
    return dict(vars(one))

