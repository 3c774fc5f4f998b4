"""What of a problem is still open: vehicles after their frozen prefix, and the bounds that can still be met.

A frozen prefix is a fact (Y-05). Whatever it breaks - a window, the shift, the racks - no plan can mend, so it is
not held against what follows: limits are widened to what the prefix alone needs, and not a unit further.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from routing.problem import Problem, Vehicle, Visit


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A vehicle at the moment from which it can be planned.

    `ready_s` and `location`: when and where the frozen prefix is over. `end_s`: the shift's end, or the earliest
    possible return if that is later already. `stock_left`: full cylinders that may still be promised, the spare
    kept back. `slots_limit` and `gas_limit_g` are never below what is on board already.
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


class Terms(NamedTuple):
    """The bounds of a visit that count in planning.

    A hard bound that nobody can meet any more, or that lies in a frozen prefix, is none: `latest_s` is None then,
    and the visit is due at that moment. `told_s` is the last start that costs nothing for the announced time.
    """

    location: int
    service_s: int
    earliest_s: int
    latest_s: int | None
    due_s: int | None
    lateness_weight: int
    told_s: int | None
    told_weight: int

    def lateness(self, start_s: int) -> int:
        """Seconds after the promise."""
        return max(0, start_s - self.due_s) if self.due_s is not None else 0

    def told_moved(self, start_s: int) -> int:
        """Seconds after the announced time, beyond the slack."""
        return max(0, start_s - self.told_s) if self.told_s is not None else 0

    def cost(self, start_s: int) -> int:
        """What starting then costs in broken promises and moved announcements."""
        total = 0
        if self.due_s is not None and start_s > self.due_s:
            total = (start_s - self.due_s) * self.lateness_weight
        if self.told_s is not None and start_s > self.told_s:
            total += (start_s - self.told_s) * self.told_weight
        return total


def standing_of(problem: Problem, vehicle: Vehicle) -> Standing:
    """The vehicle after its frozen prefix."""
    location, ready_s = vehicle.start_location, vehicle.start_s
    slots_used, gas_g = vehicle.slots_used, vehicle.gas_on_board_g
    stock = dict(vehicle.full_stock)
    for name in vehicle.frozen:
        visit = problem.visit_by_id[name]
        arrive_s = ready_s + problem.durations_s[location][visit.location]
        ready_s = max(arrive_s, visit.earliest_s) + visit.service_s
        location = visit.location
        slots_used += visit.slots_net
        gas_g += visit.gas_net_g
        for kind, number in visit.deliver.items():
            stock[kind] = stock.get(kind, 0) - number
    home_s = 0 if vehicle.end_location is None else problem.durations_s[location][vehicle.end_location]
    return Standing(
        vehicle_id=vehicle.id, frozen=vehicle.frozen, location=location, ready_s=ready_s,
        end_location=vehicle.end_location, end_s=max(vehicle.end_s, ready_s + home_s),
        stock_left={kind: max(0, number - vehicle.spare.get(kind, 0)) for kind, number in stock.items()},
        slots_used=slots_used, slots_limit=max(vehicle.slots, slots_used),
        gas_on_board_g=gas_g, gas_limit_g=max(vehicle.gas_limit_g, gas_g),
        skills=vehicle.skills, fixed_cost=0 if vehicle.frozen else vehicle.fixed_cost)


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
        told_weight=problem.announced_weight)


def _overdue(problem: Problem, visit: Visit, latest_s: int) -> bool:
    starts = [max(standing.ready_s + problem.durations_s[standing.location][visit.location], visit.earliest_s)
              for standing in problem.standings.values() if visit.skills <= standing.skills]
    return bool(starts) and min(starts) > latest_s
