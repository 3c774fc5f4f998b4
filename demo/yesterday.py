"""The day before: the vans came home, their drivers were counted, and one of them is ten euros short."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from accounts.models import StaffUser
from core import calendar, clock
from core.db import db, unit_of_work
from core.roles import Role
from delivery import closing
from delivery.vans import begin_due_shifts, end_due_shifts
from demo.day import play
from demo.shifts import LENGTH, add_shifts
from demo.stories import STORIES, YESTERDAY

MORNING, AFTERNOON = time(6), time(15)
SHORT_CENTS = 1000  # the deposit of one cylinder
COUNTING = timedelta(minutes=20)


def play_yesterday(now: datetime) -> None:
    """Shifts, orders and counts of the day before; before any shift of today is there."""
    day = calendar.local_date(now) - timedelta(days=1)
    begins = calendar.at_local(day, MORNING)
    with unit_of_work():
        add_shifts(0, begins)
        begin_due_shifts(begins)
    play(dict(enumerate(YESTERDAY, len(STORIES))), calendar.at_local(day, AFTERNOON))
    evening = begins + LENGTH + COUNTING
    with clock.frozen_at(evening):
        with unit_of_work():
            end_due_shifts(evening)
        _count(evening)


def _count(at: datetime) -> None:
    """Every shift as it should be and signed; where a deposit was taken, it is missing and nobody has signed yet."""
    finance = db.session.scalars(sa.select(StaffUser.id).where(StaffUser.role == Role.FINANCE).limit(1)).one()
    actor, shifts = f"staff:{finance}", [shift for shift, _counted in closing.ended_shifts(at - LENGTH)]
    missing = next(shift.id for shift in shifts if any(
        visit.deposit_cents == SHORT_CENTS for visit in closing.closing_of(shift.id).visits))
    for shift in shifts:
        found, short = closing.closing_of(shift.id).expected, shift.id == missing
        with unit_of_work():
            closing.count(shift.id, replace(found, cash_cents=found.cash_cents - SHORT_CENTS) if short else found,
                          note="voznik preveri" if short else "", now=at, actor=actor)
            if not short:
                closing.sign(shift.id, now=at, actor=actor)
