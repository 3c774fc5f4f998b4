"""What a computed plan may not do by itself: break a promise or leave somebody out (Y-06). Pure."""
from __future__ import annotations

from routing.plan import Plan, route_times
from routing.problem import Problem

LATER_S = 300  # so much later than before is a promise broken once more


def lateness(problem: Problem, plan: Plan) -> dict[str, int]:
    """Seconds late of every served visit."""
    return {stop.visit_id: stop.lateness_s for vehicle in problem.vehicles
            for stop in route_times(problem, vehicle, plan.route(vehicle.id)).stops}


def starts(problem: Problem, plan: Plan) -> dict[str, int]:
    """The start of every served visit, in seconds."""
    return {stop.visit_id: stop.start_s for vehicle in problem.vehicles
            for stop in route_times(problem, vehicle, plan.route(vehicle.id)).stops}


def broken_by(problem: Problem, before: Plan, after: Plan) -> dict[str, int]:
    """Visits whose promise the new plan breaks, or breaks further, with their lateness in seconds; -1 for one that
    had a van and has none any more. A call at the depot that is no longer needed breaks nothing."""
    late_before, late_after = lateness(problem, before), lateness(problem, after)
    broken = {name: -1 for name in late_before
              if name not in late_after and problem.visit_by_id[name].reload is None}
    for name, was in late_before.items():
        late = late_after.get(name, 0)
        if late and (was == 0 or late > was + LATER_S):
            broken[name] = late
    return broken
