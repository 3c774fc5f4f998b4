"""Travel times of this process: the calibrated formula with the configured factor, remembered (X-26)."""
from __future__ import annotations

from functools import lru_cache

from routing.travel_times.base import TravelTimes
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.formula import FormulaTravelTimes


@lru_cache(maxsize=4)
def travel_times(factor: float) -> TravelTimes:
    """The source of travel times under a traffic factor."""
    return CachedTravelTimes(FormulaTravelTimes(factor=factor))
