"""The end of a driver's day: what should be there, what was counted, and the signature that closes it (H-120, H-146).

What should be there comes from the ledger (`delivery/expecting.py`). Signing moves the cash that was counted to the
main desk and differences to an account of their own; cylinders stay on the van until it is loaded for its next shift.
Afterwards the shift takes no more entries.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from billing import chart, ledger
from billing.entries import Entry, moved
from core import audit
from core.db import changed_rows, db, insert_new
from core.i18n import show_instant
from delivery.closing_rules import (
    HELD,
    CashParts,
    Clue,
    Difference,
    Purse,
    Visit,
    clues,
    differences,
    misbooked,
)
from delivery.errors import CountStale, EarlierUncounted, NotCounted, ShiftRuns, ShiftSigned, UnknownShift
from delivery.expecting import cash_parts, expected, first_uncounted, places_of, read_purse, stored_purse, visits_of
from delivery.models import Shift, ShiftClosing
from delivery.planning import shift_name
from delivery.states import ShiftStatus

LISTED = timedelta(days=14)  # shifts that are older need no count before later ones


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A shift's count: what was expected, what was found, and the stops that may explain the rest."""

    shift: Shift
    expected: Purse
    cash_parts: CashParts
    counted: Purse | None
    differences: tuple[Difference, ...]
    clues: tuple[Clue, ...]
    misbooked: tuple[Clue, ...]
    visits: tuple[Visit, ...]
    counted_at: datetime | None
    counted_by: str
    closed_at: datetime | None
    closed_by: str
    note: str


def closing_of(shift_id: int) -> Closing:
    """How a shift's count stands. UnknownShift."""
    shift = _shift(shift_id)
    row = db.session.scalar(sa.select(ShiftClosing).where(ShiftClosing.shift_id == shift_id))
    visits = visits_of(shift)
    wanted = read_purse(row.expected) if row is not None else expected(shift, visits)
    counted = read_purse(row.counted) if row is not None else None
    found = differences(wanted, counted) if counted is not None else ()
    return Closing(
        shift=shift, expected=wanted, cash_parts=cash_parts(shift, wanted.cash_cents, visits), counted=counted,
        differences=found, clues=clues(found, visits), misbooked=misbooked(visits), visits=visits,
        counted_at=row.counted_at if row else None,
        counted_by=row.counted_by if row else "", closed_at=row.closed_at if row else None,
        closed_by=row.closed_by if row else "", note=row.note if row else "")


def count(shift_id: int, counted: Purse, *, note: str = "", now: datetime, actor: str) -> Closing:
    """Write down what was counted beside what is expected at this moment; again as often as need be until signed.

    ShiftRuns while the van is out, EarlierUncounted before the driver's and the van's earlier shifts were counted,
    ShiftSigned once it is signed.
    """
    shift = _shift(shift_id)
    if shift.status is not ShiftStatus.ENDED:
        raise ShiftRuns(shift_id=shift_id)
    earlier = first_uncounted(shift, since=now - LISTED)
    if earlier is not None:
        raise EarlierUncounted(_("First count the shift of %(name)s, %(van)s, which began on %(at)s.",
                                 name=earlier.driver.name, van=earlier.vehicle.code,
                                 at=show_instant(earlier.starts_at)), shift_id=earlier.id)
    values = {"expected": stored_purse(expected(shift, visits_of(shift))), "counted": stored_purse(counted),
              "note": note.strip()[:300], "counted_at": now, "counted_by": actor}
    if not insert_new(ShiftClosing, ["shift_id"], {"shift_id": shift_id, "closed_by": "", **values}):
        guarded = sa.update(ShiftClosing).where(ShiftClosing.shift_id == shift_id, ShiftClosing.closed_at.is_(None))
        if changed_rows(guarded.values(**values)) != 1:
            raise ShiftSigned(shift_id=shift_id)
    db.session.expire_all()
    found = closing_of(shift_id)
    audit.record("shift_counted", shift_name(shift_id), actor=actor,
                 differences={gap.thing: gap.by for gap in found.differences})
    return found


def sign(shift_id: int, *, now: datetime, actor: str) -> Closing:
    """Close the shift: cash to the main desk, differences to their account; once.

    NotCounted before a count, CountStale when something was booked after it, ShiftSigned for a second signature.
    """
    shift = _shift(shift_id)
    guarded = sa.update(ShiftClosing).where(ShiftClosing.shift_id == shift_id, ShiftClosing.closed_at.is_(None))
    if changed_rows(guarded.values(closed_at=now, closed_by=actor)) != 1:
        raise ShiftSigned(shift_id=shift_id) if _is_closed(shift_id) else NotCounted(shift_id=shift_id)
    row = db.session.scalars(sa.select(ShiftClosing).where(ShiftClosing.shift_id == shift_id)
                             .execution_options(populate_existing=True)).one()
    wanted = read_purse(row.expected)
    if _booked_part(expected(shift, visits_of(shift))) != _booked_part(wanted):
        raise CountStale(shift_id=shift_id)
    entries = _entries(shift, wanted, read_purse(row.counted))
    if entries:
        ledger.post("shift_closed", shift_name(shift_id), entries, at=now, dedupe_key=f"{shift_name(shift_id)}:closed",
                    actor=actor)
    found = closing_of(shift_id)
    audit.record("shift_closed", shift_name(shift_id), actor=actor,
                 differences={gap.thing: gap.by for gap in found.differences})
    return found


def require_open(shift_id: int) -> None:
    """ShiftSigned for a shift that is signed: it takes no more entries."""
    if _is_closed(shift_id):
        raise ShiftSigned(shift_id=shift_id)


def ended_shifts(since: datetime) -> list[tuple[Shift, ShiftClosing | None]]:
    """Shifts that are over, the latest first, with their count."""
    rows = db.session.execute(sa.select(Shift, ShiftClosing).outerjoin(ShiftClosing).where(
        Shift.status == ShiftStatus.ENDED, Shift.ends_at >= since).order_by(Shift.ends_at.desc(), Shift.id))
    return [(shift, closing) for shift, closing in rows]


def _shift(shift_id: int) -> Shift:
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    return shift


def _is_closed(shift_id: int) -> bool:
    return db.session.scalar(sa.select(ShiftClosing.id).where(
        ShiftClosing.shift_id == shift_id, ShiftClosing.closed_at.is_not(None))) is not None


def _booked_part(purse: Purse) -> tuple[int, dict[tuple[str, str], int]]:
    """What nobody else books from or to a van that is back; the technical sector may have taken held cylinders."""
    return purse.cash_cents, {key: number for key, number in purse.cylinders.items() if key[0] != HELD}


def _entries(shift: Shift, wanted: Purse, counted: Purse) -> tuple[Entry, ...]:
    driver = chart.cash_of_driver(shift.driver_id)
    entries = (moved(driver, chart.CASH_MAIN, chart.EUR, counted.cash_cents)
               + moved(chart.SHORTAGES, driver, chart.EUR, counted.cash_cents - wanted.cash_cents))
    account_of = {place: account for account, place in places_of(shift.vehicle_id).items()}
    for key in dict.fromkeys([*wanted.cylinders, *counted.cylinders]):
        gap = counted.cylinders.get(key, 0) - wanted.cylinders.get(key, 0)
        entries += moved(chart.SHORTAGES, account_of[key[0]], key[1], gap)
    return entries
