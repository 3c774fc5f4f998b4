"""Expected against counted at the end of a shift, and the stops that may explain a difference (H-120, H-146). Pure."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

CASH, CARD = "cash", "card"
CERTIFICATES = "certificates"
FULL, EMPTY, HELD = "full", "empty", "held"
SMALL_COINS = 5  # cents: what is below is a matter of coins


class Why(StrEnum):
    """Why a stop may explain a difference, the surest first."""

    BOOKED_OTHERWISE = "booked_otherwise"
    OTHER_WAY = "other_way"
    WHOLE_AMOUNT = "whole_amount"
    CHANGED = "changed"
    DEPOSIT = "deposit"
    SAME_NUMBER = "same_number"
    ODD_CENTS = "odd_cents"


@dataclass(frozen=True, kw_only=True)
class Purse:
    """Money in cents, certificates taken back, and cylinders by (place, type): `("full", "Z10")`.

    A count has 0 for what it does not name.
    """

    cash_cents: int = 0
    card_cents: int = 0
    certificates: int = 0
    cylinders: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def things(self) -> dict[str, int]:
        """All of it by name: `cash`, `card`, `certificates`, `full:Z10`."""
        return {CASH: self.cash_cents, CARD: self.card_cents, CERTIFICATES: self.certificates,
                **{f"{place}:{kind}": number for (place, kind), number in sorted(self.cylinders.items())}}


@dataclass(frozen=True, kw_only=True)
class CashParts:
    """What the expected cash consists of: the change given for the shift, what its stops brought and paid out, and what
    the driver still had of earlier shifts (or was given for a later one)."""

    change_cents: int
    stops_cents: int
    earlier_cents: int


@dataclass(frozen=True, kw_only=True)
class Difference:
    """More (positive) or less of a thing than expected."""

    thing: str
    expected: int
    counted: int

    @property
    def by(self) -> int:
        return self.counted - self.expected


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a stop moved, as its record says and as the ledger has it; `agreed_cents` was due before any change at the
    door, `deposit_cents` is what of it was a deposit."""

    stop_id: int
    number: str
    name: str
    recorded: Purse | None
    booked: Purse
    agreed_cents: int = 0
    deposit_cents: int = 0
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Clue:
    """A stop that may explain a difference."""

    visit: Visit
    thing: str
    why: Why
    by: int


def differences(expected: Purse, counted: Purse) -> tuple[Difference, ...]:
    """Everything that is not as expected, money first."""
    wanted, found = expected.things(), counted.things()
    return tuple(Difference(thing=thing, expected=wanted.get(thing, 0), counted=found.get(thing, 0))
                 for thing in dict.fromkeys([*wanted, *found]) if wanted.get(thing, 0) != found.get(thing, 0))


def misbooked(visits: Iterable[Visit]) -> tuple[Clue, ...]:
    """Stops whose record at the door and whose ledger entries disagree, to the cent and to the cylinder."""
    return tuple(Clue(visit=visit, thing=gap.thing, why=Why.BOOKED_OTHERWISE, by=gap.by) for visit in visits
                 if visit.recorded is not None for gap in differences(visit.recorded, visit.booked))


def clues(found: Sequence[Difference], visits: Sequence[Visit]) -> tuple[Clue, ...]:
    """For each difference the stops that may explain it, the surest first; one reason for each stop."""
    by_thing = {difference.thing: difference.by for difference in found}
    wrong = {(clue.visit.stop_id, clue.thing): clue for clue in misbooked(visits)}
    told: list[Clue] = []
    for difference in found:
        for visit in visits:
            why = Why.BOOKED_OTHERWISE if (visit.stop_id, difference.thing) in wrong else _why(
                difference, visit, by_thing)
            if why is not None:
                told.append(Clue(visit=visit, thing=difference.thing, why=why, by=difference.by))
    order = list(Why)
    return tuple(sorted(told, key=lambda clue: (clue.thing, order.index(clue.why), clue.visit.stop_id)))


def _why(difference: Difference, visit: Visit, by_thing: Mapping[str, int]) -> Why | None:
    if difference.thing not in (CASH, CARD):
        moved = visit.booked.things().get(difference.thing, 0)
        if visit.changed and moved:
            return Why.CHANGED
        return Why.SAME_NUMBER if moved and abs(moved) == abs(difference.by) else None
    amount = visit.booked.things()[difference.thing]
    other = CARD if difference.thing == CASH else CASH
    off = abs(difference.by)
    if by_thing.get(other, 0) == -difference.by and off in (abs(amount), abs(visit.booked.things()[other])):
        return Why.OTHER_WAY
    if amount and abs(amount) == off:
        return Why.WHOLE_AMOUNT
    if visit.changed and abs(visit.agreed_cents - visit.booked.cash_cents - visit.booked.card_cents) == off:
        return Why.CHANGED
    if difference.thing == CASH and visit.deposit_cents == off:
        return Why.DEPOSIT
    if difference.thing == CASH and off < SMALL_COINS and amount % SMALL_COINS:
        return Why.ODD_CENTS
    return None
