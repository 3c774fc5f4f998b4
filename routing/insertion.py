"""Trial insertion: quick enough to answer a customer while the page loads, with the solver's own cost."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.plan import Plan, Unserved
from routing.problem import Problem, Visit
from routing.reloads import without_idle_reloads
from routing.route_state import NEAREST_FIRST, RouteState, Trial
from routing.standing import Terms, terms_of

REGRET_UP_TO = 120  # visits; above that the regret of all of them costs more than it gains


@dataclass(frozen=True, kw_only=True)
class Insertion:
    """The best place for a visit.

    `position` counts from the route's beginning, the frozen prefix included. `lateness_s` is the visit's own,
    `others_late_s` what the others lose in all, `newly_late` those whose promise would break. `cost_delta` is what
    `plan.cost` grows by, not counting a drop penalty that is saved.

    With a `reload_id` the van makes that call at a depot as well (P5): it is put in at `reload_position` first, and
    `position` counts in the route with it.
    """

    vehicle_id: str
    position: int
    start_s: int
    lateness_s: int
    cost_delta: int
    others_late_s: int
    newly_late: tuple[str, ...]
    reload_id: str | None = None
    reload_position: int = 0

    def into(self, plan: Plan, visit_id: str) -> Plan:
        """The plan with the visit, and the reload if there is one, put in."""
        if self.reload_id is not None:
            plan = plan.with_visit(self.reload_id, self.vehicle_id, self.reload_position)
        return plan.with_visit(visit_id, self.vehicle_id, self.position)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """No vehicle can serve the visit. `by_vehicle` says why for each; `reasons` are these, nearest miss first."""

    reasons: tuple[Unserved, ...]
    by_vehicle: tuple[tuple[str, Unserved], ...] = ()


class InsertionIndex:
    """A plan prepared for many trials. Raises ValueError if the plan does not begin with the frozen prefixes."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self._unserved = dict(plan.unserved)
        self._states = {vehicle.id: self._state(vehicle.id, plan.route(vehicle.id)) for vehicle in problem.vehicles}

    def _state(self, vehicle_id: str, route: tuple[str, ...]) -> RouteState:
        standing = self.problem.standings[vehicle_id]
        held = len(standing.frozen)
        if route[:held] != standing.frozen:
            raise ValueError(f"the route of vehicle {vehicle_id} does not begin with its frozen visits")
        return RouteState(self.problem, standing, [self.problem.visit_by_id[name] for name in route[held:]])

    def plan(self) -> Plan:
        """The plan with all insertions made so far."""
        return Plan(routes={name: self._route(name) for name in self._states}, unserved=dict(self._unserved))

    def _route(self, vehicle_id: str) -> tuple[str, ...]:
        state = self._states[vehicle_id]
        return (*state.standing.frozen, *(visit.id for visit in state.visits))

    def served(self) -> set[str]:
        """The ids of all visits in routes."""
        return {name for vehicle_id in self._states for name in self._route(vehicle_id)}

    def best(self, visit: Visit, *, protect_promises: bool = True) -> Insertion | Refusal:
        """The cheapest feasible place over all vehicles.

        No other visit's hard bound is broken by it. With `protect_promises` a place that makes no other promise
        newly late comes before any that does, whatever it costs.
        """
        terms = terms_of(self.problem, visit)
        options: list[Insertion] = []
        refusals: list[tuple[str, Unserved]] = []
        for vehicle_id in self._states:
            option = self.best_on(vehicle_id, visit, terms, protect_promises=protect_promises)
            if isinstance(option, Insertion):
                options.append(option)
            else:
                refusals.append((vehicle_id, option))
        if options:
            return min(options, key=lambda option: _rank(option, protect_promises))
        return _refusal(refusals)

    def best_on(self, vehicle_id: str, visit: Visit, terms: Terms | None = None, *,
                protect_promises: bool = True) -> Insertion | Unserved:
        """The cheapest feasible place in one vehicle's route."""
        bounds = terms or terms_of(self.problem, visit)
        state = self._states[vehicle_id]
        trial, reason = state.best(visit, bounds, protect_promises)
        return reason if trial is None else _insertion(state, trial, bounds)

    def insert(self, visit_id: str, insertion: Insertion) -> None:
        """Carry an insertion out. The visit has to be one of the problem's own and in no route yet."""
        if visit_id in self.served():
            raise ValueError(f"visit {visit_id} is in a route already")
        name = insertion.vehicle_id
        self._states[name] = self._state(name, insertion.into(self.plan(), visit_id).route(name))
        self._unserved.pop(visit_id, None)

    def refuse(self, visit_id: str, reason: Unserved) -> None:
        """Note why a visit stays out."""
        self._unserved[visit_id] = reason


def best_insertion(problem: Problem, plan: Plan, visit: Visit, *,
                   protect_promises: bool = True) -> Insertion | Refusal:
    """The best place for one visit, which need not be the problem's own (a question before the order).

    Raises ProblemError for a visit that does not fit the problem's places, ValueError for one already in a route.
    """
    problem.check_visit(visit)
    if plan.vehicle_of(visit.id) is not None:
        raise ValueError(f"visit {visit.id} is in a route already")
    return InsertionIndex(problem, plan).best(visit, protect_promises=protect_promises)


def insert_all(problem: Problem, plan: Plan, visits: Iterable[Visit], *, protect_promises: bool = True) -> Plan:
    """Insert the visits (the problem's own) one after the other; what fits nowhere becomes unserved with a reason.

    Higher priority goes first; within one, the visit that loses most by not getting its best vehicle (regret), or,
    with very many, the one whose bound is nearest. Visits already in a route are left where they are. Reloads are
    put in where a visit needs one, and those that nothing needs any more are taken out (P5).
    """
    index = InsertionIndex(problem, without_idle_reloads(problem, plan))
    served = index.served()
    wanted = [visit for visit in {visit.id: visit for visit in visits}.values()
              if visit.id not in served and visit.reload is None]
    for priority in sorted({visit.priority for visit in wanted}, reverse=True):
        equals = [visit for visit in wanted if visit.priority == priority]
        if len(equals) <= REGRET_UP_TO:
            _insert_by_regret(index, equals, protect_promises)
        else:
            _insert_in_order(index, sorted(equals, key=_urgency), protect_promises)
    return index.plan()


def empty_plan(problem: Problem) -> Plan:
    """Every vehicle with its frozen visits only."""
    return Plan(routes={vehicle.id: vehicle.frozen for vehicle in problem.vehicles})


def _insert_in_order(index: InsertionIndex, visits: Sequence[Visit], protect_promises: bool) -> None:
    for visit in visits:
        found = index.best(visit, protect_promises=protect_promises)
        if isinstance(found, Insertion):
            index.insert(visit.id, found)
        else:
            index.refuse(visit.id, found.reasons[0])


def _insert_by_regret(index: InsertionIndex, visits: Sequence[Visit], protect_promises: bool) -> None:
    vehicles = [vehicle.id for vehicle in index.problem.vehicles]
    pending = {visit.id: visit for visit in visits}
    options = {visit.id: {name: index.best_on(name, visit, protect_promises=protect_promises) for name in vehicles}
               for visit in visits}
    while pending:
        name, choice = _most_regretted(pending, options, protect_promises)
        if choice is None:
            break
        index.insert(name, choice)
        del pending[name]
        for other in pending.values():
            options[other.id][choice.vehicle_id] = index.best_on(choice.vehicle_id, other,
                                                                 protect_promises=protect_promises)
    for name in pending:
        refusals = [(vehicle_id, why) for vehicle_id, why in options[name].items() if isinstance(why, Unserved)]
        index.refuse(name, _refusal(refusals).reasons[0])


def _most_regretted(pending: dict[str, Visit], options: dict[str, dict[str, Insertion | Unserved]],
                    protect_promises: bool) -> tuple[str, Insertion | None]:
    chosen: tuple[tuple[int, int], str, Insertion] | None = None
    for name, visit in pending.items():
        found = sorted((option for option in options[name].values() if isinstance(option, Insertion)),
                       key=lambda option: _rank(option, protect_promises))
        if not found:
            continue
        second = found[1].cost_delta if len(found) > 1 else found[0].cost_delta + visit.drop_penalty
        key = (found[0].cost_delta - second, found[0].cost_delta)
        if chosen is None or key < chosen[0]:
            chosen = (key, name, found[0])
    return ("", None) if chosen is None else (chosen[1], chosen[2])


def _insertion(state: RouteState, trial: Trial, terms: Terms) -> Insertion:
    return Insertion(
        vehicle_id=state.standing.vehicle_id, position=len(state.standing.frozen) + trial.position,
        start_s=trial.start_s, lateness_s=terms.lateness(trial.start_s), cost_delta=trial.cost_delta,
        others_late_s=trial.others_late_s, newly_late=trial.newly_late,
        reload_id=None if trial.reload is None else trial.reload.id,
        reload_position=len(state.standing.frozen) + trial.reload_position)


def _rank(option: Insertion, protect_promises: bool) -> tuple[bool, int, int]:
    return protect_promises and bool(option.newly_late), option.cost_delta, option.start_s


def _refusal(refusals: list[tuple[str, Unserved]]) -> Refusal:
    if not refusals:
        return Refusal(reasons=(Unserved.NO_VEHICLE,))
    counted = Counter(reason for _, reason in refusals)
    return Refusal(reasons=tuple(sorted(counted, key=NEAREST_FIRST.index)), by_vehicle=tuple(refusals))


def _urgency(visit: Visit) -> tuple[int, int]:
    bounds = [bound for bound in (visit.due_s, visit.latest_s) if bound is not None]
    return (min(bounds) if bounds else 10**12), visit.earliest_s
