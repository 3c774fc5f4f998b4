"""When a driver rests: between services, as early as its window allows, in waiting time where there is some."""
from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings

from routing.plan import Plan, RestTime, route_times
from routing.problem import Break, Problem, Visit
from tests.routing.problems import call, plan_of, problem, rich_problems, van


def noon(earliest_s: int, latest_s: int, duration_s: int = 1800, name: str = "noon") -> Break:
    return Break(id=name, earliest_s=earliest_s, latest_s=latest_s, duration_s=duration_s)


def driven(*visits: Visit, breaks: tuple[Break, ...], route: str = "a b", **changes: object,
           ) -> tuple[list[tuple[str, int, int, int]], list[int], int]:
    """Rests (id, start, visits before, place), starts of service and the return."""
    at = problem(*visits, vans=(van(breaks=breaks, **changes),))
    times = route_times(at, at.vehicles[0], plan_of(v1=route).route("v1"))
    return ([(rest.break_id, rest.start_s, rest.after_visits, rest.location) for rest in times.rests],
            [stop.start_s for stop in times.stops], times.finish_s)


def test_a_break_is_taken_when_a_service_is_over_and_its_window_has_begun() -> None:
    assert driven(call("a", 1), call("b", 3), breaks=(noon(400, 9000),)) == ([("noon", 400, 1, 1)], [100, 2400], 3000)
    assert driven(call("a", 1), call("b", 3), breaks=(noon(399, 9000),)) == ([("noon", 400, 1, 1)], [100, 2400], 3000)


def test_a_break_whose_window_begins_later_waits_for_the_next_service_to_be_over() -> None:
    assert driven(call("a", 1), call("b", 3), breaks=(noon(401, 9000),)) == ([("noon", 900, 2, 3)], [100, 600], 3000)


def test_a_rest_is_taken_on_arrival_where_serving_first_would_make_it_too_late() -> None:
    assert driven(call("a", 1), call("b", 3), breaks=(noon(401, 900),)) == ([("noon", 900, 2, 3)], [100, 600], 3000)
    assert driven(call("a", 1), call("b", 3), breaks=(noon(401, 899),)) == ([("noon", 600, 1, 3)], [100, 2400], 3000)


def test_where_the_arrival_would_be_too_late_the_van_waits_and_rests_where_it_is() -> None:
    assert driven(call("a", 1), call("b", 3), breaks=(noon(450, 599),)) == ([("noon", 450, 1, 1)], [100, 2450], 3050)


def test_a_rest_that_fits_into_waiting_time_costs_no_time() -> None:
    waits = call("b", 3, earliest_s=2400)
    assert driven(call("a", 1), waits, breaks=(noon(401, 9000),)) == ([("noon", 600, 1, 3)], [100, 2400], 3000)
    longer = (noon(401, 9000, 1801),)
    assert driven(call("a", 1), waits, breaks=longer) == ([("noon", 2700, 2, 3)], [100, 2400], 4801)


def test_a_break_after_the_last_visit_is_taken_before_the_way_home_or_not_needed() -> None:
    assert driven(call("a", 1), breaks=(noon(400, 9000),), route="a") == ([("noon", 400, 1, 1)], [100], 2300)
    assert driven(call("a", 1), breaks=(noon(401, 9000),), route="a") == ([], [100], 500)
    assert driven(call("a", 1), breaks=(noon(400, 9000),), route="a", end_location=None)[2] == 2200


def test_a_route_without_visits_needs_no_break() -> None:
    assert driven(breaks=(noon(0, 9000),), route="", start_location=3) == ([], [], 300)


def test_breaks_are_taken_in_the_order_of_their_windows() -> None:
    late, early = noon(300, 9000, 600, "late"), noon(0, 9000, 300, "early")
    assert driven(call("a", 1), breaks=(late, early), route="a") == (
        [("early", 0, 0, 0), ("late", 300, 0, 0)], [1000], 1400)


def test_a_frozen_prefix_has_had_its_breaks() -> None:
    """Y-05."""
    breaks = (noon(0, 50), noon(2150, 3000, 60, "tea"))
    at = problem(call("a", 1), call("b", 3), vans=(van(frozen=("a",), breaks=breaks),))
    standing = at.standings["v1"]
    assert (standing.ready_s, [rest.id for rest in standing.breaks]) == (2200, ["tea"])
    times = route_times(at, at.vehicles[0], ("a", "b"))
    assert times.rests[1] == RestTime(break_id="tea", start_s=2200, end_s=2260, missed_s=0, after_visits=1,
                                      location=1)


@settings(max_examples=200, deadline=None)
@given(rich_problems())
def test_no_rest_lies_within_a_service_or_another_rest_and_all_that_are_due_are_taken(at: Problem) -> None:
    for vehicle in at.vehicles:
        plan = Plan(routes={vehicle.id: tuple(visit.id for visit in at.visits)})
        times = route_times(at, vehicle, plan.route(vehicle.id))
        busy = [(stop.start_s, stop.leave_s) for stop in times.stops] + [(rest.start_s, rest.end_s)
                                                                         for rest in times.rests]
        busy.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(busy))
        rests = {rest.break_id: rest for rest in times.rests}
        for wanted in vehicle.breaks:
            if wanted.id in rests:
                rest = rests[wanted.id]
                assert wanted.earliest_s <= rest.start_s == rest.end_s - wanted.duration_s
                assert rest.missed_s == max(0, rest.start_s - wanted.latest_s)
            else:
                assert times.stops[-1].leave_s < wanted.earliest_s
