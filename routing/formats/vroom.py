"""VROOM's problem file: what of it this planner can express, checked and named. See docs/routing-files.md.

Written to the format as VROOM 1.14 documents it. Times are seconds on the file's own clock, places are numbers of
the matrices or, without these, of `points`.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from routing.formats.errors import FormatError
from routing.formats.reading import (
    GREATEST_ID,
    Entry,
    listed,
    parse_json,
    plain,
    shown,
    wholes,
)

Row = tuple[int, ...]
Point = tuple[float, float]  # longitude, latitude
PROFILE = "car"
MOST_PRIORITY = 100
MOST_SPEED = 5

NOT_HERE = {
    "matrix": "old spelling; write matrices",
    "shipments": "this planner has no pairs of pickup and delivery",
}
NOT_IN_VEHICLES = {
    "max_travel_time": "this planner has no such limit; a time_window bounds the whole shift",
    "max_distance": "this planner has no such limit",
    "steps": "this planner starts from no given route",
    "type": "this planner knows no vehicle types",
}
NOT_IN_JOBS = {
    "amount": "old spelling; write delivery",
    "setup_per_type": "this planner knows no vehicle types",
    "service_per_type": "this planner knows no vehicle types",
}
NOT_IN_BREAKS = {"max_load": "this planner takes breaks with any load"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is: a number in the matrices, and what the file itself says of it."""

    index: int
    location: Point | None = None
    location_index: int | None = None


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A driver's break; without a window it may be taken at any time."""

    id: int
    duration_s: int
    window: tuple[int, int] | None
    description: str


@dataclass(frozen=True, kw_only=True)
class Job:
    """One call; `window` bounds the start of service."""

    id: int
    place: Place
    service_s: int
    delivery: tuple[int, ...]
    pickup: tuple[int, ...]
    skills: frozenset[int]
    priority: int
    window: tuple[int, int] | None
    description: str


@dataclass(frozen=True, kw_only=True)
class Van:
    """One vehicle; without a start it begins at its first job, without an end it stays at its last one."""

    id: int
    start: Place | None
    end: Place | None
    capacity: tuple[int, ...]
    skills: frozenset[int]
    window: tuple[int, int] | None
    pauses: tuple[Pause, ...]
    max_tasks: int | None
    fixed_cost: int
    description: str


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Custom matrices of the one profile in use."""

    durations: tuple[Row, ...]
    distances: tuple[Row, ...] | None
    costs: tuple[Row, ...] | None


@dataclass(frozen=True, kw_only=True)
class VroomFile:
    """A whole problem. Exactly one of `tables` and `points` tells the places."""

    vehicles: tuple[Van, ...]
    jobs: tuple[Job, ...]
    dimensions: int
    speed_factor: Fraction
    per_hour: int
    per_km: int
    tables: Tables | None = None
    points: tuple[Point, ...] = ()


def read_vroom(text: str) -> VroomFile:
    """Read a problem. Raises FormatError with the path of whatever is wrong or cannot be expressed."""
    root = Entry.of("", parse_json(text))
    nothing = {"shipments"} if root.content.get("shipments") == [] else set()
    root.allow(("vehicles", "jobs", "matrices", *nothing),
               {key: why for key, why in NOT_HERE.items() if key not in nothing})
    vehicles, jobs = root.entries("vehicles"), root.entries("jobs")
    if not vehicles:
        raise FormatError("vehicles", "there is none")
    profile = _only_profile(vehicles)
    places = _Places(_tables(root, profile))
    reader = _Reader(places=places, dimensions=_dimensions(vehicles, jobs))
    vans = tuple(reader.vehicle(entry) for entry in vehicles)
    read_jobs = tuple(reader.job(entry) for entry in jobs)
    _check_unique("vehicles", [van.id for van in vans])
    _check_unique("jobs", [job.id for job in read_jobs])
    per_hour, per_km = _prices(vehicles, places.tables)
    return VroomFile(vehicles=vans, jobs=read_jobs, dimensions=reader.dimensions, speed_factor=_speed(vehicles),
                     per_hour=per_hour, per_km=per_km, tables=places.tables, points=tuple(places.points))


@dataclass
class _Places:
    """Numbers the places of a file without matrices, and checks those of a file with them."""

    tables: Tables | None
    points: dict[Point, int] = field(default_factory=dict)

    def at(self, entry: Entry, key: str, index_key: str) -> Place | None:
        location = entry.point(key)
        index = entry.whole(index_key) if index_key in entry else None
        if self.tables is None:
            if location is None:
                if index is not None:
                    raise FormatError(entry.at(key), f"it is missing ({index_key} counts only with matrices)")
                return None
            return Place(index=self.points.setdefault(location, len(self.points)), location=location,
                         location_index=index)
        if index is None:
            if location is not None:
                raise FormatError(entry.at(index_key), "it is missing (the file has matrices)")
            return None
        size = len(self.tables.durations)
        if index >= size:
            raise FormatError(entry.at(index_key), f"{index} is outside the matrix of {size} places")
        return Place(index=index, location=location, location_index=index)


@dataclass(frozen=True)
class _Reader:
    places: _Places
    dimensions: int

    def vehicle(self, entry: Entry) -> Van:
        entry.allow(("id", "profile", "description", "start", "start_index", "end", "end_index", "capacity", "costs",
                     "skills", "time_window", "breaks", "speed_factor", "max_tasks"), NOT_IN_VEHICLES)
        start, end = self.places.at(entry, "start", "start_index"), self.places.at(entry, "end", "end_index")
        if start is None and end is None:
            raise FormatError(entry.path, "it has neither a start nor an end")
        pauses = tuple(_pause(pause) for pause in entry.entries("breaks"))
        _check_unique(entry.at("breaks"), [pause.id for pause in pauses])
        return Van(id=entry.whole("id", most=GREATEST_ID), start=start, end=end,
                   capacity=self._amounts(entry, "capacity"), skills=frozenset(entry.wholes("skills")),
                   window=entry.window("time_window"), pauses=pauses,
                   max_tasks=entry.whole("max_tasks") if "max_tasks" in entry else None,
                   fixed_cost=_costs(entry)["fixed"], description=entry.text("description"))

    def job(self, entry: Entry) -> Job:
        entry.allow(("id", "description", "location", "location_index", "setup", "service", "delivery", "pickup",
                     "skills", "priority", "time_windows"), NOT_IN_JOBS)
        if entry.whole("setup", 0):
            raise FormatError(entry.at("setup"), "this planner has no setup times; add it to service")
        place = self.places.at(entry, "location", "location_index")
        if place is None:
            raise FormatError(entry.at("location" if self.places.tables is None else "location_index"),
                              "it is missing")
        return Job(id=entry.whole("id", most=GREATEST_ID), place=place, service_s=entry.whole("service", 0),
                   delivery=self._amounts(entry, "delivery"), pickup=self._amounts(entry, "pickup"),
                   skills=frozenset(entry.wholes("skills")),
                   priority=entry.whole("priority", 0, most=MOST_PRIORITY),
                   window=entry.one_window("time_windows"), description=entry.text("description"))

    def _amounts(self, entry: Entry, key: str) -> tuple[int, ...]:
        amounts = entry.wholes(key)
        if amounts and len(amounts) != self.dimensions:
            raise FormatError(entry.at(key), f"it has {len(amounts)} amounts where others have {self.dimensions}")
        return amounts or (0,) * self.dimensions


def _pause(entry: Entry) -> Pause:
    entry.allow(("id", "time_windows", "service", "description"), NOT_IN_BREAKS)
    return Pause(id=entry.whole("id", most=GREATEST_ID), duration_s=entry.whole("service", 0),
                 window=entry.one_window("time_windows"), description=entry.text("description"))


def _dimensions(vehicles: Sequence[Entry], jobs: Sequence[Entry]) -> int:
    """The number of amounts: that of the first list which is not empty."""
    found = (entry.wholes(key) for entries, keys in ((vehicles, ("capacity",)), (jobs, ("delivery", "pickup")))
             for entry in entries for key in keys)
    return next((len(amounts) for amounts in found if amounts), 0)


def _only_profile(vehicles: Sequence[Entry]) -> str:
    profiles = [entry.text("profile", PROFILE) for entry in vehicles]
    for entry, profile in zip(vehicles, profiles, strict=True):
        if profile != profiles[0]:
            raise FormatError(entry.at("profile"), f"{shown(profile)} beside {shown(profiles[0])}: this planner drives "
                                                   "all vehicles by one matrix")
    return profiles[0]


def _costs(entry: Entry) -> dict[str, int]:
    costs = Entry.of(entry.at("costs"), entry.content.get("costs", {}))
    costs.allow(("fixed", "per_hour", "per_km"), {"per_task_hour": "this planner has no price for time at jobs"})
    return {"fixed": costs.whole("fixed", 0), "per_hour": costs.whole("per_hour", 3600),
            "per_km": costs.whole("per_km", 0)}


def _prices(vehicles: Sequence[Entry], tables: Tables | None) -> tuple[int, int]:
    """The price of an hour and of a kilometre, the same for all vehicles."""
    prices = [_costs(entry) for entry in vehicles]
    for entry, price in zip(vehicles, prices, strict=True):
        for key in ("per_hour", "per_km"):
            path = f"{entry.at('costs')}.{key}"
            if price[key] != prices[0][key]:
                raise FormatError(path, f"{price[key]} beside {prices[0][key]}: this planner has one price for all "
                                        "vehicles")
            if tables is not None and tables.costs is not None and key in entry.content.get("costs", {}):
                raise FormatError(path, "it counts for nothing beside a matrix of costs")
    if prices[0]["per_km"] and tables is not None and tables.distances is None:
        raise FormatError("vehicles[0].costs.per_km", "the matrices have no distances")
    return prices[0]["per_hour"], prices[0]["per_km"]


def _speed(vehicles: Sequence[Entry]) -> Fraction:
    factors: list[float] = []
    for entry in vehicles:
        path, value = entry.at("speed_factor"), entry.content.get("speed_factor", 1)
        if type(value) not in (int, float):
            raise FormatError(path, f"{shown(value)} is no number")
        if not 0 < value <= MOST_SPEED:
            raise FormatError(path, f"{shown(value)} is not above 0 and at most {MOST_SPEED}")
        if factors and value != factors[0]:
            raise FormatError(path, f"{shown(value)} beside {shown(factors[0])}: this planner drives all vehicles by "
                                    "one matrix")
        factors.append(value)
    return Fraction(str(factors[0]))


def _tables(root: Entry, profile: str) -> Tables | None:
    if "matrices" not in root:
        return None
    matrices = Entry.of("matrices", root.content["matrices"])
    read = {name: _read_tables(Entry.of(matrices.at(plain(name)), value)) for name, value in matrices.content.items()}
    if profile not in read:
        raise FormatError("matrices", f"there is none for the profile {shown(profile)}")
    return read[profile]


def _read_tables(entry: Entry) -> Tables:
    entry.allow(("durations", "distances", "costs"))
    entry.require("durations")
    tables = {key: _square(entry.at(key), entry.content[key]) for key in ("durations", "distances", "costs")
              if key in entry}
    size = len(tables["durations"])
    for key, table in tables.items():
        if len(table) != size:
            raise FormatError(entry.at(key), f"it has {len(table)} rows where durations have {size}")
    return Tables(durations=tables["durations"], distances=tables.get("distances"), costs=tables.get("costs"))


def _square(path: str, value: Any) -> tuple[Row, ...]:
    rows = listed(path, value)
    if not rows:
        raise FormatError(path, "it is empty")
    table = tuple(wholes(f"{path}[{number}]", row) for number, row in enumerate(rows))
    for number, row in enumerate(table):
        if len(row) != len(table):
            raise FormatError(f"{path}[{number}]", f"it has {len(row)} columns, the matrix {len(table)} rows")
    return table


def _check_unique(path: str, ids: Sequence[int]) -> None:
    first: Mapping[int, int] = {name: number for number, name in reversed(list(enumerate(ids)))}
    for number, name in enumerate(ids):
        if first[name] != number:
            raise FormatError(f"{path}[{number}].id", f"{name} is the id of {path}[{first[name]}] already")
