"""New routes near known ones, by the thousand: what a set partitioning would like to have, judged by its duals.

From each route: leave out up to three neighbours in a row, put one visit in their place, or join its beginning
to the end of another route. Applied again and again to the best of what it found, it reaches the rest.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.problem import GREATEST
from routing.search.open_problem import EMPTY, UNFIT, Ints, OpenProblem, Rows

LEFT_OUT = 3  # neighbours in a row that may go
PRICED = 12_000  # candidates looked at closely in one round
Floats = npt.NDArray[np.float64]


class Found(NamedTuple):
    """New routes with their prices and reduced costs."""

    kinds: Ints
    rows: Rows
    prices: Ints
    reduced: Floats


class Neighbourhood:
    """The parents' beginnings and ends: times, costs and worth of what is served, at every place of every route.

    Index [r, i] of a beginning: after the first i visits of parent r. Of an end: from visit i on.
    """

    def __init__(self, problem: OpenProblem, wanted: npt.NDArray[np.bool_], kinds: Ints, rows: Rows, duals: Floats,
                 kind_duals: Floats) -> None:
        self.problem, self.kinds = problem, kinds
        self.may = problem.may & wanted
        self.duals, self.kind_duals = duals, kind_duals
        self.rows = np.pad(rows, ((0, 0), (0, 1)), constant_values=EMPTY)
        self.lengths = (rows != EMPTY).sum(axis=1)
        self._beginnings()
        self._ends()

    def _beginnings(self) -> None:
        at, (count, width) = self.problem, self.rows.shape
        self.leave = np.full((count, width), GREATEST, dtype=np.int64)
        self.here = np.zeros((count, width), dtype=np.int64)
        self.worth = np.zeros((count, width))  # driving less duals, so far
        self.served = np.zeros((count, width, len(at.visits)), dtype=bool)
        self.leave[:, 0], self.here[:, 0] = at.ready[self.kinds], at.start_place[self.kinds]
        self.worth[:, 0] = (at.fixed - at.idle_cost - self.kind_duals)[self.kinds]
        for step in range(width - 1):
            on = np.flatnonzero(self.lengths > step)
            visit = self.rows[on, step].astype(np.intp)
            place, here = at.place[visit], self.here[on, step]
            start = np.maximum(self.leave[on, step] + at.durations[here, place], at.earliest[visit])
            self.leave[on, step + 1] = start + at.service[visit]
            self.here[on, step + 1] = place
            self.worth[on, step + 1] = self.worth[on, step] + at.arcs[here, place] - self.duals[visit]
            self.served[:, step + 1] = self.served[:, step]
            self.served[on, step + 1, visit] = True

    def _ends(self) -> None:
        """From visit i on: its latest start for the hard bounds, what follows it costs, and whom it serves.

        The shift's end and the way home are those of the parent's own kind; `price` judges other kinds.
        """
        at, (count, width) = self.problem, self.rows.shape
        self.last_start = np.full((count, width), -GREATEST, dtype=np.int64)
        self.rest = np.zeros((count, width))
        self.still = np.zeros((count, width, len(at.visits)), dtype=bool)
        for step in range(width - 2, -1, -1):
            on = np.flatnonzero(self.lengths > step)
            kind, visit = self.kinds[on], self.rows[on, step].astype(np.intp)
            place = at.place[visit]
            last = self.lengths[on] == step + 1
            following = self.rows[on, step + 1].astype(np.intp)  # EMPTY after the last, and then not used
            away = np.where(last, at.home_s[kind, place], at.durations[place, at.place[following]])
            then = np.where(last, at.shift_end[kind], self.last_start[on, step + 1])
            self.last_start[on, step] = np.minimum(at.latest[visit], then - away - at.service[visit])
            cost = np.where(last, at.home_cost[kind, place], at.arcs[place, at.place[following]])
            self.rest[on, step] = self.rest[on, step + 1] * ~last + cost - self.duals[visit]
            self.still[:, step] = self.still[:, step + 1]
            self.still[on, step, visit] = True

    def replaced(self, most: float) -> tuple[Floats, Rows, Ints]:
        """Beginning, perhaps one visit, and an end of the same route: reduced cost (lateness left aside), rows and
        kinds of those below `most` that keep their hard bounds."""
        at, width = self.problem, self.rows.shape[1]
        bounds: list[Floats] = []
        found: list[Rows] = []
        kinds: list[Ints] = []
        place = at.place
        reach = self.leave[:, :, None] + at.durations[self.here][:, :, place]  # (route, beginning, visit)
        start = np.maximum(reach, at.earliest)
        fits = (start <= at.latest) & ~self.served[:, -1][:, None, :] & self.may[self.kinds][:, None, :]
        leave = start + at.service
        worth = self.worth[:, :, None] + at.arcs[self.here][:, :, place] - self.duals
        for gone in range(LEFT_OUT + 1):
            keep = width - gone
            begins = np.arange(keep)
            inside = begins[None, :] + gone <= self.lengths[:, None]
            ends_here = begins[None, :] + gone == self.lengths[:, None]
            after = self.rows[:, gone:gone + keep].astype(np.intp)
            target = place[after]
            home = self.kinds[:, None, None]
            # with one visit in between
            way = at.durations[place][:, target].transpose(1, 2, 0)
            in_time = np.where(ends_here[:, :, None], leave[:, :keep] + at.home_s[home, place] <=
                               at.shift_end[self.kinds][:, None, None],
                               leave[:, :keep] + way <= self.last_start[:, gone:gone + keep, None])
            value = worth[:, :keep] + np.where(ends_here[:, :, None], at.home_cost[home, place],
                                               at.arcs[place][:, target].transpose(1, 2, 0)
                                               + self.rest[:, gone:gone + keep, None])
            hit = np.nonzero(fits[:, :keep] & in_time & inside[:, :, None] & (value < most))
            bounds.append(value[hit])
            found.append(self._rows(hit[0], hit[1], hit[0], hit[1] + gone, hit[2]))
            kinds.append(self.kinds[hit[0]])
        return np.concatenate(bounds), np.concatenate(found), np.concatenate(kinds)

    def joined(self, most: float) -> tuple[Floats, Rows, Ints]:
        """A beginning and an end of another route or of the same with a gap, below `most` as above."""
        at = self.problem
        begin_route, begin = np.nonzero(np.arange(self.rows.shape[1])[None, :] <= self.lengths[:, None])
        end_route, end = np.nonzero(np.arange(self.rows.shape[1])[None, :] < self.lengths[:, None])
        first = self.rows[end_route, end].astype(np.intp)
        target = at.place[first]
        here = self.here[begin_route, begin]
        value = (self.worth[begin_route, begin][:, None] + at.arcs[here][:, target]
                 + self.rest[end_route, end][None, :])
        hit = np.nonzero((value < most) & (self.leave[begin_route, begin][:, None] + at.durations[here][:, target]
                                           <= self.last_start[end_route, end][None, :]))
        bounds, a, b = value[hit], hit[0], hit[1]
        if len(bounds) > 4 * PRICED:
            kept = np.argpartition(bounds, 4 * PRICED)[:4 * PRICED]
            bounds, a, b = bounds[kept], a[kept], b[kept]
        apart = ~(self.served[begin_route[a], begin[a]] & self.still[end_route[b], end[b]]).any(axis=1)
        bounds, a, b = bounds[apart], a[apart], b[apart]
        rows = self._rows(begin_route[a], begin[a], end_route[b], end[b], None)
        return bounds, rows, self.kinds[begin_route[a]]

    def cut(self, most: float) -> tuple[Floats, Rows, Ints]:
        """Beginnings that go home."""
        route, begin = np.nonzero(np.arange(self.rows.shape[1])[None, :] < self.lengths[:, None])
        value = self.worth[route, begin] + self.problem.home_cost[self.kinds[route], self.here[route, begin]]
        hit = np.flatnonzero((value < most) & (begin > 0))
        route, begin = route[hit], begin[hit]
        return value[hit], self._rows(route, begin, route, self.lengths[route], None), self.kinds[route]

    def _rows(self, begin_route: Ints, begin: Ints, end_route: Ints, end: Ints, between: Ints | None) -> Rows:
        """Beginnings, the visits in between and ends as rows."""
        width = 2 * self.rows.shape[1]
        rows = np.full((len(begin), width), EMPTY, dtype=np.int16)
        lengths = begin + (between is not None) + self.lengths[end_route] - end
        steps = np.arange(width)
        taken = self.rows.shape[1] - 1
        rows = np.where(steps < begin[:, None], self.rows[begin_route[:, None], np.minimum(steps, taken)], rows)
        shift = begin + (between is not None)
        source = steps - shift[:, None] + end[:, None]
        tail = (steps >= shift[:, None]) & (steps < lengths[:, None])
        rows = np.where(tail, self.rows[end_route[:, None], np.clip(source, 0, taken)], rows)
        if between is not None:
            rows[np.arange(len(rows)), begin] = between
        return rows


def neighbours(problem: OpenProblem, wanted: npt.NDArray[np.bool_], kinds: Ints, rows: Rows, duals: Floats,
               kind_duals: Floats, most: float) -> Found:
    """Routes of wanted visits near the given ones whose reduced cost is below `most`, best first."""
    around = Neighbourhood(problem, wanted, kinds, rows, duals, kind_duals)
    parts = [_best(part) for part in (around.replaced(most), around.joined(most), around.cut(most))]
    new_kinds = np.concatenate([part[2] for part in parts])
    new_rows = np.concatenate([part[1] for part in parts])
    used = (new_rows != EMPTY).any(axis=0)
    new_rows = new_rows[:, :max(1, int(used.sum()))]
    filled = new_rows[:, 0] != EMPTY
    new_kinds, new_rows = new_kinds[filled], new_rows[filled]
    prices = problem.price(new_kinds, new_rows)
    worth = np.append(duals, 0.0)[new_rows].sum(axis=1)  # EMPTY is the last one
    reduced = prices - worth - kind_duals[new_kinds]
    good = np.flatnonzero((prices < UNFIT) & (reduced < most))
    good = good[np.argsort(reduced[good])]
    return Found(new_kinds[good], new_rows[good], prices[good], reduced[good])


def _best(found: tuple[Floats, Rows, Ints]) -> tuple[Floats, Rows, Ints]:
    bounds, rows, kinds = found
    if len(bounds) <= PRICED:
        return found
    kept = np.argpartition(bounds, PRICED)[:PRICED]
    return bounds[kept], rows[kept], kinds[kept]
