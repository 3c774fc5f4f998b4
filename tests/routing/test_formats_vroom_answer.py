"""Our answers to VROOM's files, judged by VROOM itself."""
from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.formats.errors import FormatError
from routing.formats.vroom import Point, read_vroom
from routing.formats.vroom_answer import vroom_answer
from routing.formats.vroom_model import Table, VroomModel, vroom_model
from routing.plan import Plan, cost
from routing.solver import solve
from routing.solving import SolveParams, starting_plan
from tests.routing.vroom_referee import checked_by_vroom, document, documents, solved_by_vroom

Aims = tuple[int, int, int]
DIFFERENT_WAYS = 1.05


def no_ways(points: Sequence[Point]) -> Table:
    raise AssertionError("the file has matrices")


def model_of(content: dict[str, Any]) -> VroomModel:
    return vroom_model(read_vroom(json.dumps(content)), no_ways)


def answer_of(content: dict[str, Any], *, search: bool = False) -> dict[str, Any]:
    model = model_of(content)
    plan = (solve(model.problem, SolveParams(time_limit_ms=150)).plan if search else starting_plan(model.problem))
    return vroom_answer(model, plan, loading_ms=0, solving_ms=0)


def aims(answer: dict[str, Any]) -> Aims:
    summary = answer["summary"]
    return -summary["priority"], summary["unassigned"], summary["cost"]


def causes(route: dict[str, Any]) -> list[str]:
    return [violation["cause"] for part in (route, *route["steps"]) for violation in part["violations"]]


@given(documents())
@settings(deadline=None, max_examples=60)
def test_vroom_finds_nothing_wrong_with_our_routes_and_the_same_times_loads_and_costs(content: dict[str, Any]) -> None:
    answer = answer_of(content)
    if not answer["routes"]:
        return
    said = checked_by_vroom(content, answer)
    for ours, theirs in zip(answer["routes"], said["routes"], strict=True):
        assert causes(theirs) == causes(ours)
        for key in ("vehicle", "cost", "duration", "service", "delivery", "pickup", "priority"):
            assert (key, ours[key]) == (key, theirs[key])
        rests = any(step["type"] == "break" for step in ours["steps"])  # VROOM rests on the road as well
        for mine, other in zip(ours["steps"], theirs["steps"], strict=True):
            for key in ("type", "service", "load", *(() if rests else ("arrival", "duration", "waiting_time"))):
                assert (key, mine[key]) == (key, other[key])


@given(documents())
@settings(deadline=None, max_examples=40)
def test_the_summary_adds_up_and_every_job_is_somewhere_once(content: dict[str, Any]) -> None:
    answer = answer_of(content)
    summary, routes = answer["summary"], answer["routes"]
    for key in ("cost", "service", "duration", "waiting_time", "priority", "distance"):
        assert summary[key] == sum(route[key] for route in routes)
    served = [step["id"] for route in routes for step in route["steps"] if step["type"] == "job"]
    left = [job["id"] for job in answer["unassigned"]]
    assert sorted([*served, *left]) == [job["id"] for job in content["jobs"]]
    assert (summary["routes"], summary["unassigned"]) == (len(routes), len(left))


@given(documents())
@settings(deadline=None, max_examples=40)
def test_using_a_vehicle_costs_the_planner_what_it_costs_in_the_file(content: dict[str, Any]) -> None:
    """Two plans differ for the planner by what they differ in the file."""
    for vehicle in content["vehicles"]:
        vehicle.pop("costs", None)
    model = model_of(content)
    idle, plan = Plan(routes={}), starting_plan(model.problem)
    penalties = {visit.id: visit.drop_penalty for visit in model.problem.visits}
    driven = vroom_answer(model, plan, loading_ms=0, solving_ms=0)["summary"]["cost"]
    assert cost(model.problem, plan).total - cost(model.problem, idle).total == driven - sum(
        penalty for name, penalty in penalties.items() if plan.vehicle_of(name) is not None)


@pytest.mark.parametrize("seed", range(12))
def test_small_files_are_solved_as_well_as_vroom_solves_them(seed: int) -> None:
    content = document(seed, jobs=6, vehicles=2, mixed=False)
    ours, theirs = aims(answer_of(content, search=True)), aims(solved_by_vroom(content))
    assert ours[:2] <= theirs[:2]
    if ours[:2] == theirs[:2]:
        assert ours[2] <= theirs[2] * DIFFERENT_WAYS


def two(**changes: Any) -> dict[str, Any]:
    """One van that can take one of two jobs."""
    content: dict[str, Any] = {
        "vehicles": [{"id": 1, "start_index": 0, "end_index": 0, "capacity": [1]}],
        "jobs": [{"id": 1, "location_index": 1, "delivery": [1]}, {"id": 2, "location_index": 2, "delivery": [1]}],
        "matrices": {"car": {"durations": [[0, 10, 90], [10, 0, 50], [90, 50, 0]]}}}
    return content | changes


def served(content: dict[str, Any]) -> list[int]:
    return [step["id"] for route in answer_of(content)["routes"] for step in route["steps"] if step["type"] == "job"]


def test_priority_goes_before_the_number_of_jobs_and_that_before_cost() -> None:
    content = two()
    assert served(content) == [1]
    content["jobs"][1]["priority"] = 1
    assert served(content) == [2]
    content["jobs"].append({"id": 3, "location_index": 1})
    assert sorted(served(content)) == [2, 3]


def test_the_reason_stands_with_an_unassigned_job() -> None:
    content = two()
    content["jobs"][1] |= {"time_windows": [[0, 5]]}
    assert answer_of(content)["unassigned"] == [
        {"id": 2, "type": "job", "location_index": 2, "reason": "window_missed"}]


def test_a_matrix_of_costs_is_what_is_minimised() -> None:
    content = two()
    content["matrices"]["car"]["costs"] = [[0, 90, 1], [90, 0, 1], [1, 1, 0]]
    answer = answer_of(content)
    assert (served(content), answer["summary"]["cost"], answer["summary"]["duration"]) == ([2], 2, 180)


def test_a_vehicle_leaves_as_late_as_it_can_without_ending_later() -> None:
    content = two()
    content["jobs"][0] |= {"time_windows": [[500, 600]], "service": 7}
    steps = answer_of(content)["routes"][0]["steps"]
    assert [step["arrival"] for step in steps] == [490, 500, 517]


def test_a_van_that_cannot_drive_home_in_its_hours_is_not_used() -> None:
    content = two()
    content["vehicles"][0] |= {"end_index": 2, "time_window": [0, 89]}
    assert answer_of(content)["summary"]["routes"] == 0


def test_loads_go_down_with_deliveries_and_up_with_pickups() -> None:
    content = two()
    content["vehicles"][0]["capacity"] = [2]
    content["jobs"][0] |= {"pickup": [2], "delivery": [0]}
    content["jobs"][1] |= {"delivery": [2]}
    route = answer_of(content)["routes"][0]
    assert [(step.get("id"), step["load"]) for step in route["steps"]] == [
        (None, [2]), (2, [0]), (1, [2]), (None, [2])]
    assert (route["delivery"], route["pickup"]) == ([2], [2])


def test_a_break_is_taken_in_its_window_between_jobs() -> None:
    content = two()
    content["vehicles"][0] |= {"capacity": [2], "breaks": [
        {"id": 5, "time_windows": [[20, 30]], "service": 40, "description": "lunch"}]}
    content["jobs"][0]["service"] = 15
    content["jobs"][0]["time_windows"] = [[10, 12]]
    steps = answer_of(content)["routes"][0]["steps"]
    assert [(step["type"], step.get("id"), step["arrival"]) for step in steps] == [
        ("start", None, 0), ("job", 1, 10), ("break", 5, 25), ("job", 2, 115), ("end", None, 205)]
    assert (steps[2]["service"], steps[2]["description"]) == (40, "lunch")


def test_a_break_after_the_work_is_waited_for_and_one_beyond_the_shift_is_missing() -> None:
    content = two()
    content["vehicles"][0]["breaks"] = [{"id": 5, "time_windows": [[300, 400]], "service": 10}]
    route = answer_of(content)["routes"][0]
    assert [(step["type"], step["arrival"] + step["waiting_time"]) for step in route["steps"]][-2:] == [
        ("break", 300), ("end", 320)]
    assert route["violations"] == []
    content["vehicles"][0]["time_window"] = [0, 200]
    route = answer_of(content)["routes"][0]
    assert [step["type"] for step in route["steps"]] == ["start", "job", "end"]
    assert route["violations"] == [{"cause": "missing_break", "id": 5}]


def test_a_van_whose_hours_begin_after_its_break_is_not_used() -> None:
    content = two()
    content["vehicles"][0] |= {"time_window": [50, 900], "breaks": [{"id": 5, "time_windows": [[10, 40]]}]}
    assert answer_of(content)["summary"]["routes"] == 0


def test_speed_stretches_the_ways() -> None:
    content = two()
    content["vehicles"][0]["speed_factor"] = 0.5
    assert answer_of(content)["summary"]["duration"] == 40


def test_a_speed_that_stretches_beyond_all_bounds_is_refused() -> None:
    content = two()
    content["vehicles"][0]["speed_factor"] = 1e-12
    with pytest.raises(FormatError, match=r"^vehicles\[0\].speed_factor: it stretches a way of 10 seconds"):
        model_of(content)


def test_timestamps_of_today_are_no_trouble() -> None:
    noon = 1_795_600_000
    content = two()
    content["vehicles"][0]["time_window"] = [noon, noon + 3600]
    content["jobs"][0]["time_windows"] = [[noon + 600, noon + 900]]
    answer = answer_of(content, search=True)
    assert [step["arrival"] for step in answer["routes"][0]["steps"]] == [noon + 590, noon + 600, noon + 610]


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_a_file_of_nothing_but_vehicles_has_an_empty_answer(seed: int) -> None:
    content = document(seed, jobs=1, vehicles=2) | {"jobs": []}
    assert aims(answer_of(content)) == (0, 0, 0)
