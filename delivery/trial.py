"""A question to the live plan: when could a van be there? Nothing is written."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.places import Place
from core import calendar, settings
from delivery import live as live_plan
from delivery.live import HORIZON, pending_of
from delivery.planning import PlanSnapshot, build
from delivery.visits import DROP_PENALTY, LATENESS_WEIGHT, service_s, skills_of
from orders.ports import Demand
from routing.insertion import Insertion, InsertionIndex, insert_all
from routing.problem import Visit


@dataclass(frozen=True, kw_only=True)
class Start:
    """When service would start; `estimated`: a drive up to there is reckoned without roads."""

    at: datetime
    estimated: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """The plan of a depot with everything open in it, ready for questions about one place and demand."""

    seen: PlanSnapshot
    index: InsertionIndex
    place: Place
    demand: Demand
    service_s: int

    def start_within(self, from_at: datetime, by_at: datetime, *, due_at: datetime | None = None) -> Start | None:
        """When service would start, if a van can start it between these instants and no other promise breaks by it.

        `due_at` is preferred as the end where that costs less than the lateness. None where no van can.
        """
        seen = self.seen
        earliest, latest = max(0, seen.second(from_at)), seen.second(by_at)
        if latest < earliest:
            return None
        asked = Visit(
            id="asked", location=seen.place(self.place.lat, self.place.lon), service_s=self.service_s,
            earliest_s=earliest, latest_s=latest, due_s=latest if due_at is None else seen.second(due_at),
            deliver=dict(self.demand.deliver), collect=dict(self.demand.collect), gas_out_g=self.demand.gas_out_g,
            gas_in_g=self.demand.gas_in_g, skills=skills_of(self.demand), drop_penalty=DROP_PENALTY,
            lateness_weight=LATENESS_WEIGHT)
        found = self.index.best(asked)
        if not isinstance(found, Insertion) or found.newly_late or found.start_s > latest:
            return None  # a bound that nobody can meet is no bound to the planner: look at the time as well
        return Start(at=seen.at(found.start_s), estimated=self._estimated(found, asked))

    def _estimated(self, found: Insertion, asked: Visit) -> bool:
        if not self.seen.ways.estimated:
            return False
        route = self.index.plan().route(found.vehicle_id)[:found.position]
        vehicle = self.seen.problem.vehicle_by_id[found.vehicle_id]
        return asked.id in self.seen.estimated_visits(vehicle, (*route, asked.id), asked=asked)

    def idle_start(self, from_at: datetime) -> datetime | None:
        """When the nearest able van could start if it had nothing else to do (X-26)."""
        seen = self.seen
        target = seen.place(self.place.lat, self.place.lon)
        starts = [vehicle.start_s + seen.problem.durations_s[vehicle.start_location][target]
                  for vehicle in seen.problem.vehicles if skills_of(self.demand) <= vehicle.skills]
        return max(from_at, seen.at(min(starts))) if starts else None

    def is_rostered(self, instant: datetime) -> bool:
        """Whether the shifts of that local day are known: then only what they can keep may be promised."""
        seen = self.seen
        if instant >= seen.origin + HORIZON:
            return False
        day = calendar.local_date(instant)
        begins, ends = seen.second(calendar.start_of_day(day)), seen.second(calendar.end_of_day(day))
        return (day == calendar.local_date(seen.origin)
                or any(vehicle.start_s < ends and vehicle.end_s > begins for vehicle in seen.problem.vehicles))


def trial(depot_id: int, place: Place, demand: Demand, now: datetime) -> Trial:
    """Read the depot's plan for a question. Open stops, and orders that will be one in a moment, are placed first."""
    live = live_plan.load(depot_id, now)
    seen = build(live, now, extra=[(place.lat, place.lon)], pending=pending_of(depot_id, now))
    waiting = [seen.problem.visit_by_id[name] for name in seen.plan.unserved]
    plan = insert_all(seen.problem, seen.plan, waiting) if waiting else seen.plan
    return Trial(seen=seen, index=InsertionIndex(seen.problem, plan), place=place, demand=demand,
                 service_s=service_s(demand, settings.get("service_seconds", now)))
