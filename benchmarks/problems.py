"""Problems to measure planners on: days and live moments in Ljubljana, and the published VRPTW files.

The places are census districts drawn by their weight of demand, the ways the shortest ones on the road graph of
shared data (© OpenStreetMap contributors), free-flow seconds x 1.25. Each problem follows from its name, size and
seed alone. Nothing is copied into the project: without the shared data `available` says no.
"""
from __future__ import annotations

import csv
import gzip
import math
import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from routing.formats.solution import read_solution
from routing.formats.vrplib import read_vrplib
from routing.problem import Problem, Vehicle, Visit

SHARED = Path(__file__).parents[2] / "shared" / "data"
LJUBLJANA, VRPTW = SHARED / "ljubljana", SHARED / "vrptw"
DEPOT = (46.0775, 14.489)  # Verovškova 64a
TRAFFIC = 1.25
HOUR_S = 3600
DAY_START_S, DAY_END_S = 8 * HOUR_S, 18 * HOUR_S
DROP = 10_000_000
GAS_G = 333_000
VRPTW_NAMES = ("C1_2_4", "C201", "R101", "R112", "R1_2_6", "RC1_2_5", "RC208")


def available() -> bool:
    """Whether the shared data is there."""
    return LJUBLJANA.is_dir() and VRPTW.is_dir()


@cache
def road_graph() -> tuple[csr_array, csr_array, np.ndarray]:
    """Seconds and metres between neighbouring junctions, and the junctions' (lat, lon)."""
    with gzip.open(LJUBLJANA / "ljubljana_graph_nodes.csv.gz", "rt", encoding="utf-8") as file:
        nodes = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)]
    fastest: dict[tuple[int, int], tuple[float, float]] = {}
    with gzip.open(LJUBLJANA / "ljubljana_graph_edges.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            a, b, cost = int(row["from_node"]), int(row["to_node"]), (float(row["seconds"]), float(row["length_m"]))
            for pair in [(a, b), (b, a)] if row["bidirectional"] == "1" else [(a, b)]:
                fastest[pair] = min(cost, fastest.get(pair, cost))
    rows, columns = zip(*fastest, strict=True)
    seconds, metres = zip(*fastest.values(), strict=True)
    shape = (len(nodes), len(nodes))
    return (csr_array((seconds, (rows, columns)), shape=shape), csr_array((metres, (rows, columns)), shape=shape),
            np.array(nodes))


@cache
def demand() -> tuple[tuple[tuple[float, float], float], ...]:
    """Places of demand inside the road graph, with their weights."""
    with (LJUBLJANA / "ljubljana_demand_points.csv").open(encoding="utf-8") as file:
        return tuple(((float(row["lat"]), float(row["lon"])), float(row["weight"])) for row in csv.DictReader(file)
                     if row["in_road_coverage"] == "1")


def places(dice: random.Random, number: int) -> list[tuple[float, float]]:
    """So many places of demand, drawn by weight."""
    points, weights = zip(*demand(), strict=True)
    return dice.choices(points, weights, k=number)


def ways(points: list[tuple[float, float]]) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Whole seconds and metres between all points; the metres are those of the fastest way, roughly."""
    seconds, metres, nodes = road_graph()
    stretch = np.array([1.0, math.cos(math.radians(DEPOT[0]))])
    _, nearest = cKDTree(nodes * stretch).query(np.array(points) * stretch)
    unique, back = np.unique(nearest, return_inverse=True)
    return tuple(tuple(tuple(int(value) for value in row)  # type: ignore[return-value]
                       for row in np.rint(dijkstra(graph, indices=unique)[np.ix_(back, nearest)] * factor))
                 for graph, factor in ((seconds, TRAFFIC), (metres, 1.0)))


def day(stops: int, seed: int, number_of_vans: int | None = None) -> Problem:
    """A day of agreed windows: two hours each between 8 and 18, hard; driving alone counts.

    One van for 14 stops by default, all at the depot with 36 cylinders of one kind.
    """
    dice = random.Random(f"day {stops} {seed}")
    durations, distances = ways([DEPOT, *places(dice, stops)])
    visits = []
    for number in range(stops):
        opens = DAY_START_S + dice.randrange(0, 17) * 1800
        cylinders = dice.choice((1, 1, 1, 2, 2, 3))
        visits.append(Visit(
            id=f"o{number}", location=1 + number, service_s=240 + 60 * cylinders, earliest_s=opens,
            latest_s=opens + 2 * HOUR_S, deliver={"Z10": cylinders}, drop_penalty=DROP))
    vehicles = tuple(Vehicle(
        id=f"v{van}", start_location=0, end_location=0, start_s=DAY_START_S - 1800, end_s=DAY_END_S + HOUR_S,
        full_stock={"Z10": 36}, slots=36, slots_used=36, gas_limit_g=GAS_G, gas_on_board_g=0)
        for van in range(number_of_vans or -(-stops // 14)))
    return Problem(vehicles=vehicles, visits=tuple(visits), durations_s=durations, distances_m=distances)


def live(orders: int, seed: int) -> Problem:
    """A live moment: orders up to 45 minutes old, one van for six of them, each van somewhere in town.

    A promise at 60 minutes that costs 20 for each second after it, a bound at 120 minutes, two cylinder types with
    a spare, racks shared with the empties, a card terminal on all vans but one.
    """
    dice = random.Random(f"live {orders} {seed}")
    vans = orders // 6
    durations, distances = ways([DEPOT, *places(dice, vans + orders)])
    visits = []
    for number in range(orders):
        age, cylinders = dice.randint(0, 2700), dice.choice((1, 1, 1, 2))
        kind = dice.choice(("Z10", "Z10", "Z10", "P10"))
        card, matched = dice.random() < 0.2, dice.random() >= 0.15
        visits.append(Visit(
            id=f"o{number}", location=1 + vans + number, service_s=240 + 60 * cylinders, latest_s=2 * HOUR_S - age,
            due_s=HOUR_S - age, deliver={kind: cylinders}, collect={kind: cylinders} if matched else {},
            gas_out_g=10_000 * cylinders, skills=frozenset({"card"} if card else ()), drop_penalty=DROP))
    vehicles = tuple(Vehicle(
        id=f"v{van}", start_location=1 + van, end_location=0, start_s=dice.randint(0, 300), end_s=6 * HOUR_S,
        full_stock={"Z10": dice.randint(8, 14), "P10": dice.randint(3, 6)}, spare={"Z10": 1, "P10": 1},
        slots=24, slots_used=20, gas_limit_g=GAS_G, gas_on_board_g=200_000,
        skills=frozenset({"card"} if van else ())) for van in range(vans))
    return Problem(vehicles=vehicles, visits=tuple(visits), durations_s=durations, distances_m=distances)


def live_hard(orders: int, seed: int) -> Problem:
    """The live moment as other planners can express it: the bound and the stock, no promise, racks or cards.

    The way home costs nothing (everybody's matrix says so): an empty van's would count with us alone.
    """
    soft = live(orders, seed)
    return replace(
        soft, durations_s=_no_way_home(soft.durations_s), distances_m=_no_way_home(soft.distances_m),
        visits=tuple(replace(visit, due_s=None, collect={}, skills=frozenset()) for visit in soft.visits),
        vehicles=tuple(replace(vehicle, spare={}) for vehicle in soft.vehicles))


def _no_way_home(matrix: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    return tuple((0, *row[1:]) for row in matrix)


def vrptw(name: str) -> tuple[Problem, int]:
    """A published problem in tenths, truncated as the DIMACS rule says, and its best known cost."""
    instance = read_vrplib((VRPTW / f"{name}.vrp").read_text(encoding="ascii"))
    best = read_solution((VRPTW / f"{name}.sol").read_text(encoding="ascii"), instance.scale)
    return instance.problem(), instance.cost(best.routes)
