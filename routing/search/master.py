"""Which columns to take: the linear relaxation of the set covering, and columns made where it would pay for them.

The linear program (GLOP) prices every visit; `routing.search.neighbours` makes routes near the good ones and keeps
those that cost less than the visits they serve are worth; and again. A visit may be covered twice.
"""
from __future__ import annotations

from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from ortools.linear_solver.python.model_builder_helper import ModelBuilderHelper, ModelSolverHelper
from scipy.sparse import csr_matrix

from routing.search.columns import Columns, joined, without
from routing.search.neighbours import Floats, Found, neighbours
from routing.search.open_problem import EMPTY, Ints, OpenProblem

IN_LP = 3000  # columns: the best by the last prices
PARENTS = 60  # routes whose neighbourhood is searched in one round, besides those the relaxation takes
ADDED = 1500  # new columns in one round
LP_S = 2.0  # none took a tenth of it
CALM = 0.6  # of the former prices in the next ones: prices of a degenerate program leap to and fro
IDLE = 6  # rounds without gain that end it
ENDED = 0.0005  # a round that gains less than this part of the value is the last but one


class Relaxed(NamedTuple):
    """The linear relaxation: its value, the price of each visit and kind, and how much of each column it takes."""

    value: float
    duals: Floats
    kind_duals: Floats
    taken: Floats


class Master:
    """The open visits still to be covered, the vehicles still free, and columns for them."""

    def __init__(self, problem: OpenProblem, columns: Columns) -> None:
        self.problem = problem
        self.columns = columns
        self.left = np.ones(len(problem.visits), dtype=bool)
        self.fleet = np.array(problem.number_of, dtype=np.int64)

    def copy(self) -> Master:
        """Another one to go on with."""
        other = Master(self.problem, self.columns)
        other.left, other.fleet = self.left.copy(), self.fleet.copy()
        return other

    def relax(self) -> Relaxed | None:
        """The linear relaxation over the present columns."""
        solver = ModelSolverHelper("glop")
        solver.set_time_limit_in_seconds(LP_S)
        solver.solve(self.model(self.columns))
        if not solver.has_solution():
            return None
        duals, visits = np.asarray(solver.dual_values()), len(self.problem.visits)
        return Relaxed(float(solver.objective_value()), duals[:visits], duals[visits:],
                       np.asarray(solver.variable_values())[:len(self.columns.prices)])

    def model(self, columns: Columns) -> Any:
        """Columns and left-out visits are variables; visits to cover and vehicles of a kind are rows."""
        problem, visits, count = self.problem, len(self.problem.visits), len(columns.prices)
        column, step = np.nonzero(columns.rows != EMPTY)
        left_out = np.arange(visits)
        row = np.concatenate([columns.rows[column, step], visits + columns.kinds, left_out])
        column = np.concatenate([column, np.arange(count), count + left_out])
        matrix = csr_matrix((np.ones(len(row)), (row, column)), shape=(visits + len(self.fleet), count + visits))
        model: Any = ModelBuilderHelper()
        model.fill_model_from_sparse_data(
            np.zeros(count + visits), np.ones(count + visits),
            np.concatenate([columns.prices, problem.penalties]).astype(float),
            np.concatenate([self.left.astype(float), np.full(len(self.fleet), -np.inf)]),
            np.concatenate([np.full(visits, np.inf), self.fleet.astype(float)]), matrix)
        return model

    def reduced(self, columns: Columns, relaxed: Relaxed) -> Floats:
        """What the columns cost more than what they serve is worth."""
        worth = np.append(relaxed.duals, 0.0)[columns.rows].sum(axis=1)
        return columns.prices - worth - relaxed.kind_duals[columns.kinds]

    def enrich(self, relaxed: Relaxed, hope: float, deadline: float, rounds: int = 1000,
               guess: Relaxed | None = None) -> Relaxed:
        """Add columns until none is found that would pay. `hope`: columns up to this reduced cost are kept as well.

        `guess`: prices to begin with."""
        idle, steady = 0, guess or relaxed
        for _ in range(rounds):
            if perf_counter() >= deadline or idle == IDLE:
                break
            steady = relaxed._replace(duals=CALM * steady.duals + (1 - CALM) * relaxed.duals,
                                      kind_duals=CALM * steady.kind_duals + (1 - CALM) * relaxed.kind_duals)
            reduced = self.reduced(self.columns, steady)
            basic = np.flatnonzero(relaxed.taken > 1e-6)
            parents = np.union1d(basic[:3 * PARENTS], np.argsort(reduced)[:PARENTS])
            found = self._near(self.columns.taken(parents), steady, hope)
            self._take_in(found, reduced, basic)
            again = self.relax()
            if again is None:
                break
            idle = idle + 1 if again.value > relaxed.value - ENDED * abs(relaxed.value) else 0
            relaxed = again
        return relaxed

    def _near(self, parents: Columns, relaxed: Relaxed, hope: float) -> Found:
        return neighbours(self.problem, self.left, parents.kinds, parents.rows, relaxed.duals, relaxed.kind_duals,
                          most=max(1.0, hope))

    def _take_in(self, found: Found, reduced: Floats, basic: Ints) -> None:
        have = np.union1d(basic, np.argsort(reduced)[:IN_LP - ADDED])
        fresh = Columns(found.kinds, found.rows, found.prices)
        self.columns = joined([self.columns.taken(have), fresh.taken(np.arange(min(len(found.kinds), 2 * ADDED)))])

    def fix(self, numbers: Ints) -> Columns:
        """Take these columns for good (they share no visit); the others lose what those serve."""
        fixed = self.columns.taken(numbers)
        served = np.zeros(len(self.left), dtype=bool)
        served[fixed.rows[fixed.rows != EMPTY]] = True
        self.left &= ~served
        np.subtract.at(self.fleet, fixed.kinds, 1)
        rest = without(self.problem, self.columns, served)
        self.columns = rest.taken(np.flatnonzero(self.fleet[rest.kinds] > 0))
        return fixed
