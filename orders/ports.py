"""What orders need to know of the plan: the promise at checkout (Y-04).

`delivery` implements `Promises` and `app.py` wires it in as `app.extensions["promises"]`; this module knows the
question only.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, cast

from flask import current_app

from orders.states import DelayReason, PaymentMethod, PromiseKind

if TYPE_CHECKING:
    from accounts.places import Place


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a visit asks of a van: full cylinders out and cylinders back, by cylinder type, and their gas in grams.

    `first_deposit` and `payment` lengthen the visit (certificate, cash); `payment` card needs a terminal.
    """

    deliver: Mapping[str, int] = field(default_factory=dict)
    collect: Mapping[str, int] = field(default_factory=dict)
    gas_out_g: int = 0
    gas_in_g: int = 0
    floor: int = 0
    payment: PaymentMethod = PaymentMethod.CASH
    first_deposit: bool = False
    cylinders: int = 0


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One promise that can be made (H-110 to H-114, Y-03). Instants are aware UTC."""

    quote_key: str
    kind: PromiseKind
    in_zone: bool
    clock_start_at: datetime
    promised_from_at: datetime
    promised_by_at: datetime
    reason: DelayReason | None
    estimated_at: datetime | None
    expires_at: datetime
    estimated_travel: bool


@dataclass(frozen=True, kw_only=True)
class Offers:
    """The answer for a place and a demand: best first, possibly none; `note` is a sentence for the person."""

    in_zone: bool
    offers: tuple[Offer, ...]
    note: str = ""


class Promises(Protocol):
    """The live plan as orders see it."""

    def find(self, place: Place, demand: Demand, *, now: datetime, not_before: date | None = None) -> Offers:
        """Promises for this visit by a trial insertion into the live plan. Read only.

        `not_before` is the first local day allowed (e-bank H-123, a customer's wish H-114).
        """

    def keep(self, offers: Offers, place: Place, demand: Demand, *, now: datetime) -> None:
        """Keep offers that are about to be shown, until they expire. Inside a unit of work."""

    def renew(self, quote_key: str, place: Place, demand: Demand, *, now: datetime) -> Offer:
        """The shown offer if it still holds, else a new one for the same wish. Read only.

        Raises orders.errors.StaleQuote when nothing of the kind can be promised any more.
        """

    def accept(self, offer: Offer, place: Place, demand: Demand, *, now: datetime) -> None:
        """Take the offer, inside the order's unit of work, guarded.

        Raises orders.errors.StaleQuote when the plan moved or the offer was taken: renew and try again.
        """


def promises() -> Promises:
    """The implementation that the application wired in."""
    return cast("Promises", current_app.extensions["promises"])
