"""What is to be planned: vehicles, visits and the way between places. Frozen, checked once, picklable.

Units: whole seconds since the plan's origin (a moment before it is negative), metres, grams of net gas, cylinders
by type code. A window bounds the START of service, both ends inclusive.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from routing.bounds import (
    GREATEST,
    UNREACHABLE,
    ProblemError,
    Row,
    check_amounts,
    check_matrix,
    check_moments,
    check_unique,
)
from routing.standing import Standing, Terms, standing_of, terms_of

__all__ = ["GREATEST", "UNREACHABLE", "Break", "Problem", "ProblemError", "Reload", "Row", "Vehicle", "Visit"]


@dataclass(frozen=True, kw_only=True)
class Break:
    """A rest that has to begin from `earliest_s` to `latest_s`, both inclusive, if the route is not over before.

    When exactly a driver rests is settled by `routing.rests`.
    """

    id: str
    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True, kw_only=True)
class Reload:
    """How a van stands after loading at a depot (P5): full cylinders by type, rack places taken by them and by
    anything else on board, net gas. Empty cylinders are left behind."""

    full_stock: Mapping[str, int] = field(default_factory=dict)
    slots_used: int
    gas_on_board_g: int


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """A van with its driver for the rest of a shift.

    It leaves `start_location` at `start_s`, not before. The last service must be over by `end_s` and, where an
    `end_location` is given, the van must be back there by then. `full_stock` are the full cylinders on board by
    type, `spare` those of them kept back for a doubtful cylinder (H-079): never planned away. `slots` are rack
    places, `slots_used` those taken now by full and empty cylinders together. `gas_limit_g` is the limit on net gas
    (X-17), `gas_on_board_g` what is loaded now. `frozen` are ids of visits that stay the route's beginning, in this
    order (Y-05). `fixed_cost` is due once the van gets its first visit. Stock, slots and gas count from one reload to
    the next, the spare is kept back each time. `breaks` are its driver's rests. `capacity` is room for general freight
    by dimension (see Visit.brings); what is not named there cannot be carried.
    """

    id: str
    start_location: int
    end_location: int | None = None
    start_s: int
    end_s: int
    full_stock: Mapping[str, int] = field(default_factory=dict)
    spare: Mapping[str, int] = field(default_factory=dict)
    slots: int
    slots_used: int
    gas_limit_g: int
    gas_on_board_g: int
    skills: frozenset[str] = frozenset()
    frozen: tuple[str, ...] = ()
    fixed_cost: int = 0
    breaks: tuple[Break, ...] = ()
    capacity: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One call at a customer's door.

    Service may start from `earliest_s` on and takes `service_s`. `latest_s` is a hard bound on its start; an order
    already promised is never refused for lateness and therefore has none (Y-03). `due_s` is the promise: each
    second of start after it costs `lateness_weight`. `deliver` are full cylinders handed out by type, `collect`
    those taken back; `gas_out_g` leaves the van, `gas_in_g` comes on board (full ones taken back). `skills` must
    all be among the vehicle's. A higher `priority` is inserted first. Leaving the visit out costs `drop_penalty`,
    which has to lie well above the worst lateness it can still have. Serving it by another vehicle than
    `current_vehicle` costs `change_vehicle_cost`; `announced_s` is the start told to the customer: a later one
    costs (see Problem), an earlier one does not - state `earliest_s` if it may not be earlier. `target_s` is a start
    aimed at before the promise: each second after it costs `target_weight`, but it is no lateness.

    `only_vehicle` is the one vehicle that may serve it. `brings` and `takes` are general freight by dimension: a van
    sets out with exactly what its visits bring, so that its load at any point is what it still has to bring and what
    it has taken so far. A visit with a `reload` is a call of `only_vehicle` at a depot, made only where it is needed:
    leaving it out costs nothing, whatever its `drop_penalty` says, and is not reported.
    """

    id: str
    location: int
    service_s: int
    earliest_s: int = 0
    latest_s: int | None = None
    due_s: int | None = None
    deliver: Mapping[str, int] = field(default_factory=dict)
    collect: Mapping[str, int] = field(default_factory=dict)
    gas_out_g: int = 0
    gas_in_g: int = 0
    skills: frozenset[str] = frozenset()
    priority: int = 0
    drop_penalty: int = 2_000_000
    lateness_weight: int = 20
    current_vehicle: str | None = None
    announced_s: int | None = None
    change_vehicle_cost: int = 0
    target_s: int | None = None
    target_weight: int = 0
    only_vehicle: str | None = None
    brings: Mapping[str, int] = field(default_factory=dict)
    takes: Mapping[str, int] = field(default_factory=dict)
    reload: Reload | None = None

    def __post_init__(self) -> None:
        if self.reload is not None:
            object.__setattr__(self, "drop_penalty", 0)

    @cached_property
    def slots_net(self) -> int:
        """Rack places taken (or, negative, freed) by this visit."""
        return sum(self.collect.values()) - sum(self.deliver.values())

    @cached_property
    def gas_net_g(self) -> int:
        """Net gas coming on board (or, negative, leaving)."""
        return self.gas_in_g - self.gas_out_g


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """Vehicles, visits and square matrices over locations (row = from, column = to).

    Driving costs `cost_per_s` for each second and `cost_per_km` for each kilometre. A start later than announced by
    more than `announced_slack_s` costs `announced_weight` for each second beyond. Raises ProblemError.
    """

    vehicles: tuple[Vehicle, ...]
    visits: tuple[Visit, ...]
    durations_s: tuple[Row, ...]
    distances_m: tuple[Row, ...]
    cost_per_s: int = 1
    cost_per_km: int = 0
    announced_weight: int = 2
    announced_slack_s: int = 600

    def __post_init__(self) -> None:
        check_matrix("durations_s", self.durations_s, len(self.durations_s))
        check_matrix("distances_m", self.distances_m, len(self.durations_s))
        check_amounts("problem", {name: getattr(self, name) for name in (
            "cost_per_s", "cost_per_km", "announced_weight", "announced_slack_s")})
        check_unique("vehicle", (vehicle.id for vehicle in self.vehicles))
        check_unique("visit", (visit.id for visit in self.visits))
        check_unique("frozen visit", (name for vehicle in self.vehicles for name in vehicle.frozen))
        for vehicle in self.vehicles:
            self._check_vehicle(vehicle)
        for visit in self.visits:
            self.check_visit(visit)

    def _check_vehicle(self, vehicle: Vehicle) -> None:
        place = f"vehicle {vehicle.id}"
        self._check_location(place, vehicle.start_location)
        if vehicle.end_location is not None:
            self._check_location(place, vehicle.end_location)
        check_amounts(place, {name: getattr(vehicle, name) for name in (
            "start_s", "slots", "slots_used", "gas_limit_g", "gas_on_board_g", "fixed_cost")})
        for name in ("full_stock", "spare", "capacity"):
            check_amounts(f"{place}: {name}", getattr(vehicle, name))
        if abs(vehicle.end_s) > GREATEST:
            raise ProblemError(f"{place}: end_s {vehicle.end_s} is out of range")
        if sum(vehicle.full_stock.values()) > vehicle.slots_used:
            raise ProblemError(f"{place}: slots_used {vehicle.slots_used} is less than the full cylinders on board")
        for name in vehicle.frozen:
            if name not in self.visit_by_id:
                raise ProblemError(f"{place}: frozen visit {name} is unknown")
        check_unique(f"{place}: break", (rest.id for rest in vehicle.breaks))
        for rest in vehicle.breaks:
            _check_break(f"{place}: break {rest.id}", rest)

    def check_visit(self, visit: Visit) -> None:
        """Raise ProblemError unless the visit fits this problem's places and ranges."""
        place = f"visit {visit.id}"
        self._check_location(place, visit.location)
        check_amounts(place, {name: getattr(visit, name) for name in (
            "service_s", "gas_out_g", "gas_in_g", "drop_penalty", "lateness_weight", "change_vehicle_cost",
            "target_weight")})
        for name in ("deliver", "collect", "brings", "takes"):
            check_amounts(f"{place}: {name}", getattr(visit, name))
        check_moments(place, {name: getattr(visit, name) for name in (
            "earliest_s", "latest_s", "due_s", "announced_s", "target_s")})
        if visit.latest_s is not None and visit.earliest_s > max(0, visit.latest_s):
            raise ProblemError(f"{place}: the window ends at {visit.latest_s}, before it begins at {visit.earliest_s}")
        for what, vehicle_id in (("current", visit.current_vehicle), ("only", visit.only_vehicle)):
            if vehicle_id is not None and vehicle_id not in self.vehicle_by_id:
                raise ProblemError(f"{place}: {what} vehicle {vehicle_id} is unknown")
        if visit.reload is not None:
            _check_reload(place, visit, visit.reload)

    def _check_location(self, place: str, location: int) -> None:
        if type(location) is not int or not 0 <= location < len(self.durations_s):
            raise ProblemError(f"{place}: location {location!r} is not in the matrix of {len(self.durations_s)} places")

    def arc_cost(self, origin: int, target: int) -> int:
        """What driving from one location to another costs. Where there is no way, a rule forbids it, no price."""
        if self.durations_s[origin][target] >= UNREACHABLE:
            return 0
        return (self.durations_s[origin][target] * self.cost_per_s
                + self.distances_m[origin][target] * self.cost_per_km // 1000)

    @cached_property
    def visit_by_id(self) -> dict[str, Visit]:
        return {visit.id: visit for visit in self.visits}

    @cached_property
    def vehicle_by_id(self) -> dict[str, Vehicle]:
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    @cached_property
    def frozen_ids(self) -> frozenset[str]:
        return frozenset(name for vehicle in self.vehicles for name in vehicle.frozen)

    @cached_property
    def has_gaps(self) -> bool:
        """Whether there is no way between some places."""
        return any(max(row) >= UNREACHABLE for row in self.durations_s)

    @cached_property
    def ways_s(self) -> tuple[Row, ...]:
        """The durations by which routes are timed: where there is no way, nothing is known, and it takes no time."""
        if not self.has_gaps:
            return self.durations_s
        return tuple(tuple(0 if value >= UNREACHABLE else value for value in row) for row in self.durations_s)

    @cached_property
    def reloads(self) -> dict[str, tuple[Visit, ...]]:
        """The calls at a depot that each vehicle may make, by its id, in the order given."""
        found: dict[str, tuple[Visit, ...]] = {vehicle.id: () for vehicle in self.vehicles}
        for visit in self.visits:
            if visit.reload is not None and visit.only_vehicle is not None:
                found[visit.only_vehicle] += (visit,)
        return found

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """Each vehicle as it stands after its frozen prefix, by id."""
        return {vehicle.id: standing_of(self, vehicle) for vehicle in self.vehicles}

    @cached_property
    def terms(self) -> dict[str, Terms]:
        """The bounds that count for each visit, by id."""
        return {visit.id: terms_of(self, visit) for visit in self.visits}


def _check_break(place: str, rest: Break) -> None:
    check_amounts(place, {"duration_s": rest.duration_s})
    check_moments(place, {"earliest_s": rest.earliest_s, "latest_s": rest.latest_s})
    if rest.earliest_s > rest.latest_s:
        raise ProblemError(f"{place}: the window ends at {rest.latest_s}, before it begins at {rest.earliest_s}")


def _check_reload(place: str, visit: Visit, reload: Reload) -> None:
    if visit.only_vehicle is None:
        raise ProblemError(f"{place}: a reload needs its only_vehicle")
    if visit.slots_net or visit.gas_net_g or any((visit.deliver, visit.collect, visit.brings, visit.takes)):
        raise ProblemError(f"{place}: a reload hands nothing over")
    check_amounts(f"{place}: reload", {"slots_used": reload.slots_used, "gas_on_board_g": reload.gas_on_board_g})
    check_amounts(f"{place}: reload: full_stock", reload.full_stock)
    if sum(reload.full_stock.values()) > reload.slots_used:
        raise ProblemError(f"{place}: reload: slots_used {reload.slots_used} is less than the full cylinders on board")
