"""Traffic: which factor stands between free flow and the road at this hour, by the area one drives to."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import floor

import sqlalchemy as sa

from core import calendar, settings
from core.db import db
from delivery.models import TravelFactor
from delivery.states import DayKind, FactorSource
from routing.travel_times.base import Point

CELL_LAT, CELL_LON = 0.04, 0.06  # about 4.4 by 4.6 km: some ten cells inside Ljubljana's ring
EVERYWHERE = ""
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, kw_only=True)
class Factors:
    """The factors of one hour in permille: `hour` everywhere, `by_area` where an area has one of its own.

    `usual` is what holds over all hours: more than that is traffic (X-26).
    """

    hour: int
    usual: int
    by_area: Mapping[str, int] = field(default_factory=dict)

    def permille_to(self, point: Point) -> int:
        """The factor of a drive to a place."""
        return self.by_area.get(area_of(point), self.hour) if self.by_area else self.hour


def area_of(point: Point) -> str:
    """The cell of a coarse grid in which a place lies, named by its south-western corner: `46.04 14.46`.

    A grid needs no map of quarters and holds everywhere in the country; one postcode covers most of Ljubljana, so
    postcodes would tell nothing there.
    """
    lat, lon = floor(round(point[0] / CELL_LAT, 6)) * CELL_LAT, floor(round(point[1] / CELL_LON, 6)) * CELL_LON
    return f"{lat:.2f} {lon:.2f}"


def day_kind(instant: datetime) -> DayKind:
    """The kind of the local day."""
    day = calendar.local_date(instant)
    if day.weekday() == SUNDAY or calendar.is_holiday(day):
        return DayKind.SUNDAY
    return DayKind.SATURDAY if day.weekday() == SATURDAY else DayKind.WORKDAY


def factors_at(now: datetime, engine: str, *, for_drive_at: datetime | None = None) -> Factors:
    """The factors that hold at an instant for the free-flow times of `engine`, for a drive then or at another hour.

    The most specific row wins: area and hour, the area, the hour everywhere, all hours everywhere; where there is
    none, the setting `travel_factor`. What is set by hand after the last fit holds for all that it covers. A setting
    changed since a row was made moves that row in proportion: whoever doubles it on a day of snow doubles every drive.
    """
    setting = float(settings.get("travel_factor", now))
    found: dict[tuple[str, bool], int] = {}
    usual = round(1000 * float(settings.DEFAULTS["travel_factor"]))
    for area, hour, permille, fitted_at, source in db.session.execute(_rows(now, engine, for_drive_at or now)):
        if area == EVERYWHERE and hour is None:
            usual = permille
        if source is FactorSource.MANUAL:
            found = {key: value for key, value in found.items() if not _covers(area, hour is not None, *key)}
        changed = setting / float(settings.get("travel_factor", fitted_at))
        found[area, hour is not None] = min(99_999, max(1, round(permille * changed)))
    everywhere = found.get((EVERYWHERE, True), found.get((EVERYWHERE, False), round(1000 * setting)))
    areas = {area for area, _ in found} - {EVERYWHERE}
    return Factors(hour=everywhere, usual=usual,
                   by_area={area: found.get((area, True), found.get((area, False), 0)) for area in areas})


def _covers(area: str, of_hour: bool, other_area: str, other_of_hour: bool) -> bool:
    """Whether a row speaks for all that another one speaks for."""
    return area in (EVERYWHERE, other_area) and (other_of_hour or not of_hour)


def _rows(now: datetime, engine: str, drive_at: datetime,
          ) -> sa.Select[str, int | None, int, datetime, FactorSource]:
    """The rows of the last fit, and what was set by hand after it, the oldest first."""
    row = TravelFactor
    last_fit = sa.select(sa.func.max(row.fitted_at)).where(
        row.engine == engine, row.source == FactorSource.FITTED, row.fitted_at <= now).scalar_subquery()
    return (sa.select(row.area, row.hour, row.permille, row.fitted_at, row.source)
            .where(row.engine.in_(["", engine]), row.fitted_at <= now,
                   sa.or_(row.fitted_at >= last_fit, last_fit.is_(None)),
                   sa.or_(row.hour.is_(None), sa.and_(row.hour == calendar.local(drive_at).hour,
                                                      row.day_kind == day_kind(drive_at))))
            .order_by(row.fitted_at, row.id))
