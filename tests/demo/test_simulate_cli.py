"""`flask simulate`: it prints what came of a day, and says in one line what cannot be played."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import Base, db
from demo.simulate_cli import simulate

DAY = ["--date", "2026-11-24", "--orders", "5", "--vans", "1", "--improve-ms", "0"]


def run(app: Flask, *more: str) -> Any:
    return app.test_cli_runner().invoke(simulate, [*DAY, *more])


def rows(app: Flask) -> int:
    db.session.rollback()
    return sum(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
               for table in Base.metadata.sorted_tables)


def test_it_plays_live_and_greedy_on_a_database_of_its_own(app: Flask, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    answer = run(app, "--json", "--hindsight-s", "0", "--events", str(events))
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["date"], told["orders"], told["seed"]) == ("2026-11-24", 5, 1)
    assert [(day["policy"], day["asked"]) for day in told["days"]] == [("live", 5), ("greedy", 5)]
    assert {json.loads(line)["policy"] for line in events.read_text().splitlines()} == {"live", "greedy"}
    assert rows(app) == 0


def test_the_text_says_where_drives_come_from_and_what_not_knowing_costs(app: Flask) -> None:
    answer = run(app, "--hindsight-s", "0.2")
    assert answer.exit_code == 0, answer.output
    assert "Drives are estimates by a formula" in answer.stdout
    assert "served within 60 minutes" in answer.stdout
    assert "The price of not knowing" in answer.stdout


@pytest.mark.parametrize(("options", "why"), [
    (["--date", "24. 11. 2026"], "is no date such as"), (["--orders", "0"], "0 is not in the range"),
    (["--vans", "0"], "0 is not in the range"), (["--map", "/nowhere/map.npz"], "does not exist"),
    (["--van-down", "late"], "is no time such as"), (["--van-down", "23:00"], "not in the vans' shifts"),
    (["--van-down", "12:00/2"], "there is no van 2 of 1"), (["--cancel-share", "1.5"], "not in the range"),
    (["--vans-range", "8-3"], "is no range"), (["--plot", "/nowhere/curve"], "there is no such folder"),
    (["--events", "/nowhere/events.jsonl"], "there is no such folder")])
def test_what_cannot_be_played_is_refused_with_its_reason(app: Flask, options: list[str], why: str) -> None:
    answer = run(app, *options)
    assert answer.exit_code == 2
    assert why in answer.stderr
    assert answer.stdout == ""


def test_a_day_without_vans_is_refused(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(simulate, ["--date", "2026-11-24", "--orders", "5"])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "--vans-range" in answer.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_curve_of_vans_is_printed_and_drawn(app: Flask, tmp_path: Path, jobs: str) -> None:
    answer = app.test_cli_runner().invoke(simulate, [
        "--date", "2026-11-24", "--orders", "5", "--improve-ms", "0", "--policy", "greedy", "--vans-range", "1-2",
        "--plot", str(tmp_path / "curve"), "--jobs", jobs])
    assert answer.exit_code == 0, answer.output
    assert [line.split()[0] for line in answer.stdout.splitlines()[1:]] == ["vans", "1", "2"]
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "curve.svg").read_text()


def test_a_drawing_without_matplotlib_is_refused(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    answer = run(app, "--policy", "greedy", "--plot", str(tmp_path / "curve"))
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "matplotlib" in answer.stderr


@pytest.mark.parametrize("name", ["map.npz", "map.osm.pbf"])
def test_a_file_that_is_no_map_is_refused_with_its_name(app: Flask, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"no map at all")
    answer = run(app, "--map", str(path))
    assert answer.exit_code == 2
    assert name in answer.stderr
    assert answer.stdout == ""
