"""PyVRP and VROOM on our problems: the same whole numbers in, a plan of ours out, scored by `routing.plan.cost`.

Both get what both can express: driving costs, windows, one load for each type, starts, ends and shifts. An empty van
that stands in town costs them nothing and us its way home; a plan is scored with that way, whoever made it.
"""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyvrp
import pyvrp.stop
import vroom

from routing.plan import Plan
from routing.problem import Problem

EXPLORATION = 5  # VROOM's most thorough


def kinds(problem: Problem) -> list[str]:
    """The loads that visits ask for."""
    return sorted({kind for visit in problem.visits for kind in visit.deliver})


def by_pyvrp(problem: Problem, seconds: float, seed: int = 1) -> Plan:
    """One process, one thread, as PyVRP has no other."""
    loads = kinds(problem)
    places = sorted({place for vehicle in problem.vehicles for place in (vehicle.start_location, vehicle.end_location)
                     if place is not None})
    matrix = np.array(problem.durations_s)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(matrix))],
        clients=[pyvrp.Client(
            visit.location, delivery=[visit.deliver.get(kind, 0) for kind in loads], service_duration=visit.service_s,
            tw_early=visit.earliest_s, **({} if visit.latest_s is None else {"tw_late": visit.latest_s}))
            for visit in problem.visits],
        depots=[pyvrp.Depot(place) for place in places],
        vehicle_types=[pyvrp.VehicleType(
            1, [vehicle.full_stock.get(kind, 0) for kind in loads], places.index(vehicle.start_location),
            places.index(vehicle.end_location or 0), tw_early=vehicle.start_s, tw_late=vehicle.end_s,
            fixed_cost=vehicle.fixed_cost)
            for vehicle in problem.vehicles],
        distance_matrices=[matrix], duration_matrices=[matrix])
    found = pyvrp.solve(data, pyvrp.stop.MaxRuntime(seconds), seed=seed, collect_stats=False, display=False)
    if not found.is_feasible():
        raise RuntimeError("PyVRP found no plan")
    routes = {vehicle.id: () for vehicle in problem.vehicles}
    for route in found.best.routes():
        routes[problem.vehicles[route.vehicle_type()].id] = tuple(
            problem.visits[activity.idx].id for activity in route if activity.is_client())
    return Plan(routes=routes)


def by_vroom(problem: Problem, seconds: float, threads: int = 2) -> Plan:
    """VROOM stops by itself, long before ten seconds as a rule."""
    loads = kinds(problem)
    asked = vroom.Input()
    matrix: Any = np.array(problem.durations_s, dtype=np.uint32)
    asked.set_durations_matrix("car", matrix)
    for number, vehicle in enumerate(problem.vehicles):
        asked.add_vehicle(vroom.Vehicle(
            number, start=vehicle.start_location, end=vehicle.end_location,
            capacity=[vehicle.full_stock.get(kind, 0) for kind in loads],
            time_window=vroom.TimeWindow(vehicle.start_s, vehicle.end_s)))
    for number, visit in enumerate(problem.visits):
        windows = [] if visit.latest_s is None else [vroom.TimeWindow(visit.earliest_s, visit.latest_s)]
        asked.add_job(vroom.Job(
            number, location=visit.location, default_service=visit.service_s,
            delivery=[visit.deliver.get(kind, 0) for kind in loads], time_windows=windows))
    found = asked.solve(exploration_level=EXPLORATION, nb_threads=threads, timeout=timedelta(seconds=seconds))
    routes: dict[str, tuple[str, ...]] = {vehicle.id: () for vehicle in problem.vehicles}
    steps = found.routes
    for number, job in zip(steps["vehicle_id"][steps["type"] == "job"], steps["id"][steps["type"] == "job"],
                           strict=True):
        name = problem.vehicles[int(number)].id
        routes[name] = (*routes[name], problem.visits[int(job)].id)
    return Plan(routes=routes)
