"""Explanations for the board: why a stop is late or without a van, and what helps, read from the live plan (D7, P3)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from core import calendar, settings
from core.db import db
from delivery import live as live_plan
from delivery import planning
from delivery.causes import Cause, CauseKind, causes_of
from delivery.fixing import PRICES, Fix, FixKind, Trouble, fixes_of
from delivery.fleet import reserve_at
from delivery.live import LivePlan
from delivery.models import Shift, Stop, Vehicle
from delivery.offering import rounded_up
from delivery.planning import PlanSnapshot, shift_name, stop_name
from delivery.promising import LivePromises
from delivery.snapshots import frozen_by
from delivery.states import ShiftStatus, StopKind, StopStatus
from delivery.visits import demand_of, promise_of
from orders.demand import place_of
from orders.models import Order
from orders.states import PromiseKind
from routing.problem import Vehicle as RoutedVehicle

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Why, and what helps. `vans` and `stops` give the van codes and stop ids behind the names in `causes` and
    `fixes`, `shifts` the shift ids, `streets` where the stops are; a reserve van has a code only. Instants by
    `seen.at`."""

    stop_id: int
    seen: PlanSnapshot
    causes: tuple[Cause, ...]
    fixes: tuple[Fix, ...]
    vans: dict[str, str]
    streets: dict[str, str]

    @property
    def stops(self) -> dict[str, int]:
        return dict(self.seen.stop_ids)

    @property
    def shifts(self) -> dict[str, int]:
        return dict(self.seen.shift_ids)


def explain(stop_id: int, now: datetime) -> Explanation | None:
    """The explanation of a stop that is late or has no van; None for any other. Read only."""
    stop = db.session.get(Stop, stop_id)
    if (stop is None or stop.kind is StopKind.RELOAD
            or stop.status not in (StopStatus.UNASSIGNED, StopStatus.PLANNED)):
        return None
    live = live_plan.load(stop.depot_id, now)
    seen = planning.build(live, now, by_hand=True)
    name = stop_name(stop_id)
    if name not in seen.stop_ids:
        return None
    trouble = _trouble(stop, live, seen, now)
    causes = causes_of(trouble.problem, trouble.plan, name, held=trouble.held, locked=_locked(live))
    if not causes:
        return None
    if trouble.visit.location in seen.outside:
        causes += (Cause(kind=CauseKind.OUTSIDE_MAP, visit_ids=(name,)),)
    vans = {shift_name(shift.id): shift.vehicle.code for shift in live.shifts}
    vans |= {vehicle.id: vehicle.id.partition(":")[2] for vehicle in trouble.reserve}
    streets = {stop_name(one.id): f"{one.source.street} {one.source.house_number}" for one in live.stops}
    fixes = fixes_of(trouble) or _other_day(stop, seen, now)
    return Explanation(stop_id=stop_id, seen=seen, causes=causes, fixes=fixes, vans=vans, streets=streets)


def _other_day(stop: Stop, seen: PlanSnapshot, now: datetime) -> tuple[Fix, ...]:
    """The first agreed window that is free at all (H-113, H-114), where nothing in the present plan helps."""
    found = LivePromises().find(place_of(stop.customer), demand_of(stop.customer), now=now,
                                not_before=calendar.local_date(now) + timedelta(days=1)).offers
    due = promise_of(stop.source).by_at
    later = [offer for offer in found if offer.kind is PromiseKind.AGREED and offer.promised_by_at > due]
    return tuple(Fix(
        kind=FixKind.OTHER_DAY, visit_id=stop_name(stop.id), start_s=seen.second(offer.promised_from_at),
        from_s=seen.second(offer.promised_from_at), by_s=seen.second(offer.promised_by_at), travel_s=0, distance_m=0,
        later=(), price=PRICES[FixKind.OTHER_DAY]) for offer in later[:1])


def _trouble(stop: Stop, live: LivePlan, seen: PlanSnapshot, now: datetime) -> Trouble:
    margin = timedelta(minutes=settings.get("promise_margin_minutes", now))
    return Trouble(
        problem=frozen_by(seen, live, now), loose=frozen_by(seen, live, now, unlocked=True), plan=seen.plan,
        visit_id=stop_name(stop.id), held=stop.locked and stop.status is StopStatus.UNASSIGNED,
        reserve=_reserve(live, now), two_hours_s=_two_hours_s(stop, seen, now),
        window=lambda start_s: _window(start_s, seen, margin))


def _window(start_s: int, seen: PlanSnapshot, margin: timedelta) -> tuple[int, int]:
    """The window to agree for a planned start: half an hour before it, and the margin after it, in five minutes."""
    start = seen.at(start_s)
    begin, end = rounded_up(start - HALF_HOUR), rounded_up(start + margin)
    return max(0, seen.second(begin)), seen.second(end)


def _locked(live: LivePlan) -> list[str]:
    return [stop_name(stop.id) for stop in live.stops if stop.locked]


def _two_hours_s(stop: Stop, seen: PlanSnapshot, now: datetime) -> int | None:
    """The end of the two hours, for an order that was promised within the hour or a little later (H-111)."""
    order = stop.source
    if not isinstance(order, Order) or order.promise_kind is not PromiseKind.HOUR:
        return None
    ends = order.clock_start_at + timedelta(minutes=settings.get("promise_hard_minutes", now))
    return seen.second(ends) if ends > max(now, promise_of(order).by_at) else None


def _reserve(live: LivePlan, now: datetime) -> tuple[RoutedVehicle, ...]:
    """The depot's vans that are on no shift now."""
    busy = sa.exists().where(Shift.vehicle_id == Vehicle.id, Shift.starts_at <= now, Shift.ends_at > now,
                             Shift.status != ShiftStatus.ENDED)
    free = db.session.scalars(sa.select(Vehicle).where(
        Vehicle.depot_id == live.depot.id, Vehicle.active, ~busy).order_by(Vehicle.id)).all()
    return reserve_at(live, free)
