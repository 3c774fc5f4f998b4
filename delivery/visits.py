"""What a stop asks of a van, from its order or case: the promise, the time at the door, the load."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from delivery.depot_call import DepotCall
from orders.demand import order_demand
from orders.models import Order
from orders.ports import Demand
from orders.returns.models import ReturnCase
from orders.returns.opening import case_demand
from orders.returns.states import CaseKind, CaseStatus
from orders.states import OrderStatus, PaymentMethod, PromiseKind

CARD = "card"  # the skill of a van with a card terminal
DROP_PENALTY = 50_000_000  # above the lateness of several days: a promised order is late, never dropped (Y-03)
LATENESS_WEIGHT = 20  # per second late, where driving costs 1: lateness first
CHANGE_VAN_COST = 120

CustomerSource = Order | ReturnCase
Source = CustomerSource | DepotCall


@dataclass(frozen=True, kw_only=True)
class Promise:
    """When a visit is to begin: not before `from_at`, by `by_at`."""

    kind: PromiseKind
    from_at: datetime
    by_at: datetime


def promise_of(source: Source) -> Promise:
    """The promise of an order, or the agreed window of a pick-up; a van loads at any time of its shift."""
    if isinstance(source, DepotCall):
        return Promise(kind=PromiseKind.AGREED, from_at=source.from_at, by_at=source.by_at)
    if isinstance(source, Order):
        return Promise(kind=source.promise_kind, from_at=source.promised_from_at, by_at=source.promised_by_at)
    return Promise(kind=PromiseKind.AGREED, from_at=source.window_from_at, by_at=source.window_by_at)


def wants_visit(source: Source) -> bool:
    """Whether a van is to come: derived, never stored (Y-02, Y-07)."""
    if isinstance(source, DepotCall):
        return source.wanted
    if isinstance(source, Order):
        return (source.status in (OrderStatus.CONFIRMED, OrderStatus.OUT_FOR_DELIVERY)
                and source.promise_closed_at is None and source.on_hold_at is None)
    return source.status in (CaseStatus.AWAITING_PICKUP, CaseStatus.ON_THE_WAY) and source.window_closed_at is None


def demand_of(source: Source) -> Demand:
    """What the visit brings and fetches from a customer."""
    if isinstance(source, DepotCall):
        return Demand()
    return order_demand(source) if isinstance(source, Order) else case_demand(source)


def service_s(demand: Demand, seconds: Mapping[str, int], *, complaint: bool = False) -> int:
    """The time at the door by the setting `service_seconds`: kind, floor, quantity, cash, first deposit."""
    total = seconds["base"] if demand.deliver else seconds["pickup"]
    total += demand.cylinders * (seconds["per_cylinder"] + seconds["per_floor_cylinder"] * max(0, demand.floor))
    if demand.deliver and demand.payment is PaymentMethod.CASH:
        total += seconds["cash"]
    if demand.first_deposit:
        total += seconds["first_deposit"]
    return total + (seconds["complaint"] if complaint else 0)


def source_service_s(source: CustomerSource, seconds: Mapping[str, int]) -> int:
    """The time at the door of an order or a case."""
    complaint = isinstance(source, ReturnCase) and source.kind is CaseKind.COMPLAINT
    return service_s(demand_of(source), seconds, complaint=complaint)


def pay_out_cents(source: Source) -> int:
    """What the driver hands out in cash (H-146); 0 where nothing is."""
    return source.cash_cents if isinstance(source, ReturnCase) else 0


def cash_skill(cents: int) -> str:
    """The skill of a van whose driver carries so much cash, in whole euros."""
    return f"cash:{-(-cents // 100)}"


def source_skills(source: Source) -> frozenset[str]:
    """What a van has to have for this visit: a terminal, or enough cash to pay out."""
    paid_out = pay_out_cents(source)
    return skills_of(demand_of(source)) | (frozenset({cash_skill(paid_out)}) if paid_out > 0 else frozenset())


def skills_of(demand: Demand) -> frozenset[str]:
    """A card at the door needs a terminal (H-121)."""
    return frozenset({CARD}) if demand.payment is PaymentMethod.CARD else frozenset()

