"""VRPLIB's text format (CVRPLIB, PyVRP's instances): one depot, capacity, windows or none.

With windows distances follow DIMACS (cut off to one decimal), without they are rounded as CVRPLIB does. Explicit
matrices are taken as they stand.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from routing.formats.errors import FILE, FormatError
from routing.formats.instance import MOST_PLACES, TENTHS, Instance, decimal, euclidean, exact

Row = tuple[int, ...]
Line = tuple[str, list[str]]
NUMBERS = ("DIMENSION", "VEHICLES", "CAPACITY", "SERVICE_TIME")
WORDS = ("NAME", "COMMENT", "TYPE", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE")
COLUMNS = {"NODE_COORD_SECTION": 3, "DEMAND_SECTION": 2, "TIME_WINDOW_SECTION": 3, "SERVICE_TIME_SECTION": 2}
SECTIONS = (*COLUMNS, "EDGE_WEIGHT_SECTION", "DEPOT_SECTION")
TYPES = ("CVRP", "CVRPTW", "VRPTW")


@dataclass
class _File:
    values: dict[str, tuple[str, str]] = field(default_factory=dict)  # key: its place and its value
    sections: dict[str, tuple[str, list[Line]]] = field(default_factory=dict)

    def value(self, key: str) -> tuple[str, str]:
        if key not in self.values:
            raise FormatError(FILE, f"{key} is missing")
        return self.values[key]

    def number(self, key: str, scale: int = 1, *, least: int = 0) -> int:
        place, word = self.value(key)
        return decimal(f"{place}, {key}", word, scale, least=least)


def read_vrplib(text: str) -> Instance:
    """Read an instance. Raises FormatError with the line, or with the section that is missing."""
    file = _split(text)
    place, kind = file.value("TYPE")
    if kind not in TYPES:
        raise FormatError(f"{place}, TYPE", f"{kind[:20]!r} is none of {', '.join(TYPES)}")
    size = file.number("DIMENSION", least=1)
    if size > MOST_PLACES:
        raise FormatError(f"{file.value('DIMENSION')[0]}, DIMENSION", f"{size} is too big (at most {MOST_PLACES})")
    _check_depot(file)
    windowed = kind != "CVRP"
    distances, scale = _distances(file, size, windowed)
    demands = tuple(decimal(place, words[0], 1) for place, words in _table(file, "DEMAND_SECTION", size))
    capacity = file.number("CAPACITY")
    earliest, latest = _windows(file, size, scale) if windowed else ((0,) * size, (None,) * size)
    return Instance(
        name=file.values.get("NAME", ("", ""))[1], vehicles=_fleet(file, windowed, demands, capacity),
        capacity=capacity, scale=scale, distances=distances, demands=demands,
        services=_services(file, size, scale), earliest=earliest, latest=latest)


def _split(text: str) -> _File:
    """Keys and sections by name. Every other word in front of a section is refused."""
    file = _File()
    rows: list[Line] | None = None
    if not text.strip():
        raise FormatError(FILE, "it is empty")
    for number, line in enumerate(text.splitlines(), 1):
        place, head = f"line {number}", line.split(":")[0].strip()
        if not line.strip():
            continue
        if head == "EOF":
            return file
        if head in SECTIONS:
            if head in file.sections:
                raise FormatError(place, f"{head} is there twice")
            rows = file.sections.setdefault(head, (place, []))[1]
        elif head in NUMBERS or head in WORDS:
            if ":" not in line:
                raise FormatError(place, f"{head} has no value")
            if head in file.values and head != "COMMENT":
                raise FormatError(place, f"{head} is there twice")
            file.values[head], rows = (place, line.partition(":")[2].strip()), None
        elif rows is not None and not head[:1].isalpha():
            rows.append((place, line.split()))
        else:
            raise FormatError(place, f"{head[:40]!r} is unknown to this planner")
    raise FormatError(FILE, "it is cut off: there is no EOF")


def _table(file: _File, section: str, size: int) -> list[Line]:
    """The rows of a section without their numbers, which have to run from 1 to the dimension."""
    if section not in file.sections:
        raise FormatError(FILE, f"{section} is missing")
    start, rows = file.sections[section]
    for number, (place, words) in enumerate(rows, 1):
        if len(words) != COLUMNS[section]:
            raise FormatError(place, f"{len(words)} columns where {section} has {COLUMNS[section]}")
        if number > size:
            raise FormatError(place, f"{section} has more rows than DIMENSION, {size}")
        if decimal(place, words[0], 1) != number:
            raise FormatError(place, f"node {words[0]} where {number} is expected")
    if len(rows) != size:
        raise FormatError(start, f"{section} has {len(rows)} rows where DIMENSION is {size}")
    return [(place, words[1:]) for place, words in rows]


def _check_depot(file: _File) -> None:
    if "DEPOT_SECTION" not in file.sections:
        raise FormatError(FILE, "DEPOT_SECTION is missing")
    start, rows = file.sections["DEPOT_SECTION"]
    depots = [word for _, words in rows for word in words]
    if depots not in (["1", "-1"], ["1"]):
        raise FormatError(start, "DEPOT_SECTION names another depot than node 1 alone")


def _distances(file: _File, size: int, windowed: bool) -> tuple[tuple[Row, ...], int]:
    place, kind = file.value("EDGE_WEIGHT_TYPE")
    if kind == "EUC_2D":
        points = [(exact(at, words[0]), exact(at, words[1]))
                  for at, words in _table(file, "NODE_COORD_SECTION", size)]
        scale = TENTHS if windowed else 1
        return euclidean(points, scale, rounded=not windowed), scale
    if kind != "EXPLICIT":
        raise FormatError(f"{place}, EDGE_WEIGHT_TYPE", f"{kind[:20]!r} is neither EUC_2D nor EXPLICIT")
    place, shape = file.value("EDGE_WEIGHT_FORMAT")
    if shape != "FULL_MATRIX":
        raise FormatError(f"{place}, EDGE_WEIGHT_FORMAT", f"{shape[:20]!r} is not FULL_MATRIX")
    if "EDGE_WEIGHT_SECTION" not in file.sections:
        raise FormatError(FILE, "EDGE_WEIGHT_SECTION is missing")
    start, rows = file.sections["EDGE_WEIGHT_SECTION"]
    cells = [decimal(at, word, 1) for at, words in rows for word in words]
    if len(cells) != size * size:
        raise FormatError(start, f"EDGE_WEIGHT_SECTION has {len(cells)} values where {size} x {size} are needed")
    return tuple(tuple(cells[row * size:(row + 1) * size]) for row in range(size)), 1


def _windows(file: _File, size: int, scale: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    pairs = []
    for place, (ready, due) in _table(file, "TIME_WINDOW_SECTION", size):
        pairs.append((decimal(place, ready, scale), decimal(place, due, scale)))
        if pairs[-1][0] > pairs[-1][1]:
            raise FormatError(place, f"the window ends at {due}, before it begins at {ready}")
    return tuple(ready for ready, _ in pairs), tuple(due for _, due in pairs)


def _services(file: _File, size: int, scale: int) -> tuple[int, ...]:
    if "SERVICE_TIME_SECTION" in file.sections:
        return tuple(decimal(place, words[0], scale) for place, words in _table(file, "SERVICE_TIME_SECTION", size))
    service = file.number("SERVICE_TIME", scale) if "SERVICE_TIME" in file.values else 0
    return (0, *(service,) * (size - 1))


def _fleet(file: _File, windowed: bool, demands: tuple[int, ...], capacity: int) -> int:
    """The number of vehicles. Without windows the file may leave it open: no good packing needs more than twice the
    least number that the loads allow."""
    if "VEHICLES" in file.values or windowed:
        vehicles = file.number("VEHICLES", least=1)
        if vehicles > MOST_PLACES:
            raise FormatError(f"{file.value('VEHICLES')[0]}, VEHICLES", f"{vehicles} is too big")
        return vehicles
    if not capacity:
        return 1
    return max(1, min(len(demands), 2 * -(-sum(demands) // capacity)))
