"""One search over one problem. Loaded by solver processes only (see routing.search)."""
from __future__ import annotations

import random
from time import perf_counter

from routing.checker import hard_violations
from routing.insertion import insert_all
from routing.plan import Plan, cost
from routing.problem import Problem
from routing.search.engine import Engine
from routing.search.model import Model
from routing.search.parameters import search_parameters
from routing.solving import SeenRoute, SolveParams, SolveResult, Stage, Strategy, best_of, starting_plan, with_reasons

FEW_VISITS = 12  # so few need no long search, and ruin-and-recreate takes them all apart and rebuilds the same
ENOUGH_MS_PER_VISIT = 100
ENOUGH_MS_PER_VISIT_RELOADING = 300
LEAST_MS = 20
AFTER_MS_PER_VISIT = 1  # to complete, check and explain the plan found
AFTER_PART = 0.1  # of the limit at most


def solve(problem: Problem, params: SolveParams, initial: Plan | None = None) -> SolveResult:
    """Search for a better plan for as long as `params` allow.

    The result has no hard violation and is never worse than `initial` or than plain insertion. Visits that stay
    out carry a reason, found by trial insertion.
    """
    begun = perf_counter()
    base = _base(problem, params, initial)
    open_visits = [visit for visit in problem.visits if visit.id not in problem.frozen_ids]
    if params.seed:
        random.Random(params.seed).shuffle(open_visits)  # noqa: S311 - variety, not a secret
    model = Model(problem, open_visits)
    strategy, found, seen = _search(model, params, base, begun)
    plans = [base]
    if found is not None:
        plans += [found, insert_all(problem, found, problem.visits, protect_promises=False)]
    plan = best_of(problem, plans)
    if plan is base:
        strategy = Strategy.INSERTION
    plan = with_reasons(problem, plan)
    return SolveResult(plan=plan, cost=cost(problem, plan), strategy=strategy, seen=seen,
                       wall_ms=round((perf_counter() - begun) * 1000))


def _base(problem: Problem, params: SolveParams, initial: Plan | None) -> Plan:
    begins_at_it = params.stage in (Stage.DISTRICTS, Stage.REINSERT, Stage.PIECES)
    if begins_at_it and initial is not None and not hard_violations(problem, initial):
        return initial
    return starting_plan(problem, initial)


def _search(model: Model, params: SolveParams, base: Plan, begun: float) -> tuple[
        Strategy, Plan | None, tuple[SeenRoute, ...]]:
    """The way taken, the plan found and the routes seen on it."""
    strategy, number = params.strategy, len(model.visits)
    limit_ms = params.time_limit_ms - round((perf_counter() - begun) * 1000)
    if not number:
        return strategy, None, ()
    if number <= FEW_VISITS:
        limit_ms = min(limit_ms, number * (ENOUGH_MS_PER_VISIT_RELOADING if model.reloads else ENOUGH_MS_PER_VISIT))
        if strategy in (Strategy.SISR, Strategy.STAGED):
            if model.reloads:
                return strategy, _ruin_then_guide(model, limit_ms, base), ()
            strategy = Strategy.GLS_COLD
    if strategy is Strategy.STAGED:
        engine = Engine(model, base, params)
        after_ms = min(AFTER_PART * params.time_limit_ms, AFTER_MS_PER_VISIT * len(model.problem.visits))
        end_ms = max(LEAST_MS, params.time_limit_ms - after_ms)
        found = engine.run(begun + end_ms / 1000)
        return strategy, with_reasons(model.problem, found), engine.seen() if params.tell else ()
    parameters = search_parameters(strategy, max(LEAST_MS, limit_ms), promises=model.has_promises)
    return strategy, model.search(strategy, parameters, base), ()


def _ruin_then_guide(model: Model, limit_ms: int, base: Plan) -> Plan:
    """Few visits and a reload: ruins find sooner where to put it, and the guided search does not stay in a corner."""
    plan = base
    for strategy in (Strategy.SISR, Strategy.GLS_WARM):
        parameters = search_parameters(strategy, max(LEAST_MS, limit_ms // 2), promises=model.has_promises)
        found = model.search(strategy, parameters, plan)
        plan = plan if found is None else best_of(model.problem, (plan, found))
    return plan
