"""Travel factors fitted from recorded drives."""
from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from accounts.places import Place
from core.db import db, unit_of_work
from delivery.calibration import LEAST_OF_A_CELL, PULL, WHOLE, Leg, errors, fit
from delivery.factors import factors_at
from delivery.legs import legs_of, recorded_tours
from delivery.models import Shift, Stop, TravelFactor
from delivery.states import DayKind, FactorSource, StopStatus
from delivery.travel import free_flow
from orders.models import Order
from orders.states import OrderStatus
from routing.travel_times.base import Matrix
from routing.travel_times.formula import FormulaTravelTimes
from tests.delivery.factories import VERSKA, Fleet, fleet, somewhere
from tests.factories import make_order

WORK = DayKind.WORKDAY
NINE = datetime(2026, 11, 18, 8, tzinfo=UTC)  # Wednesday, 9.00 in Ljubljana


def leg(ratio: float, *, area: str = "a", hour: int = 9, free_s: int = 400) -> Leg:
    return Leg(free_s=free_s, took_s=round(free_s * ratio), area=area, kind=WORK, hour=hour, left_at=NINE)


def pulled(number: int, found: float, towards: float) -> float:
    return (number * found + PULL * towards) / (number + PULL)


def test_few_drives_are_pulled_towards_the_setting_and_many_speak_for_themselves() -> None:
    for number in (10, 1000):
        fitted = fit([leg(2.0)] * number, setting=1.25)
        assert fitted.permille[WHOLE] == round(1000 * pulled(number, 2.0, 1.25))
        assert fitted.samples[WHOLE] == number
    assert fit([leg(2.0)] * 1000, setting=1.25).permille[WHOLE] == 1985


def test_an_hour_and_an_area_with_few_drives_have_no_factor_of_their_own() -> None:
    many = [leg(1.5, hour=9)] * 40
    fitted = fit([*many, *[leg(3.0, area="b", hour=7)] * (LEAST_OF_A_CELL - 1)], setting=1.25)
    assert set(fitted.permille) == {WHOLE, ("", WORK, 9), ("a", None, None), ("a", WORK, 9)}
    assert fitted.of(leg(1.0, area="b", hour=7)) == fitted.permille[WHOLE]
    assert fitted.of(leg(1.0, area="b", hour=9)) == fitted.permille["", WORK, 9]
    assert fitted.of(leg(1.0, area="a", hour=7)) == fitted.permille["a", None, None]
    assert fitted.of(leg(1.0, area="a", hour=9)) == fitted.permille["a", WORK, 9]


def test_a_slow_area_is_slow_in_the_hours_it_has_few_drives_in_as_well() -> None:
    """Centre drives take half as long again at 9; at 16, with three of them, it is still slower than the rest."""
    legs = [*[leg(1.2, area="edge", hour=hour) for hour in (9, 16) for _ in range(200)],
            *[leg(1.8, area="centre", hour=9)] * 200, *[leg(1.8, area="centre", hour=16)] * 3]
    fitted = fit(legs, setting=1.25)
    assert fitted.permille["", WORK, 16] < 1250 < fitted.permille["", WORK, 9]
    assert fitted.permille["centre", WORK, 16] > 1.2 * fitted.permille["edge", WORK, 16]
    assert fitted.samples["centre", WORK, 16] == 3


def test_a_few_wild_drives_change_nothing() -> None:
    calm = [leg(1.4 + 0.001 * (number % 40)) for number in range(200)]
    wild = [replace(found, took_s=found.free_s * 7) if number % 50 == 0 else found
            for number, found in enumerate(calm)]
    assert abs(fit(wild, setting=1.25).permille[WHOLE] - fit(calm, setting=1.25).permille[WHOLE]) <= 1


@pytest.mark.parametrize(("changes", "usable"), [
    ({}, True), ({"free_s": 59}, False), ({"took_s": 19}, False), ({"took_s": 119}, False), ({"took_s": 120}, True),
    ({"took_s": 3200}, True), ({"took_s": 3201}, False)])
def test_a_drive_that_tells_nothing_about_traffic_is_left_out(changes: dict[str, int], usable: bool) -> None:
    assert replace(leg(1.2), **changes).usable is usable


def test_errors_are_measured_on_drives_that_the_fit_has_not_seen() -> None:
    """Two hours of opposite traffic: one factor is 100 s off, the fitted ones only as much as they are pulled."""
    legs = [leg(1.5 if number % 2 else 1.0, hour=8 + number % 2) for number in range(400)]
    found = errors(legs, [1250] * 400, setting=1.25)
    assert found.before_s == 100
    assert found.after_s < 20
    assert found.better
    noise = random.Random(3)
    unknowable = [replace(leg(noise.uniform(0.9, 1.6)), area=str(number)) for number in range(60)]
    present = errors(unknowable, [1250] * 60, setting=1.25)
    assert abs(present.after_s - present.before_s) < 5


def order_at(seed: int, place: Place) -> int:
    """An order delivered to a place: a copy of the one order there is."""
    number = f"copy-{seed}"
    known = db.session.scalar(sa.select(Order.id).where(Order.number == number))
    if known is not None:
        return known
    first = db.session.execute(sa.select(Order.__table__).order_by(Order.id).limit(1)).mappings().one()
    values = {**first, "number": number, "request_key": number, "lat": place.lat, "lon": place.lon,
              "status": OrderStatus.DELIVERED}
    del values["id"]
    return int(db.session.execute(sa.insert(Order).values(values).returning(Order.id)).scalar_one())


def recorded(made: Fleet, drives: Sequence[tuple[int, float]], *, begins: datetime) -> None:
    """A shift whose van drove to these places (seeds) one after the other, so much slower than free flow; it stays
    five minutes at each."""
    with unit_of_work():
        van = made.shifts[0]
        shift = Shift(vehicle_id=van.vehicle_id, driver_id=van.driver_id, depot_id=made.depot_id, starts_at=begins,
                      ends_at=begins + timedelta(hours=12))
        db.session.add(shift)
        db.session.flush()
        at, here = begins, VERSKA
        for position, (seed, ratio) in enumerate(drives, start=1):
            place = somewhere(seed)
            free = FormulaTravelTimes(1.0).table([here], [(place.lat, place.lon)]).durations_s[0][0]
            there = at + timedelta(seconds=round(free * ratio))
            db.session.add(Stop(depot_id=made.depot_id, order_id=order_at(seed, place), shift_id=shift.id,
                                position=position, status=StopStatus.DONE, service_s=300, left_for_at=at,
                                arrived_at=there, ended_at=there + timedelta(minutes=5), created_at=begins))
            at, here = there + timedelta(minutes=5), (place.lat, place.lon)


@pytest.fixture
def made(app: Flask, now: datetime) -> Fleet:
    made = fleet(vans=1)
    make_order()
    return made


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    return lambda *arguments: app.test_cli_runner().invoke(args=["routing", *arguments])


def test_drives_are_read_from_the_place_before_and_the_depot_comes_first(made: Fleet) -> None:
    recorded(made, [(1, 1.5), (2, 1.5), (3, 2.0)], begins=NINE)
    tour, = recorded_tours(NINE)
    assert tour.points[0] == VERSKA
    assert recorded_tours(NINE + timedelta(seconds=1)) == []
    found = list(legs_of(tour, free_flow().times.matrix(tour.points), accept_estimates=True))
    assert [round(leg.ratio, 1) for leg in found] == [1.5, 1.5, 2.0]
    assert [(leg.kind, leg.hour) for leg in found] == [(WORK, 9)] * 3


def test_after_a_stop_given_up_on_the_way_nobody_knows_where_the_van_was(made: Fleet) -> None:
    recorded(made, [(1, 1.5), (2, 1.5), (3, 2.0)], begins=NINE)
    with unit_of_work():
        db.session.execute(sa.update(Stop).where(Stop.position == 2).values(
            status=StopStatus.VOID, arrived_at=None, ended_at=None))
    tour, = recorded_tours(NINE)
    assert len(list(legs_of(tour, free_flow().times.matrix(tour.points), accept_estimates=True))) == 1


def test_a_drive_whose_free_flow_is_an_estimate_does_not_fit_roads(made: Fleet) -> None:
    recorded(made, [(1, 1.5), (2, 1.5)], begins=NINE)
    tour, = recorded_tours(NINE)
    free = free_flow().times.matrix(tour.points)
    mixed = Matrix(durations_s=free.durations_s, distances_m=free.distances_m, estimated=True,
                   estimates=((False, True, False), (False, False, False), (False, False, False)))
    assert len(list(legs_of(tour, mixed, accept_estimates=False))) == 1


def days(made: Fleet, number: int) -> None:
    for day in range(number):
        recorded(made, [(day * 20 + stop, 1.6 if stop < 10 else 1.1) for stop in range(20)],
                 begins=NINE - timedelta(days=7 * day))


def test_calibrate_writes_factors_that_hold_from_now_on(made: Fleet, run: Callable[..., Result], now: datetime) -> None:
    days(made, 5)
    shown = run("calibrate")
    assert shown.exit_code == 0, shown.output
    assert "Written: " in shown.output
    assert "mean error of a drive: " in shown.output
    rows = db.session.scalars(sa.select(TravelFactor)).all()
    assert {(row.engine, row.source, row.fitted_at) for row in rows} == {("formula", FactorSource.FITTED, now)}
    whole = next(row for row in rows if row.hour is None and row.area == "")
    assert (whole.permille, whole.samples) == (1332, 100)
    early, late = (factors_at(now, "formula", for_drive_at=NINE + timedelta(hours=hours)) for hours in (0, 3))
    assert early.hour > 1450 > 1250 > late.hour
    assert run("calibrate").output.endswith("Nothing was written: the present factors are as good.\n")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TravelFactor)) == len(rows)


def test_a_dry_run_writes_nothing(made: Fleet, run: Callable[..., Result]) -> None:
    days(made, 5)
    shown = run("calibrate", "--dry-run")
    assert (shown.exit_code, shown.output.endswith("Nothing was written (dry run).\n")) == (0, True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TravelFactor)) == 0


@pytest.mark.parametrize(("arguments", "says"), [
    (["calibrate"], "0 usable drives since 2026-09-28 are too few: at least 50 are needed. Nothing was written."),
    (["calibrate", "--since", "2026-11-17"], "are too few: at least 50 are needed."),
    (["calibrate", "--since", "soon"], "Invalid value for '--since'"),
    (["set-factor", "fast"], "'fast' is not a valid float"),
    (["set-factor", "0"], "0.0 is not in the range"),
    (["set-factor", "1.5"], "Say for which --area or --day and --hour."),
    (["set-factor", "1.5", "--hour", "8"], "Give --day and --hour together"),
])
def test_a_refusal_is_one_line_with_status_2_and_writes_nothing(
        made: Fleet, run: Callable[..., Result], arguments: list[str], says: str) -> None:
    if "2026-11-17" in arguments:
        days(made, 5)
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert says in refused.output
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TravelFactor)) == 0


def test_a_factor_is_set_by_hand_for_an_hour_or_an_area(made: Fleet, run: Callable[..., Result],
                                                       now: datetime) -> None:
    assert run("set-factor", "1.6", "--day", "workday", "--hour", "12").exit_code == 0
    assert run("set-factor", "2", "--area", "46.04 14.46").exit_code == 0
    found = factors_at(now, "valhalla")
    assert (found.hour, found.by_area) == (1600, {"46.04 14.46": 2000})
