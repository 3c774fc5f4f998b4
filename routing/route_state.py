"""One route prepared for trial insertions: times forwards, slack backwards, loads at every point."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from routing.plan import Unserved
from routing.problem import GREATEST, Problem, Visit
from routing.standing import Standing, Terms

# From the nearest miss to the hopeless case: the reason furthest to the left is the vehicle's binding constraint.
NEAREST_FIRST = (Unserved.OTHERS_BOUND, Unserved.WINDOW_MISSED, Unserved.SHIFT_OVER, Unserved.GAS_OVER,
                 Unserved.SLOTS_OVER, Unserved.STOCK_SHORT, Unserved.SKILL_MISSING, Unserved.NO_VEHICLE)


class Trial(NamedTuple):
    """A feasible position in the open part of a route, and what taking it does."""

    breaks_promise: bool
    cost_delta: int
    start_s: int
    position: int
    others_late_s: int
    newly_late: tuple[str, ...]


@dataclass(frozen=True)
class Tail:
    """What a delay does to the visits behind an insertion."""

    cost: int
    late_s: int
    newly_late: tuple[str, ...]


class RouteState:
    """The open part of one vehicle's route (what follows its frozen prefix).

    For each visit k of it: `start`, `leave`; `hard_latest[k]`, the latest start with which k and all behind it keep
    their hard bounds and the shift (bounds broken already may not get worse); `shift_latest[k]`, the same for the
    shift alone; `free_latest[k]`, the latest start with which nothing from k on costs more than now.
    """

    def __init__(self, problem: Problem, standing: Standing, visits: Sequence[Visit]) -> None:
        self.problem = problem
        self.standing = standing
        self.visits = list(visits)
        self.terms: list[Terms] = [problem.terms[visit.id] for visit in visits]
        self._drive()
        self._slack()
        self._load()

    def _drive(self) -> None:
        durations = self.problem.durations_s
        location, leave = self.standing.location, self.standing.ready_s
        self.start: list[int] = []
        self.leave: list[int] = []
        for terms in self.terms:
            start = max(leave + durations[location][terms.location], terms.earliest_s)
            leave = start + terms.service_s
            location = terms.location
            self.start.append(start)
            self.leave.append(leave)
        self.finish = leave + self._home_s(location)

    def _home_s(self, location: int) -> int:
        end = self.standing.end_location
        return 0 if end is None else self.problem.durations_s[location][end]

    def _slack(self) -> None:
        durations, number = self.problem.durations_s, len(self.terms)
        self.end_s = max(self.standing.end_s, self.finish)
        self.hard_latest, self.shift_latest, self.free_latest = [0] * number, [0] * number, [0] * number
        hard = shift = free = 0
        for k in range(number - 1, -1, -1):
            terms, start = self.terms[k], self.start[k]
            if k == number - 1:
                hard = shift = self.end_s - self._home_s(terms.location) - terms.service_s
                free = GREATEST
            else:
                away = terms.service_s + durations[terms.location][self.terms[k + 1].location]
                hard, shift, free = hard - away, shift - away, free - away
            if terms.latest_s is not None:
                hard = min(hard, max(terms.latest_s, start))
            if terms.due_s is not None and terms.lateness_weight:
                free = min(free, max(terms.due_s, start))
            if terms.told_s is not None:
                free = min(free, max(terms.told_s, start))
            self.hard_latest[k], self.shift_latest[k], self.free_latest[k] = hard, shift, free

    def _load(self) -> None:
        self.stock_left = dict(self.standing.stock_left)
        slots, gas = [self.standing.slots_used], [self.standing.gas_on_board_g]
        for visit in self.visits:
            for kind, number in visit.deliver.items():
                self.stock_left[kind] = self.stock_left.get(kind, 0) - number
            slots.append(slots[-1] + visit.slots_net)
            gas.append(gas[-1] + visit.gas_net_g)
        self.slots_peak, self.gas_peak = _peaks_behind(slots), _peaks_behind(gas)

    def refusal(self, visit: Visit) -> Unserved | None:
        """The reason that rules the vehicle out wherever the visit stood."""
        if not visit.skills <= self.standing.skills:
            return Unserved.SKILL_MISSING
        if any(number > max(0, self.stock_left.get(kind, 0)) for kind, number in visit.deliver.items() if number):
            return Unserved.STOCK_SHORT
        return None

    def best(self, visit: Visit, terms: Terms, protect_promises: bool) -> tuple[Trial | None, Unserved]:
        """The cheapest feasible position, or None and why there is none."""
        refusal = self.refusal(visit)
        if refusal is not None:
            return None, refusal
        own_cost = 0 if self.visits else self.standing.fixed_cost
        if visit.current_vehicle not in (None, self.standing.vehicle_id):
            own_cost += visit.change_vehicle_cost
        best: Trial | None = None
        reasons: set[Unserved] = set()
        for position in range(len(self.visits) + 1):
            trial = self._try(position, visit, terms, own_cost, best if protect_promises or best is None else
                              best._replace(breaks_promise=False))
            if isinstance(trial, Unserved):
                reasons.add(trial)
            elif trial is not None and (best is None or _key(trial, protect_promises) < _key(best, protect_promises)):
                best = trial
        if best is not None:
            return best, Unserved.NO_VEHICLE
        return None, next(reason for reason in NEAREST_FIRST if reason in reasons)

    def _try(self, position: int, visit: Visit, terms: Terms, own_cost: int,
             best: Trial | None) -> Trial | Unserved | None:
        """Trial at one position; a reason where it is infeasible; None where it cannot beat `best`."""
        durations, location, place = self.problem.durations_s, self.standing.location, terms.location
        ready = self.standing.ready_s
        if position:
            location, ready = self.terms[position - 1].location, self.leave[position - 1]
        if visit.slots_net > 0 and self.slots_peak[position] + visit.slots_net > self.standing.slots_limit:
            return Unserved.SLOTS_OVER
        if visit.gas_net_g > 0 and self.gas_peak[position] + visit.gas_net_g > self.standing.gas_limit_g:
            return Unserved.GAS_OVER
        start = max(ready + durations[location][place], terms.earliest_s)
        if terms.latest_s is not None and start > terms.latest_s:
            return Unserved.WINDOW_MISSED
        leave = start + terms.service_s
        cost = own_cost + terms.cost(start) + self._detour(position, location, place)
        if position == len(self.visits):
            if leave + self._home_s(place) > self.end_s:
                return Unserved.SHIFT_OVER
            return Trial(False, cost, start, position, 0, ())
        following = self.terms[position]
        pushed = max(leave + durations[place][following.location], following.earliest_s)
        if pushed > self.hard_latest[position]:
            return Unserved.SHIFT_OVER if pushed > self.shift_latest[position] else Unserved.OTHERS_BOUND
        if pushed >= self.start[position]:
            if best is not None and not best.breaks_promise and cost > best.cost_delta:
                return None
            if pushed <= self.free_latest[position]:
                return Trial(False, cost, start, position, 0, ())
        tail = self._push(position, pushed)
        return Trial(bool(tail.newly_late), cost + tail.cost, start, position, tail.late_s, tail.newly_late)

    def _detour(self, position: int, location: int, place: int) -> int:
        arc = self.problem.arc_cost
        if position < len(self.terms):
            target: int | None = self.terms[position].location
        else:
            target = self.standing.end_location
        if target is None:
            return arc(location, place)
        return arc(location, place) + arc(place, target) - arc(location, target)

    def _push(self, position: int, start: int) -> Tail:
        """Follow a changed start of the visit at `position` to the end of the route."""
        durations = self.problem.durations_s
        cost = late_s = 0
        newly_late: list[str] = []
        for k in range(position, len(self.terms)):
            terms, before = self.terms[k], self.start[k]
            if k > position:
                previous = self.terms[k - 1]
                start = max(start + previous.service_s + durations[previous.location][terms.location],
                            terms.earliest_s)
            if start == before:
                break
            cost += terms.cost(start) - terms.cost(before)
            late_s += terms.lateness(start) - terms.lateness(before)
            if terms.due_s is not None and before <= terms.due_s < start:
                newly_late.append(self.visits[k].id)
        return Tail(cost, late_s, tuple(newly_late))


def _key(trial: Trial, protect_promises: bool) -> tuple[bool, int, int, int]:
    return trial.breaks_promise and protect_promises, trial.cost_delta, trial.start_s, trial.position


def _peaks_behind(levels: list[int]) -> list[int]:
    """For an insertion at position p: the highest level from there on, as `levels[0]` is before the first visit."""
    peaks = levels[:]
    for k in range(len(levels) - 2, -1, -1):
        peaks[k] = max(peaks[k], peaks[k + 1])
    return peaks
