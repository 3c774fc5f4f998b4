"""Travel factors fitted from drives that were recorded (pure).

A drive's ratio is the time it took over its free-flow time. Medians of ratios, cut off at the ends, are pulled
towards what is known on a larger scale, the more the fewer drives there are: an hour towards all hours, an area towards
its hour, everything towards the setting.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median, quantiles

from delivery.factors import EVERYWHERE
from delivery.states import DayKind

LEAST_LEGS = 50  # below that nothing is fitted
LEAST_OF_A_CELL = 8  # an hour or an area with fewer has no factor of its own
PULL = 20.0  # so many drives weigh as much as what is known on the larger scale
SHORTEST_FREE_S = 60  # the noise of a shorter drive is not traffic
SHORTEST_TOOK_S = 20
RATIOS = (0.3, 8.0)  # beyond that somebody pressed a button late
FOLDS = 5
Key = tuple[str, DayKind | None, int | None]  # area, kind of day, hour; None over all of them
WHOLE: Key = (EVERYWHERE, None, None)


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A drive to a stop: free-flow seconds, what it took, where to, and when it began."""

    free_s: int
    took_s: int
    area: str
    kind: DayKind
    hour: int
    left_at: datetime

    @property
    def ratio(self) -> float:
        return self.took_s / self.free_s

    @property
    def usable(self) -> bool:
        """Whether it tells something about traffic."""
        return (self.free_s >= SHORTEST_FREE_S and self.took_s >= SHORTEST_TOOK_S
                and RATIOS[0] <= self.ratio <= RATIOS[1])


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Factors in permille by area, kind of day and hour, and how many drives each rests on."""

    permille: Mapping[Key, int]
    samples: Mapping[Key, int]

    def of(self, leg: Leg) -> int:
        """The factor of a drive: its area and hour, else its hour, else all hours."""
        for key in ((leg.area, leg.kind, leg.hour), (leg.area, None, None), (EVERYWHERE, leg.kind, leg.hour)):
            if key in self.permille:
                return self.permille[key]
        return self.permille[WHOLE]


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Mean absolute errors of a drive in seconds: with the present factors, and with fitted ones on drives that the
    fit had not seen."""

    before_s: float
    after_s: float

    @property
    def better(self) -> bool:
        return self.after_s < self.before_s


def fit(legs: Sequence[Leg], *, setting: float) -> Fitted:
    """Factors of usable drives; `setting` is the factor that everything is pulled towards."""
    ratios = _winsorised([leg.ratio for leg in legs])
    whole = _pulled(ratios, setting)
    factors: dict[Key, float] = {WHOLE: whole}
    samples: dict[Key, int] = {WHOLE: len(legs)}
    for key, numbers in _groups((EVERYWHERE, leg.kind, leg.hour) for leg in legs).items():
        if len(numbers) >= LEAST_OF_A_CELL:
            factors[key], samples[key] = _pulled([ratios[i] for i in numbers], whole), len(numbers)
    hours = {key: factor for key, factor in factors.items() if key != WHOLE}
    cells = _groups((leg.area, leg.kind, leg.hour) for leg in legs)
    for (area, *_), numbers in _groups((leg.area, None, None) for leg in legs).items():
        if len(numbers) < LEAST_OF_A_CELL:
            continue
        level = _pulled([ratios[i] / hours.get((EVERYWHERE, legs[i].kind, legs[i].hour), whole) for i in numbers], 1.0)
        factors[area, None, None], samples[area, None, None] = whole * level, len(numbers)
        for (_, kind, hour), of_hour in hours.items():
            own = cells.get((area, kind, hour), [])
            factors[area, kind, hour] = _pulled([ratios[i] for i in own], of_hour * level)
            samples[area, kind, hour] = len(own)
    return Fitted(permille={key: round(1000 * factor) for key, factor in factors.items()}, samples=samples)


def errors(legs: Sequence[Leg], present: Sequence[int], *, setting: float) -> Errors:
    """How far off a drive is with the `present` factors (one for each drive), and with fitted ones: every drive is
    judged by a fit of the other four fifths."""
    after = []
    for fold in range(FOLDS):
        seen = [leg for number, leg in enumerate(legs) if number % FOLDS != fold]
        fitted = fit(seen, setting=setting)
        after += [_error(leg, fitted.of(leg)) for number, leg in enumerate(legs) if number % FOLDS == fold]
    return Errors(before_s=fmean(_error(leg, factor) for leg, factor in zip(legs, present, strict=True)),
                  after_s=fmean(after))


def _error(leg: Leg, permille: int) -> float:
    return abs(leg.took_s - leg.free_s * permille / 1000)


def _groups(keys: Iterable[Key]) -> dict[Key, list[int]]:
    found: dict[Key, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        found[key].append(number)
    return dict(found)


def _winsorised(ratios: Sequence[float]) -> list[float]:
    """Ratios with the lowest and highest twentieth set to their bounds."""
    bounds = quantiles(ratios, n=20, method="inclusive")
    return [min(max(ratio, bounds[0]), bounds[-1]) for ratio in ratios]


def _pulled(ratios: Sequence[float], towards: float) -> float:
    if not ratios:
        return towards
    return (len(ratios) * median(ratios) + PULL * towards) / (len(ratios) + PULL)
