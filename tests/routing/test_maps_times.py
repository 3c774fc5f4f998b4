from __future__ import annotations

import heapq
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routing.maps.graph import RoadGraph, load_graph, save_graph
from routing.travel_times.base import BadPoint, Point
from routing.travel_times.formula import FormulaTravelTimes
from routing.travel_times.graph import GraphTravelTimes
from tests.routing.osm_files import Town, place

# A ring of 100 m streets, 5 m/s: 20 s a street.
#   d --- c
#   |     |
#   a --- b
RING = {"a": (0, 0), "b": (100, 0), "c": (100, 100), "d": (0, 100)}
AB, BC, CD, DA = place(50, 0), place(100, 50), place(50, 100), place(0, 50)
# A cross: x in the middle, four arms of 100 m.
CROSS = {"x": (0, 0), "n": (0, 100), "e": (100, 0), "s": (0, -100), "w": (-100, 0)}
NORTH, EAST, SOUTH, WEST = place(0, 50), place(50, 0), place(0, -50), place(-50, 0)


def times(town: Town, folder: Path) -> GraphTravelTimes:
    return GraphTravelTimes(town.graph(folder))


def way(town: GraphTravelTimes, origin: Point, end: Point) -> tuple[int, int]:
    """Seconds and metres, the same by a search from either side."""
    there = town.table([origin], [end])
    back = town.table([origin, origin], [end])
    assert not there.estimated
    assert (back.durations_s[0], back.distances_m[0]) == (there.durations_s[0], there.distances_m[0])
    return there.durations_s[0][0], there.distances_m[0][0]


def test_a_street_both_ways_takes_its_length_at_its_speed(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcda")
    ring = times(town, tmp_path)
    assert way(ring, AB, BC) == (20, 100)
    assert way(ring, BC, AB) == (20, 100)
    assert way(ring, place(25, 0), place(75, 0)) == (10, 50)
    assert way(ring, place(75, 0), place(25, 0)) == (10, 50)
    assert way(ring, AB, AB) == (0, 0)


def test_a_one_way_street_is_driven_one_way_only(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("ab", oneway="yes")
    town.street("bcda")
    ring = times(town, tmp_path)
    assert way(ring, AB, BC) == (20, 100)
    assert way(ring, BC, AB) == (60, 300)
    assert way(ring, place(75, 0), place(25, 0)) == (70, 350)
    assert way(ring, place(25, 0), place(75, 0)) == (10, 50)


def test_a_one_way_street_may_be_tagged_against_its_own_direction(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("ba", oneway="-1")
    town.street("bcda")
    ring = times(town, tmp_path)
    assert (way(ring, AB, BC), way(ring, BC, AB)) == ((20, 100), (60, 300))


@pytest.mark.parametrize("tags", [{"junction": "roundabout"}, {"junction": "circular"}, {"highway": "motorway"}])
def test_roundabouts_and_motorways_are_one_way_unless_they_say_otherwise(tmp_path: Path, tags: dict[str, str]) -> None:
    town = Town({**RING, "p": (-100, 0), "q": (200, 100)})
    town.street("abcda", **{**tags, "maxspeed": "18"})
    town.street("pa")
    town.street("cq")
    ring = times(town, tmp_path)
    assert way(ring, place(-50, 0), place(150, 100)) == (60, 300)
    assert way(ring, place(150, 100), place(-50, 0)) == (60, 300)  # on round, over d
    two_way = Town({**RING, "p": (-100, 0), "q": (200, 0)})
    two_way.street("abcda", **{**tags, "maxspeed": "18", "oneway": "no"})
    two_way.street("pa")
    two_way.street("bq")
    ring = times(two_way, tmp_path)
    assert way(ring, place(150, 0), place(-50, 0)) == (40, 200)


def test_a_forbidden_left_turn_costs_the_way_round_the_end_of_the_street(tmp_path: Path) -> None:
    free, bound = Town(CROSS), Town(CROSS)
    for town in (free, bound):
        _north, _east, south, west = (town.street("x" + arm) for arm in "nesw")
    bound.turn("no_left_turn", south, "x", west)
    assert way(times(free, tmp_path), SOUTH, WEST) == (20, 100)
    cross = times(bound, tmp_path)
    assert way(cross, SOUTH, WEST) == (60, 300)  # on to the end of an arm, back, and in from there
    assert [way(cross, SOUTH, end) for end in (NORTH, EAST)] == [(20, 100), (20, 100)]
    assert [way(cross, start, WEST) for start in (NORTH, EAST)] == [(20, 100), (20, 100)]


def test_only_straight_on_forbids_every_other_way_out(tmp_path: Path) -> None:
    town = Town(CROSS)
    north, _east, south, _west = (town.street("x" + arm) for arm in "nesw")
    town.turn("only_straight_on", south, "x", north)
    cross = times(town, tmp_path)
    assert way(cross, SOUTH, NORTH) == (20, 100)
    assert way(cross, SOUTH, EAST) == (60, 300)
    assert way(cross, SOUTH, WEST) == (60, 300)
    assert way(cross, EAST, WEST) == (20, 100)


def test_a_forbidden_u_turn_is_made_at_the_end_of_the_street(tmp_path: Path) -> None:
    town = Town({"s": (-60, -80), "x": (0, 0), "t": (60, -80), "n": (0, 100)})
    up, down = town.street("sx", oneway="yes"), town.street("xt", oneway="yes")
    town.street("ts", oneway="yes")
    town.street("xn")
    assert way(times(town, tmp_path), place(-30, -40), place(30, -40)) == (20, 100)
    town.turn("no_u_turn", up, "x", down)
    assert way(times(town, tmp_path), place(-30, -40), place(30, -40)) == (60, 300)


def test_restrictions_one_behind_the_other_are_both_heeded(tmp_path: Path) -> None:
    # s - x - y in a row, arms to the north at x and y; from s neither arm may be entered on the first pass.
    town = Town({"s": (-100, 0), "x": (0, 0), "y": (100, 0), "z": (200, 0), "n": (0, 100), "m": (100, 100)})
    first, middle = town.street("sx"), town.street("xy")
    town.street("yz")
    arm, other = town.street("xn"), town.street("ym")
    town.turn("no_left_turn", first, "x", arm)
    town.turn("no_left_turn", middle, "y", other)
    row = times(town, tmp_path)
    assert way(row, place(-50, 0), place(50, 0)) == (20, 100)
    assert way(row, place(-50, 0), place(100, 50)) == (80, 400)  # to the end z and back
    assert way(row, place(50, 0), place(100, 50)) == (60, 300)
    assert way(row, place(-50, 0), place(0, 50)) == (60, 300)  # turned round at y


@pytest.mark.parametrize(("tags", "why"), [
    ({"except": "bicycle;motorcar"}, "not for vans"),
    ({"restriction": "", "restriction:conditional": "no_left_turn @ (07:00-09:00)"}, "of some hours only"),
    ({"restriction": "", "restriction:hgv": "no_left_turn"}, None),
])
def test_restrictions_that_do_not_bind_a_van_are_counted_and_left_out(tmp_path: Path, tags: dict[str, str],
                                                                      why: str | None) -> None:
    town = Town(CROSS)
    streets = [town.street("x" + arm) for arm in "nesw"]
    town.turn("no_left_turn", streets[2], "x", streets[3])
    members, given = town.turns[0]
    town.turns[0] = members, {key: value for key, value in {**given, **tags}.items() if value}
    graph = town.graph(tmp_path)
    assert way(GraphTravelTimes(graph), SOUTH, WEST) == (20, 100)
    assert graph.info.restrictions == 0
    assert dict(graph.info.ignored) == ({why: 1} if why else {})


def test_a_restriction_over_a_way_is_counted_and_left_out(tmp_path: Path) -> None:
    town = Town(CROSS)
    streets = [town.street("x" + arm) for arm in "nesw"]
    town.turns.append(([("w", streets[2], "from"), ("w", streets[0], "via"), ("w", streets[3], "to")],
                       {"type": "restriction", "restriction": "no_left_turn"}))
    graph = town.graph(tmp_path)
    assert (graph.info.restrictions, dict(graph.info.ignored)) == (0, {"over a way": 1})


@pytest.mark.parametrize(("tags", "passes"), [
    ({"barrier": "bollard"}, False), ({"barrier": "gate", "access": "private"}, False), ({"barrier": "gate"}, True),
    ({"barrier": "lift_gate"}, True), ({"barrier": "bollard", "motor_vehicle": "yes"}, True)])
def test_a_bollard_ends_the_street_on_either_side(tmp_path: Path, tags: dict[str, str], passes: bool) -> None:
    town = Town({**RING, "k": (50, 0)}, tags_of={"k": tags})
    town.street("akb")
    town.street("bcda")
    assert way(times(town, tmp_path), place(25, 0), place(75, 0)) == ((10, 50) if passes else (70, 350))


def test_a_dead_end_is_driven_in_and_out(tmp_path: Path) -> None:
    town = Town({**RING, "k": (200, 0)})
    town.street("abcda")
    town.street("bk")
    ring = times(town, tmp_path)
    assert way(ring, AB, place(150, 0)) == (20, 100)
    assert way(ring, place(150, 0), BC) == (20, 100)


@pytest.mark.parametrize("tags", [{"access": "private"}, {"motor_vehicle": "no"}, {"highway": "footway"},
                                  {"highway": "track"}, {"access": "yes", "motorcar": "no"}, {"area": "yes"}])
def test_a_way_closed_to_vans_is_no_road(tmp_path: Path, tags: dict[str, str]) -> None:
    town = Town({**RING, "k": (200, 0)})
    town.street("abcda")
    town.street("ac", **tags)
    assert way(times(town, tmp_path), place(0, 25), place(100, 75)) == (40, 200)


@pytest.mark.parametrize("tags", [{"access": "destination"}, {"access": "no", "motor_vehicle": "delivery"},
                                  {"access": "customers"}])
def test_a_way_for_deliveries_is_a_road(tmp_path: Path, tags: dict[str, str]) -> None:
    town = Town(RING)
    town.street("abcd")
    town.street("da", **tags)
    assert way(times(town, tmp_path), DA, AB) == (20, 100)


def test_of_two_parts_the_larger_one_is_kept_and_a_street_without_return_is_dropped(tmp_path: Path) -> None:
    town = Town({**RING, "k": (5000, 0), "l": (5100, 0), "o": (200, 0)})
    town.street("abcda")
    town.street("kl")
    town.street("bo", oneway="yes")  # nobody who drives in comes out again
    graph = town.graph(tmp_path)
    ring = GraphTravelTimes(graph)
    assert int(graph.edge_dm.sum()) == 4000
    assert ring.place(place(5050, 0)) is None
    assert way(ring, place(0, 50), place(250, 0)) == (30 + 54, 150 + 150)  # driven to b, walked from there


def test_the_last_metres_off_the_road_are_slow(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcda")
    ring = times(town, tmp_path)
    assert way(ring, place(50, -50), place(150, 50)) == (20 + 2 * 18, 100 + 2 * 50)  # 10 km/h


def test_a_place_far_from_any_road_is_estimated_and_marked(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcda")
    ring, far = times(town, tmp_path), place(50, -501)
    assert ring.place(place(50, -499)) is not None
    answer = ring.matrix([AB, far, BC])
    formula = FormulaTravelTimes(1.0).matrix([AB, far, BC])
    assert answer.durations_s == ((0, formula.durations_s[0][1], 20),
                                  (formula.durations_s[1][0], 0, formula.durations_s[1][2]),
                                  (20, formula.durations_s[2][1], 0))
    assert answer.estimates == ((False, True, False), (True, False, True), (False, True, False))
    assert answer.estimated


def test_nobody_stops_on_a_motorway_or_in_a_tunnel(tmp_path: Path) -> None:
    town = Town({**RING, "e": (0, 40), "f": (100, 40)})
    town.street("abcda")
    town.street("ef", tunnel="yes")
    town.street("ae")
    town.street("fb")
    near = times(town, tmp_path).place(place(50, 35))
    assert near is not None
    assert round(near.snap.off_m) == 35


def test_a_van_at_a_junction_takes_whichever_road_it_likes(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("ab", oneway="yes")
    town.street("bcda")
    ring = times(town, tmp_path)
    assert way(ring, place(2, 0), DA) == (10, 52)  # some paces against the one-way
    assert way(ring, place(8, 0), DA) == (68, 342)
    assert [way(ring, place(0, 0), place(0, 99)), way(ring, place(100, 0), place(0, 0))] == [(20, 99), (60, 300)]


def test_a_factor_makes_everything_slower(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcda")
    assert way(GraphTravelTimes(town.graph(tmp_path), 1.25), AB, BC) == (25, 100)


def test_a_van_drives_at_most_ninety(tmp_path: Path) -> None:
    town = Town({"a": (0, 0), "b": (1000, 0), "c": (1000, 100), "d": (0, 100)})
    town.street("ab", highway="trunk", maxspeed="110")
    town.street("bcda", maxspeed="110")
    assert way(times(town, tmp_path), place(0, 0), place(1000, 0)) == (40, 1000)


def test_junctions_cost_time_on_streets_with_houses(tmp_path: Path) -> None:
    town = Town({**CROSS, "f": (0, 1100)})
    for arm in "esw":
        town.street("x" + arm)
    town.street("xf", highway="residential", maxspeed="36")  # 10 m/s, one end at a junction
    graph = town.graph(tmp_path)
    assert sorted(graph.edge_ms.tolist()) == [20_000, 20_000, 20_000, 110_615]


def test_points_must_be_places_on_earth(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcda")
    with pytest.raises(BadPoint, match="point 1"):
        times(town, tmp_path).matrix([AB, (91.0, 0.0)])


def test_an_empty_table_is_answered(tmp_path: Path) -> None:
    town = Town(RING)
    town.street("abcda")
    assert times(town, tmp_path).table([], [AB]).durations_s == ()


@pytest.mark.parametrize("seed", range(12))
def test_random_towns_with_random_restrictions_agree_with_a_search_over_roads(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    corners = {f"{x}{y}": (100.0 * x + rng.randrange(40), 100.0 * y + rng.randrange(40))
               for x in range(5) for y in range(5)}
    letters = {name: chr(65 + number) for number, name in enumerate(corners)}
    town = Town({letters[name]: metres for name, metres in corners.items()})
    at: dict[str, list[int]] = {}
    for x in range(5):
        for y in range(5):
            for other in ((x + 1, y), (x, y + 1)):
                if max(other) < 5 and rng.random() < 0.9:
                    ends = letters[f"{x}{y}"] + letters[f"{other[0]}{other[1]}"]
                    number = town.street(ends, **({"oneway": "yes"} if rng.random() < 0.3 else {}))
                    for end in ends:
                        at.setdefault(end, []).append(number)
    for via, ways in at.items():
        for _ in range(2):
            if len(ways) > 1 and rng.random() < 0.7:
                origin, end = rng.sample(ways, 2)
                town.turn(rng.choice(["no_left_turn", "only_straight_on"]), origin, via, end)
    graph = town.graph(tmp_path)
    assert graph.info.restrictions > 0
    found = GraphTravelTimes(graph)
    points = [point for point in (place(rng.uniform(0, 450), rng.uniform(0, 450)) for _ in range(18))
              if not at_a_junction(graph, found, point)]
    assert len(points) > 6
    joined = [found.place(point) for point in points]
    answer = found.matrix(points)
    for row, origin in enumerate(joined):
        for column, end in enumerate(joined):
            assert origin is not None
            assert end is not None
            if row == column or origin.snap.edge == end.snap.edge:
                continue
            drive = quickest_ms(graph, origin.snap, end.snap)
            off = sum(round(place.snap.off_m * 360) for place in (origin, end))
            assert answer.durations_s[row][column] == (drive + off + 500) // 1000


def at_a_junction(graph: RoadGraph, times: GraphTravelTimes, point: Point) -> bool:
    joined = times.place(point)
    assert joined is not None
    return min(joined.snap.along, 1 - joined.snap.along) * int(graph.edge_dm[joined.snap.edge]) <= 50


def quickest_ms(graph: RoadGraph, origin, end) -> int:
    """The quickest way from road to road, each turn asked for by itself."""
    banned = {(int(one), int(two)) for one, two in graph.turns}
    ends = {}
    for edge in range(graph.edges):
        if graph.edge_flags[edge] & 1:
            ends[2 * edge] = int(graph.edge_from[edge]), int(graph.edge_to[edge])
        if graph.edge_flags[edge] & 2:
            ends[2 * edge + 1] = int(graph.edge_to[edge]), int(graph.edge_from[edge])

    def part(arc: int, share: float) -> int:
        return round(share * int(graph.edge_ms[arc // 2]))

    heap = [(part(arc, 1 - origin.along if arc % 2 == 0 else origin.along), arc)
            for arc in (2 * origin.edge, 2 * origin.edge + 1) if arc in ends]
    heapq.heapify(heap)
    best = float("inf")
    done = set()
    while heap:
        spent, arc = heapq.heappop(heap)
        if arc in done:
            continue
        done.add(arc)
        for following, (tail, _) in ends.items():
            if tail == ends[arc][1] and (arc, following) not in banned:
                if following // 2 == end.edge:
                    best = min(best, spent + part(following, end.along if following % 2 == 0 else 1 - end.along))
                heapq.heappush(heap, (spent + int(graph.edge_ms[following // 2]), following))
    return int(best)


def test_roads_between_the_same_two_corners_are_told_apart(tmp_path: Path) -> None:
    town = Town({**RING, "m": (50, -100)})
    town.street("ab")
    town.street("amb")
    town.street("bcda")
    ring = times(town, tmp_path)
    assert way(ring, DA, BC) == (40, 200)
    detour = (50**2 + 100**2) ** 0.5
    assert way(ring, place(50, -100), BC) == (round((detour + 50) / 5), round(detour + 50))


def test_the_file_holds_the_same_graph(tmp_path: Path) -> None:
    town = Town(CROSS)
    streets = [town.street("x" + arm) for arm in "nesw"]
    town.turn("no_left_turn", streets[2], "x", streets[3])
    graph = town.graph(tmp_path)
    save_graph(graph, tmp_path / "map.npz")
    again = load_graph(tmp_path / "map.npz")
    assert again.info == replace(graph.info, ignored=dict(graph.info.ignored))
    for name in ("lat_e7", "lon_e7", "edge_from", "edge_to", "edge_ms", "edge_dm", "edge_flags", "shape_start",
                 "shape_lat_e7", "shape_lon_e7", "turns"):
        assert np.array_equal(getattr(again, name), getattr(graph, name)), name
