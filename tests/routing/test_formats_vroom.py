"""VROOM's problem file: what is read, and what is refused with its path."""
from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.formats.errors import FormatError
from routing.formats.vroom import read_vroom

SMALL: dict[str, Any] = {
    "vehicles": [
        {"id": 1, "start_index": 0, "end_index": 0, "capacity": [4, 9], "skills": [1, 14], "time_window": [100, 900],
         "breaks": [{"id": 1, "time_windows": [[200, 300]], "service": 30}], "max_tasks": 2, "costs": {"fixed": 7},
         "description": "van"},
        {"id": 2, "start_index": 0, "capacity": [3, 0]}],
    "jobs": [
        {"id": 10, "location_index": 1, "service": 60, "delivery": [1, 0], "skills": [1], "priority": 5,
         "time_windows": [[150, 400]]},
        {"id": 11, "location_index": 2, "pickup": [2, 1], "description": "bottles"}],
    "matrices": {"car": {"durations": [[0, 10, 20], [11, 0, 15], [21, 16, 0]],
                         "distances": [[0, 100, 200], [110, 0, 150], [210, 160, 0]]}}}

Change = Callable[[Any], object]


def changed(change: Change) -> str:
    document = deepcopy(SMALL)
    change(document)
    return json.dumps(document)


def test_all_that_the_planner_can_express_is_read() -> None:
    file = read_vroom(json.dumps(SMALL))
    van, other = file.vehicles
    assert (van.id, van.capacity, van.skills, van.window) == (1, (4, 9), frozenset({1, 14}), (100, 900))
    assert (van.max_tasks, van.fixed_cost, van.description) == (2, 7, "van")
    assert [(pause.id, pause.window, pause.duration_s) for pause in van.pauses] == [(1, (200, 300), 30)]
    assert (other.end, other.window, other.max_tasks) == (None, None, None)
    first, second = file.jobs
    assert (first.id, first.place.index, first.service_s, first.delivery, first.pickup) == (10, 1, 60, (1, 0), (0, 0))
    assert (first.skills, first.priority, first.window) == (frozenset({1}), 5, (150, 400))
    assert (second.delivery, second.pickup, second.description) == ((0, 0), (2, 1), "bottles")
    assert (file.dimensions, file.speed_factor, file.per_hour, file.per_km) == (2, 1, 3600, 0)
    assert file.tables is not None
    assert file.tables.durations[1] == (11, 0, 15)
    assert file.tables.distances is not None


def test_places_without_matrices_are_numbered_once_each() -> None:
    file = read_vroom(json.dumps({
        "vehicles": [{"id": 0, "start": [14.5, 46], "end": [14.5, 46], "speed_factor": 0.8}],
        "jobs": [{"id": 1, "location": [14.51, 46.06]}, {"id": 2, "location": [14.51, 46.06]}], "shipments": []}))
    assert file.points == ((14.5, 46.0), (14.51, 46.06))
    assert [job.place.index for job in file.jobs] == [1, 1]
    assert file.speed_factor == Fraction(4, 5)


@pytest.mark.parametrize(("change", "reason"), [
    (lambda d: d["jobs"][1].update(servise=3), "jobs[1].servise: unknown key"),
    (lambda d: d.update(options={}), "options: unknown key"),
    (lambda d: d.update(shipments=[{}]), "shipments: this planner has no pairs of pickup and delivery"),
    (lambda d: d.update(matrix=[[0]]), "matrix: old spelling; write matrices"),
    (lambda d: d["vehicles"][1].update(max_distance=5), "vehicles[1].max_distance: this planner has no such limit"),
    (lambda d: d["vehicles"][1].update(max_travel_time=5),
     "vehicles[1].max_travel_time: this planner has no such limit; a time_window bounds the whole shift"),
    (lambda d: d["vehicles"][1].update(steps=[]), "vehicles[1].steps: this planner starts from no given route"),
    (lambda d: d["vehicles"][0]["breaks"][0].update(max_load=[1, 1]),
     "vehicles[0].breaks[0].max_load: this planner takes breaks with any load"),
    (lambda d: d["vehicles"][0]["breaks"][0].update(time_windows=[[0, 1], [2, 3]]),
     "vehicles[0].breaks[0].time_windows: there are 2 windows, this planner takes one"),
    (lambda d: d["jobs"][0].update(time_windows=[[0, 1], [2, 3]]),
     "jobs[0].time_windows: there are 2 windows, this planner takes one"),
    (lambda d: d["jobs"][0].update(time_windows=[]), "jobs[0].time_windows: the list is empty"),
    (lambda d: d["jobs"][0].update(time_windows=[[9, 3]]),
     "jobs[0].time_windows[0]: it ends at 3, before it begins at 9"),
    (lambda d: d["jobs"][0].update(time_windows=[[9]]), "jobs[0].time_windows[0]: [9] is no pair of start and end"),
    (lambda d: d["jobs"][0].update(setup=5), "jobs[0].setup: this planner has no setup times; add it to service"),
    (lambda d: d["jobs"][0].update(amount=[5]), "jobs[0].amount: old spelling; write delivery"),
    (lambda d: d["jobs"][0].update(service=-3), "jobs[0].service: -3 is negative"),
    (lambda d: d["jobs"][0].update(service=2.5), "jobs[0].service: 2.5 is no whole number"),
    (lambda d: d["jobs"][0].update(service=True), "jobs[0].service: true is no whole number"),
    (lambda d: d["jobs"][0].update(service=2**32), "jobs[0].service: 4294967296 is above 4294967295"),
    (lambda d: d["jobs"][0].update(priority=101), "jobs[0].priority: 101 is above 100"),
    (lambda d: d["jobs"][0].update(id="a"), 'jobs[0].id: "a" is no whole number'),
    (lambda d: d["jobs"][0].pop("id"), "jobs[0].id: it is missing"),
    (lambda d: d["jobs"][1].update(id=10), "jobs[1].id: 10 is the id of jobs[0] already"),
    (lambda d: d["vehicles"][1].update(id=1), "vehicles[1].id: 1 is the id of vehicles[0] already"),
    (lambda d: d["jobs"][0].update(description=4), "jobs[0].description: 4 is no text"),
    (lambda d: d["jobs"][0].update(location_index=3), "jobs[0].location_index: 3 is outside the matrix of 3 places"),
    (lambda d: d["jobs"][0].pop("location_index"), "jobs[0].location_index: it is missing"),
    (lambda d: d["jobs"][0].update(location=[200, 1]),
     "jobs[0].location: [200, 1] is no place on earth (longitude comes first)"),
    (lambda d: d["jobs"][0].update(location=[1]), "jobs[0].location: [1] is no pair of longitude and latitude"),
    (lambda d: d.pop("matrices"), "vehicles[0].start: it is missing (start_index counts only with matrices)"),
    (lambda d: d["jobs"][0].update(delivery=[1]), "jobs[0].delivery: it has 1 amounts where others have 2"),
    (lambda d: d["jobs"][0].update(delivery=[1, -1]), "jobs[0].delivery[1]: -1 is negative"),
    (lambda d: d["vehicles"][1].pop("start_index"), "vehicles[1]: it has neither a start nor an end"),
    (lambda d: d["vehicles"][1].update(profile="bike"),
     'vehicles[1].profile: "bike" beside "car": this planner drives all vehicles by one matrix'),
    (lambda d: d["vehicles"][1].update(speed_factor=2),
     "vehicles[1].speed_factor: 2 beside 1: this planner drives all vehicles by one matrix"),
    (lambda d: d["vehicles"][0].update(speed_factor=0), "vehicles[0].speed_factor: 0 is not above 0 and at most 5"),
    (lambda d: d["vehicles"][1].update(costs={"per_km": 5}),
     "vehicles[1].costs.per_km: 5 beside 0: this planner has one price for all vehicles"),
    (lambda d: d["vehicles"][1].update(costs={"per_task_hour": 5}),
     "vehicles[1].costs.per_task_hour: this planner has no price for time at jobs"),
    (lambda d: d.update(vehicles=[]), "vehicles: there is none"),
    (lambda d: d.update(vehicles={}), "vehicles: an object is no list"),
    (lambda d: d.update(jobs=[3]), "jobs[0]: 3 is no object"),
    (lambda d: d.update(matrices={"bike": d["matrices"]["car"]}), 'matrices: there is none for the profile "car"'),
    (lambda d: d["matrices"]["car"].update(ways=[]), "matrices.car.ways: unknown key"),
    (lambda d: d["matrices"]["car"].pop("durations"), "matrices.car.durations: it is missing"),
    (lambda d: d["matrices"]["car"]["durations"].pop(),
     "matrices.car.durations[0]: it has 3 columns, the matrix 2 rows"),
    (lambda d: d["matrices"]["car"]["durations"][2].pop(),
     "matrices.car.durations[2]: it has 2 columns, the matrix 3 rows"),
    (lambda d: d["matrices"]["car"]["durations"][2].__setitem__(1, -4),
     "matrices.car.durations[2][1]: -4 is negative"),
    (lambda d: d["matrices"]["car"].update(distances=[[0]]),
     "matrices.car.distances: it has 1 rows where durations have 3"),
    (lambda d: d["matrices"]["car"].update(durations=[]), "matrices.car.durations: it is empty"),
])
def test_what_cannot_be_read_or_expressed_is_refused_with_its_path(change: Change, reason: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_vroom(changed(change))
    assert str(refused.value) == reason


@pytest.mark.parametrize(("text", "reason"), [
    ("", "file: it is empty"),
    (" \n", "file: it is empty"),
    ('{"jobs": [\n{"id": 1},', "line 2, column 11: the file is cut off"),
    ('{"jobs": [}', "line 1, column 11: Expecting value"),
    ('{"jobs": NaN}', "file: NaN is no number"),
    ('{"jobs": [], "jobs": []}', 'file: an object has the key "jobs" twice'),
    ("[]", "file: [] is no object"),
    ('{"a\\n": 1}', '"a\\n": unknown key'),
    ("[" * 100_000, "file: its brackets are nested too deep"),
    ('{"jobs": ' + "9" * 5000 + "}", "file: it holds a number that is too big"),
])
def test_a_file_that_is_no_json_object_is_refused_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_vroom(text)
    assert str(refused.value) == reason


def test_prices_beside_a_matrix_of_costs_are_refused() -> None:
    def change(document: Any) -> None:
        document["matrices"]["car"]["costs"] = document["matrices"]["car"]["distances"]
        document["vehicles"][0]["costs"] = {"per_hour": 3600}

    with pytest.raises(FormatError, match=r"^vehicles\[0\].costs.per_hour: it counts for nothing beside a matrix"):
        read_vroom(changed(change))


def test_a_price_of_kilometres_wants_distances() -> None:
    def change(document: Any) -> None:
        del document["matrices"]["car"]["distances"]
        for vehicle in document["vehicles"]:
            vehicle["costs"] = {"per_km": 3}

    with pytest.raises(FormatError, match=r"^vehicles\[0\].costs.per_km: the matrices have no distances$"):
        read_vroom(changed(change))


@given(st.integers(0, len(json.dumps(SMALL)) - 1))
@settings(deadline=None, max_examples=80)
def test_a_file_cut_off_anywhere_is_refused_in_one_line(length: int) -> None:
    with pytest.raises(FormatError) as refused:
        read_vroom(json.dumps(SMALL)[:length])
    assert "\n" not in str(refused.value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
                    max_leaves=6), st.data())
@settings(deadline=None, max_examples=150)
def test_any_value_anywhere_is_read_or_refused_but_never_fails(value: Any, data: st.DataObject) -> None:
    document = deepcopy(SMALL)
    node: Any = document
    while isinstance(node, (dict, list)) and node:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], (dict, list)) or data.draw(st.booleans()):
            node[key] = value
            break
        node = node[key]
    with suppress(FormatError):
        read_vroom(json.dumps(document))
