"""The 25 orders of the demo day and those of the day before: who, what, when, and how each has gone so far."""
from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orders.states import Channel, ExchangeKind, PaymentMethod

SWAP, M10, K = ExchangeKind.SWAP, ExchangeKind.M10, ExchangeKind.K
CASH, CARD, EBANK = PaymentMethod.CASH, PaymentMethod.CARD, PaymentMethod.EBANK


class End(StrEnum):
    """How far a story has come."""

    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    ON_THE_WAY = "on_the_way"
    PLANNED = "planned"
    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    CANCELLED_BY_US = "cancelled_by_us"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Story:
    """One order. `minutes_ago` it was placed; `done_after` minutes it was handed over or failed."""

    minutes_ago: int
    lines: tuple[tuple[str, ExchangeKind, int], ...]
    end: End
    payment: PaymentMethod = CASH
    channel: Channel = Channel.WEB
    done_after: int = 0
    floor: int = 0
    note: str = ""
    with_code: bool = False
    outside: bool = False


def _green(exchange: ExchangeKind, quantity: int = 1) -> tuple[tuple[str, ExchangeKind, int], ...]:
    return (("Z10", exchange, quantity),)


PHONE = Channel.PHONE
STORIES: tuple[Story, ...] = (
    Story(minutes_ago=290, lines=_green(SWAP, 2), end=End.DELIVERED, done_after=38, floor=3, note="zvonec 4"),
    Story(minutes_ago=282, lines=_green(K), end=End.WITHDRAWN, done_after=44, channel=PHONE),
    Story(minutes_ago=270, lines=_green(M10), end=End.DELIVERED, done_after=41),
    Story(minutes_ago=262, lines=_green(SWAP), end=End.DELIVERED, done_after=35, payment=CARD, channel=PHONE),
    Story(minutes_ago=251, lines=_green(SWAP, 2), end=End.DELIVERED, done_after=47, with_code=True),
    Story(minutes_ago=240, lines=(("P5", ExchangeKind.PURCHASE_WITH_EMPTY, 1),), end=End.DELIVERED, done_after=39),
    Story(minutes_ago=228, lines=_green(K, 2), end=End.DELIVERED, done_after=50, payment=CARD, floor=2),
    Story(minutes_ago=215, lines=_green(SWAP), end=End.CANCELLED, with_code=True),
    Story(minutes_ago=204, lines=_green(SWAP, 3), end=End.DELIVERED, done_after=42, channel=PHONE),
    Story(minutes_ago=192, lines=_green(M10), end=End.DELIVERED, done_after=46, note="vhod z dvorišča"),
    Story(minutes_ago=180, lines=_green(SWAP), end=End.FAILED, done_after=48, channel=PHONE),
    Story(minutes_ago=166, lines=_green(SWAP), end=End.DELIVERED, done_after=37),
    Story(minutes_ago=150, lines=_green(SWAP, 2), end=End.DELIVERED, done_after=43, payment=CARD),
    Story(minutes_ago=140, lines=_green(K), end=End.REJECTED),
    Story(minutes_ago=128, lines=_green(SWAP), end=End.UNPAID, payment=EBANK),
    Story(minutes_ago=115, lines=_green(SWAP), end=End.CANCELLED_BY_US, channel=PHONE),
    Story(minutes_ago=96, lines=_green(SWAP, 2), end=End.PLANNED, outside=True, channel=PHONE),
    Story(minutes_ago=34, lines=_green(SWAP), end=End.ON_THE_WAY, floor=1),
    Story(minutes_ago=30, lines=_green(M10), end=End.ON_THE_WAY, channel=PHONE, note="pokličite pred prihodom"),
    Story(minutes_ago=26, lines=_green(SWAP, 2), end=End.PLANNED, payment=CARD),
    Story(minutes_ago=21, lines=_green(K), end=End.PLANNED),
    Story(minutes_ago=17, lines=(*_green(SWAP), ("P5", ExchangeKind.PURCHASE_WITH_EMPTY, 1)), end=End.PLANNED,
          channel=PHONE, floor=4, note="brez dvigala"),
    Story(minutes_ago=12, lines=_green(SWAP), end=End.PLANNED, with_code=True),
    Story(minutes_ago=8, lines=_green(SWAP, 2), end=End.PLANNED),
    Story(minutes_ago=3, lines=_green(M10), end=End.PLANNED, channel=PHONE),
)
YESTERDAY: tuple[Story, ...] = (
    Story(minutes_ago=290, lines=_green(SWAP), end=End.DELIVERED, done_after=40),
    Story(minutes_ago=265, lines=_green(SWAP, 2), end=End.DELIVERED, done_after=40, payment=CARD),
    Story(minutes_ago=240, lines=_green(K), end=End.DELIVERED, done_after=40, channel=PHONE),
    Story(minutes_ago=215, lines=_green(SWAP), end=End.DELIVERED, done_after=40, floor=2),
    Story(minutes_ago=190, lines=_green(M10), end=End.DELIVERED, done_after=40),
    Story(minutes_ago=165, lines=_green(SWAP, 2), end=End.DELIVERED, done_after=40, channel=PHONE),
    Story(minutes_ago=140, lines=_green(SWAP), end=End.DELIVERED, done_after=40, payment=CARD),
    Story(minutes_ago=115, lines=_green(SWAP), end=End.DELIVERED, done_after=40, note="zvonec Lampe"),
    Story(minutes_ago=90, lines=_green(SWAP, 2), end=End.DELIVERED, done_after=40, channel=PHONE),
)
