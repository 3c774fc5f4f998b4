"""Planning that reads, computes with no transaction open, and writes: opens its own units of work.

Called after a commit by signals, by sweeps and by the command line; never inside a unit of work.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from flask import current_app

from core.clock import utc_now
from core.db import db, unit_of_work
from delivery import planning
from delivery.guardrails import broken_by
from delivery.models import Depot
from delivery.plan_state import claim_improvement, hold, improved, needs_improvement, version_of
from delivery.planning import PlanSnapshot
from delivery.proposals import propose
from delivery.slipping import mark_slipping
from delivery.snapshots import UNPLANNED
from delivery.solvers import solver_pool
from delivery.stops import ensure_stops
from routing.checker import hard_violations
from routing.insertion import insert_all
from routing.plan import Plan, cost
from routing.problem import Problem, Visit
from routing.reloads import without_idle_reloads

TRIES = 4
LEASE = timedelta(seconds=60)
WORTH_IT = 30  # a gain smaller than half a minute of driving is not worth a change


class Improvement(StrEnum):
    """What came of an improvement."""

    APPLIED = "applied"
    PROPOSED = "proposed"
    UNCHANGED = "unchanged"
    STALE = "stale"
    BUSY = "busy"


def plan_now(now: datetime) -> None:
    """Make the stops that are missing, void those no longer wanted, and find a place for every open one.

    What the web process does right after a commit, and a sweep again.
    """
    with unit_of_work():
        ensure_stops(now)
    for depot_id in db.session.scalars(sa.select(Depot.id).order_by(Depot.id)).all():
        insert_open(depot_id, now)


def insert_open(depot_id: int, now: datetime) -> int:
    """Insert the depot's stops without a van into its routes; returns how many found a place. Well under a second."""
    for _ in range(TRIES):
        seen = planning.snapshot(depot_id, now)
        db.session.rollback()
        open_before = set(seen.plan.unserved)
        if not open_before and not hard_violations(seen.problem, seen.plan) and not _idle_reload(seen):
            return 0
        plan = place_open(seen.problem, seen.plan)
        with unit_of_work():
            if not _worth_writing(seen, plan):
                return 0
            if planning.apply(seen, plan, now=now, actor="system", what="planned"):
                return len(open_before - set(plan.unserved))
    return 0


def _idle_reload(seen: PlanSnapshot) -> bool:
    """A van would drive to its depot for nothing."""
    return without_idle_reloads(seen.problem, seen.plan).routes != seen.plan.routes


def place_open(problem: Problem, plan: Plan) -> Plan:
    """The plan with its unserved visits inserted. What cannot stay where it is (stock gone, shift too short) is
    taken out first and gets a new place as well, or a reason."""
    kept = _without_impossible(problem, plan)
    served = {name for route in kept.routes.values() for name in route}
    wanted: Sequence[Visit] = [visit for visit in problem.visits if visit.id not in served and visit.reload is None]
    return insert_all(problem, kept, wanted)


def _without_impossible(problem: Problem, plan: Plan) -> Plan:
    """Take visits out of routes that break a hard limit, from the first one named on, until none breaks."""
    routes = {name: list(route) for name, route in plan.routes.items()}
    frozen = problem.frozen_ids
    while True:
        served = {name for route in routes.values() for name in route}
        now_plan = Plan(routes={name: tuple(route) for name, route in routes.items()},
                        unserved={visit.id: UNPLANNED for visit in problem.visits
                                  if visit.id not in served and visit.reload is None})
        wrong = next((found for found in hard_violations(problem, now_plan) if found.vehicle_id is not None), None)
        if wrong is None or wrong.vehicle_id is None:
            return now_plan
        loose = [name for name in routes[wrong.vehicle_id] if name not in frozen]
        if not loose:
            return now_plan
        routes[wrong.vehicle_id].remove(wrong.visit_id if wrong.visit_id in loose else loose[-1])


def _worth_writing(seen: PlanSnapshot, plan: Plan) -> bool:
    """Something changes: a route, or the reason why a stop has none."""
    if any(plan.route(vehicle.id) != seen.plan.route(vehicle.id) for vehicle in seen.problem.vehicles):
        return True
    reasons = planning.unserved_reasons(seen)
    return any(reasons.get(name) != str(reason) for name, reason in plan.unserved.items() if name in seen.stop_ids)


def retime_all(depot_id: int, now: datetime) -> int:
    """Reckon the times of a depot's routes anew as time passes; returns how many changed.

    Stops that a late driver puts at risk are noted, and an improvement is asked for.
    """
    seen = planning.snapshot(depot_id, now)
    db.session.rollback()
    with unit_of_work():
        hold(depot_id)
        if version_of(depot_id) != seen.version:
            return 0
        mark_slipping(seen, now)
        return planning.retime(seen)


def improve(depot_id: int, now: datetime, *, time_limit_ms: int | None = None) -> Improvement:
    """Improve the plan in solver processes (Y-06): applied by itself where no promise breaks, else proposed.

    UNCHANGED when nothing changed since or nothing better was found, BUSY when somebody else improves it, STALE when
    the plan moved while it was computed.
    """
    with unit_of_work():
        if not needs_improvement(depot_id):
            return Improvement.UNCHANGED
        if not claim_improvement(depot_id, now, LEASE):
            return Improvement.BUSY
    done_version = 0
    try:
        seen = planning.snapshot(depot_id, now)
        db.session.rollback()
        done_version = seen.version
        limit = time_limit_ms or current_app.config["SOLVER_TIME_LIMIT_MS"]
        found = solver_pool().solve_portfolio(seen.problem, seen.plan, time_limit_ms=limit).plan
        outcome = _adopt(seen, found)
        done_version += outcome is Improvement.APPLIED
        return outcome
    finally:
        db.session.rollback()
        with unit_of_work():
            improved(depot_id, done_version)


def _adopt(seen: PlanSnapshot, found: Plan) -> Improvement:
    """Take a better plan over, or put it before a dispatcher."""
    problem = seen.problem
    gain = cost(problem, seen.plan).total - cost(problem, found).total
    wrong_before, wrong_after = (len(hard_violations(problem, plan)) for plan in (seen.plan, found))
    if wrong_after or (gain < WORTH_IT and not wrong_before):
        return Improvement.UNCHANGED
    broken = broken_by(problem, seen.plan, found)
    with unit_of_work():
        if broken:
            return Improvement.PROPOSED if propose(seen, found, broken, now=utc_now()) else Improvement.STALE
        applied = planning.apply(seen, found, now=utc_now(), actor="system", what="improved")
    return Improvement.APPLIED if applied else Improvement.STALE
