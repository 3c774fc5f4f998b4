"""Stops come from orders and cases, and are void when their source no longer wants a visit (Y-02)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core import settings
from core.db import db
from delivery.live import live_stops, sources_without_stop
from delivery.models import Stop
from delivery.plan_state import bump
from delivery.planning import note_stop
from delivery.states import StopStatus
from delivery.visits import CustomerSource, source_service_s, wants_visit
from delivery.zones import depot_of, has_depot
from orders.models import Order


def ensure_stops(now: datetime) -> tuple[int, ...]:
    """Make a stop for every order and case that wants one, void those whose source does not; inside a unit of work.

    Returns the depots whose plan changed. Idempotent: what is to be done is read again once the depot's plan is
    taken, so two at once make one stop.
    """
    if not has_depot():
        return ()
    depots = {_depot(source) for source in sources_without_stop()}
    depots |= {depot_id for depot_id in _depots_with_stops() if _unwanted(depot_id)}
    for depot_id in sorted(depots):
        bump(depot_id, now)
        for stop in _unwanted(depot_id):
            _void(stop, now)
        for source in sources_without_stop():
            if _depot(source) == depot_id:
                _make(source, depot_id, now)
        db.session.flush()
    return tuple(sorted(depots))


def _depot(source: CustomerSource) -> int:
    return depot_of(source.lat, source.lon, source.postcode)


def _depots_with_stops() -> list[int]:
    return list(db.session.scalars(sa.select(Stop.depot_id).distinct().order_by(Stop.depot_id)))


def _unwanted(depot_id: int) -> list[Stop]:
    return [stop for stop in live_stops(depot_id) if not wants_visit(stop.source)]


def _void(stop: Stop, now: datetime) -> None:
    stop.status, stop.ended_at = StopStatus.VOID, now
    note_stop(stop, "void", now=now, actor="system", shift_id=stop.shift_id)


def _make(source: CustomerSource, depot_id: int, now: datetime) -> None:
    stop = Stop(depot_id=depot_id, order_id=source.id if isinstance(source, Order) else None,
                case_id=None if isinstance(source, Order) else source.id, status=StopStatus.UNASSIGNED,
                service_s=source_service_s(source, settings.get("service_seconds", now)), created_at=now)
    db.session.add(stop)
    db.session.flush()
    note_stop(stop, "made", now=now, actor="system")
