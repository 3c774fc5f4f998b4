"""All stages of the search in one process, by turns until the time is over.

A cold ruin and recreate of the whole problem; pieces of the best plan solved anew (`decomposition`); plans put
together from all routes seen so far (`recombination`). What brings nothing is tried half as often.
"""
from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from routing.plan import Plan
from routing.search.columns import ColumnPool
from routing.search.decomposition import Decomposition
from routing.search.model import Model
from routing.search.open_problem import OpenProblem, Routes
from routing.search.parameters import cold_parameters, piece_parameters
from routing.search.recombination import Recombination
from routing.solving import SeenRoute, Strategy

COLD_PART = 0.25  # of the time for the first search of the whole
MIX_PART = 0.15  # of the time for one recombination, at most
PIECES_PART = 0.15  # of the time for pieces between two recombinations, at first
LAST_MS = 20  # too little for anything
PIECE_SIZES = (30, 45, 60, 60, 90)
PIECE_MS_PER_VISIT = 2
MOST_SENT = 6000  # routes told to the other processes


class Engine:
    """One search of one problem. `seed` tells the processes apart; `known` are routes that others have seen."""

    def __init__(self, model: Model, base: Plan, seed: int, known: Sequence[SeenRoute]) -> None:
        self.model = model
        self.base = base
        self.seed = seed
        self.open = OpenProblem(model.problem, model.visits)
        self.pool = ColumnPool(self.open)
        self.mixer = Recombination(self.open, self.pool, seed)
        self.pieces = Decomposition(self.open, self.open.routes_of(base), seed, self.pool.see)
        self.cost = self.mixer.cost(self.pieces.routes)
        self._learn(known)
        self.pool.see(self.pieces.routes, self.open.kind_of)

    def run(self, deadline: float, *, cold: bool) -> Plan:
        """The best plan found until then."""
        total_s = deadline - perf_counter()
        if cold:
            self._search_cold(COLD_PART * total_s)
        pieces_s = PIECES_PART * total_s
        while perf_counter() < deadline - LAST_MS / 1000:
            if not self._recombine(min(deadline, perf_counter() + MIX_PART * total_s)):
                pieces_s *= 2
            self._solve_pieces(min(deadline, perf_counter() + pieces_s))
        return self.open.plan_of(self.pieces.routes)

    def _take(self, routes: Routes) -> bool:
        cost = self.mixer.cost(routes)
        better = cost < self.cost
        if better:
            self.cost = cost
            self.pieces.adopt(routes)
        return better

    def _search_cold(self, seconds: float) -> None:
        parameters = cold_parameters(round(1000 * seconds), self.seed)
        routes = self.model.search_routes(Strategy.SISR, parameters, self.base,
                                          seen=lambda plan: self.pool.see(plan, self.open.kind_of))
        if routes is not None:
            self._take(routes)

    def _recombine(self, deadline: float) -> bool:
        """Put plans together; whether one was better."""
        begun = perf_counter()
        mixed = self.mixer.relaxed(self.pieces.routes, begun + (deadline - begun) / 2)
        if mixed is None or mixed[1].value > self.cost - 1:
            return False
        better = False
        while perf_counter() < deadline:
            better |= self._take(self.mixer.dive(*mixed, deadline))
        return better

    def _solve_pieces(self, deadline: float) -> None:
        """Piece by piece, each at the temperature of what a stop costs."""
        dice = self.pieces.dice
        while (left_ms := round(1000 * (deadline - perf_counter()))) > LAST_MS:
            size = min(dice.choice(PIECE_SIZES), max(1, len(self.open.visits)))
            limit_ms = min(left_ms, PIECE_MS_PER_VISIT * size)
            stop_cost = max(1.0, self.cost / max(1, len(self.open.visits)))
            self.pieces.step(size, piece_parameters(limit_ms, stop_cost, descend=dice.random() < 0.3))
        self.cost = self.mixer.cost(self.pieces.routes)

    def _learn(self, known: Sequence[SeenRoute]) -> None:
        names_of = [vehicle.id for vehicle in self.open.problem.vehicles]
        kind_of = dict(zip(names_of, self.open.kind_of, strict=True))
        for vehicle_id, names in known:
            if all(name in self.open.number for name in names):
                self.pool.see([[self.open.number[name] for name in names]], [kind_of[vehicle_id]])

    def seen(self) -> tuple[SeenRoute, ...]:
        """Routes worth telling the other processes: those of plans first, then the latest made."""
        columns = self.pool.columns()
        names = [visit.id for visit in self.open.visits]
        lists = columns.lists()
        return tuple((self.open.fleet[kind][0], tuple(names[visit] for visit in route))
                     for kind, route in lists[-MOST_SENT:])
