"""One route of a VROOM file as it is driven: jobs and breaks in order, on the planner's clock."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.formats.vroom import Job, Pause, Place, Van
from routing.formats.vroom_model import VroomModel
from routing.plan import route_times
from routing.problem import GREATEST

NO_WAY = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The way to a start, a job, a break or the end, and the stay there. `task` is None for start and end."""

    kind: str
    task: Job | Pause | None = None
    place: Place | None = None
    travel_s: int = 0
    distance_m: int = 0
    earliest_s: int = 0
    latest_s: int = GREATEST
    stay_s: int = 0
    arrive_s: int = 0
    wait_s: int = 0

    @property
    def start_s(self) -> int:
        """When the stay's service begins."""
        return self.arrive_s + self.wait_s


@dataclass(frozen=True, kw_only=True)
class DrivenRoute:
    """A route that leaves as late as it can without ending later, so that nobody waits for nothing.

    Start and end are always there; a vehicle without one has it at its first or last job. A break that the planner
    found unneeded, because the work is over before its window, is taken before the end all the same where the shift
    allows it, as VROOM wants every break in every route. `missing` are those for which it does not.
    """

    van: Van
    jobs: tuple[Job, ...]
    stretches: tuple[Stretch, ...]
    missing: tuple[Pause, ...]

    @property
    def travel_s(self) -> int:
        """Time on the road."""
        return sum(stretch.travel_s for stretch in self.stretches)

    @property
    def distance_m(self) -> int:
        """Metres driven."""
        return sum(stretch.distance_m for stretch in self.stretches)

    @classmethod
    def of(cls, model: VroomModel, van: Van, jobs: Sequence[Job]) -> DrivenRoute:
        """The route of a vehicle with at least one job."""
        vehicle = model.problem.vehicle_by_id[str(van.id)]
        stretches, left = _planned(model, van, jobs)
        home_s, home_m = _way(model, jobs[-1].place, van.end)
        ends = [Stretch(kind="end", place=van.end or jobs[-1].place, travel_s=home_s, distance_m=home_m,
                        latest_s=vehicle.end_s)]
        missing: list[Pause] = []
        for pause in left:
            tried = [*stretches, _rest(model, pause)]
            if _legal(_timed([*tried, *ends], vehicle.start_s), vehicle.end_s):
                stretches = tried
            else:
                missing.append(pause)
        stretches = _timed([*stretches, *ends], vehicle.start_s)
        stretches = _timed(stretches, vehicle.start_s + _delay(stretches))
        return cls(van=van, jobs=tuple(jobs), stretches=tuple(stretches), missing=tuple(missing))


def _planned(model: VroomModel, van: Van, jobs: Sequence[Job]) -> tuple[list[Stretch], list[Pause]]:
    """Start, jobs and breaks in the order of the planner's own schedule, and the breaks that it does without."""
    problem = model.problem
    times = route_times(problem, problem.vehicle_by_id[str(van.id)], [str(job.id) for job in jobs])
    rests, pauses = list(times.rests), {str(pause.id): pause for pause in van.pauses}
    stretches = [Stretch(kind="start", place=van.start or jobs[0].place)]
    place = van.start
    for number, job in enumerate(jobs):
        visit, way = problem.visit_by_id[str(job.id)], _way(model, place, job.place)
        while rests and rests[0].after_visits == number:
            rest = rests.pop(0)
            driven, way = (way, NO_WAY) if rest.location == job.place.index else (NO_WAY, way)
            stretches.append(replace(_rest(model, pauses.pop(rest.break_id)), travel_s=driven[0], distance_m=driven[1]))
        stretches.append(Stretch(
            kind="job", task=job, place=job.place, travel_s=way[0], distance_m=way[1], stay_s=job.service_s,
            earliest_s=visit.earliest_s, latest_s=GREATEST if visit.latest_s is None else visit.latest_s))
        place = job.place
    stretches += [_rest(model, pauses.pop(rest.break_id)) for rest in rests]
    return stretches, list(pauses.values())


def _rest(model: VroomModel, pause: Pause) -> Stretch:
    if pause.window is None:
        return Stretch(kind="break", task=pause, stay_s=pause.duration_s)
    return Stretch(kind="break", task=pause, stay_s=pause.duration_s,
                   earliest_s=max(0, pause.window[0] - model.origin_s), latest_s=pause.window[1] - model.origin_s)


def _way(model: VroomModel, origin: Place | None, target: Place | None) -> tuple[int, int]:
    """Seconds and metres; vehicles without a start or an end are there at once."""
    if origin is None or target is None:
        return NO_WAY
    return (model.durations[origin.index][target.index],
            0 if model.distances is None else model.distances[origin.index][target.index])


def _timed(stretches: Sequence[Stretch], leave_s: int) -> list[Stretch]:
    timed = []
    for stretch in stretches:
        arrive_s = leave_s + stretch.travel_s
        wait_s = max(0, stretch.earliest_s - arrive_s)
        leave_s = arrive_s + wait_s + stretch.stay_s
        timed.append(replace(stretch, arrive_s=arrive_s, wait_s=wait_s))
    return timed


def _legal(stretches: Sequence[Stretch], end_s: int) -> bool:
    return (all(stretch.start_s <= stretch.latest_s for stretch in stretches)
            and stretches[-1].start_s + stretches[-1].stay_s <= end_s)


def _delay(stretches: Sequence[Stretch]) -> int:
    """How much later the route can start and still end at the same moment with all windows kept."""
    waited, slack = 0, GREATEST
    for stretch in stretches:
        waited += stretch.wait_s
        slack = min(slack, waited + stretch.latest_s - stretch.start_s)
    return max(0, min(slack, waited))
