"""The live plan of a depot as a routing problem: instants become seconds here and nowhere else."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core import settings
from delivery import live as live_plan
from delivery.fleet import reload_of, vehicle_at
from delivery.freezing import frozen_count
from delivery.goods import RELOAD
from delivery.live import AT_WORK, LivePlan
from delivery.models import Shift, Stop
from delivery.states import StopKind, StopStatus
from delivery.travel import travel_times
from delivery.visits import (
    CHANGE_VAN_COST,
    DROP_PENALTY,
    LATENESS_WEIGHT,
    CustomerSource,
    Promise,
    Source,
    demand_of,
    pay_out_cents,
    promise_of,
    source_service_s,
    source_skills,
)
from orders.states import PromiseKind
from routing.plan import Plan
from routing.problem import Problem, Vehicle, Visit
from routing.travel_times.base import Matrix, Point

COMFORT = timedelta(minutes=10)  # so long before the end of an agreed window a start should lie
CLOSE = timedelta(minutes=5)  # a start so near the end of the hour or two costs half as much as a late one
WAITING_WEIGHT = 1  # a customer's second of waiting costs what a second of driving does (docs/adr/0013)
ANNOUNCED_SLACK = timedelta(minutes=10)  # a start so much later than told costs nothing yet
SHORTEST_REST_S = 30  # a van at a door longer than reckoned is taken to leave in half a minute
UNPLANNED = "unplanned"
MOST_RELOADS = 2  # open at once in one route


@dataclass(frozen=True, kw_only=True)
class PlanSnapshot:
    """The plan of a depot at one version. Visits are named `stop:<id>`, vehicles `shift:<id>`.

    Seconds of `problem` count from `origin`. `plan` holds the routes as they stand; stops without a van are among
    its unserved ones. `stop_ids` and `shift_ids` name the rows behind; a visit that has no stop yet (`order:<id>`)
    is in the problem only. `outside` are locations that the map or server does not know: the way to them is an
    estimate, though the ways to others are not.
    """

    depot_id: int
    version: int
    origin: datetime
    problem: Problem
    plan: Plan
    stop_ids: Mapping[str, int]
    shift_ids: Mapping[str, int]
    places: Mapping[Point, int] = field(repr=False)
    ways: Matrix = field(repr=False)
    outside: frozenset[int] = frozenset()

    def at(self, seconds: int) -> datetime:
        """The instant of a second of the problem."""
        return self.origin + timedelta(seconds=seconds)

    def second(self, instant: datetime) -> int:
        """The second of an instant, rounded down."""
        return (instant - self.origin) // timedelta(seconds=1)

    def estimated_visits(self, vehicle: Vehicle, visit_ids: Sequence[str], *, asked: Visit | None = None) -> set[str]:
        """The visits of a route whose times rest on a drive that is only an estimate, at it or before it.

        `asked` is a visit of this route that is not the problem's own.
        """
        found: set[str] = set()
        location, estimated = vehicle.start_location, False
        for name in visit_ids:
            target = (asked if asked is not None and name == asked.id else self.problem.visit_by_id[name]).location
            estimated = estimated or (location != target and self.ways.is_estimate(location, target))
            if estimated:
                found.add(name)
            location = target
        return found

    def place(self, lat: float, lon: float) -> int:
        """The location of a place that was asked for. KeyError for another."""
        return self.places[lat, lon]


def stop_name(stop_id: int) -> str:
    """How a stop is named in a problem, and in the ledger."""
    return f"stop:{stop_id}"


def shift_name(shift_id: int) -> str:
    """How a shift is named in a problem."""
    return f"shift:{shift_id}"


def new_reload_name(shift_id: int) -> str:
    """How a call at the depot is named that is in no route yet."""
    return f"{RELOAD}:{shift_id}"


def snapshot(depot_id: int, now: datetime, *, by_hand: bool = False, extra: Sequence[Point] = (),
             pending: Sequence[CustomerSource] = (), only_shift: int | None = None) -> PlanSnapshot:
    """Read the live plan. Read only.

    `by_hand`: for a dispatcher's decision, only what the van is doing now is frozen, and stops held in the pool are
    there as well. `extra` are more places, `pending` sources without a stop that are to be reckoned with.
    """
    return build(live_plan.load(depot_id, now, only_shift=only_shift), now, by_hand=by_hand, extra=extra,
                 pending=pending)


def build(live: LivePlan, now: datetime, *, by_hand: bool = False, extra: Sequence[Point] = (),
          pending: Sequence[CustomerSource] = ()) -> PlanSnapshot:
    """The routing problem of a plan that was read."""
    origin = now.replace(microsecond=0)
    open_stops = [stop for route in live.routes.values() for stop in route]
    open_stops += [stop for stop in live.homeless if by_hand or not _held(stop)]
    points = _points(live, [stop.source for stop in open_stops] + list(pending), extra)
    matrix = travel_times(now).matrix(list(points))
    pay_outs = {pay_out_cents(stop.source) for stop in open_stops} - {0}
    vehicles, routes = [], {}
    for shift in live.shifts:
        route = live.routes[shift.id]
        drives = _drives(live, shift, route, points, matrix.durations_s)
        frozen = (sum(stop.status in AT_WORK for stop in route[:1]) if by_hand else
                  frozen_count(shift, route, now, timedelta(minutes=settings.get("freeze_minutes", now)), drives))
        routes[shift_name(shift.id)] = tuple(stop_name(stop.id) for stop in route)
        vehicles.append(vehicle_at(live, shift, route, now=now, origin=origin, frozen=frozen, places=points,
                                   durations_s=matrix.durations_s, pay_outs=pay_outs))
    known = {vehicle.id for vehicle in vehicles}
    visits = [stop_visit(stop, origin, now, points, known) for stop in open_stops
              if stop.kind is not StopKind.RELOAD]
    visits += [_source_visit(source.ref, source, origin, points, source_service_s(source, _seconds(now)))
               for source in pending]
    for shift in live.shifts:
        visits += _reload_visits(live, shift, now)
    served = {name for route in routes.values() for name in route}
    unserved = {visit.id: UNPLANNED for visit in visits if visit.id not in served and visit.reload is None}
    problem = Problem(vehicles=tuple(vehicles), visits=tuple(visits), durations_s=matrix.durations_s,
                      distances_m=matrix.distances_m, announced_weight=WAITING_WEIGHT,
                      announced_slack_s=0)
    return PlanSnapshot(
        depot_id=live.depot.id, version=live.version, origin=origin, problem=problem,
        plan=Plan(routes=routes, unserved=unserved), stop_ids={stop_name(stop.id): stop.id for stop in open_stops},
        shift_ids={shift_name(shift.id): shift.id for shift in live.shifts}, places=points,
        ways=matrix,
        outside=frozenset(number for number in range(1, len(points))
                          if matrix.estimates is not None and matrix.estimates[0][number]))


def frozen_by(seen: PlanSnapshot, live: LivePlan, now: datetime, *, unlocked: bool = False) -> Problem:
    """The problem with the frozen prefixes of automatic planning; `unlocked`: as if nothing were locked."""
    freeze, vehicles = timedelta(minutes=settings.get("freeze_minutes", now)), []
    for shift in live.shifts:
        vehicle, route = seen.problem.vehicle_by_id[shift_name(shift.id)], live.routes[shift.id]
        drives = _drives(live, shift, route, seen.places, seen.problem.durations_s)
        count = frozen_count(shift, route, now, freeze, drives, unlocked=unlocked)
        vehicles.append(replace(vehicle, frozen=tuple(stop_name(stop.id) for stop in route[:count])))
    return replace(seen.problem, vehicles=tuple(vehicles))


def _seconds(now: datetime) -> Mapping[str, int]:
    found: Mapping[str, int] = settings.get("service_seconds", now)
    return found


def _held(stop: Stop) -> bool:
    """A dispatcher keeps it in the pool."""
    return stop.locked and stop.status is StopStatus.UNASSIGNED


def _points(live: LivePlan, sources: Sequence[Source], extra: Sequence[Point]) -> dict[Point, int]:
    """Every place once, with its number."""
    places: dict[Point, int] = {(live.depot.lat, live.depot.lon): 0}
    for shift in live.shifts:
        if shift.last_lat is not None and shift.last_lon is not None:
            places.setdefault((shift.last_lat, shift.last_lon), len(places))
    for source in sources:
        places.setdefault((source.lat, source.lon), len(places))
    for point in extra:
        places.setdefault(point, len(places))
    return places


def _drives(live: LivePlan, shift: Shift, route: Sequence[Stop], points: Mapping[Point, int],
            durations_s: Sequence[Sequence[int]]) -> timedelta:
    """The way to the stop after the current one."""
    current = [stop for stop in route[:1] if stop.status in AT_WORK]
    following = route[len(current):]
    if not following:
        return timedelta(0)
    if current:
        start = points[current[0].source.lat, current[0].source.lon]
    elif shift.last_lat is not None and shift.last_lon is not None:
        start = points[shift.last_lat, shift.last_lon]
    else:
        start = 0
    return timedelta(seconds=durations_s[start][points[following[0].source.lat, following[0].source.lon]])


def _reload_visits(live: LivePlan, shift: Shift, now: datetime) -> list[Visit]:
    """The van's calls at the depot (P5): those in its route, and one more that planning may make where it helps.

    A van without a standard load has none; neither has one whose shift has not begun: it is loaded before.
    """
    van, route = shift_name(shift.id), live.routes[shift.id]
    planned = [(stop_name(stop.id), _time_left(stop, now)) for stop in route if stop.kind is StopKind.RELOAD]
    if shift.vehicle.standard_load and len(planned) < MOST_RELOADS:
        planned.append((new_reload_name(shift.id), settings.get("reload_seconds", now)))
    return [Visit(id=name, location=0, service_s=service, only_vehicle=van, reload=reload_of(live, shift),
                  current_vehicle=van) for name, service in planned]


def _time_left(stop: Stop, now: datetime) -> int:
    """The time at a stop, or what is left of it for one that the van stands at."""
    if stop.status is not StopStatus.ARRIVED or stop.arrived_at is None:
        return stop.service_s
    return max(SHORTEST_REST_S, stop.service_s - (now - stop.arrived_at) // timedelta(seconds=1))


def stop_visit(stop: Stop, origin: datetime, now: datetime, points: Mapping[Point, int],
               known: set[str]) -> Visit:
    """A stop as a visit. One the van stands at takes the rest of its time only."""
    van = shift_name(stop.shift_id) if stop.shift_id is not None else None
    return _source_visit(stop_name(stop.id), stop.source, origin, points, _time_left(stop, now),
                         van=van if van in known else None, announced_at=stop.announced_at,
                         at_door=stop.status is StopStatus.ARRIVED)


def _waited_from(promise: Promise, announced_at: datetime | None) -> datetime:
    """From when on a customer waits: within the hour or two from the order on, whatever was told meanwhile; in an
    agreed window from ten minutes after the time told, else near its end."""
    if promise.kind is PromiseKind.HOUR:
        return promise.from_at
    return announced_at + ANNOUNCED_SLACK if announced_at is not None else promise.by_at - COMFORT


def _source_visit(name: str, source: Source, origin: datetime, points: Mapping[Point, int], service: int, *,
                  van: str | None = None, announced_at: datetime | None = None, at_door: bool = False) -> Visit:
    """Y-03: the promise is a soft bound with a steep cost; no hard one, so that nothing promised is dropped.

    Every second that somebody waits costs as well (docs/adr/0013). The last minutes of the hour or two are kept free
    for doors that take longer and traffic.
    """
    promise, demand = promise_of(source), demand_of(source)
    second = timedelta(seconds=1)
    hour = promise.kind is PromiseKind.HOUR
    return Visit(
        id=name, location=points[source.lat, source.lon], service_s=service,
        earliest_s=0 if at_door else max(0, (promise.from_at - origin) // second),
        due_s=(promise.by_at - origin) // second, deliver=dict(demand.deliver), collect=dict(demand.collect),
        gas_out_g=demand.gas_out_g, gas_in_g=demand.gas_in_g, skills=source_skills(source),
        target_s=(promise.by_at - CLOSE - origin) // second if hour else None,
        target_weight=LATENESS_WEIGHT // 2 if hour else 0, priority=int(hour), drop_penalty=DROP_PENALTY,
        lateness_weight=LATENESS_WEIGHT,
        current_vehicle=van, change_vehicle_cost=CHANGE_VAN_COST,
        announced_s=(_waited_from(promise, announced_at) - origin) // second)
