"""Opening a case: withdrawal, return of a green cylinder for its deposit, complaint."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.places import Place
from core.phone import Phone
from orders.models import Order
from orders.ports import Demand, Offer
from orders.returns.models import CaseLine, ReturnCase
from orders.returns.states import DefectKind, Wish
from orders.states import Channel


@dataclass(frozen=True, kw_only=True)
class CaseContact:
    """Whom we visit, and the order it is about, if any."""

    name: str
    phone: Phone
    email: str | None
    place: Place
    language: str = "sl"
    customer_id: int | None = None
    order_id: int | None = None


def contact_of(order: Order) -> CaseContact:
    """The contact and place of an order."""
    raise NotImplementedError


def pickup_demand(lines: Sequence[CaseLine] | Sequence[tuple[str, int, int]], floor: int) -> Demand:
    """What a pick-up asks of a van. Tuples are (cylinder type, quantity, gas in grams of one, 0 when empty)."""
    raise NotImplementedError


def open_withdrawal(order_id: int, *, request_key: str, channel: Channel, quantities: Mapping[int, int] | None,
                    offer: Offer | None, iban: str | None, now: datetime, actor: str,
                    taken_by: int | None = None) -> ReturnCase:
    """The buyer withdraws (H-140, X-18, X-21). `quantities` maps handover line ids to cylinders; None means all.

    `offer` is the pick-up window; None leaves it to be agreed: the notice counts all the same. The same request_key
    again returns the first case. Raises WithdrawalRefused with the reason; nothing is written then.
    """
    raise NotImplementedError


def open_deposit_return(contact: CaseContact, *, request_key: str, channel: Channel, quantity: int,
                        damaged: bool | None, test_due: date | None, offer: Offer | None, now: datetime, actor: str,
                        taken_by: int | None = None, note: str = "") -> ReturnCase:
    """Green cylinders go back without a swap (H-090 to H-097). From the web it is a request for the agents (X-12)."""
    raise NotImplementedError


def open_complaint(order_id: int, *, request_key: str, channel: Channel, defect: DefectKind, noticed_on: date,
                   wish: Wish, description: str, quantities: Mapping[int, int] | None, offer: Offer | None,
                   now: datetime, actor: str, taken_by: int | None = None) -> ReturnCase:
    """The buyer complains of a defect (H-160 to H-163). Raises ComplaintRefused with the reason."""
    raise NotImplementedError
