"""A plan in VROOM's output format. Costs, times and loads are worked out from the file, not taken from the solver."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from routing.formats.vroom import Job, Place
from routing.formats.vroom_model import VroomModel
from routing.formats.vroom_route import DrivenRoute, Stretch
from routing.plan import Plan, Unserved

MISSING_BREAK = "missing_break"


def vroom_answer(model: VroomModel, plan: Plan, *, loading_ms: int, solving_ms: int,
                 notes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer; `notes` are further keys of the summary. Unassigned jobs carry a reason, which VROOM does not."""
    jobs = {str(job.id): job for job in model.file.jobs}
    driven = [DrivenRoute.of(model, van, [jobs[name] for name in plan.route(str(van.id))])
              for van in model.file.vehicles if plan.route(str(van.id))]
    routes = [_route(model, route) for route in driven]
    served = {name for route in plan.routes.values() for name in route}
    missing = [(job, plan.unserved.get(name) or Unserved.WINDOW_MISSED) for name, job in jobs.items()
               if name not in served]
    summary: dict[str, Any] = {"cost": 0, "routes": len(routes), "unassigned": len(missing)}
    if model.file.dimensions:
        summary |= {key: _sum([route[key] for route in routes], model.file.dimensions)
                    for key in ("delivery", "pickup")}
    for key in ("cost", "setup", "service", "duration", "waiting_time", "priority",
                *(() if model.distances is None else ("distance",))):
        summary[key] = sum(route[key] for route in routes)
    summary |= {"violations": [violation for route in routes for violation in route["violations"]],
                "computing_times": {"loading": loading_ms, "solving": solving_ms, "routing": 0}, **(notes or {})}
    return {"code": 0, "summary": summary, "routes": routes,
            "unassigned": [{"id": job.id, "type": "job", **_place(job.place), **_described(job.description),
                            "reason": str(reason)} for job, reason in missing]}


def _route(model: VroomModel, route: DrivenRoute) -> dict[str, Any]:
    van, dimensions = route.van, model.file.dimensions
    shown: dict[str, Any] = {"vehicle": van.id, "cost": model.route_cost(van, route.jobs), **_described(
        van.description)}
    load = delivery = _sum([job.delivery for job in route.jobs], dimensions)
    if dimensions:
        shown |= {"delivery": delivery, "pickup": _sum([job.pickup for job in route.jobs], dimensions)}
    shown |= {"setup": 0, "service": sum(stretch.stay_s for stretch in route.stretches),
              "duration": route.travel_s, "waiting_time": sum(stretch.wait_s for stretch in route.stretches),
              "priority": sum(job.priority for job in route.jobs)}
    if model.distances is not None:
        shown["distance"] = route.distance_m
    steps, travel_s, distance_m = [], 0, 0
    for stretch in route.stretches:
        travel_s, distance_m = travel_s + stretch.travel_s, distance_m + stretch.distance_m
        if isinstance(stretch.task, Job):
            load = [now - out + back for now, out, back in
                    zip(load, stretch.task.delivery, stretch.task.pickup, strict=True)]
        step = {"type": stretch.kind, **_task(stretch), "setup": 0, "service": stretch.stay_s,
                "waiting_time": stretch.wait_s, "arrival": model.origin_s + stretch.arrive_s, "duration": travel_s}
        if dimensions:
            step["load"] = load
        if model.distances is not None:
            step["distance"] = distance_m
        steps.append({**step, "violations": []})
    missing = [{"cause": MISSING_BREAK, "id": pause.id} for pause in route.missing]
    return {**shown, "steps": steps, "violations": missing}


def _task(stretch: Stretch) -> dict[str, Any]:
    place = {} if stretch.place is None else _place(stretch.place)
    if stretch.task is None:
        return place
    return {"id": stretch.task.id, **_described(stretch.task.description), **place}


def _place(place: Place) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if place.location is not None:
        shown["location"] = list(place.location)
    if place.location_index is not None:
        shown["location_index"] = place.location_index
    return shown


def _described(description: str) -> dict[str, str]:
    return {"description": description} if description else {}


def _sum(amounts: Sequence[Sequence[int]], dimensions: int) -> list[int]:
    return [sum(amount[number] for amount in amounts) for number in range(dimensions)]
