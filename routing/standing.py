"""What of a problem is still open: vehicles after their frozen prefix, and the bounds that can still be met.

A frozen prefix is a fact (Y-05). Whatever it breaks - a window, the shift, the racks - no plan can mend, so it is
not held against what follows: limits are widened to what the prefix alone needs, and not a unit further.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from routing.bounds import UNREACHABLE
from routing.rests import Breaks, Rest, before_home, in_order, leg

if TYPE_CHECKING:
    from routing.problem import Problem, Vehicle, Visit


class Freight(NamedTuple):
    """Room for one dimension of general freight: what may still be brought (it is on board from the start), what was
    taken so far, and the limit on both together from now on."""

    dimension: str
    room: int
    taken: int
    limit: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A vehicle at the moment from which it can be planned.

    `ready_s` and `location`: when and where the frozen prefix is over. `end_s`: the shift's end, or the earliest
    possible return if that is later already. `stock_left`: full cylinders that may still be promised until the next
    reload, the spare kept back. `slots_limit` and `gas_limit_g` are never below what is on board already. `breaks`
    are those not taken yet, `breaks_lost` those that can begin in their window in no plan.
    """

    vehicle_id: str
    frozen: tuple[str, ...]
    location: int
    ready_s: int
    end_location: int | None
    end_s: int
    stock_left: Mapping[str, int]
    slots_used: int
    slots_limit: int
    gas_on_board_g: int
    gas_limit_g: int
    skills: frozenset[str]
    fixed_cost: int
    breaks: Breaks = ()
    breaks_lost: frozenset[str] = frozenset()
    freight: tuple[Freight, ...] = ()


class Terms(NamedTuple):
    """The bounds of a visit that count in planning.

    A hard bound that nobody can meet any more, or that lies in a frozen prefix, is none: `latest_s` is None then,
    and the visit is due at that moment. `told_s` is the last start that costs nothing for the announced time,
    `target_s` the one aimed at.
    """

    location: int
    service_s: int
    earliest_s: int
    latest_s: int | None
    due_s: int | None
    lateness_weight: int
    told_s: int | None
    told_weight: int
    target_s: int | None = None
    target_weight: int = 0

    def lateness(self, start_s: int) -> int:
        """Seconds after the promise."""
        return max(0, start_s - self.due_s) if self.due_s is not None else 0

    def told_moved(self, start_s: int) -> int:
        """Seconds after the announced time, beyond the slack."""
        return max(0, start_s - self.told_s) if self.told_s is not None else 0

    def behind_target(self, start_s: int) -> int:
        """Seconds after the start aimed at."""
        return max(0, start_s - self.target_s) if self.target_s is not None else 0

    def cost(self, start_s: int) -> int:
        """What starting then costs in broken promises, moved announcements and targets missed."""
        total = 0
        if self.due_s is not None and start_s > self.due_s:
            total = (start_s - self.due_s) * self.lateness_weight
        if self.told_s is not None and start_s > self.told_s:
            total += (start_s - self.told_s) * self.told_weight
        if self.target_s is not None and start_s > self.target_s:
            total += (start_s - self.target_s) * self.target_weight
        return total


def standing_of(problem: Problem, vehicle: Vehicle) -> Standing:
    """The vehicle after its frozen prefix."""
    location, ready_s, pending = vehicle.start_location, vehicle.start_s, in_order(vehicle.breaks)
    slots_used, gas_g = vehicle.slots_used, vehicle.gas_on_board_g
    stock, rests = dict(vehicle.full_stock), list[Rest]()
    for name in vehicle.frozen:
        visit = problem.visit_by_id[name]
        way = leg(ready_s, problem.ways_s[location][visit.location], visit.earliest_s, visit.service_s, pending)
        location, ready_s, pending = visit.location, way.start_s + visit.service_s, way.pending
        rests += way.rests
        slots_used += visit.slots_net
        gas_g += visit.gas_net_g
        for kind, number in visit.deliver.items():
            stock[kind] = stock.get(kind, 0) - number
        if visit.reload is not None:
            stock = dict(visit.reload.full_stock)
            slots_used, gas_g = visit.reload.slots_used, visit.reload.gas_on_board_g
    leave_s, last_rests = before_home(ready_s, pending if vehicle.frozen else ())
    home_s = 0 if vehicle.end_location is None else problem.ways_s[location][vehicle.end_location]
    return Standing(
        vehicle_id=vehicle.id, frozen=vehicle.frozen, location=location, ready_s=ready_s,
        end_location=vehicle.end_location, end_s=max(vehicle.end_s, leave_s + home_s),
        stock_left={kind: max(0, number - vehicle.spare.get(kind, 0)) for kind, number in stock.items()},
        slots_used=slots_used, slots_limit=max(vehicle.slots, slots_used),
        gas_on_board_g=gas_g, gas_limit_g=max(vehicle.gas_limit_g, gas_g),
        skills=vehicle.skills, fixed_cost=0 if vehicle.frozen else vehicle.fixed_cost, breaks=pending,
        breaks_lost=frozenset(rest.break_id for rest in (*rests, *last_rests) if rest.missed_s)
        | {rest.id for rest in pending if rest.latest_s < ready_s},
        freight=tuple(_freight(problem, vehicle)))


def _freight(problem: Problem, vehicle: Vehicle) -> Iterator[Freight]:
    held = [problem.visit_by_id[name] for name in vehicle.frozen]
    for dimension in sorted({*vehicle.capacity, *(name for visit in held for name in (*visit.brings, *visit.takes))}):
        capacity = vehicle.capacity.get(dimension, 0)
        load = peak = sum(visit.brings.get(dimension, 0) for visit in held)
        for visit in held:
            load += visit.takes.get(dimension, 0) - visit.brings.get(dimension, 0)
            peak = max(peak, load)
        yield Freight(dimension, max(0, capacity - peak), load, max(capacity, load))


def terms_of(problem: Problem, visit: Visit) -> Terms:
    """The bounds that count for a visit (it need not be one of the problem's own)."""
    latest_s, due_s = visit.latest_s, visit.due_s
    if latest_s is not None and (visit.id in problem.frozen_ids or _overdue(problem, visit, latest_s)):
        due_s = latest_s if due_s is None else min(latest_s, due_s)
        latest_s = None
    told = visit.announced_s is not None and problem.announced_weight > 0
    return Terms(
        location=visit.location, service_s=visit.service_s, earliest_s=visit.earliest_s, latest_s=latest_s,
        due_s=due_s, lateness_weight=visit.lateness_weight,
        told_s=visit.announced_s + problem.announced_slack_s if told and visit.announced_s is not None else None,
        told_weight=problem.announced_weight, target_s=visit.target_s if visit.target_weight else None,
        target_weight=visit.target_weight)


def _overdue(problem: Problem, visit: Visit, latest_s: int) -> bool:
    """Whether every vehicle that could serve the visit comes too late, even if it drives there at once."""
    starts = [leg(standing.ready_s, problem.durations_s[standing.location][visit.location], visit.earliest_s,
                  visit.service_s, standing.breaks).start_s
              for standing in problem.standings.values()
              if visit.skills <= standing.skills and visit.only_vehicle in (None, standing.vehicle_id)
              and problem.durations_s[standing.location][visit.location] < UNREACHABLE]
    return bool(starts) and min(starts) > latest_s
