"""The map of Ljubljana against another graph that was made of the same extract (© OpenStreetMap contributors)."""
from __future__ import annotations

import csv
import gzip
import random
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from routing.maps.graph import BACKWARD, FORWARD, RoadGraph
from routing.maps.importing import build_graph
from routing.travel_times.base import Point
from routing.travel_times.graph import GraphTravelTimes

DATA = Path(__file__).parents[3] / "shared" / "data" / "ljubljana"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="shared/data/ljubljana is not beside the project")


@pytest.fixture(scope="module")
def graph() -> RoadGraph:
    return build_graph(DATA / "ljubljana_roads_2019.osm.pbf", now=datetime(2026, 11, 23, tzinfo=UTC),
                       top_speed_kmh=130)


@pytest.fixture(scope="module")
def times(graph: RoadGraph) -> GraphTravelTimes:
    return GraphTravelTimes(graph)


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def published() -> tuple[list[Point], csr_array]:
    """Junctions and seconds of the other graph; of roads between the same two the quickest."""
    points = [(float(row["lat"]), float(row["lon"])) for row in rows("ljubljana_graph_nodes.csv.gz")]
    best: dict[tuple[int, int], float] = {}
    for row in rows("ljubljana_graph_edges.csv.gz"):
        ends = int(row["from_node"]), int(row["to_node"])
        for pair in (ends, ends[::-1]) if row["bidirectional"] == "1" else (ends,):
            best[pair] = min(float(row["seconds"]), best.get(pair, 1e9))
    tails, heads = np.array(list(best)).T
    return points, csr_array((np.array(list(best.values())), (tails, heads)), shape=(len(points), len(points)))


def test_the_town_is_there(graph: RoadGraph) -> None:
    assert 8_500 < graph.nodes < 10_500
    assert 950 < graph.edge_dm.sum() / 10_000 < 1_100  # kilometres
    both = (graph.edge_flags & FORWARD > 0) & (graph.edge_flags & BACKWARD > 0)
    assert 1_500 < (~both).sum() < 2_500


def test_times_are_those_of_the_other_graph(times: GraphTravelTimes, published: tuple[list[Point], csr_array]) -> None:
    points, links = published
    rng = random.Random(3)
    chosen: list[int] = []
    while len(chosen) < 100:
        number = rng.randrange(len(points))
        found = times.place(points[number])
        if found is not None and found.snap.off_m < 0.3:
            chosen.append(number)
    theirs = dijkstra(links, indices=chosen)[:, chosen]
    ours = np.array(times.matrix([points[number] for number in chosen]).durations_s)
    far = theirs > 60
    difference = np.abs(ours - theirs)[far] / theirs[far]
    assert np.median(difference) < 0.03
    assert np.quantile(difference, 0.9) < 0.06


def test_one_ways_are_obeyed(times: GraphTravelTimes, published: tuple[list[Point], csr_array]) -> None:
    points, _links = published
    seen = 0
    for row in rows("ljubljana_graph_edges.csv.gz"):
        length = float(row["length_m"])
        if row["bidirectional"] == "1" or row["highway"] in ("motorway", "motorway_link") or not 60 < length < 200:
            continue
        origin, end = points[int(row["from_node"])], points[int(row["to_node"])]
        joined = [times.place(point) for point in (origin, end)]
        if any(place is None or place.snap.off_m > 0.3 for place in joined):
            continue
        there, back = times.table([origin], [end]).distances_m[0][0], times.table([end], [origin]).distances_m[0][0]
        assert there <= length + 3
        if back < length:
            continue  # another road leads back
        seen += 1
        assert back >= length - 1
        if seen == 150:
            break
    assert seen == 150


def test_every_place_inside_the_ring_has_roads_to_every_other(times: GraphTravelTimes) -> None:
    with (DATA / "ljubljana_demand_points.csv").open(encoding="utf-8") as file:
        inside = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)
                  if row["in_road_coverage"] in ("1", "True", "true")]
    answer = times.matrix(random.Random(1).sample(inside, 120))
    assert not answer.estimated
    seconds = np.array(answer.durations_s)
    assert seconds.max() < 3600
    assert (seconds + np.eye(len(seconds)) > 0).all()
