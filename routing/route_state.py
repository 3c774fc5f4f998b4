"""One route prepared for trial insertions: times forwards, slack backwards, loads at every point."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from routing.plan import Unserved
from routing.problem import GREATEST, UNREACHABLE, Problem, Visit
from routing.rests import Breaks, Leg, Rest, before_home, leg
from routing.route_load import RouteLoad
from routing.standing import Standing, Terms

# From the nearest miss to the hopeless case: the reason furthest to the left is the vehicle's binding constraint.
NEAREST_FIRST = (Unserved.OTHERS_BOUND, Unserved.WINDOW_MISSED, Unserved.SHIFT_OVER, Unserved.BREAK_MISSED,
                 Unserved.CAPACITY_OVER, Unserved.GAS_OVER, Unserved.SLOTS_OVER, Unserved.STOCK_SHORT,
                 Unserved.UNREACHABLE, Unserved.SKILL_MISSING, Unserved.WRONG_VEHICLE, Unserved.NO_VEHICLE)
MENDED_BY_RELOAD = frozenset({Unserved.STOCK_SHORT, Unserved.SLOTS_OVER, Unserved.GAS_OVER})


class Trial(NamedTuple):
    """A feasible position in the open part of a route, and what taking it does.

    With a `reload` that visit is put in at `reload_position` first, and `position` counts in the route with it.
    """

    breaks_promise: bool
    cost_delta: int
    start_s: int
    position: int
    others_late_s: int
    newly_late: tuple[str, ...]
    reload: Visit | None = None
    reload_position: int = 0


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
    shift alone; `free_latest[k]`, the latest start with which nothing from k on costs more than now. These three
    hold from where no break is pending any more: `pending[k]` are the breaks still to come before the way to k.
    """

    def __init__(self, problem: Problem, standing: Standing, visits: Sequence[Visit]) -> None:
        self.problem = problem
        self.standing = standing
        self.visits = list(visits)
        self.terms: list[Terms] = [problem.terms[visit.id] for visit in visits]
        self.load = RouteLoad(standing, self.visits, problem.vehicle_by_id[standing.vehicle_id].spare)
        self._drive()
        self._slack()

    def _drive(self) -> None:
        durations = self.problem.ways_s
        location, leave, pending = self.standing.location, self.standing.ready_s, self.standing.breaks
        self.start: list[int] = []
        self.leave: list[int] = []
        self.pending: list[Breaks] = [pending]
        self.missed: dict[str, int] = {}
        for terms in self.terms:
            way = leg(leave, durations[location][terms.location], terms.earliest_s, terms.service_s, pending)
            leave, pending, location = way.start_s + terms.service_s, way.pending, terms.location
            self.start.append(way.start_s)
            self.leave.append(leave)
            self.pending.append(pending)
            self._note(way.rests)
        if self.terms or self.standing.frozen:
            leave, rests = before_home(leave, pending)
            self._note(rests)
        self.finish = leave + self._home_s(location)

    def _note(self, rests: Iterable[Rest]) -> None:
        self.missed.update({rest.break_id: rest.missed_s for rest in rests if rest.missed_s})

    def _home_s(self, location: int) -> int:
        end = self.standing.end_location
        return 0 if end is None else self.problem.ways_s[location][end]

    def _slack(self) -> None:
        durations, number = self.problem.ways_s, len(self.terms)
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
            if terms.target_s is not None:
                free = min(free, max(terms.target_s, start))
            self.hard_latest[k], self.shift_latest[k], self.free_latest[k] = hard, shift, free

    def best(self, visit: Visit, terms: Terms, protect_promises: bool) -> tuple[Trial | None, Unserved]:
        """The cheapest feasible position, or None and why there is none. Where stock, slots or gas stand in the
        way, one of the vehicle's reloads is put in as well (P5)."""
        found, reasons = self._best_as_it_is(visit, terms, protect_promises)
        if found is None and visit.reload is None and not MENDED_BY_RELOAD.isdisjoint(reasons):
            found = self._best_reloading(visit, terms, protect_promises)
        return found, next((reason for reason in NEAREST_FIRST if reason in reasons), Unserved.NO_VEHICLE)

    def _best_as_it_is(self, visit: Visit, terms: Terms, protect_promises: bool) -> tuple[Trial | None, set[Unserved]]:
        refusal = self.load.refusal(visit)
        if refusal is not None:
            return None, {refusal}
        own_cost = self._own_cost(visit)
        best: Trial | None = None
        reasons: set[Unserved] = set()
        for position in range(len(self.visits) + 1):
            trial = self._try(position, visit, terms, own_cost, best if protect_promises or best is None else
                              best._replace(breaks_promise=False))
            if isinstance(trial, Unserved):
                reasons.add(trial)
            elif trial is not None and (best is None or _key(trial, protect_promises) < _key(best, protect_promises)):
                best = trial
        return best, reasons

    def _own_cost(self, visit: Visit) -> int:
        own_cost = 0 if self.visits else self.standing.fixed_cost
        if visit.current_vehicle not in (None, self.standing.vehicle_id):
            own_cost += visit.change_vehicle_cost
        return own_cost

    @cached_property
    def _reloading(self) -> list[tuple[Trial, RouteState]]:
        """The route with one more reload at each place where it can be, and what that alone does; of reloads that
        are alike the first."""
        here = {visit.id for visit in self.visits} | set(self.standing.frozen)
        found: list[tuple[Trial, RouteState]] = []
        tried: list[Visit] = []
        for reload in self.problem.reloads.get(self.standing.vehicle_id, ()):
            if reload.id in here or any(_alike(reload, other) for other in tried):
                continue
            tried.append(reload)
            for place in range(len(self.visits) + 1):
                alone = self._try(place, reload, self.problem.terms[reload.id], self._own_cost(reload), None)
                if isinstance(alone, Trial):
                    state = RouteState(self.problem, self.standing,
                                       [*self.visits[:place], reload, *self.visits[place:]])
                    if state.load.kept_behind(place + 1):
                        found.append((alone._replace(reload=reload, reload_position=place), state))
        return found

    def _best_reloading(self, visit: Visit, terms: Terms, protect_promises: bool) -> Trial | None:
        best: Trial | None = None
        for alone, state in self._reloading:
            found, _ = state._best_as_it_is(visit, terms, protect_promises)
            if found is None:
                continue
            newly_late = tuple(dict.fromkeys((*alone.newly_late, *found.newly_late)))
            trial = Trial(bool(newly_late), alone.cost_delta + found.cost_delta, found.start_s, found.position,
                          alone.others_late_s + found.others_late_s, newly_late, alone.reload, alone.reload_position)
            if best is None or _key(trial, protect_promises) < _key(best, protect_promises):
                best = trial
        return best

    def _try(self, position: int, visit: Visit, terms: Terms, own_cost: int,
             best: Trial | None) -> Trial | Unserved | None:
        """Trial at one position; a reason where it is infeasible; None where it cannot beat `best`."""
        refusal = self.load.refusal_at(position, visit)
        if refusal is not None:
            return refusal
        location, ready = self.standing.location, self.standing.ready_s
        if position:
            location, ready = self.terms[position - 1].location, self.leave[position - 1]
        if self.problem.has_gaps and self._cut_off(position, location, terms.location):
            return Unserved.UNREACHABLE
        cost = own_cost + self._detour(position, location, terms.location)
        way_s = self.problem.ways_s[location][terms.location]
        if self.pending[position]:
            return self._try_resting(position, terms, cost, leg(ready, way_s, terms.earliest_s, terms.service_s,
                                                                self.pending[position]))
        start = max(ready + way_s, terms.earliest_s)
        if terms.latest_s is not None and start > terms.latest_s:
            return Unserved.WINDOW_MISSED
        return self._join(position, terms.location, start + terms.service_s,
                          Trial(False, cost + terms.cost(start), start, position, 0, ()), best)

    def _join(self, position: int, place: int, leave: int, trial: Trial, best: Trial | None) -> Trial | Unserved | None:
        """Go on behind an insertion with the visit at `position`, no break being pending; the new visit's own
        refusal is a shift that is over."""
        if position == len(self.visits):
            return Unserved.SHIFT_OVER if leave + self._home_s(place) > self.end_s else trial
        following = self.terms[position]
        pushed = max(leave + self.problem.ways_s[place][following.location], following.earliest_s)
        if pushed > self.hard_latest[position]:
            return Unserved.SHIFT_OVER if pushed > self.shift_latest[position] else Unserved.OTHERS_BOUND
        if pushed >= self.start[position]:
            if best is not None and not best.breaks_promise and trial.cost_delta > best.cost_delta:
                return None
            if pushed <= self.free_latest[position]:
                return trial
        return _added(trial, self._push(position, pushed))

    def _try_resting(self, position: int, terms: Terms, cost: int, way: Leg) -> Trial | Unserved | None:
        """A trial where breaks may move: the route is driven anew until none is pending or all is as before."""
        _, start, pending, rests = way
        if terms.latest_s is not None and start > terms.latest_s:
            return Unserved.WINDOW_MISSED
        if self._misses(rests):
            return Unserved.BREAK_MISSED
        trial = Trial(False, cost + terms.cost(start), start, position, 0, ())
        place, leave = terms.location, start + terms.service_s
        for k in range(position, len(self.terms)):
            if not pending and not self.pending[k]:
                return self._join(k, place, leave, trial, None)
            following = self.terms[k]
            _, start, pending, rests = leg(leave, self.problem.ways_s[place][following.location],
                                           following.earliest_s, following.service_s, pending)
            if self._misses(rests):
                return Unserved.BREAK_MISSED
            if following.latest_s is not None and start > max(following.latest_s, self.start[k]):
                return Unserved.OTHERS_BOUND
            trial = _added(trial, self._moved(k, start))
            place, leave = following.location, start + following.service_s
            if start == self.start[k] and pending == self.pending[k + 1]:
                return trial
        leave, rests = before_home(leave, pending)
        if self._misses(rests):
            return Unserved.BREAK_MISSED
        return Unserved.SHIFT_OVER if leave + self._home_s(place) > self.end_s else trial

    def _misses(self, rests: Iterable[Rest]) -> bool:
        """Whether a rest begins too late that could have been in time; one missed already may not get worse."""
        return any(rest.missed_s > self.missed.get(rest.break_id, 0)
                   and rest.break_id not in self.standing.breaks_lost for rest in rests)

    def _cut_off(self, position: int, location: int, place: int) -> bool:
        durations = self.problem.durations_s
        target = self.terms[position].location if position < len(self.terms) else self.standing.end_location
        return durations[location][place] >= UNREACHABLE or (
            target is not None and durations[place][target] >= UNREACHABLE)

    def _detour(self, position: int, location: int, place: int) -> int:
        arc = self.problem.arc_cost
        target = self.terms[position].location if position < len(self.terms) else self.standing.end_location
        if target is None:
            return arc(location, place)
        return arc(location, place) + arc(place, target) - arc(location, target)

    def _push(self, position: int, start: int) -> Tail:
        """Follow a changed start of the visit at `position` to the end of the route."""
        durations = self.problem.ways_s
        cost = late_s = 0
        newly_late: tuple[str, ...] = ()
        for k in range(position, len(self.terms)):
            if k > position:
                previous, terms = self.terms[k - 1], self.terms[k]
                start = max(start + previous.service_s + durations[previous.location][terms.location],
                            terms.earliest_s)
            if start == self.start[k]:
                break
            tail = self._moved(k, start)
            cost, late_s, newly_late = cost + tail.cost, late_s + tail.late_s, newly_late + tail.newly_late
        return Tail(cost, late_s, newly_late)

    def _moved(self, k: int, start: int) -> Tail:
        """What another start of visit k does, by itself."""
        terms, before = self.terms[k], self.start[k]
        newly = terms.due_s is not None and before <= terms.due_s < start
        return Tail(terms.cost(start) - terms.cost(before), terms.lateness(start) - terms.lateness(before),
                    (self.visits[k].id,) if newly else ())


def _added(trial: Trial, tail: Tail) -> Trial:
    newly_late = trial.newly_late + tail.newly_late
    return trial._replace(breaks_promise=bool(newly_late), cost_delta=trial.cost_delta + tail.cost,
                          others_late_s=trial.others_late_s + tail.late_s, newly_late=newly_late)


def _key(trial: Trial, protect_promises: bool) -> tuple[bool, int, int, int]:
    return trial.breaks_promise and protect_promises, trial.cost_delta, trial.start_s, trial.position


def _alike(reload: Visit, other: Visit) -> bool:
    return (reload.location, reload.service_s, reload.earliest_s, reload.latest_s, reload.reload) == (
        other.location, other.service_s, other.earliest_s, other.latest_s, other.reload)
