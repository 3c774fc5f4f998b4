"""The plain way beside which the product is measured: cheapest insertion at order time, and never a second thought.

Every order goes at once to the place in the routes where it costs least (lateness after 60 minutes first, then
driving) and stays there. Nothing is refused. The vans meet the same traffic and the same doors.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

from demo.addresses import DEPOT
from demo.simulator.daylog import DayLog, What
from demo.simulator.script import MEAN_SERVICE_S, Arrival, DaySpec, at
from routing.insertion import Insertion, best_insertion
from routing.plan import Plan
from routing.problem import Problem, Vehicle, Visit
from routing.travel_times.base import Matrix, TravelTimes

GREEDY = "greedy"
HOUR_S = 3600
SHIFT_S = 15 * HOUR_S
NO_LIMIT = 10_000


@dataclass(kw_only=True)
class _Van:
    """Where a van is, or will be when it is free; `route` are orders not begun, in order."""

    number: int
    location: int = 0
    free_s: int = 0
    expected_s: int = 0
    route: list[int] = field(default_factory=list)


def matrix_of(script: Sequence[Arrival], times: TravelTimes) -> Matrix:
    """Ways between the depot (0) and the places of all orders (by their numbers)."""
    return times.matrix([(DEPOT["lat"], DEPOT["lon"]), *((one.spot.lat, one.spot.lon) for one in script)])


def play_greedy(spec: DaySpec, script: Sequence[Arrival], vans: int, ways: Matrix,
                tick: Callable[[float], object] = lambda part: None) -> DayLog:
    """Play the script; `ways` are the believed ways of `matrix_of`, `tick` hears which part is over."""
    return _Greedy(spec, script, vans, ways, tick).run()


class _Greedy:
    def __init__(self, spec: DaySpec, script: Sequence[Arrival], vans: int, ways: Matrix,
                 tick: Callable[[float], object]) -> None:
        self._spec, self._ways, self._tick = spec, ways, tick
        self._script = {one.number: one for one in script}
        self._vans = [_Van(number=number) for number in range(vans)]
        self._log = DayLog(policy=GREEDY, vans=vans)

    def run(self) -> DayLog:
        """Each order in turn; before it the vans drive on as far as they come."""
        changes = [(one.at_s, 1, one.number) for one in self._script.values()]
        changes += [(one.at_s + one.cancel_after_s, 0, one.number) for one in self._script.values()
                    if one.cancel_after_s is not None]
        for second, is_order, number in sorted(changes):
            self._drive_until(second)
            if is_order:
                self._insert(self._script[number], second)
            else:
                self._cancel(number, second)
            self._drive_until(second)
            self._tick(second / SHIFT_S)
        self._drive_until(2 * SHIFT_S)
        for van in self._vans:
            if van.location:
                self._log.note(self._at(van.free_s), What.HOME, van=van.number,
                               drive_s=self._ways.durations_s[van.location][0],
                               drive_m=self._ways.distances_m[van.location][0])
        self._log.events.sort(key=lambda event: event.at)
        return self._log

    def _at(self, second: int) -> datetime:
        return at(self._spec, second)

    def _insert(self, arrival: Arrival, now_s: int) -> None:
        self._log.note(self._at(now_s), What.ASKED, order=arrival.number)
        begun = perf_counter()
        found = best_insertion(self._problem(now_s), self._plan(), self._visit(arrival), protect_promises=False)
        self._log.took("insert", (perf_counter() - begun) * 1000)
        if not isinstance(found, Insertion):
            self._log.note(self._at(now_s), What.REFUSED, order=arrival.number, why=found.reasons[0].value)
            return
        van = self._vans[int(found.vehicle_id)]
        van.route.insert(found.position, arrival.number)
        late = found.start_s - arrival.at_s > HOUR_S
        self._log.note(self._at(now_s), What.PLACED, order=arrival.number, clock_start_at=self._at(now_s),
                       promised_by_at=self._at(now_s + HOUR_S * (1 + late)), reason="several_orders" if late else "")

    def _problem(self, now_s: int) -> Problem:
        return Problem(
            vehicles=tuple(Vehicle(
                id=str(van.number), start_location=van.location, start_s=max(now_s, van.expected_s),
                end_s=2 * SHIFT_S, slots=NO_LIMIT, slots_used=0, gas_limit_g=0, gas_on_board_g=0)
                for van in self._vans),
            visits=tuple(self._visit(self._script[number]) for van in self._vans for number in van.route),
            durations_s=self._ways.durations_s, distances_m=self._ways.distances_m)

    def _visit(self, arrival: Arrival) -> Visit:
        return Visit(id=str(arrival.number), location=arrival.number, service_s=MEAN_SERVICE_S,
                     due_s=arrival.at_s + HOUR_S)

    def _plan(self) -> Plan:
        return Plan(routes={str(van.number): tuple(map(str, van.route)) for van in self._vans})

    def _cancel(self, number: int, now_s: int) -> None:
        for van in self._vans:
            if number in van.route:
                van.route.remove(number)
                self._log.note(self._at(now_s), What.CANCELLED, order=number)

    def _drive_until(self, second: int) -> None:
        """Whoever is free by then leaves for the next door."""
        for van in self._vans:
            while van.route and van.free_s <= second:
                self._serve(van, self._script[van.route.pop(0)])

    def _serve(self, van: _Van, arrival: Arrival) -> None:
        leave_s = max(van.free_s, arrival.at_s)
        believed_s = self._ways.durations_s[van.location][arrival.number]
        drive_s = round(believed_s * arrival.drive_factor)
        start_s, end_s = leave_s + drive_s, leave_s + drive_s + arrival.service_s
        note = self._log.note
        note(self._at(leave_s), What.LEFT, order=arrival.number, van=van.number, drive_s=drive_s,
             drive_m=self._ways.distances_m[van.location][arrival.number])
        note(self._at(start_s), What.STARTED, order=arrival.number, van=van.number, service_s=arrival.service_s)
        note(self._at(end_s), What.FAILED if arrival.no_show else What.DELIVERED, order=arrival.number,
             van=van.number)
        van.location, van.free_s, van.expected_s = arrival.number, end_s, leave_s + believed_s + MEAN_SERVICE_S
