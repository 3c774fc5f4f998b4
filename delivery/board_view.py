"""What the dispatcher's board shows."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from billing.ledger import VehicleStock, vehicle_stock
from core.db import db
from delivery import live as live_plan
from delivery import planning
from delivery.board_rows import StopState, StopView, stop_view
from delivery.errors import UnknownDepot
from delivery.live import ended_stops, live_stops
from delivery.models import Depot, PlanProposal, PlanState, Shift, Stop, Zone
from delivery.plan_state import version_of
from delivery.planning import PlanSnapshot, shift_name, stop_name
from delivery.proposals import proposed_plan
from delivery.publishing import change_of
from delivery.rests import resting_until
from delivery.states import ProposalStatus, ShiftStatus
from delivery.undoing import last_move
from delivery.visits import wants_visit
from routing.plan import RouteTimes, route_times


@dataclass(frozen=True, kw_only=True)
class RouteView:
    """A van's day. `stops` are open ones in order, `ended` those done or failed; stock as the ledger has it. `rests`
    are the driver's breaks as planned, or as being taken."""

    shift_id: int
    vehicle_code: str
    plate: str
    driver_name: str
    driver_phone: str
    status: ShiftStatus
    starts_at: datetime
    ends_at: datetime
    list_version: int
    accepted_version: int
    list_published_at: datetime | None
    list_changed: bool
    card_terminal: bool
    loads: bool
    lat: float
    lon: float
    position_at: datetime | None
    stops: tuple[StopView, ...]
    ended: tuple[StopView, ...]
    full: Mapping[str, int]
    empty: Mapping[str, int]
    slots: int
    distance_m: int
    finish_at: datetime | None
    rests: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def accepted(self) -> bool:
        return 0 < self.list_version <= self.accepted_version

    @property
    def late(self) -> int:
        return sum(stop.state is StopState.LATE for stop in self.stops)


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """A proposal. Each row of `diff` has `stop_id`, `from_van`, `from_at`, `to_van`, `to_at` (ISO instants or None),
    `breaks` (seconds late, 0 when the promise holds)."""

    id: int
    created_at: datetime
    fits: bool
    diff: tuple[Mapping[str, Any], ...]
    moved: int
    broken: int


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """The board of a depot at one version of its plan. `pool` is sorted by time left. `undo_stop_id`: the stop of
    the last move by hand while it can be undone."""

    depot_id: int
    depot_name: str
    depot_lat: float
    depot_lon: float
    version: int
    changed_at: datetime | None
    now: datetime
    pool: tuple[StopView, ...]
    routes: tuple[RouteView, ...]
    proposals: tuple[ProposalView, ...]
    zone: Mapping[str, Any] | None
    undo_stop_id: int | None

    def stop(self, stop_id: int | None) -> StopView | None:
        """A stop of the board by id; None when it is not there (any more)."""
        everything = [*self.pool, *(stop for route in self.routes for stop in (*route.stops, *route.ended))]
        return next((stop for stop in everything if stop.id == stop_id), None)


def board_view(depot_id: int, now: datetime) -> BoardView:
    """The board of a depot: its open stops, and every shift that is not over and begins within the horizon.

    UnknownDepot for a depot that does not exist.
    """
    if db.session.get(Depot, depot_id) is None:
        raise UnknownDepot(depot_id=depot_id)
    live = live_plan.load(depot_id, now)
    seen = planning.build(live, now, by_hand=False)
    frozen = seen.problem.frozen_ids
    travel = {time.visit_id: time.travel_s for vehicle in seen.problem.vehicles
              for time in route_times(seen.problem, vehicle, seen.plan.route(vehicle.id)).stops}
    down = list(db.session.scalars(
        sa.select(Shift).where(Shift.depot_id == depot_id, Shift.status == ShiftStatus.DOWN, Shift.ends_at > now)
        .options(joinedload(Shift.vehicle), joinedload(Shift.driver)).order_by(Shift.starts_at, Shift.id)))
    shifts = sorted([*live.shifts, *down], key=lambda shift: (shift.starts_at, shift.vehicle.code))
    stock = vehicle_stock({shift.vehicle_id for shift in shifts})
    ended = ended_stops([shift.id for shift in shifts])
    state = db.session.get(PlanState, depot_id)
    move = last_move(depot_id)

    def view(stop: Stop, code: str) -> StopView:
        name = stop_name(stop.id)
        return stop_view(stop, now, vehicle_code=code, travel_s=travel.get(name, 0), frozen=name in frozen)

    routes = tuple(_route(shift, live.routes.get(shift.id, []), [stop for stop in ended if stop.shift_id == shift.id],
                          stock[shift.vehicle_id], seen, view, now) for shift in shifts)
    assigned = {stop.id for route in routes for stop in route.stops}
    pool = [stop_view(stop, now) for stop in live_stops(depot_id)
            if stop.id not in assigned and wants_visit(stop.source)]
    zone = db.session.scalar(sa.select(Zone).where(Zone.depot_id == depot_id).order_by(Zone.id).limit(1))
    return BoardView(
        depot_id=depot_id, depot_name=live.depot.name, depot_lat=live.depot.lat, depot_lon=live.depot.lon,
        version=live.version, changed_at=state.changed_at if state else None, now=now,
        pool=tuple(sorted(pool, key=lambda stop: (stop.promised_by_at, stop.id))), routes=routes,
        proposals=tuple(_proposals(depot_id, seen)), zone=zone.polygon if zone else None,
        undo_stop_id=move.stop_id if move else None)


def _route(shift: Shift, stops: Sequence[Stop], ended: Sequence[Stop], stock: VehicleStock, seen: PlanSnapshot,
           view: Callable[[Stop, str], StopView], now: datetime) -> RouteView:
    vehicle, driver = shift.vehicle, shift.driver
    routed = seen.problem.vehicle_by_id.get(shift_name(shift.id))
    times = route_times(seen.problem, routed, seen.plan.route(routed.id)) if routed is not None else None
    return RouteView(
        shift_id=shift.id, vehicle_code=vehicle.code, plate=vehicle.plate, driver_name=driver.name,
        driver_phone=driver.phone_e164, status=shift.status, starts_at=shift.starts_at, ends_at=shift.ends_at,
        list_version=shift.list_version, accepted_version=shift.accepted_version,
        list_published_at=shift.list_published_at, list_changed=bool(change_of(shift, stops, now)),
        card_terminal=vehicle.card_terminal, loads=bool(vehicle.standard_load),
        lat=shift.depot.lat if shift.last_lat is None else shift.last_lat,
        lon=shift.depot.lon if shift.last_lon is None else shift.last_lon, position_at=shift.last_seen_at,
        stops=tuple(view(stop, vehicle.code) for stop in stops),
        ended=tuple(view(stop, vehicle.code) for stop in ended), full=dict(stock.full), empty=dict(stock.empty),
        slots=vehicle.slots, distance_m=times.distance_m if times and stops else 0,
        finish_at=seen.at(times.finish_s) if times and stops else None, rests=_rests(shift, times, seen, now))


def _rests(shift: Shift, times: RouteTimes | None, seen: PlanSnapshot,
           now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    until = resting_until(shift, now)
    if until is not None and shift.break_started_at is not None:
        return ((shift.break_started_at, until),)
    return tuple((seen.at(rest.start_s), seen.at(rest.end_s)) for rest in times.rests) if times else ()


def _proposals(depot_id: int, seen: PlanSnapshot) -> list[ProposalView]:
    rows = db.session.scalars(sa.select(PlanProposal).where(
        PlanProposal.depot_id == depot_id, PlanProposal.status == ProposalStatus.OPEN).order_by(PlanProposal.id.desc()))
    return [ProposalView(
        id=row.id, created_at=row.created_at, fits=proposed_plan(seen, row) is not None, diff=tuple(row.diff),
        moved=sum(change["from_van"] != change["to_van"] for change in row.diff),
        broken=sum(bool(change["breaks"]) for change in row.diff)) for row in rows]


def plan_version(depot_id: int) -> int:
    """The version of the live plan: cheap, for polling."""
    return version_of(depot_id)
