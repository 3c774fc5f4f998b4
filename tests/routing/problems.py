"""Small problems for the tests of routing: by hand, at random, and as hypothesis strategies."""
from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from routing.plan import Plan
from routing.problem import UNREACHABLE, Break, Problem, Reload, Vehicle, Visit


def line(places: int, step_s: int = 100) -> tuple[tuple[int, ...], ...]:
    """Places on a straight road, one step apart."""
    return tuple(tuple(abs(a - b) * step_s for b in range(places)) for a in range(places))


def van(name: str = "v1", **changes: Any) -> Vehicle:
    """A van at place 0 with 20 full green cylinders, empty rack places to spare, and back there by the evening."""
    given: dict[str, Any] = {
        "id": name, "start_location": 0, "end_location": 0, "start_s": 0, "end_s": 36_000,
        "full_stock": {"Z10": 20}, "slots": 40, "slots_used": 20, "gas_limit_g": 333_000, "gas_on_board_g": 200_000}
    return Vehicle(**{**given, **changes})


def call(name: str, location: int, **changes: Any) -> Visit:
    """A swap of one green cylinder that takes five minutes."""
    given: dict[str, Any] = {"id": name, "location": location, "service_s": 300, "deliver": {"Z10": 1},
                             "collect": {"Z10": 1}, "gas_out_g": 10_000}
    return Visit(**{**given, **changes})


def depot_call(name: str, **changes: Any) -> Visit:
    """The reload of van v1 at place 0 to 20 full green cylinders in ten minutes (P5)."""
    stock = changes.pop("full_stock", {"Z10": 20})
    reload = Reload(full_stock=stock, slots_used=changes.pop("slots_used", 20),
                    gas_on_board_g=changes.pop("gas_on_board_g", 200_000))
    given: dict[str, Any] = {"id": name, "location": 0, "service_s": 600, "only_vehicle": "v1", "reload": reload}
    return Visit(**{**given, **changes})


def problem(*visits: Visit, vans: tuple[Vehicle, ...] = (), **changes: Any) -> Problem:
    """Visits on the straight road of six places."""
    given: dict[str, Any] = {"vehicles": vans or (van(),), "visits": visits, "durations_s": line(6),
                             "distances_m": line(6, 1000)}
    return Problem(**{**given, **changes})


def plan_of(**routes: str) -> Plan:
    """plan_of(v1="a b") is the plan in which van v1 calls at a, then at b."""
    return Plan(routes={name: tuple(route.split()) for name, route in routes.items()})


def city(seed: int, stops: int, vans: int, *, frozen: int = 0) -> Problem:
    """A live moment: vans at different places, orders up to 45 minutes old, promise at 60, two cylinder types."""
    dice = random.Random(seed)
    points = [(dice.uniform(0, 12_000), dice.uniform(0, 12_000)) for _ in range(stops + vans + 1)]
    metres = tuple(tuple(int(1.4 * ((a - c) ** 2 + (b - d) ** 2) ** 0.5) for c, d in points) for a, b in points)
    seconds = tuple(tuple(m // 8 for m in row) for row in metres)
    visits = []
    for number in range(stops):
        age = dice.randint(0, 2700)
        kind = dice.choice(("Z10", "Z10", "Z10", "P10"))
        amount = dice.choice((1, 1, 1, 2))
        visits.append(Visit(
            id=f"o{number}", location=1 + vans + number, service_s=240 + 60 * amount, due_s=3600 - age,
            deliver={kind: amount}, collect={} if dice.random() < 0.15 else {kind: amount},
            gas_out_g=10_000 * amount, skills=frozenset({"card"} if dice.random() < 0.2 else ()),
            lateness_weight=20, drop_penalty=50_000_000))
    vehicles = []
    for number in range(vans):
        held = tuple(f"o{number * frozen + k}" for k in range(frozen))
        vehicles.append(Vehicle(
            id=f"v{number}", start_location=1 + number, end_location=0, start_s=dice.randint(0, 300), end_s=36_000,
            full_stock={"Z10": 16, "P10": 8}, spare={"Z10": 1, "P10": 1}, slots=40, slots_used=30,
            gas_limit_g=333_000, gas_on_board_g=240_000, frozen=held,
            skills=frozenset({"card"} if number or vans == 1 else ())))
    return Problem(vehicles=tuple(vehicles), visits=tuple(visits), durations_s=seconds, distances_m=metres)


@st.composite
def tiny_problems(draw: st.DrawFn, most_visits: int = 5, most_vans: int = 2) -> Problem:
    """Problems of a few stops in which every rule can bind; matrices need not obey the triangle inequality."""
    size = 5
    row = st.tuples(*[st.integers(0, 900)] * size)
    durations = tuple(tuple(0 if a == b else value for b, value in enumerate(draw(row))) for a in range(size))
    visits = tuple(draw(_visit(f"o{number}", size)) for number in range(draw(st.integers(1, most_visits))))
    held = draw(st.integers(0, min(2, len(visits) - 1)))
    vans = tuple(draw(_van(f"v{number}", size, tuple(visit.id for visit in visits[:held]) if number == 0 else ()))
                 for number in range(draw(st.integers(1, most_vans))))
    return Problem(vehicles=vans, visits=visits, durations_s=durations, distances_m=durations, cost_per_km=50)


@st.composite
def _visit(draw: st.DrawFn, name: str, size: int) -> Visit:
    number = draw(st.integers(0, 2))
    earliest = draw(st.sampled_from((0, 0, 0, 600, 1500)))
    return Visit(
        id=name, location=draw(st.integers(0, size - 1)), service_s=draw(st.sampled_from((0, 120, 300))),
        earliest_s=earliest, latest_s=draw(st.one_of(st.none(), st.integers(earliest, 3600))),
        due_s=draw(st.one_of(st.none(), st.integers(-600, 3000))), deliver={"Z10": number},
        collect={"Z10": draw(st.integers(0, 2))}, gas_out_g=10_000 * number,
        gas_in_g=draw(st.sampled_from((0, 0, 10_000))),
        skills=frozenset(draw(st.sampled_from(((), (), ("card",))))), drop_penalty=500_000,
        announced_s=draw(st.one_of(st.none(), st.integers(0, 2000))),
        current_vehicle=draw(st.sampled_from((None, "v0"))), change_vehicle_cost=draw(st.sampled_from((0, 300))))


@st.composite
def _van(draw: st.DrawFn, name: str, size: int, frozen: tuple[str, ...]) -> Vehicle:
    full = draw(st.integers(0, 6))
    return Vehicle(
        id=name, start_location=draw(st.integers(0, size - 1)),
        end_location=draw(st.one_of(st.none(), st.integers(0, size - 1))), start_s=draw(st.integers(0, 600)),
        end_s=draw(st.integers(1200, 7200)), full_stock={"Z10": full}, spare={"Z10": draw(st.integers(0, 1))},
        slots=draw(st.integers(6, 9)), slots_used=draw(st.integers(full, 6)), gas_limit_g=60_000,
        gas_on_board_g=full * 10_000, skills=frozenset(draw(st.sampled_from(((), ("card",))))), frozen=frozen,
        fixed_cost=draw(st.sampled_from((0, 200))))


@st.composite
def rich_problems(draw: st.DrawFn, most_visits: int = 4, *, rests: bool = True, gaps: bool = True) -> Problem:
    """Tiny problems with reloads, breaks, freight, targets, visits for one vehicle, and places without a way."""
    at = draw(tiny_problems(most_visits))
    names = st.sampled_from((None, None, None, *(vehicle.id for vehicle in at.vehicles)))
    amount = st.sampled_from((0, 0, 1, 2))
    visits = [replace(visit, only_vehicle=draw(names), target_s=draw(st.sampled_from((None, -300, 400, 1500))),
                      target_weight=draw(st.sampled_from((0, 3))), brings={"kg": draw(amount)},
                      takes={"kg": draw(amount)}) for visit in at.visits]
    vans = [replace(vehicle, capacity={"kg": draw(st.integers(0, 4))},
                    breaks=tuple(draw(_break(f"b{number}")) for number in range(draw(st.integers(0, 2) if rests else
                                                                                     st.just(0)))))
            for vehicle in at.vehicles]
    size = len(at.durations_s)
    for number in range(draw(st.integers(0, 2))):
        full = draw(st.integers(0, 6))
        visits.append(Visit(
            id=f"r{number}", location=draw(st.integers(0, size - 1)), service_s=draw(st.sampled_from((0, 300))),
            only_vehicle=draw(st.sampled_from(at.vehicles)).id,
            reload=Reload(full_stock={"Z10": full}, slots_used=draw(st.integers(full, 7)),
                          gas_on_board_g=full * 10_000)))
    durations = [list(row) for row in at.durations_s]
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2))) if gaps else 0):
        a, b = draw(st.integers(0, size - 1)), draw(st.integers(0, size - 1))
        if a != b:
            durations[a][b] = UNREACHABLE
    return replace(at, vehicles=tuple(vans), visits=tuple(visits), durations_s=tuple(map(tuple, durations)))


@st.composite
def _break(draw: st.DrawFn, name: str) -> Break:
    earliest = draw(st.integers(0, 3000))
    return Break(id=name, earliest_s=earliest, latest_s=earliest + draw(st.sampled_from((0, 300, 1200))),
                 duration_s=draw(st.sampled_from((0, 200, 900))))
