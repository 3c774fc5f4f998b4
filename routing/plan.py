"""A plan, its times and its cost: lateness first, then driving, then stability, in one number."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from routing.problem import Problem, Vehicle
from routing.rests import Rest, before_home, in_order, leg


class Unserved(StrEnum):
    """Why a visit is in no route: the binding constraint of the vehicle that comes nearest to serving it."""

    NO_VEHICLE = "no_vehicle"
    WRONG_VEHICLE = "wrong_vehicle"
    SKILL_MISSING = "skill_missing"
    UNREACHABLE = "unreachable"
    STOCK_SHORT = "stock_short"
    SLOTS_OVER = "slots_over"
    GAS_OVER = "gas_over"
    CAPACITY_OVER = "capacity_over"
    BREAK_MISSED = "break_missed"
    SHIFT_OVER = "shift_over"
    WINDOW_MISSED = "window_missed"
    OTHERS_BOUND = "others_bound"  # it would break another visit's hard bound
    TOO_COSTLY = "too_costly"  # it fits, but leaving it out costs less


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Visit ids in order for each vehicle id (a vehicle left out has none), and why the rest is unserved.

    A reload that is not made stands nowhere.
    """

    routes: Mapping[str, tuple[str, ...]]
    unserved: Mapping[str, str] = field(default_factory=dict)

    def route(self, vehicle_id: str) -> tuple[str, ...]:
        """The vehicle's visits in order."""
        return self.routes.get(vehicle_id, ())

    def vehicle_of(self, visit_id: str) -> str | None:
        """The vehicle that serves the visit."""
        return next((name for name, route in self.routes.items() if visit_id in route), None)

    def with_visit(self, visit_id: str, vehicle_id: str, position: int) -> Plan:
        """The plan with one more visit at that position."""
        route = self.route(vehicle_id)
        return Plan(routes={**self.routes, vehicle_id: (*route[:position], visit_id, *route[position:])},
                    unserved={name: why for name, why in self.unserved.items() if name != visit_id})

    def without(self, visit_id: str) -> Plan:
        """The plan without that visit, which then is in no route and not among the unserved."""
        return Plan(routes={name: tuple(other for other in route if other != visit_id)
                            for name, route in self.routes.items()},
                    unserved={name: why for name, why in self.unserved.items() if name != visit_id})


@dataclass(frozen=True, kw_only=True)
class StopTime:
    """One visit as driven: waiting and rests on arrival lie between `arrive_s` and `start_s`; `lateness_s` counts
    from the promise."""

    visit_id: str
    arrive_s: int
    start_s: int
    leave_s: int
    travel_s: int
    distance_m: int
    lateness_s: int


@dataclass(frozen=True, kw_only=True)
class RestTime:
    """A break as taken, after so many visits of the route and at that place; begun `missed_s` after its window."""

    break_id: str
    start_s: int
    end_s: int
    missed_s: int
    after_visits: int
    location: int


@dataclass(frozen=True, kw_only=True)
class RouteTimes:
    """A route as driven; `finish_s` is the return to the end location or, without one, the end of what is done at
    the last visit. `rests` are the breaks that the route needs, see `routing.rests`."""

    stops: tuple[StopTime, ...]
    finish_s: int
    travel_s: int
    distance_m: int
    rests: tuple[RestTime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlanCost:
    """A plan's cost. `total` is what solver and insertion minimise; the other fields explain it.

    `lateness_s` in seconds, `lateness_cost` weighted; `changes` are visits that changed the vehicle, `moved_s`
    seconds beyond announced times, `stability_cost` both of these; `dropped` are visits in no route;
    `behind_target_s` are seconds after the starts aimed at, `target_cost` these weighted.
    """

    lateness_s: int
    lateness_cost: int
    travel_s: int
    distance_m: int
    driving_cost: int
    changes: int
    moved_s: int
    stability_cost: int
    dropped: int
    dropped_cost: int
    total: int
    behind_target_s: int = 0
    target_cost: int = 0


def route_times(problem: Problem, vehicle: Vehicle, visit_ids: Sequence[str]) -> RouteTimes:
    """Drive the route as early as possible, resting by the rule of `routing.rests`.

    A vehicle without visits still drives home. KeyError: unknown visit.
    """
    stops: list[StopTime] = []
    rests: list[RestTime] = []
    location, leave_s, travel_s, distance_m = vehicle.start_location, vehicle.start_s, 0, 0
    pending = in_order(vehicle.breaks)
    for name in visit_ids:
        terms = problem.terms[name]
        drive_s, drive_m = problem.ways_s[location][terms.location], problem.distances_m[location][terms.location]
        arrive_s, start_s, pending, taken = leg(leave_s, drive_s, terms.earliest_s, terms.service_s, pending)
        rests += [_rest(rest, len(stops), terms.location if rest.on_arrival else location) for rest in taken]
        leave_s = start_s + terms.service_s
        stops.append(StopTime(visit_id=name, arrive_s=arrive_s, start_s=start_s, leave_s=leave_s, travel_s=drive_s,
                              distance_m=drive_m, lateness_s=terms.lateness(start_s)))
        travel_s += drive_s
        distance_m += drive_m
        location = terms.location
    if stops:
        leave_s, taken = before_home(leave_s, pending)
        rests += [_rest(rest, len(stops), location) for rest in taken]
    finish_s = leave_s
    if vehicle.end_location is not None:
        finish_s += problem.ways_s[location][vehicle.end_location]
        travel_s += problem.ways_s[location][vehicle.end_location]
        distance_m += problem.distances_m[location][vehicle.end_location]
    return RouteTimes(stops=tuple(stops), finish_s=finish_s, travel_s=travel_s, distance_m=distance_m,
                      rests=tuple(rests))


def _rest(rest: Rest, after_visits: int, location: int) -> RestTime:
    return RestTime(break_id=rest.break_id, start_s=rest.start_s, end_s=rest.end_s, missed_s=rest.missed_s,
                    after_visits=after_visits, location=location)


def schedule(problem: Problem, vehicle: Vehicle, visit_ids: Sequence[str]) -> tuple[StopTime, ...]:
    """The times of a route's visits, each as early as possible."""
    return route_times(problem, vehicle, visit_ids).stops


def cost(problem: Problem, plan: Plan) -> PlanCost:
    """The one number by which plans are compared. KeyError for an unknown visit: check the plan first."""
    lateness_s = lateness_cost = travel_s = distance_m = driving_cost = changes = moved_s = stability_cost = 0
    behind_target_s = target_cost = 0
    served: set[str] = set()
    for vehicle in problem.vehicles:
        times = route_times(problem, vehicle, plan.route(vehicle.id))
        travel_s += times.travel_s
        distance_m += times.distance_m
        driving_cost += _driving_cost(problem, vehicle, plan.route(vehicle.id))
        for stop in times.stops:
            visit, terms = problem.visit_by_id[stop.visit_id], problem.terms[stop.visit_id]
            served.add(stop.visit_id)
            lateness_s += stop.lateness_s
            lateness_cost += stop.lateness_s * terms.lateness_weight
            moved_s += terms.told_moved(stop.start_s)
            stability_cost += terms.told_moved(stop.start_s) * terms.told_weight
            behind_target_s += terms.behind_target(stop.start_s)
            target_cost += terms.behind_target(stop.start_s) * terms.target_weight
            if visit.current_vehicle not in (None, vehicle.id):
                changes += 1
                stability_cost += visit.change_vehicle_cost
    dropped = [visit for visit in problem.visits if visit.id not in served and visit.reload is None]
    dropped_cost = sum(visit.drop_penalty for visit in dropped)
    return PlanCost(
        lateness_s=lateness_s, lateness_cost=lateness_cost, travel_s=travel_s, distance_m=distance_m,
        driving_cost=driving_cost, changes=changes, moved_s=moved_s, stability_cost=stability_cost,
        dropped=len(dropped), dropped_cost=dropped_cost,
        total=lateness_cost + driving_cost + stability_cost + dropped_cost + target_cost,
        behind_target_s=behind_target_s, target_cost=target_cost)


def _driving_cost(problem: Problem, vehicle: Vehicle, visit_ids: Sequence[str]) -> int:
    places = [vehicle.start_location, *(problem.terms[name].location for name in visit_ids)]
    if vehicle.end_location is not None:
        places.append(vehicle.end_location)
    driven = sum(problem.arc_cost(origin, target) for origin, target in pairwise(places))
    return driven + (vehicle.fixed_cost if visit_ids else 0)
