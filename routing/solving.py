"""What a solver is asked and what it answers; which of several plans is the best one. No OR-Tools here."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from routing.checker import hard_violations
from routing.insertion import InsertionIndex, Refusal, empty_plan, insert_all
from routing.plan import Plan, PlanCost, Unserved, cost
from routing.problem import Problem
from routing.reloads import without_idle_reloads


class Strategy(StrEnum):
    """How a plan was found.

    STAGED takes the others by turns with pieces of the plan and with routes put together anew: the one to use. SISR
    ruins and recreates from scratch (best where lateness rules; for a handful of visits the solver takes the
    guided search instead). The guided local searches do not depend on chance, one of them starts from the plan
    given (best on long routes and for small changes).
    """

    STAGED = "staged"
    SISR = "sisr"
    GLS_WARM = "gls_warm"
    GLS_COLD = "gls_cold"
    INSERTION = "insertion"


class Stage(StrEnum):
    """What one process does in its time: the whole problem from nothing for a while and then pieces of the plan
    (MIXED), one of these alone (WHOLE, PIECES), its share of the districts of the plan given (DISTRICTS), or stops of
    that plan taken out and put back by what it does to everybody's time (REINSERT)."""

    MIXED = "mixed"
    WHOLE = "whole"
    DISTRICTS = "districts"
    REINSERT = "reinsert"
    PIECES = "pieces"


SeenRoute = tuple[str, tuple[str, ...]]  # a vehicle, and the visits of a route it could drive after its frozen ones


@dataclass(frozen=True, kw_only=True)
class SolveParams:
    """Wall time that may be used, and the way. The search has no seed of its own: ours permutes the input.

    `known` are routes seen in earlier rounds. `tell`: the answer names the routes seen. The others say which part
    a process has in a round of a portfolio (`routing.schedule`): it is number `member` of `members`, which all get
    the same plan and the same `turn`.
    """

    time_limit_ms: int = 3000
    seed: int = 0
    strategy: Strategy = Strategy.STAGED
    known: tuple[SeenRoute, ...] = ()
    tell: bool = False
    stage: Stage = Stage.MIXED
    member: int = 0
    members: int = 1
    turn: int = 0
    heat: float = 0.0

    def __post_init__(self) -> None:
        if self.time_limit_ms < 1:
            raise ValueError(f"time_limit_ms {self.time_limit_ms} is no time at all")


@dataclass(frozen=True, kw_only=True)
class SolveResult:
    """A plan without hard violations; `strategy` is the one that found it, `wall_ms` what all of it took."""

    plan: Plan
    cost: PlanCost
    strategy: Strategy
    wall_ms: int
    seen: tuple[SeenRoute, ...] = ()


def starting_plan(problem: Problem, initial: Plan | None = None) -> Plan:
    """The better of the given plan, completed by insertion, and of one made by insertion alone.

    It has no hard violation. Of the given plan, visits that are no more are left out.
    """
    plans = [insert_all(problem, empty_plan(problem), problem.visits, protect_promises=False)]
    if initial is not None:
        plans.insert(0, insert_all(problem, _adopted(problem, initial), problem.visits, protect_promises=False))
        if not hard_violations(problem, initial):
            plans.insert(0, without_idle_reloads(problem, initial))
    return best_of(problem, plans)


def best_of(problem: Problem, plans: Iterable[Plan]) -> Plan:
    """The cheapest plan; one with hard violations only if all have some. The first wins a tie."""
    return min(plans, key=lambda plan: (len(hard_violations(problem, plan)), cost(problem, plan).total))


def joined(problem: Problem, base: Plan, plans: Iterable[Plan]) -> Plan:
    """What each plan changed of the base, all at once; one that changed a route which an earlier one changed, and
    what it made of the others with it, is left aside."""
    routes, changed = dict(base.routes), set[str]()
    for plan in plans:
        news = {name: route for name, route in plan.routes.items() if route != base.route(name)}
        if changed.isdisjoint(news):
            routes |= news
            changed |= set(news)
    served = {name for route in routes.values() for name in route}
    return Plan(routes=routes, unserved={visit.id: "" for visit in problem.visits
                                         if visit.id not in served and visit.reload is None})


def with_reasons(problem: Problem, plan: Plan) -> Plan:
    """The plan with a reason for every unserved visit, worked out by trial insertion. A reload that is not made is
    not unserved, one that nothing needs is left out (P5)."""
    index = InsertionIndex(problem, without_idle_reloads(problem, plan))
    served = index.served()
    reasons: dict[str, str] = {}
    for visit in problem.visits:
        if visit.id not in served and visit.reload is None:
            found = index.best(visit, protect_promises=False)
            reasons[visit.id] = found.reasons[0] if isinstance(found, Refusal) else Unserved.TOO_COSTLY
    return Plan(routes=index.plan().routes, unserved=reasons)


def _adopted(problem: Problem, initial: Plan) -> Plan:
    """The given plan cut down to what this problem knows: frozen visits first, nobody twice."""
    taken = set(problem.frozen_ids)
    routes: dict[str, tuple[str, ...]] = {}
    for vehicle in problem.vehicles:
        kept = [name for name in dict.fromkeys(initial.route(vehicle.id))
                if name in problem.visit_by_id and name not in taken]
        taken.update(kept)
        routes[vehicle.id] = (*vehicle.frozen, *kept)
    return Plan(routes=routes)
