"""What is to be planned: vehicles, visits and the way between places. Frozen, checked once, picklable.

Units: whole seconds since the plan's origin (a moment before it is negative), metres, grams of net gas, cylinders
by type code. A window bounds the START of service, both ends inclusive.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from routing.standing import Standing, Terms, standing_of, terms_of

Row = tuple[int, ...]
GREATEST = 10**12  # costs and times above this would overflow the solver's 64-bit sums


class ProblemError(ValueError):
    """The problem contradicts itself; the message names the place."""


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """A van with its driver for the rest of a shift.

    It leaves `start_location` at `start_s`, not before. The last service must be over by `end_s` and, where an
    `end_location` is given, the van must be back there by then. `full_stock` are the full cylinders on board by
    type, `spare` those of them kept back for a doubtful cylinder (H-079): never planned away. `slots` are rack
    places, `slots_used` those taken now by full and empty cylinders together. `gas_limit_g` is the limit on net gas
    (X-17), `gas_on_board_g` what is loaded now. `frozen` are ids of visits that stay the route's beginning, in this
    order (Y-05). `fixed_cost` is due once the van gets its first visit.
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
    costs (see Problem), an earlier one does not - state `earliest_s` if it may not be earlier.
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
        _check_matrix("durations_s", self.durations_s, len(self.durations_s))
        _check_matrix("distances_m", self.distances_m, len(self.durations_s))
        _check_numbers("problem", {name: getattr(self, name) for name in (
            "cost_per_s", "cost_per_km", "announced_weight", "announced_slack_s")})
        _check_unique("vehicle", (vehicle.id for vehicle in self.vehicles))
        _check_unique("visit", (visit.id for visit in self.visits))
        _check_unique("frozen visit", (name for vehicle in self.vehicles for name in vehicle.frozen))
        for vehicle in self.vehicles:
            self._check_vehicle(vehicle)
        for visit in self.visits:
            self.check_visit(visit)

    def _check_vehicle(self, vehicle: Vehicle) -> None:
        place = f"vehicle {vehicle.id}"
        self._check_location(place, vehicle.start_location)
        if vehicle.end_location is not None:
            self._check_location(place, vehicle.end_location)
        _check_numbers(place, {"start_s": vehicle.start_s, "slots": vehicle.slots, "slots_used": vehicle.slots_used,
                               "gas_limit_g": vehicle.gas_limit_g, "gas_on_board_g": vehicle.gas_on_board_g,
                               "fixed_cost": vehicle.fixed_cost})
        _check_numbers(f"{place}: full_stock", vehicle.full_stock)
        _check_numbers(f"{place}: spare", vehicle.spare)
        if abs(vehicle.end_s) > GREATEST:
            raise ProblemError(f"{place}: end_s {vehicle.end_s} is out of range")
        if sum(vehicle.full_stock.values()) > vehicle.slots_used:
            raise ProblemError(f"{place}: slots_used {vehicle.slots_used} is less than the full cylinders on board")
        for name in vehicle.frozen:
            if name not in self.visit_by_id:
                raise ProblemError(f"{place}: frozen visit {name} is unknown")

    def check_visit(self, visit: Visit) -> None:
        """Raise ProblemError unless the visit fits this problem's places and ranges."""
        place = f"visit {visit.id}"
        self._check_location(place, visit.location)
        _check_numbers(place, {"service_s": visit.service_s, "gas_out_g": visit.gas_out_g, "gas_in_g": visit.gas_in_g,
                               "drop_penalty": visit.drop_penalty, "lateness_weight": visit.lateness_weight,
                               "change_vehicle_cost": visit.change_vehicle_cost})
        _check_numbers(f"{place}: deliver", visit.deliver)
        _check_numbers(f"{place}: collect", visit.collect)
        for name in ("earliest_s", "latest_s", "due_s", "announced_s"):
            value = getattr(visit, name)
            if value is not None and (type(value) is not int or abs(value) > GREATEST):
                raise ProblemError(f"{place}: {name} {value!r} is no whole number in range")
        if visit.latest_s is not None and visit.earliest_s > max(0, visit.latest_s):
            raise ProblemError(f"{place}: the window ends at {visit.latest_s}, before it begins at {visit.earliest_s}")
        if visit.current_vehicle is not None and visit.current_vehicle not in self.vehicle_by_id:
            raise ProblemError(f"{place}: current vehicle {visit.current_vehicle} is unknown")

    def _check_location(self, place: str, location: int) -> None:
        if type(location) is not int or not 0 <= location < len(self.durations_s):
            raise ProblemError(f"{place}: location {location!r} is not in the matrix of {len(self.durations_s)} places")

    def arc_cost(self, origin: int, target: int) -> int:
        """What driving from one location to another costs."""
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
    def standings(self) -> dict[str, Standing]:
        """Each vehicle as it stands after its frozen prefix, by id."""
        return {vehicle.id: standing_of(self, vehicle) for vehicle in self.vehicles}

    @cached_property
    def terms(self) -> dict[str, Terms]:
        """The bounds that count for each visit, by id."""
        return {visit.id: terms_of(self, visit) for visit in self.visits}


def _check_matrix(name: str, matrix: tuple[Row, ...], size: int) -> None:
    if not matrix or len(matrix) != size:
        raise ProblemError(f"{name}: {len(matrix)} rows where {size or 'at least one'} are needed")
    for number, row in enumerate(matrix):
        if len(row) != size:
            raise ProblemError(f"{name}: row {number} has {len(row)} columns where {size} are needed")
        if set(map(type, row)) != {int}:
            raise ProblemError(f"{name}: row {number} holds something else than whole numbers")
        if min(row) < 0 or max(row) > GREATEST:
            column = row.index(min(row) if min(row) < 0 else max(row))
            raise ProblemError(f"{name}: row {number}, column {column}: {row[column]} is out of range")


def _check_numbers(place: str, numbers: Mapping[str, int]) -> None:
    for name, number in numbers.items():
        if type(number) is not int:
            raise ProblemError(f"{place}: {name} {number!r} is no whole number")
        if not 0 <= number <= GREATEST:
            raise ProblemError(f"{place}: {name} {number} is out of range")


def _check_unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ProblemError(f"{what} {name} is there twice")
        seen.add(name)
