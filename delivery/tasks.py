"""Background work of delivery. Each sweep finds its work in the database and may run twice."""
from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from core.clock import utc_now
from core.db import db, unit_of_work
from core.tasks import sweep
from delivery.announcing import announce
from delivery.models import Depot, Quote
from delivery.publishing import changed_lists, publish
from delivery.vans import begin_due_shifts, end_due_shifts
from delivery.worker import improve, plan_now, retime_all

QUOTES_KEPT = timedelta(days=1)


def _depot_ids() -> list[int]:
    return list(db.session.scalars(sa.select(Depot.id).order_by(Depot.id)))


@sweep("delivery.insert", every_s=2)
def insert() -> None:
    """Make missing stops, void unwanted ones, insert open ones: what a lost signal left."""
    plan_now(utc_now())


@sweep("delivery.improve", every_s=5)
def improve_all() -> list[str]:
    """Improve every plan that changed."""
    return [improve(depot_id, utc_now()).value for depot_id in _depot_ids()]


@sweep("delivery.announce", every_s=15)
def announce_all() -> int:
    """Reckon times anew as they pass, send changed lists, tell customers."""
    now = utc_now()
    for depot_id in _depot_ids():
        retime_all(depot_id, now)
    for shift_id in changed_lists(now):
        with unit_of_work():
            publish(shift_id, now=now, actor="system")
    with unit_of_work():
        return announce(now)


@sweep("delivery.shifts", every_s=30)
def shifts() -> None:
    """Begin and end shifts; forget quotes that nobody took."""
    now = utc_now()
    with unit_of_work():
        begin_due_shifts(now)
    with unit_of_work():
        end_due_shifts(now)
    with unit_of_work():
        db.session.execute(sa.delete(Quote).where(Quote.accepted_at.is_(None), Quote.expires_at < now - QUOTES_KEPT))
