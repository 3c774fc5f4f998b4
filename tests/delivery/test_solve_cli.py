"""`flask routing solve | check`: files of other planners on a terminal, without a database."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from tests.routing.files import SQUARE, shared_file, solomon_text, vrplib_text

TWO: dict[str, Any] = {
    "vehicles": [{"id": 1, "start_index": 0, "end_index": 0, "capacity": [4], "time_window": [28800, 43200]}],
    "jobs": [{"id": 7, "location_index": 1, "delivery": [1], "service": 300},
             {"id": 8, "location_index": 2, "pickup": [2], "time_windows": [[30000, 32000]]},
             {"id": 9, "location_index": 2, "skills": [3], "description": "far"}],
    "matrices": {"car": {"durations": [[0, 600, 950], [600, 0, 400], [900, 400, 0]]}}}
PLACES: dict[str, Any] = {
    "vehicles": [{"id": 1, "start": [14.50, 46.06], "end": [14.50, 46.06]}],
    "jobs": [{"id": 1, "location": [14.52, 46.05]}]}


@pytest.fixture
def bare(tmp_path: Path) -> Flask:
    """The application with a database that cannot exist."""
    return create_app({"SECRET_KEY": "tests only", "HUEY_URL": "off", "DEMO": False,
                       "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/no/such/folder.db"})


def run(app: Flask, *arguments: str | Path, given: str | bytes = "") -> Result:
    return app.test_cli_runner().invoke(args=["routing", *map(str, arguments)], input=given)


def file_of(folder: Path, content: Any, name: str = "problem.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_vroom_file_is_answered_in_vrooms_words_without_a_database(bare: Flask, tmp_path: Path) -> None:
    result = run(bare, "solve", file_of(tmp_path, TWO), "--time-limit", "0.2")
    assert (result.exit_code, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    loading = answer["summary"].pop("computing_times")
    assert sorted(loading) == ["loading", "routing", "solving"]
    assert answer["summary"] == {
        "cost": 1900, "routes": 1, "unassigned": 1, "delivery": [1], "pickup": [2], "setup": 0, "service": 300,
        "duration": 1900, "waiting_time": 0, "priority": 0, "violations": []}
    assert answer["unassigned"] == [
        {"id": 9, "type": "job", "location_index": 2, "description": "far", "reason": "skill_missing"}]
    steps = answer["routes"][0]["steps"]
    assert [step["type"] for step in steps] == ["start", "job", "job", "end"]
    assert [step.get("id") for step in steps] == [None, 7, 8, None]
    assert [step["load"] for step in steps] == [[1], [0], [2], [2]]
    assert [step["arrival"] for step in steps] == [28800, 29400, 30100, 31000]
    assert [step["duration"] for step in steps] == [0, 600, 1000, 1900]


def test_standard_input_and_a_file_for_the_answer(bare: Flask, tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    result = run(bare, "solve", "-", "--time-limit", "0.1", "--out", out, given=("\ufeff" + json.dumps(TWO)).encode())
    assert (result.exit_code, result.output) == (0, "")
    assert json.loads(out.read_text())["summary"]["cost"] == 1900
    assert [path.name for path in tmp_path.iterdir()] == ["answer.json"]


def test_times_without_matrices_are_marked_as_what_they_are(bare: Flask, tmp_path: Path) -> None:
    result = run(bare, "solve", file_of(tmp_path, PLACES), "--time-limit", "0.1")
    summary = json.loads(result.stdout)["summary"]
    assert summary["travel_times"] == {"source": "formula", "estimated": True}
    assert (summary["duration"], summary["distance"]) == (2 * 266, 2 * 2795)


def test_a_solomon_and_a_vrplib_file_are_answered_with_a_solution_that_checks(bare: Flask, tmp_path: Path) -> None:
    for name, text in (("square.txt", solomon_text(SQUARE)), ("square.vrp", vrplib_text(SQUARE))):
        path, out = file_of(tmp_path, text, name), tmp_path / f"{name}.sol"
        assert run(bare, "solve", path, "--time-limit", "0.2", "--threads", "2", "--out", out).exit_code == 0
        checked = run(bare, "check", path, out)
        assert (checked.exit_code, checked.stdout) == (0, "2 routes, cost 13.4, nothing wrong\n")


def test_the_format_can_be_named(bare: Flask, tmp_path: Path) -> None:
    path = file_of(tmp_path, vrplib_text(SQUARE), "square.problem")
    result = run(bare, "solve", path, "--format", "vrplib", "--time-limit", "0.1")
    assert result.stdout.endswith("\nCost 13.4\n")


def test_a_solution_of_the_literature_checks_out(bare: Flask) -> None:
    result = run(bare, "check", shared_file("R101.vrp"), shared_file("R101.sol"))
    assert (result.exit_code, result.stdout) == (0, "20 routes, cost 1637.7, nothing wrong\n")


def test_a_wrong_solution_is_told_what_is_wrong(bare: Flask, tmp_path: Path) -> None:
    path = file_of(tmp_path, solomon_text(SQUARE), "square.txt")
    result = run(bare, "check", path, file_of(tmp_path, "Route #1: 1 3\nRoute #2: 2\nCost 1.0\n", "wrong.sol"))
    assert result.exit_code == 1
    assert result.stderr == "Error: route 1, customer 3: stock short by 5\nthe cost is 14.0, not 1.0\n"


def test_customers_that_nobody_can_serve_leave_no_answer(bare: Flask, tmp_path: Path) -> None:
    path = file_of(tmp_path, solomon_text(SQUARE).replace("  3  1  1  10", "  3  1  1  11"), "square.txt")
    path = file_of(tmp_path, path.read_text().replace("3  1  1  10", "3  1  1  11"), "square.txt")
    out = tmp_path / "answer.sol"
    result = run(bare, "solve", path, "--time-limit", "0.1", "--out", out)
    assert (result.exit_code, result.stdout, out.exists()) == (1, "", False)
    assert result.stderr == "Error: customer 3 cannot be served even by a vehicle of its own\n"


def test_a_fleet_that_is_too_small_leaves_no_answer(bare: Flask, tmp_path: Path) -> None:
    path = file_of(tmp_path, solomon_text(SQUARE).replace("  2         10", "  1         10"), "square.txt")
    result = run(bare, "solve", path, "--time-limit", "0.1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: no plan was found that serves every customer: ")


@pytest.mark.parametrize(("content", "reason"), [
    ("", "it is empty"),
    ('{"vehicles": [', "line 1, column 15: the file is cut off"),
    ({**TWO, "shipments": [{}]}, "shipments: this planner has no pairs of pickup and delivery"),
    ({**TWO, "jobs": [{"id": 1, "location_index": 1, "service": -3}]}, "jobs[0].service: -3 is negative"),
    ({**TWO, "jobs": [{"id": 1, "location_index": 1, "servise": 3}]}, "jobs[0].servise: unknown key"),
])
def test_bad_input_is_one_line_with_file_place_and_reason_and_nothing_is_written(
        bare: Flask, tmp_path: Path, content: Any, reason: str) -> None:
    path, out = file_of(tmp_path, content), tmp_path / "answer.json"
    result = run(bare, "solve", path, "--out", out)
    assert (result.exit_code, result.stdout, out.exists()) == (2, "", False)
    assert result.stderr == f"Error: {path}: {reason}\n"


def test_a_file_that_is_not_there_or_no_text_is_refused(bare: Flask, tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    result = run(bare, "solve", missing)
    assert (result.exit_code, result.stderr) == (2, f"Error: {missing}: no such file or directory\n")
    result = run(bare, "solve", "-", given=b"{}\n\xff")
    assert (result.exit_code, result.stderr) == (2, "Error: standard input: line 2: it is no UTF-8 text\n")


def test_an_answer_that_has_no_folder_is_refused_before_anything_is_solved(bare: Flask, tmp_path: Path) -> None:
    out = tmp_path / "no" / "answer.json"
    result = run(bare, "solve", file_of(tmp_path, TWO), "--out", out)
    assert (result.exit_code, result.stderr) == (2, f"Error: {out}: there is no such folder\n")


@pytest.mark.parametrize("arguments", [["--time-limit", "0"], ["--threads", "0"], ["--format", "tsplib"]])
def test_options_out_of_range_are_refused(bare: Flask, tmp_path: Path, arguments: list[str]) -> None:
    result = run(bare, "solve", file_of(tmp_path, TWO), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
