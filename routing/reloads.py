"""Reloads that a plan can do without (P5)."""
from __future__ import annotations

from routing.checker import hard_violations
from routing.plan import Plan, cost
from routing.problem import Problem


def without_idle_reloads(problem: Problem, plan: Plan) -> Plan:
    """The plan without reloads that nothing needs: the last of a route, the first of two in a row, and any without
    which the plan breaks no more rules and costs no more. Frozen ones stay."""
    routes = {vehicle.id: _tidied(problem, vehicle.id, vehicle.frozen, plan.route(vehicle.id))
              for vehicle in problem.vehicles if problem.reloads[vehicle.id]}
    return Plan(routes={**plan.routes, **routes}, unserved=plan.unserved) if routes else plan


def _tidied(problem: Problem, vehicle_id: str, frozen: tuple[str, ...], route: tuple[str, ...]) -> tuple[str, ...]:
    place = len(route) - 1
    while place >= len(frozen):
        shorter = (*route[:place], *route[place + 1:])
        if _is_reload(problem, route[place]) and (
                place == len(route) - 1 or _is_reload(problem, route[place + 1])
                or _price(problem, vehicle_id, shorter) <= _price(problem, vehicle_id, route)):
            route = shorter
        place -= 1
    return route


def _is_reload(problem: Problem, name: str) -> bool:
    visit = problem.visit_by_id.get(name)
    return visit is not None and visit.reload is not None


def _price(problem: Problem, vehicle_id: str, route: tuple[str, ...]) -> tuple[int, int]:
    alone = Plan(routes={vehicle_id: route})
    known = Plan(routes={vehicle_id: tuple(name for name in route if name in problem.visit_by_id)})
    return len(hard_violations(problem, alone)), cost(problem, known).total
