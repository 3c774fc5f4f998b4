"""One route of a VROOM file as it is driven: on the planner's clock."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.formats.vroom import Job, Place, Van
from routing.formats.vroom_model import VroomModel
from routing.problem import GREATEST

NO_WAY = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The way to a start, a job or the end, and the stay there. `task` is None for start and end."""

    kind: str
    task: Job | None = None
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

    Start and end are always there; a vehicle without one has it at its first or last job.
    """

    van: Van
    jobs: tuple[Job, ...]
    stretches: tuple[Stretch, ...]

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
        stretches = _planned(model, van, jobs)
        home_s, home_m = _way(model, jobs[-1].place, van.end)
        ends = [Stretch(kind="end", place=van.end or jobs[-1].place, travel_s=home_s, distance_m=home_m,
                        latest_s=vehicle.end_s)]
        stretches = _timed([*stretches, *ends], vehicle.start_s)
        stretches = _timed(stretches, vehicle.start_s + _delay(stretches))
        return cls(van=van, jobs=tuple(jobs), stretches=tuple(stretches))


def _planned(model: VroomModel, van: Van, jobs: Sequence[Job]) -> list[Stretch]:
    """The start and the jobs."""
    stretches = [Stretch(kind="start", place=van.start or jobs[0].place)]
    place = van.start
    for job in jobs:
        visit, (travel_s, distance_m) = model.problem.visit_by_id[str(job.id)], _way(model, place, job.place)
        stretches.append(Stretch(
            kind="job", task=job, place=job.place, travel_s=travel_s, distance_m=distance_m, stay_s=job.service_s,
            earliest_s=visit.earliest_s, latest_s=GREATEST if visit.latest_s is None else visit.latest_s))
        place = job.place
    return stretches


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


def _delay(stretches: Sequence[Stretch]) -> int:
    """How much later the route can start and still end at the same moment with all windows kept."""
    waited, slack = 0, GREATEST
    for stretch in stretches:
        waited += stretch.wait_s
        slack = min(slack, waited + stretch.latest_s - stretch.start_s)
    return max(0, min(slack, waited))
