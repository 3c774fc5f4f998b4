"""What an order asks of a van, and where: the same for a wish, an order and its plan."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from accounts.places import Place
from orders.ports import Demand
from orders.pricing import DEPOSIT_KINDS, ORANGE, PricedLine
from orders.states import ExchangeKind, PaymentMethod

if TYPE_CHECKING:
    from orders.models import Order, OrderLine
    from orders.returns.models import ReturnCase

EMPTIES_BACK = frozenset({ExchangeKind.SWAP, ExchangeKind.M10, ExchangeKind.PURCHASE_WITH_EMPTY})


def demand_of(lines: Sequence[PricedLine] | Sequence[OrderLine], payment: PaymentMethod, floor: int) -> Demand:
    """Full ones out, the customer's empties back; orange ones come back for M10 (H-061, H-075)."""
    deliver: dict[str, int] = {}
    collect: dict[str, int] = {}
    for line in lines:
        deliver[line.cylinder_type] = deliver.get(line.cylinder_type, 0) + line.quantity
        if line.exchange in EMPTIES_BACK:
            back = ORANGE if line.exchange is ExchangeKind.M10 else line.cylinder_type
            collect[back] = collect.get(back, 0) + line.quantity
    return Demand(
        deliver=deliver, collect=collect, gas_out_g=sum(line.net_gas_g * line.quantity for line in lines),
        floor=floor, payment=payment, first_deposit=any(line.exchange in DEPOSIT_KINDS for line in lines),
        cylinders=sum(line.quantity for line in lines))


def order_demand(order: Order) -> Demand:
    """What a placed order asks of a van."""
    return demand_of(order.lines, order.payment_method, order.floor)


def place_of(source: Order | ReturnCase) -> Place:
    """Where an order or a case is served: its own copy of the address."""
    return Place(street=source.street, house_number=source.house_number, postcode=source.postcode, city=source.city,
                 lat=source.lat, lon=source.lon, floor=source.floor, note=source.note, source="history")
