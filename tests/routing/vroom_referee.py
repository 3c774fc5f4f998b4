"""VROOM as the referee of our answers: it solves the same file, and it checks our routes by its own rules."""
from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

vroom: Any = pytest.importorskip("vroom", reason="pyvroom is not installed")

LONG = 10**6


def _input(document: dict[str, Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.json"
        path.write_text(json.dumps(document))
        return vroom.Input.from_json(path)


def solved_by_vroom(document: dict[str, Any]) -> dict[str, Any]:
    """VROOM's own answer."""
    answer: dict[str, Any] = _input(document).solve(exploration_level=5, nb_threads=1).to_dict()
    return answer


def checked_by_vroom(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What VROOM says of our routes: only the vehicles that we use, with our steps.

    Vehicles without hours get some that bind nobody: VROOM's check lets those without start no earlier than the
    first window, which it does not ask of its own solutions.
    """
    steps = {route["vehicle"]: [{"type": step["type"]} | ({"id": step["id"]} if "id" in step else {})
                                for step in route["steps"]] for route in answer["routes"]}
    vehicles = [{"time_window": [0, LONG], **vehicle, "steps": steps[vehicle["id"]]} for vehicle in document["vehicles"]
                if vehicle["id"] in steps]
    said: dict[str, Any] = _input({**document, "vehicles": vehicles}).check().to_dict()
    return said


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Small problems with matrices in which every rule that both planners know can bind."""
    return document(draw(st.integers(0, 10**6)), draw(st.integers(1, 7)), draw(st.integers(1, 3)),
                    breaks=draw(st.booleans()))


def document(seed: int, jobs: int, vehicles: int, *, breaks: bool = False, mixed: bool = True) -> dict[str, Any]:
    """A problem of places in a square, at random. `mixed`: the same amount is delivered and picked up."""
    dice = random.Random(seed)
    points = [(dice.randint(0, 1000), dice.randint(0, 1000)) for _ in range(jobs + 2)]
    metres = [[abs(a - c) + abs(b - d) for c, d in points] for a, b in points]
    made: dict[str, Any] = {
        "vehicles": [_vehicle(dice, number, breaks) for number in range(vehicles)],
        "jobs": [_job(dice, number, mixed) for number in range(jobs)],
        "matrices": {"car": {"durations": metres, "distances": metres}}}
    if dice.random() < 0.3:
        costs = {"per_hour": dice.choice((0, 1800, 3600)), "per_km": dice.choice((1, 300))}
        for vehicle in made["vehicles"]:
            vehicle["costs"] = {**vehicle.get("costs", {}), **costs}
    return made


def _vehicle(dice: random.Random, number: int, breaks: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"id": number + 1, "start_index": 0, "end_index": dice.choice((0, 0, 1)),
                            "capacity": [dice.randint(2, 9), dice.randint(4, 9)]}
    if dice.random() < 0.3:
        del made[dice.choice(("start_index", "end_index"))]
    if dice.random() < 0.6:
        made["time_window"] = [dice.choice((0, 500)), dice.randint(2500, 6000)]
    if dice.random() < 0.6:
        made["skills"] = [1]
    if dice.random() < 0.3:
        made["costs"] = {"fixed": dice.choice((100, 2000))}
    if dice.random() < 0.3:
        made["max_tasks"] = dice.randint(1, 3)
    for rest in range(dice.choice((0, 0, 1, 2)) if breaks else 0):
        start = dice.randint(500, 2000)
        made.setdefault("breaks", []).append(
            {"id": rest + 1, "time_windows": [[start, start + dice.randint(0, 900)]], "service": dice.choice((0, 200))})
    return made


def _job(dice: random.Random, number: int, mixed: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"id": number + 1, "location_index": number + 2, "service": dice.choice((0, 60, 300))}
    if dice.random() < 0.8:
        made["delivery"] = [dice.randint(0, 3), dice.randint(0, 1) if mixed else 0]
    if dice.random() < 0.5:
        made["pickup"] = [dice.randint(0, 3) if mixed else 0, dice.randint(0, 2)]
    if dice.random() < 0.3:
        made["skills"] = [1]
    if dice.random() < 0.4:
        made["priority"] = dice.choice((1, 5, 100))
    if dice.random() < 0.5:
        start = dice.randint(0, 3000)
        made["time_windows"] = [[start, start + dice.randint(0, 1500)]]
    return made
