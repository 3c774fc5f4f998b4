"""Free-flow times made into times of the hour: traffic as a factor of the place one drives to."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from routing.travel_times.base import Matrix, Point, TravelTimes

FREE_FLOW = 1000  # permille


class ScaledTravelTimes:
    """A source whose seconds are multiplied by a factor in permille, one for each target; metres stay.

    Integer arithmetic, rounded half up: the same question has the same answer on every machine.
    """

    def __init__(self, source: TravelTimes, permille_of: Callable[[Point], int]) -> None:
        self._source = source
        self._permille_of = permille_of

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All points against all points. Raises BadPoint."""
        return self._scaled(self._source.matrix(points), points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """Sources against targets. Raises BadPoint."""
        return self._scaled(self._source.table(sources, targets), targets)

    def _scaled(self, matrix: Matrix, targets: Sequence[Point]) -> Matrix:
        factors = [self._permille_of(target) for target in targets]
        if any(not 0 < factor < 100 * FREE_FLOW for factor in factors):
            raise ValueError("a travel factor makes no sense")
        if all(factor == FREE_FLOW for factor in factors):
            return matrix
        return replace(matrix, durations_s=tuple(
            tuple([(seconds * factor + 500) // 1000 for seconds, factor in zip(row, factors, strict=True)])
            for row in matrix.durations_s))
