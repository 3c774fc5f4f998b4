"""One search over one problem. Loaded by solver processes only (see routing.search)."""
from __future__ import annotations

import random
from time import perf_counter

from routing.insertion import insert_all
from routing.plan import Plan, cost
from routing.problem import Problem
from routing.search.model import Model
from routing.search.parameters import search_parameters
from routing.solving import SolveParams, SolveResult, Strategy, best_of, starting_plan, with_reasons

FEW_VISITS = 12  # so few need no long search, and ruin-and-recreate takes them all apart and rebuilds the same
ENOUGH_MS_PER_VISIT = 100
LEAST_MS = 20


def solve(problem: Problem, params: SolveParams, initial: Plan | None = None) -> SolveResult:
    """Search for a better plan for as long as `params` allow.

    The result has no hard violation and is never worse than `initial` or than plain insertion. Visits that stay
    out carry a reason, found by trial insertion.
    """
    begun = perf_counter()
    base = starting_plan(problem, initial)
    open_visits = [visit for visit in problem.visits if visit.id not in problem.frozen_ids]
    if params.seed:
        random.Random(params.seed).shuffle(open_visits)  # noqa: S311 - variety, not a secret
    model = Model(problem, open_visits)
    strategy, limit_ms = params.strategy, params.time_limit_ms - round((perf_counter() - begun) * 1000)
    if len(model.visits) <= FEW_VISITS:
        limit_ms = min(limit_ms, ENOUGH_MS_PER_VISIT * len(model.visits))
        strategy = Strategy.GLS_COLD if strategy is Strategy.SISR else strategy
    parameters = search_parameters(strategy, max(LEAST_MS, limit_ms), promises=model.has_promises)
    found = model.search(strategy, parameters, base) if model.visits else None
    plans = [base]
    if found is not None:
        plans += [found, insert_all(problem, found, problem.visits, protect_promises=False)]
    plan = best_of(problem, plans)
    if plan is base:
        strategy = Strategy.INSERTION
    plan = with_reasons(problem, plan)
    return SolveResult(plan=plan, cost=cost(problem, plan), strategy=strategy,
                       wall_ms=round((perf_counter() - begun) * 1000))
