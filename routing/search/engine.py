"""All stages of the search, each in its time (`routing.schedule`).

A cold ruin and recreate of the whole problem; the districts of the best plan, shared out among the processes, each
annealed anew; where promises rule, stops put back by what they do to everybody (`reinsertion`) instead of both; pieces
of the best plan solved anew (`decomposition`); in one of the processes plans put together from all routes seen so far
(`recombination`).
"""
from __future__ import annotations

import random
from collections.abc import Sequence
from time import perf_counter
from typing import Generic, TypeVar

from routing.plan import Plan
from routing.search.columns import ColumnPool
from routing.search.decomposition import Decomposition
from routing.search.model import Model
from routing.search.open_problem import UNFIT, OpenProblem, Routes
from routing.search.parameters import (
    Way,
    cold_parameters,
    district_parameters,
    piece_parameters,
    search_parameters,
)
from routing.search.recombination import Recombination
from routing.search.reinsertion import Reinsertion
from routing.solving import SeenRoute, SolveParams, Stage, Strategy

REINSERT_PART = 0.7  # of the time, where promises rule and pieces follow at once
COLD_PART = 0.35  # of the time for the search of the whole, where pieces follow at once
DIVES_IN_VAIN = 4
LAST_MS = 20  # too little for anything
PIECE_SIZES = (30, 45, 60, 90)
PIECE_HEATS = (0.05, 0.15, 0.5)  # how warm a piece begins, in parts of what a stop costs
LATE_HEATS = (0.15, 0.5, 2.0)  # the same where lateness rules
PIECE_MS_PER_VISIT = 2
PIECE_WAYS = (Way.RUIN, Way.RUIN, Way.RUIN_AND_DESCEND, Way.GUIDED)
MEMORY = 0.9  # of what a setting gained before, at each further trial
CHANCE = 0.25  # of a setting that gained nothing, against the best one
MOST_SENT = 6000  # routes told to the other processes


T = TypeVar("T")


class Setting(Generic[T]):
    """Values of one setting, drawn the more often the more they gained lately."""

    def __init__(self, values: Sequence[T], dice: random.Random) -> None:
        self.values = list(values)
        self.gains = [0.0] * len(values)
        self.dice = dice
        self.drawn = 0

    def draw(self) -> T:
        """The value to try next."""
        best = max(self.gains) or 1.0
        self.drawn = self.dice.choices(range(len(self.values)), [CHANCE + gain / best for gain in self.gains])[0]
        return self.values[self.drawn]

    def reward(self, gain: float) -> None:
        """What the last drawn value gained in a unit of time."""
        self.gains[self.drawn] = MEMORY * self.gains[self.drawn] + (1 - MEMORY) * gain


class Engine:
    """One search of one problem, one process's part in it."""

    def __init__(self, model: Model, base: Plan, params: SolveParams) -> None:
        self.model = model
        self.base = base
        self.params = params
        self.open = OpenProblem(model.problem, model.visits)
        self.pool = ColumnPool(self.open)
        self.mixer = Recombination(self.open, self.pool, params.seed)
        self.pieces = Decomposition(self.open, self.open.routes_of(base), params.seed, self.pool.see)
        self.cost = self.mixer.cost(self.pieces.routes)
        dice = self.pieces.dice
        self.sizes, self.ways = Setting(PIECE_SIZES, dice), Setting(PIECE_WAYS, dice)
        self.heats = Setting(LATE_HEATS if model.has_promises else PIECE_HEATS, dice)
        self._learn(params.known)
        self.pool.see(self.pieces.routes, self.open.kind_of)

    def run(self, deadline: float) -> Plan:
        """The best plan found until then."""
        total_s, stage = deadline - perf_counter(), self.params.stage
        if stage is Stage.REINSERT or (stage is Stage.MIXED and self.model.has_promises):
            part = REINSERT_PART if stage is Stage.MIXED else 1.0
            self._reinsert(deadline - (1 - part) * total_s)
        elif stage in (Stage.MIXED, Stage.WHOLE):
            self._search_cold(total_s if stage is Stage.WHOLE else COLD_PART * total_s)
        if stage is Stage.DISTRICTS:
            self._solve_districts(deadline)
        if stage is Stage.PIECES and self.params.member == self.params.members - 1:
            self._recombine(deadline)
        if stage in (Stage.MIXED, Stage.PIECES):
            self._solve_pieces(deadline)
        return self.open.plan_of(self.pieces.routes)

    def _take(self, routes: Routes) -> bool:
        cost = self.mixer.cost(routes)
        better = cost < self.cost
        if better:
            self.cost = cost
            self.pieces.adopt(routes)
        return better

    def _reinsert(self, deadline: float) -> None:
        self._take(Reinsertion(self.open, self.pieces.routes, self.params.seed, self.pool.see).run(deadline))

    def _search_cold(self, seconds: float) -> None:
        limit_ms = max(LAST_MS, round(1000 * seconds))
        strategy, promises = Strategy.SISR, self.model.has_promises
        parameters = cold_parameters(limit_ms)
        if any(self.open.slow) and self.params.member % 2:  # better there (docs/adr/0007)
            strategy = Strategy.GLS_WARM
            parameters = search_parameters(strategy, limit_ms, promises=promises)
        routes = self.model.search_routes(strategy, parameters, self.base,
                                          seen=lambda plan: self.pool.see(plan, self.open.kind_of))
        if routes is not None:
            self._take(routes)

    def _recombine(self, deadline: float) -> bool:
        """Put plans together; whether one was better."""
        if any(self.open.slow):  # too slow to price neighbours by the thousand
            return False
        begun = perf_counter()
        mixed = self.mixer.relaxed(self.pieces.routes, begun + (deadline - begun) / 2)
        if mixed is None or mixed[1].value > self.cost - 1:
            return False
        better = False
        vain = 0
        while perf_counter() < deadline and vain < DIVES_IN_VAIN:
            routes = self.mixer.dive(*mixed, deadline)
            gained = routes is not None and self._take(routes)
            better, vain = better or gained, 0 if gained else vain + 1
        return better

    def _solve_districts(self, deadline: float) -> None:
        """This member's share of the districts, each in its part of the time."""
        params, share = self.params, self.pieces.districts(self.params.turn, self.params.members)[self.params.member]
        for number, district in enumerate(share):
            weights = [len(other.visits) ** 2 for other in share[number:]]
            left_s = deadline - perf_counter()
            limit_ms = round(1000 * left_s * weights[0] / max(1, sum(weights)))
            if limit_ms > LAST_MS and district.visits:
                self.pieces.solve(district, Strategy.SISR,
                                  district_parameters(limit_ms, params.heat * self._stop_cost(), len(district.visits)))

    def _solve_pieces(self, deadline: float) -> None:
        """Piece by piece, with the settings that gain most."""
        number = len(self.open.visits)
        while (left_ms := round(1000 * (deadline - perf_counter()))) > LAST_MS:
            begun = perf_counter()
            size = min(self.sizes.draw(), number)
            heat = self.heats.draw() * self._stop_cost()
            limit_ms = min(left_ms, PIECE_MS_PER_VISIT * size)
            strategy, parameters = piece_parameters(self.ways.draw(), limit_ms, heat, promises=self.model.has_promises)
            gain = self.pieces.step(size, strategy, parameters) / (perf_counter() - begun)
            for setting in (self.sizes, self.heats, self.ways):
                setting.reward(gain)
        self.cost = self.mixer.cost(self.pieces.routes)

    def _stop_cost(self) -> float:
        """What a stop costs now, those left out aside."""
        served = [price for price in self.pieces.prices if price < UNFIT]
        return max(1.0, sum(served) / max(1, len(self.open.visits)))

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
