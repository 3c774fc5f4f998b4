"""A problem as OR-Tools' routing model. Loaded by solver processes only.

Frozen prefixes are not in the model: each vehicle starts where and when its prefix is over, with the load it then
has, so nothing can move a prefix and nothing broken in one can make the rest infeasible.
"""
from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ortools.constraint_solver import pywrapcp

from routing.plan import Plan
from routing.problem import UNREACHABLE, Problem, Visit
from routing.search.loads import Nodes, add_loads, stock_after
from routing.solving import Strategy, with_reasons
from routing.standing import Standing, Terms

MOST_RELOADS = 2  # of one van: alike as they are, more of them only slow the search
Routes = list[list[int]]  # for each of the model's vehicles the numbers of its visits in `Model.visits`


class Model:
    """The open part of a problem as OR-Tools sees it: visits are nodes 0..n-1, then the vehicles' starts and ends.

    Of reloads only those of vans that may need one are in it. Where a rest falls is the model's own idea, a little
    better than the rule of `routing.rests`: its plans are timed and checked by that rule before they are taken.
    `standings` (those of all vehicles by default) and `open_visits` may be a part of the problem, a stretch of some
    routes; only `search_routes` answers then.
    `objective` is what the last search says its plan costs: `plan.cost` less what no plan can change.
    """

    def __init__(self, problem: Problem, open_visits: Sequence[Visit],
                 standings: Sequence[Standing] | None = None) -> None:
        self.problem = problem
        self.standings = list(standings or [problem.standings[vehicle.id] for vehicle in problem.vehicles])
        able = {visit.id: [number for number, standing in enumerate(self.standings)
                           if _could_serve(problem, standing, visit, problem.terms[visit.id])]
                for visit in open_visits}
        needless = _needless_reloads(problem, self.standings, [visit for visit in open_visits if able[visit.id]])
        self.visits = [visit for visit in open_visits if able[visit.id] and visit.id not in needless]
        self.terms = [problem.terms[visit.id] for visit in self.visits]
        self.able = [able[visit.id] for visit in self.visits]
        self.reloads = {number: self.able[number][0] for number, visit in enumerate(self.visits)
                        if visit.reload is not None}
        self.objective = 0
        self._seen: Callable[[Routes], None] | None = None

    @property
    def has_promises(self) -> bool:
        """Whether lateness plays a part."""
        return any(terms.due_s is not None or terms.target_s is not None for terms in self.terms)

    def search(self, strategy: Strategy, parameters: Any, base: Plan) -> Plan | None:
        """The plan found with these search parameters, or None."""
        routes = self.search_routes(strategy, parameters, base)
        return None if routes is None else self._plan(routes)

    def search_routes(self, strategy: Strategy, parameters: Any, base: Plan, *, follow_base: bool = False,
                      seen: Callable[[Routes], None] | None = None) -> Routes | None:
        """The routes found, or None. `seen` is told of every plan that the search accepts on its way.

        A search that could begin anywhere begins at `base` if there are reloads: no single step puts a reload and
        what needs it into a route.
        `follow_base`: ruin and recreate starts from `base`; `parameters` name the evaluator strategy then.
        """
        self._build()
        if follow_base:
            self._lead_along(base)
        self._seen = seen
        if seen is not None:
            self._report()
        self.routing.CloseModelWithParameters(parameters)
        if follow_base and self._assignment(base) is None:
            return None  # a first solution led along an illegal plan would be looked for without heed to the time
        if strategy is Strategy.SISR:
            found = self.routing.SolveWithIteratedLocalSearch(parameters)
        else:
            warm = self._assignment(base) if strategy is Strategy.GLS_WARM or self.reloads else None
            found = (self.routing.SolveWithParameters(parameters) if warm is None
                     else self.routing.SolveFromAssignmentWithParameters(warm, parameters))
        self._seen = None
        if found is None:
            return None
        self.objective = found.ObjectiveValue()
        return self._routes(found.Value)

    def _lead_along(self, base: Plan) -> None:
        """A first solution made arc by arc prefers those of `base`: the one way to give ruin and recreate a plan
        to start from, as it takes neither an assignment nor a hint."""
        index_of = {visit.id: index for visit, index in zip(self.visits, self.indices, strict=True)}
        following: dict[int, int] = {}
        for van, standing in enumerate(self.standings):
            here = self.routing.Start(van)
            for name in base.route(standing.vehicle_id)[len(standing.frozen):]:
                if name in index_of:
                    following[here] = here = index_of[name]
            following[here] = self.routing.End(van)
        self.routing.SetFirstSolutionEvaluator(lambda origin, target: int(following.get(origin, origin) != target))

    def _report(self) -> None:
        """Tell `seen` of accepted plans. What the library calls back it keeps in memory for ever, and all that hangs
        on it: here nothing but a weak reference."""
        model = weakref.ref(self)

        def accepted() -> None:
            at = model()
            if at is not None and at._seen is not None:
                at._seen(at._routes(lambda variable: variable.Value()))

        self.routing.AddAtSolutionCallback(accepted)

    def _build(self) -> None:
        number, vans = len(self.visits), len(self.standings)
        starts = [number + van for van in range(vans)]
        ends = [number + vans + van for van in range(vans)]
        self.manager = pywrapcp.RoutingIndexManager(number + 2 * vans, vans, starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.indices = [self.manager.NodeToIndex(node) for node in range(number)]
        self._add_driving()
        self._add_time()
        nodes = Nodes(self.problem, self.routing, self.indices, self.visits, self.standings, self.reloads)
        add_loads(nodes)
        self._add_changes(nodes)
        for index, visit, able in zip(self.indices, self.visits, self.able, strict=True):
            self.routing.AddDisjunction([index], visit.drop_penalty)
            if len(able) < vans:
                self.routing.VehicleVar(index).SetValues([-1, *able])
        for van, standing in enumerate(self.standings):
            self.routing.SetFixedCostOfVehicle(standing.fixed_cost, van)
            self.routing.SetVehicleUsedWhenEmpty(standing.end_location is not None, van)

    def _matrix(self, table: Sequence[Sequence[int]], services: Sequence[int]) -> list[list[int]]:
        """A table over locations as one over nodes; the service at a node goes into its row, ends at no place cost
        nothing to reach. A van that nobody needs gets home even where there is no way (no plan can mend that)."""
        places = [terms.location for terms in self.terms] + [standing.location for standing in self.standings]
        ends = [standing.end_location for standing in self.standings]
        rows = []
        for node, (place, service) in enumerate(zip(places, services, strict=True)):
            row = table[place]
            home = [row[end] if end is not None else 0 for end in ends]
            if node >= len(self.terms):
                home = [0 if way >= UNREACHABLE else way for way in home]
            rows.append([row[target] + service for target in places] + [service + way for way in home])
        return rows + [[0] * (len(places) + len(ends)) for _ in ends]

    def _add_driving(self) -> None:
        problem, size = self.problem, len(self.problem.durations_s)
        table: Sequence[Sequence[int]] = problem.ways_s
        if problem.cost_per_km or problem.cost_per_s != 1:
            table = [[problem.arc_cost(a, b) for b in range(size)] for a in range(size)]
        costs = self._matrix(table, [0] * (len(self.terms) + len(self.standings)))
        self.routing.SetArcCostEvaluatorOfAllVehicles(self.routing.RegisterTransitMatrix(costs))

    def _add_time(self) -> None:
        services = [terms.service_s for terms in self.terms] + [0] * len(self.standings)
        transit = self.routing.RegisterTransitMatrix(self._matrix(self.problem.durations_s, services))
        horizon = max(standing.end_s for standing in self.standings)
        time = self._time_dimension(transit, horizon, "time")
        for van, standing in enumerate(self.standings):
            time.CumulVar(self.routing.End(van)).SetMax(standing.end_s)
        for index, terms in zip(self.indices, self.terms, strict=True):
            latest = horizon if terms.latest_s is None else min(horizon, terms.latest_s)
            time.CumulVar(index).SetRange(max(0, terms.earliest_s), latest)
        self._add_breaks(time, services)
        # One soft bound per node and dimension: announced times and targets get clocks of their own. They run as early
        # as the first without being tied to it, because all only ever gain by being early.
        clock: Any = time
        for name, bounds in self._soft_bounds():
            clock = clock or self._time_dimension(transit, horizon, name)
            for index, terms, (bound, weight) in zip(self.indices, self.terms, bounds, strict=True):
                if clock is not time:
                    clock.CumulVar(index).SetMin(max(0, terms.earliest_s))
                if bound is not None:
                    clock.SetCumulVarSoftUpperBound(index, max(0, bound), weight)
            clock = None

    def _soft_bounds(self) -> list[tuple[str, list[tuple[int | None, int]]]]:
        """What each visit is due for, by name, where any is."""
        every: dict[str, list[tuple[int | None, int]]] = {
            "promise": [(terms.due_s, terms.lateness_weight) for terms in self.terms],
            "told": [(terms.told_s, terms.told_weight) for terms in self.terms],
            "target": [(terms.target_s, terms.target_weight) for terms in self.terms]}
        return [(name, bounds) for name, bounds in every.items() if any(bound is not None for bound, _ in bounds)]

    def _add_breaks(self, time: Any, services: Sequence[int]) -> None:
        """The rests still to come. One that can be in time in no plan is due as soon as those before it allow."""
        if not any(standing.breaks for standing in self.standings):
            return
        at_nodes = [0] * self.routing.Size()
        for index, service in zip(self.indices, services, strict=False):
            at_nodes[index] = service
        solver = self.routing.solver()
        for van, standing in enumerate(self.standings):
            intervals, free_s = [], standing.ready_s
            for rest in standing.breaks:
                free_s = max(free_s, rest.earliest_s)
                begin_s = min(free_s, max(rest.earliest_s, standing.ready_s))
                intervals.append(solver.FixedDurationIntervalVar(begin_s, max(rest.latest_s, free_s), rest.duration_s,
                                                                 False, f"{standing.vehicle_id} {rest.id}"))
                free_s += rest.duration_s
            if intervals:
                time.SetBreakIntervalsOfVehicle(intervals, van, at_nodes)

    def _time_dimension(self, transit: int, horizon: int, name: str) -> Any:
        self.routing.AddDimension(transit, horizon, horizon, False, name)
        dimension = self.routing.GetDimensionOrDie(name)
        for van, standing in enumerate(self.standings):
            dimension.CumulVar(self.routing.Start(van)).SetValue(standing.ready_s)
        return dimension

    def _add_changes(self, nodes: Nodes) -> None:
        """The cost of serving a visit by another vehicle than now, as the length of a dimension of its own."""
        if not any(visit.current_vehicle and visit.change_vehicle_cost for visit in self.visits):
            return
        transits = [nodes.unary([visit.change_vehicle_cost if visit.current_vehicle not in (None, standing.vehicle_id)
                                 else 0 for visit in self.visits]) for standing in self.standings]
        most = sum(visit.change_vehicle_cost for visit in self.visits)
        self.routing.AddDimensionWithVehicleTransits(transits, 0, most, True, "changes")
        self.routing.GetDimensionOrDie("changes").SetSpanCostCoefficientForAllVehicles(1)

    def _assignment(self, plan: Plan) -> Any:
        """The open part of a plan as a first solution; None where the model takes it for illegal. What a dispatcher
        forced onto a van that the model would not choose stays out."""
        index_of = {visit.id: index for visit, index in zip(self.visits, self.indices, strict=True)}
        routes = [[index_of[name] for name in plan.route(standing.vehicle_id)[len(standing.frozen):]
                   if name in index_of] for standing in self.standings]
        return self.routing.ReadAssignmentFromRoutes(routes, True)

    def _routes(self, value: Callable[[Any], int]) -> Routes:
        routes: Routes = []
        for van in range(len(self.standings)):
            route: list[int] = []
            index = value(self.routing.NextVar(self.routing.Start(van)))
            while not self.routing.IsEnd(index):
                route.append(self.manager.IndexToNode(index))
                index = value(self.routing.NextVar(index))
            routes.append(route)
        return routes

    def _plan(self, found: Routes) -> Plan:
        routes = {standing.vehicle_id: (*standing.frozen, *(self.visits[number].id for number in route))
                  for standing, route in zip(self.standings, found, strict=True)}
        served = {name for route in routes.values() for name in route}
        plan = Plan(routes=routes, unserved={visit.id: "" for visit in self.problem.visits if visit.id not in served})
        return with_reasons(self.problem, plan)


def _could_serve(problem: Problem, standing: Standing, visit: Visit, terms: Terms) -> bool:
    """Whether the vehicle could serve the visit if it had nothing else to do, reloading before if need be. Loads that
    others free may help, so rack places, gas and freight are left to the search."""
    if visit.only_vehicle not in (None, standing.vehicle_id) or not visit.skills <= standing.skills:
        return False
    if _short(visit, standing.stock_left) and all(
            any(number > stock_after(problem, reload, kind) for kind, number in visit.deliver.items())
            for reload in problem.reloads[standing.vehicle_id]):
        return False
    if problem.has_gaps and all(row[terms.location] >= UNREACHABLE for number, row in enumerate(problem.durations_s)
                                if number != terms.location or number == standing.location):
        return False
    start_s = max(standing.ready_s + problem.ways_s[standing.location][terms.location], terms.earliest_s)
    home_s = 0 if standing.end_location is None else problem.ways_s[terms.location][standing.end_location]
    in_time = terms.latest_s is None or start_s <= terms.latest_s
    return in_time and start_s + terms.service_s + home_s <= standing.end_s


def _short(visit: Visit, stock: Mapping[str, int]) -> bool:
    return any(number > stock.get(kind, 0) for kind, number in visit.deliver.items() if number)


def _needless_reloads(problem: Problem, standings: Sequence[Standing], visits: Sequence[Visit]) -> set[str]:
    """The reloads of vans that have room and stock for all visits together, and of others all beyond the first few."""
    wanted = Counter[str]()
    for visit in visits:
        wanted.update(visit.deliver)
    slots = sum(max(0, visit.slots_net) for visit in visits)
    gas_g = sum(max(0, visit.gas_net_g) for visit in visits)
    needless: set[str] = set()
    for standing in standings:
        enough = (not any(number > standing.stock_left.get(kind, 0) for kind, number in wanted.items() if number)
                  and standing.slots_used + slots <= standing.slots_limit
                  and standing.gas_on_board_g + gas_g <= standing.gas_limit_g)
        mine = [visit.id for visit in visits if visit.reload is not None and visit.only_vehicle == standing.vehicle_id]
        needless.update(mine[0 if enough else MOST_RELOADS:])
    return needless
