"""Routes for vans: a pure library of problem, plan, checker, insertion and solver.

It knows no framework, no database and no clock of ours: whole seconds since the plan's origin, metres, grams.
`routing.solver` loads OR-Tools and belongs into worker processes; `routing.pool` runs them.
"""
from __future__ import annotations

from routing.checker import Severity, Violation, ViolationKind, check, hard_violations
from routing.insertion import Insertion, InsertionIndex, Refusal, best_insertion, insert_all
from routing.plan import Plan, PlanCost, RestTime, RouteTimes, StopTime, Unserved, cost, route_times, schedule
from routing.problem import UNREACHABLE, Break, Problem, ProblemError, Reload, Vehicle, Visit

__all__ = ["UNREACHABLE", "Break", "Insertion", "InsertionIndex", "Plan", "PlanCost", "Problem", "ProblemError",
           "Refusal", "Reload", "RestTime", "RouteTimes", "Severity", "StopTime", "Unserved", "Vehicle", "Violation",
           "ViolationKind", "Visit", "best_insertion", "check", "cost", "hard_violations", "insert_all", "route_times",
           "schedule"]
