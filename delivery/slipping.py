"""A driver who is late: stops that slip towards the end of their promise while nothing else happens (D6)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.db import after_commit, db
from core.tasks import kick
from delivery.live import with_sources
from delivery.models import Stop
from delivery.plan_state import bump
from delivery.planning import PlanSnapshot, note_stop
from delivery.snapshots import COMFORT
from delivery.states import StopStatus
from delivery.visits import promise_of
from routing.plan import route_times

IMPROVE = "delivery.improve"
AT_RISK, LATE = "at_risk", "late"


def mark_slipping(seen: PlanSnapshot, now: datetime) -> int:
    """Note the stops whose new time crosses into the last minutes of their promise, or beyond it, and ask for an
    improvement; before their times are written, inside a unit of work. Returns how many.

    A stop crosses each of the two lines once while it slips, so that a van that stands still does not ask for ever.
    """
    stops = {stop.id: stop for stop in db.session.scalars(
        sa.select(Stop).where(Stop.id.in_(seen.stop_ids.values()), Stop.status == StopStatus.PLANNED)
        .options(*with_sources()).execution_options(populate_existing=True))}
    slipped = 0
    for vehicle in seen.problem.vehicles:
        for time in route_times(seen.problem, vehicle, seen.plan.route(vehicle.id)).stops:
            stop = stops.get(seen.stop_ids.get(time.visit_id, 0))
            line = _crossed(stop, seen.at(time.start_s)) if stop is not None else ""
            if stop is not None and line:
                note_stop(stop, line, now=now, actor="system", shift_id=stop.shift_id)
                slipped += 1
    if slipped:
        db.session.flush()
        bump(seen.depot_id, now)
        after_commit(lambda: kick(IMPROVE))
    return slipped


def _crossed(stop: Stop, start_at: datetime) -> str:
    """The line that a stop crosses with its new time: AT_RISK, LATE, or none."""
    before, by_at = stop.planned_start_at, promise_of(stop.source).by_at
    if before is None:
        return ""
    if before <= by_at < start_at:
        return LATE
    return AT_RISK if before <= by_at - COMFORT < start_at <= by_at else ""
