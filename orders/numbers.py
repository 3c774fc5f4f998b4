"""Public numbers like 2026-000123, counted per series and year by a guarded UPDATE."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core import calendar
from core.db import changed_rows, db, insert_new
from orders.models import NumberCounter

ORDERS = "order"


def next_number(series: str, now: datetime) -> str:
    """The next number of a series in the local year of `now`; the row stays locked until the transaction ends."""
    year = calendar.local_date(now).year
    insert_new(NumberCounter, ["series", "year"], {"series": series, "year": year, "last": 0})
    row = (NumberCounter.series == series, NumberCounter.year == year)
    changed_rows(sa.update(NumberCounter).where(*row).values(last=NumberCounter.last + 1))
    last = db.session.scalar(sa.select(NumberCounter.last).where(*row))
    prefix = "" if series == ORDERS else f"{series}-"
    return f"{prefix}{year}-{last:06d}"
