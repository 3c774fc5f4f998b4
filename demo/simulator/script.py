"""The script of a day: who orders what, when and where, and how long everything really takes.

A day follows from its seed alone. Every purpose has dice of its own and what happens to an order is keyed by its
number, so that two ways of planning meet the same customers, the same traffic and the same doors.
"""
from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core import calendar
from demo.simulator.places import Spot, drawn
from orders.placing import LineRequest
from orders.states import Channel, ExchangeKind, PaymentMethod

OPENS, CLOSES, SHIFT_ENDS = time(7), time(20), time(22)
HOUR_WEIGHTS = (3, 4, 6, 8, 9, 9, 8, 6, 6, 7, 9, 9, 6)  # orders from 7 to 20, by the hour
HOUR_S = 3600
SERVICE_S, SERVICE_LEAST, SERVICE_MOST = 300, 0.7, 1.5
MEAN_SERVICE_S = round(SERVICE_S * (SERVICE_LEAST + SERVICE_MOST) / 2)
NO_SHOW_S = 240
CANCEL_WITHIN_S = 2400
BY_CARD, BY_PHONE, TWO_CYLINDERS, SMALL = 0.25, 0.3, 0.2, 0.05
EXCHANGES = {ExchangeKind.SWAP: 0.8, ExchangeKind.K: 0.12, ExchangeKind.M10: 0.08}


@dataclass(frozen=True, kw_only=True)
class DaySpec:
    """What a day is made from. Shares are of all orders; `drive_spread` 0.15 lets a drive take 15 % less to more."""

    on: date
    orders: int
    seed: int
    cancel_share: float = 0.0
    no_show_share: float = 0.0
    drive_spread: float = 0.15

    @property
    def opens_at(self) -> datetime:
        """The instant from which the day's seconds count."""
        return calendar.at_local(self.on, OPENS)

    @property
    def shift_ends_at(self) -> datetime:
        """When the vans have to be home."""
        return calendar.at_local(self.on, SHIFT_ENDS)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One customer who asks. Seconds count from the opening; the factors are those of the drive to the door."""

    number: int
    at_s: int
    spot: Spot
    lines: tuple[LineRequest, ...]
    payment: PaymentMethod
    channel: Channel
    floor: int
    drive_factor: float
    service_s: int
    cancel_after_s: int | None = None
    no_show: bool = False


def script_of(spec: DaySpec, spots: Sequence[Spot]) -> tuple[Arrival, ...]:
    """The customers of a day in the order in which they ask."""
    when, where = _dice(spec, "arrivals"), _dice(spec, "places")
    moments = sorted(hour * HOUR_S + when.randrange(HOUR_S)
                     for hour, count in enumerate(_by_hour(spec.orders)) for _ in range(count))
    return tuple(arrival_of(spec, number, at_s, spot)
                 for number, (at_s, spot) in enumerate(zip(moments, drawn(spots, where, spec.orders), strict=True), 1))


def _by_hour(orders: int) -> list[int]:
    """How many ask in each hour: the proportion of the weights, the largest remainders rounded up."""
    shares = [orders * weight / sum(HOUR_WEIGHTS) for weight in HOUR_WEIGHTS]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda hour: (counts[hour] - shares[hour], hour))
    for hour in by_remainder[:orders - sum(counts)]:
        counts[hour] += 1
    return counts


def arrival_of(spec: DaySpec, number: int, at_s: int, spot: Spot) -> Arrival:
    """The customer of that number; what happens to the order depends on the seed and the number alone."""
    wish, door, road = (_dice(spec, f"{what} {number}") for what in ("wish", "door", "road"))
    lines = _lines(wish)
    by_card, by_phone, floor = wish.random() < BY_CARD, wish.random() < BY_PHONE, wish.choice((0, 0, 1, 2, 3, 4))
    gives_up, cancel_after_s, absent = door.random(), door.randrange(60, CANCEL_WITHIN_S), door.random()
    no_show = absent < spec.no_show_share
    service_s = round(SERVICE_S * door.uniform(SERVICE_LEAST, SERVICE_MOST))
    return Arrival(
        number=number, at_s=at_s, spot=spot, lines=lines, floor=floor,
        payment=PaymentMethod.CARD if by_card else PaymentMethod.CASH,
        channel=Channel.PHONE if by_phone else Channel.WEB,
        drive_factor=road.uniform(1 - spec.drive_spread, 1 + spec.drive_spread),
        service_s=NO_SHOW_S if no_show else service_s, no_show=no_show,
        cancel_after_s=cancel_after_s if gives_up < spec.cancel_share else None)


def _lines(dice: random.Random) -> tuple[LineRequest, ...]:
    """A green cylinder or two; now and then an own small one."""
    exchange = dice.choices(list(EXCHANGES), list(EXCHANGES.values()))[0]
    quantity = 2 if dice.random() < TWO_CYLINDERS else 1
    if dice.random() < SMALL:
        return (LineRequest(product_code="P5", exchange=ExchangeKind.PURCHASE_WITH_EMPTY, quantity=quantity),)
    return (LineRequest(product_code="Z10", exchange=exchange, quantity=quantity),)


def _dice(spec: DaySpec, purpose: str) -> random.Random:
    return random.Random(f"{spec.seed} {purpose}")  # noqa: S311 - a day to play, no secret


def at(spec: DaySpec, seconds: int) -> datetime:
    """The instant of a second of the day."""
    return spec.opens_at + timedelta(seconds=seconds)
