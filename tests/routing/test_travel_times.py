"""Travel times by formula, and the cache in front of a source."""
from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from routing.travel_times.base import BadPoint, Matrix, Point, TravelTimes
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.factors import ScaledTravelTimes
from routing.travel_times.formula import FormulaTravelTimes

DEPOT, CASTLE, STATION, RAKOVA_JELSA = (46.0775, 14.4890), (46.0489, 14.5085), (46.0578, 14.5103), (46.0330, 14.4850)


def test_the_formula_is_the_one_that_was_fitted() -> None:
    """3,518 m as the crow flies: -52.12 + 3.9972 h^0.57948 seconds and 27.5 + 1.455 h metres."""
    free = FormulaTravelTimes(factor=1.0).matrix([DEPOT, CASTLE])
    straight_m = (free.distances_m[0][1] - 27.5) / 1.455
    assert straight_m == pytest.approx(3518, abs=5)
    assert free.durations_s == ((0, 402), (402, 0))
    assert free.distances_m == ((0, 5146), (5146, 0))
    assert free.estimated
    assert FormulaTravelTimes().matrix([DEPOT, CASTLE]).durations_s[0][1] == 502


def test_a_short_way_takes_half_a_minute_and_none_takes_no_time() -> None:
    near = (DEPOT[0] + 0.0001, DEPOT[1])
    found = FormulaTravelTimes(factor=1.0).matrix([DEPOT, near, DEPOT])
    assert found.durations_s == ((0, 30, 0), (30, 0, 30), (0, 30, 0))
    assert found.distances_m == ((0, 44, 0), (44, 0, 44), (0, 44, 0))


def test_a_table_is_a_part_of_the_matrix() -> None:
    points = [DEPOT, CASTLE, STATION, RAKOVA_JELSA]
    source = FormulaTravelTimes()
    whole, part = source.matrix(points), source.table(points[:1], points[1:])
    assert part.durations_s == (whole.durations_s[0][1:],)
    assert part.distances_m == (whole.distances_m[0][1:],)


@pytest.mark.parametrize("point", [(91.0, 14.5), (46.0, -181.0), (float("nan"), 14.5), (46.0, float("inf"))])
def test_a_coordinate_that_is_no_place_on_earth_is_refused_by_its_number(point: Point) -> None:
    for source in (FormulaTravelTimes(), CachedTravelTimes(FormulaTravelTimes())):
        with pytest.raises(BadPoint, match=r"^point 1: "):
            source.matrix([DEPOT, point])


@pytest.mark.parametrize("factor", [0, -1, float("nan"), 1000])
def test_a_senseless_factor_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="makes no sense"):
        FormulaTravelTimes(factor)


class Counting:
    """A source that notes what it was asked; its answers tell one way from another."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def matrix(self, points: Sequence[Point]) -> Matrix:
        return self.table(points, points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        self.asked.append((len(sources), len(targets)))
        ways = tuple(tuple(round((a[0] - b[0]) * 1e5) % 997 + round(a[1] * 1e5) % 89 for b in targets) for a in sources)
        return Matrix(durations_s=ways, distances_m=ways, estimated=False)


def grid(number: int) -> list[Point]:
    return [(46.0 + 0.003 * (k % 7), 14.4 + 0.004 * (k // 7)) for k in range(number)]


def test_the_same_points_are_asked_for_once() -> None:
    source = Counting()
    cache: TravelTimes = CachedTravelTimes(source)
    points = grid(20)
    assert cache.matrix(points) == cache.matrix(points) == Counting().matrix(points)
    assert source.asked == [(20, 20)]


def test_a_new_point_costs_one_row_and_one_column() -> None:
    source = Counting()
    cache = CachedTravelTimes(source)
    points = grid(21)
    cache.matrix(points[:20])
    assert cache.matrix(points) == Counting().matrix(points)
    assert source.asked == [(20, 20), (1, 21), (20, 1)]


def test_points_less_than_a_metre_apart_are_one() -> None:
    source = Counting()
    cache = CachedTravelTimes(source)
    cache.matrix([DEPOT, CASTLE])
    cache.matrix([(DEPOT[0] + 0.000001, DEPOT[1]), CASTLE])
    assert source.asked == [(2, 2)]


def test_the_places_used_least_recently_are_forgotten_first() -> None:
    source = Counting()
    cache = CachedTravelTimes(source, most_points=3)
    cache.matrix([DEPOT, CASTLE])
    cache.matrix([STATION])
    cache.matrix([DEPOT])
    cache.matrix([RAKOVA_JELSA])
    assert len(cache) == 3
    source.asked.clear()
    cache.matrix([DEPOT])
    assert source.asked == []
    cache.matrix([CASTLE])
    assert source.asked == [(1, 1)]


def test_more_points_than_the_cache_holds_are_answered_all_the_same() -> None:
    points = grid(9)
    cache = CachedTravelTimes(Counting(), most_points=4)
    for _ in range(2):
        assert cache.matrix(points) == Counting().matrix(points)
        assert len(cache) == 0
    assert cache.matrix(points[:4]) == Counting().matrix(points[:4])
    assert len(cache) == 4


def test_an_estimate_stays_one_in_the_cache() -> None:
    cache = CachedTravelTimes(FormulaTravelTimes())
    assert [cache.matrix([DEPOT, CASTLE]).estimated for _ in range(2)] == [True, True]


def test_the_cache_tells_which_pairs_are_estimates() -> None:
    class Half(Counting):
        def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
            outside = tuple(tuple(CASTLE in (a, b) for b in targets) for a in sources)
            return replace(super().table(sources, targets), estimated=any(map(any, outside)), estimates=outside)

    cache = CachedTravelTimes(Half())
    for _ in range(2):
        found = cache.matrix([DEPOT, CASTLE, STATION])
        assert found.estimated
        assert found.estimates == ((False, True, False), (True, True, True), (False, True, False))
        assert [found.is_estimate(0, 1), found.is_estimate(0, 2)] == [True, False]
    assert not cache.matrix([DEPOT, STATION]).estimated


def test_a_provisional_answer_is_passed_on_and_not_remembered() -> None:
    class Ailing(Counting):
        well = True

        def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
            return replace(super().table(sources, targets), estimated=not self.well, provisional=not self.well)

    source = Ailing()
    cache = CachedTravelTimes(source)
    cache.matrix([DEPOT, CASTLE])
    source.well = False
    for _ in range(2):
        found = cache.matrix([DEPOT, CASTLE, STATION])
        assert found.durations_s == Counting().matrix([DEPOT, CASTLE, STATION]).durations_s
        assert found.provisional
        assert found.estimates == ((False, False, True), (False, False, True), (True, True, True))
    assert len(cache) == 2
    source.well = True
    assert not cache.matrix([DEPOT, CASTLE, STATION]).provisional
    assert len(cache) == 3


def test_many_threads_get_the_right_answers_from_a_cache_that_is_too_small() -> None:
    points = grid(40)
    cache = CachedTravelTimes(Counting(), most_points=12)

    def ask(number: int) -> bool:
        dice = random.Random(number)
        wanted = [dice.sample(points, dice.randint(1, 11)) for _ in range(30)]
        return all(cache.matrix(part) == Counting().matrix(part) for part in wanted)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(16))) == [True] * 16
    assert len(cache) <= 12


def test_a_factor_is_that_of_the_place_one_drives_to_and_rounds_half_up() -> None:
    scaled = ScaledTravelTimes(Counting(), lambda point: 1500 if point == CASTLE else 1000)
    points = [DEPOT, CASTLE, STATION]
    free, found = Counting().table(points[:1], points), scaled.table(points[:1], points)
    assert found.durations_s[0] == (free.durations_s[0][0], (free.durations_s[0][1] * 3 + 1) // 2,
                                    free.durations_s[0][2])
    assert found.distances_m == free.distances_m
    assert scaled.matrix(points).durations_s[0] == found.durations_s[0]


def test_a_senseless_factor_of_an_area_is_refused() -> None:
    for permille in (0, -1, 100_000):
        with pytest.raises(ValueError, match="makes no sense"):
            ScaledTravelTimes(Counting(), lambda point, permille=permille: permille).matrix([DEPOT])


def test_no_points_are_no_ways() -> None:
    for source in (FormulaTravelTimes(), CachedTravelTimes(FormulaTravelTimes())):
        assert source.matrix([]).durations_s == ()
        assert source.table([DEPOT], []).durations_s == ((),)
