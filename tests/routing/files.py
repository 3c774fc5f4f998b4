"""Problem files for the tests of routing.formats: shared ones, and writers for what the readers read."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import strategies as st

VRPTW = Path(__file__).parents[3] / "shared" / "data" / "vrptw"
NAMES = ("C1_2_4", "C201", "R101", "R112", "R1_2_6", "RC1_2_5", "RC208")


def shared_file(name: str) -> Path:
    """A problem of the literature; the test is skipped where they are absent."""
    path = VRPTW / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return path


@dataclass(frozen=True)
class Table:
    """A small instance as a file states it; row 0 is the depot: x, y, demand, ready, due, service."""

    vehicles: int
    capacity: int
    rows: tuple[tuple[int, ...], ...]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Instances of up to eight customers."""
    value = st.integers(0, 200)
    row = st.tuples(st.integers(-200, 200), st.integers(-200, 200), st.integers(0, 30), value, value,
                    st.integers(0, 20)).map(lambda r: (*r[:3], min(r[3:5]), max(r[3:5]), r[5]))
    rows = draw(st.lists(row, min_size=1, max_size=9))
    rows[0] = (*rows[0][:2], 0, *rows[0][3:5], 0)
    return Table(draw(st.integers(1, 5)), draw(st.integers(0, 100)), tuple(rows))


def solomon_text(table: Table) -> str:
    """The table in Solomon's format."""
    lines = ["TINY", "", "VEHICLE", "NUMBER     CAPACITY", f"  {table.vehicles}         {table.capacity}", "",
             "CUSTOMER", "CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME", ""]
    return "\n".join([*lines, *("  ".join(map(str, (number, *row))) for number, row in enumerate(table.rows)), ""])


def vrplib_text(table: Table) -> str:
    """The table in VRPLIB's format."""
    lines = ["NAME : TINY", "COMMENT : made by hand: for tests", "TYPE : CVRPTW", f"DIMENSION : {len(table.rows)}",
             f"VEHICLES : {table.vehicles}", f"CAPACITY : {table.capacity}", "EDGE_WEIGHT_TYPE : EUC_2D"]
    for section, first, last in (("NODE_COORD_SECTION", 0, 2), ("DEMAND_SECTION", 2, 3), ("TIME_WINDOW_SECTION", 3, 5),
                                 ("SERVICE_TIME_SECTION", 5, 6)):
        lines.append(section)
        lines += [" ".join(map(str, (number, *row[first:last]))) for number, row in enumerate(table.rows, 1)]
    return "\n".join([*lines, "DEPOT_SECTION", "1", "-1", "EOF", ""])


SQUARE = Table(2, 10, ((0, 0, 0, 0, 100, 0), (3, 4, 5, 0, 50, 1), (0, 2, 5, 10, 60, 1), (1, 1, 10, 0, 90, 2)))
"""Distances from the depot: 5.0, 2.0 and, cut off, 1.4."""
