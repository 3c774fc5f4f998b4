"""Solomon's and VRPLIB's files, and solutions to them."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.formats.errors import FormatError
from routing.formats.instance import Instance, faults, routes_of
from routing.formats.solomon import read_solomon
from routing.formats.solution import read_solution, write_solution
from routing.formats.vrplib import read_vrplib
from routing.plan import cost
from routing.solving import starting_plan
from tests.routing.files import NAMES, SQUARE, Table, shared_file, solomon_text, tables, vrplib_text

CVRP = """NAME : small
TYPE : CVRP
DIMENSION : 3
CAPACITY : 10
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 1
3 2.5 0
DEMAND_SECTION
1 0
2 7
3 7
DEPOT_SECTION
1
-1
EOF
"""


def square() -> Instance:
    return read_solomon(solomon_text(SQUARE))


def test_distances_and_times_are_tenths_cut_off_as_dimacs_says() -> None:
    instance = square()
    assert instance.distances[0] == (0, 50, 20, 14)
    assert instance.distances[1] == (50, 0, 36, 36)
    assert (instance.earliest[2], instance.latest[2], instance.services[3]) == (100, 600, 20)
    assert (instance.vehicles, instance.capacity, instance.demands) == (2, 10, (0, 5, 5, 10))


@given(tables())
@settings(deadline=None, max_examples=60)
def test_both_formats_read_what_was_written(table: Table) -> None:
    instance = read_solomon(solomon_text(table))
    assert read_vrplib(vrplib_text(table)) == instance
    assert instance.demands == tuple(row[2] for row in table.rows)
    assert instance.earliest == tuple(10 * row[3] for row in table.rows)
    assert instance.latest == tuple(10 * row[4] for row in table.rows)
    for a, (x, y, *_) in enumerate(table.rows):
        for b, (u, v, *_) in enumerate(table.rows):
            square_of = (x - u) ** 2 + (y - v) ** 2
            assert instance.distances[a][b] ** 2 <= 100 * square_of < (instance.distances[a][b] + 1) ** 2


@given(tables())
@settings(deadline=None, max_examples=30)
def test_a_solution_reads_back_as_it_was_written(table: Table) -> None:
    instance = read_solomon(solomon_text(table))
    routes = tuple((number,) for number in instance.customers) or ((),)
    solution = read_solution(write_solution(instance, routes), instance.scale)
    assert (solution.routes, solution.cost) == (routes, instance.cost(routes))


@pytest.mark.parametrize("name", NAMES)
def test_the_best_known_solutions_cost_what_they_say_and_are_legal(name: str) -> None:
    instance = read_vrplib(shared_file(f"{name}.vrp").read_text())
    solution = read_solution(shared_file(f"{name}.sol").read_text(), instance.scale)
    assert instance.cost(solution.routes) == solution.cost
    assert faults(instance, solution.routes) == []


def test_an_inserted_plan_of_r101_is_legal_and_costs_what_the_planner_says() -> None:
    instance = read_vrplib(shared_file("R101.vrp").read_text())
    problem = instance.problem()
    plan = starting_plan(problem)
    assert plan.unserved == {}
    assert faults(instance, routes_of(plan)) == []
    assert cost(problem, plan).total == instance.cost(routes_of(plan))


def test_without_windows_distances_are_rounded_and_the_fleet_is_open() -> None:
    instance = read_vrplib(CVRP)
    assert instance.distances == ((0, 1, 3), (1, 0, 2), (3, 2, 0))
    assert (instance.scale, instance.vehicles, instance.latest) == (1, 3, (None, None, None))
    assert write_solution(instance, ((1,), (2,))) == "Route #1: 1\nRoute #2: 2\nCost 8\n"


def test_an_explicit_matrix_is_taken_as_it_stands() -> None:
    text = CVRP.replace("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : FULL_MATRIX")
    text = text.replace("NODE_COORD_SECTION\n1 0 0\n2 1 1\n3 2.5 0", "EDGE_WEIGHT_SECTION\n0 4 5 6\n0 7\n8 9 0")
    assert read_vrplib(text).distances == ((0, 4, 5), (6, 0, 7), (8, 9, 0))


@pytest.mark.parametrize(("routes", "wrong"), [
    ("1 3|2", ["route 1, customer 3: stock short by 5"]),
    ("1 2|3", []),
    ("1|2", ["customer 3: visit missing by 1"]),
    ("1|2|3", ["3 routes where there are 2 vehicles"]),
    ("1 2 9|3", ["customer 9: there is none of that number"]),
    ("1 2|3 2", ["route 1, customer 2: visit twice by 2", "route 2, customer 2: stock short by 5"]),
])
def test_faults_of_a_solution_are_named_with_their_places(routes: str, wrong: list[str]) -> None:
    given_routes = [tuple(map(int, route.split())) for route in routes.split("|")]
    assert faults(square(), given_routes) == wrong


def test_a_late_customer_and_a_late_return_are_faults_in_the_units_of_the_file() -> None:
    table = Table(1, 10, ((0, 0, 0, 0, 9, 0), (5, 0, 1, 0, 4, 0)))
    instance = read_solomon(solomon_text(table))
    assert instance.unreachable() == [1]
    assert faults(instance, [(1,)]) == ["route 1, customer 1: window missed by 1.0", "route 1: shift over by 1.0"]


@pytest.mark.parametrize(("change", "reason"), [
    (("NUMBER", "NUMMER"), "line 4: 'NUMMER' where the heading NUMBER is expected"),
    (("  2         10", "  2"), "line 5: 1 values where number and capacity are needed"),
    (("  2         10", "  0         10"), "line 5: 0 is below 1"),
    (("1  3  4  5", "1  3  x  5"), "line 11: 'x' is no number"),
    (("1  3  4  5", "1  3  4  -5"), "line 11: -5 is negative"),
    (("1  3  4  5", "1  3  4  0.5"), "line 11: 0.5 is not whole"),
    (("1  3  4  5", "7  3  4  5"), "line 11: customer 7 where 1 is expected"),
    (("1  3  4  5", "1  3  5"), "line 11: 6 columns where 7 are needed"),
    (("0  50  1", "60  50  1"), "line 11: the window ends at 50, before it begins at 60"),
    (("0  50  1", "0  0.05  1"), "line 11: 0.05 is not a multiple of 1/10"),
    (("1  3  4  5", "1  1e99  4  5"), "line 11: 1e99 is too big"),
    (("1  3  4  5", "1  1e999999999  4  5"), "line 11: '1e999999999' is no number"),
])
def test_a_bad_solomon_file_is_refused_with_its_line(change: tuple[str, str], reason: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_solomon(solomon_text(SQUARE).replace(*change, 1))
    assert str(refused.value) == reason


@pytest.mark.parametrize("lines", range(9))
def test_a_solomon_file_cut_off_in_its_head_says_so(lines: int) -> None:
    with pytest.raises(FormatError, match=r"^file: it is cut off: "):
        read_solomon("\n".join(solomon_text(SQUARE).splitlines()[:lines]))


@pytest.mark.parametrize(("change", "reason"), [
    (("TYPE : CVRPTW", "TYPE : TSP"), "line 3, TYPE: 'TSP' is none of CVRP, CVRPTW, VRPTW"),
    (("DIMENSION : 4", "DIMENSION : 0"), "line 4, DIMENSION: 0 is below 1"),
    (("DIMENSION : 4", "DIMENSION : 99999"), "line 4, DIMENSION: 99999 is too big (at most 3000)"),
    (("DIMENSION : 4", "DIMENSION : 5"), "line 8: NODE_COORD_SECTION has 4 rows where DIMENSION is 5"),
    (("DIMENSION : 4", "DIMENSION : 3"), "line 12: NODE_COORD_SECTION has more rows than DIMENSION, 3"),
    (("VEHICLES : 2\n", ""), "file: VEHICLES is missing"),
    (("VEHICLES : 2", "VEHICLES"), "line 5: VEHICLES has no value"),
    (("VEHICLES : 2", "VEHICLES : 2\nVEHICLES : 3"), "line 6: VEHICLES is there twice"),
    (("VEHICLES : 2", "BACKHAUL : 2"), "line 5: 'BACKHAUL' is unknown to this planner"),
    (("EUC_2D", "GEO"), "line 7, EDGE_WEIGHT_TYPE: 'GEO' is neither EUC_2D nor EXPLICIT"),
    (("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW"),
     "line 8, EDGE_WEIGHT_FORMAT: 'LOWER_ROW' is not FULL_MATRIX"),
    (("2 3 4\n", "2 3\n"), "line 10: 2 columns where NODE_COORD_SECTION has 3"),
    (("2 3 4\n", "3 3 4\n"), "line 10: node 3 where 2 is expected"),
    (("DEPOT_SECTION\n1\n", "DEPOT_SECTION\n2\n"), "line 28: DEPOT_SECTION names another depot than node 1 alone"),
    (("EOF", ""), "file: it is cut off: there is no EOF"),
    (("DEMAND_SECTION", "LINEHAUL_SECTION"), "line 13: 'LINEHAUL_SECTION' is unknown to this planner"),
])
def test_a_bad_vrplib_file_is_refused_with_its_line(change: tuple[str, str], reason: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_vrplib(vrplib_text(SQUARE).replace(*change, 1))
    assert str(refused.value) == reason


def test_an_empty_file_is_refused() -> None:
    for read in (read_vrplib, read_solomon):
        with pytest.raises(FormatError, match=r"^file: it is "):
            read("\n \n")


@pytest.mark.parametrize(("text", "reason"), [
    ("Route #1: 1 2\nprice 4\n", "line 2: 'price 4' is neither a route nor the cost"),
    ("Route #1: 1 b\n", "line 1: 'b' is no number"),
    ("Cost 3\n", "file: it has no route"),
])
def test_a_bad_solution_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_solution(text, 10)
    assert str(refused.value) == reason


LETTERS = ("", "-", ".", "e", ":", " ", "\n", "9", "A", "\u0663")


@given(st.sampled_from((read_solomon, read_vrplib)),
       st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(LETTERS)), min_size=1, max_size=4))
@settings(deadline=None, max_examples=200)
def test_a_spoilt_file_is_read_or_refused_but_never_fails(
        read: Callable[[str], Instance], changes: list[tuple[int, str]]) -> None:
    text = solomon_text(SQUARE) if read is read_solomon else vrplib_text(SQUARE)
    for number, letter in changes:
        place = number % len(text)
        text = text[:place] + letter + text[place + 1:]
    with suppress(FormatError):
        read(text)
