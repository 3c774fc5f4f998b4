"""A plan's times and its one cost: lateness first, then driving, then stability."""
from __future__ import annotations

import pytest

from routing.plan import Plan, PlanCost, StopTime, cost, route_times, schedule
from tests.routing.problems import call, depot_call, line, plan_of, problem, van


def test_a_route_is_driven_as_early_as_possible() -> None:
    at = problem(call("a", 1, earliest_s=250, due_s=200), call("b", 3))
    times = route_times(at, at.vehicles[0], ("a", "b"))
    assert times.stops == (
        StopTime(visit_id="a", arrive_s=100, start_s=250, leave_s=550, travel_s=100, distance_m=1000, lateness_s=50),
        StopTime(visit_id="b", arrive_s=750, start_s=750, leave_s=1050, travel_s=200, distance_m=2000, lateness_s=0))
    assert (times.finish_s, times.travel_s, times.distance_m) == (1350, 600, 6000)
    assert schedule(at, at.vehicles[0], ("a", "b")) == times.stops


def test_a_window_bounds_the_start_of_service_both_ends_inclusive() -> None:
    at = problem(call("a", 1, earliest_s=100, latest_s=100, due_s=100))
    stop, = schedule(at, at.vehicles[0], ("a",))
    assert (stop.start_s, stop.lateness_s) == (100, 0)


def test_a_vehicle_without_visits_drives_home_and_one_without_a_home_stays() -> None:
    at = problem(vans=(van(start_location=4), van("v2", start_location=4, end_location=None)))
    assert [route_times(at, vehicle, ()).finish_s for vehicle in at.vehicles] == [400, 0]
    assert cost(at, Plan(routes={})).total == 400


def test_the_cost_names_its_parts_and_their_sum() -> None:
    at = problem(
        call("a", 1, due_s=40, lateness_weight=20), call("b", 3, announced_s=200, current_vehicle="v2",
                                                          change_vehicle_cost=300), call("c", 2, drop_penalty=7000),
        vans=(van(fixed_cost=50), van("v2")), cost_per_s=2, cost_per_km=10, announced_weight=3,
        announced_slack_s=100, distances_m=line(6, 1000))
    assert cost(at, plan_of(v1="a b")) == PlanCost(
        lateness_s=60, lateness_cost=1200, travel_s=600, distance_m=6000, driving_cost=50 + 1200 + 60, changes=1,
        moved_s=300, stability_cost=300 * 3 + 300, dropped=1, dropped_cost=7000, total=1200 + 1310 + 1200 + 7000)


def test_a_start_after_the_target_costs_but_is_no_lateness() -> None:
    at = problem(call("a", 1, target_s=-100, target_weight=3), call("b", 3, target_s=0), call("c", 3, target_s=5000,
                                                                                         target_weight=3))
    found = cost(at, plan_of(v1="a b c"))
    assert (found.behind_target_s, found.target_cost, found.lateness_s, found.total) == (200, 600, 0, 1200)


def test_a_reload_left_out_costs_nothing() -> None:
    """P5."""
    at = problem(call("a", 1), depot_call("r"))
    assert (cost(at, plan_of(v1="a")).total, cost(at, plan_of(v1="a")).dropped) == (200, 0)


def test_coming_earlier_than_announced_costs_nothing() -> None:
    at = problem(call("a", 1, announced_s=5000))
    assert cost(at, plan_of(v1="a")).stability_cost == 0


def test_an_overdue_order_is_late_by_its_hard_bound() -> None:
    at = problem(call("a", 1, latest_s=-500, lateness_weight=2))
    assert (cost(at, plan_of(v1="a")).lateness_s, cost(at, plan_of(v1="a")).lateness_cost) == (600, 1200)


def test_plans_are_changed_by_making_new_ones() -> None:
    plan = Plan(routes={"v1": ("a", "c")}, unserved={"b": "stock_short"})
    more = plan.with_visit("b", "v1", 1)
    assert more == Plan(routes={"v1": ("a", "b", "c")})
    assert plan == Plan(routes={"v1": ("a", "c")}, unserved={"b": "stock_short"})
    assert more.without("a") == Plan(routes={"v1": ("b", "c")})
    assert (more.vehicle_of("b"), more.vehicle_of("z"), more.route("v9")) == ("v1", None, ())


def test_the_cost_of_an_unknown_visit_is_refused() -> None:
    with pytest.raises(KeyError, match="gone"):
        cost(problem(), plan_of(v1="gone"))
