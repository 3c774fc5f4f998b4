"""What is brought, fetched and paid at a stop, in the driver's codes (PRODUCT U4). Pure."""
from __future__ import annotations

from collections.abc import Mapping

from delivery.depot_call import DepotCall
from delivery.visits import Source
from orders.models import Order, OrderLine
from orders.returns.states import CaseKind
from orders.states import ExchangeKind

CASE_CODES: Mapping[CaseKind, str] = {CaseKind.WITHDRAWAL: "OD", CaseKind.DEPOSIT_RETURN: "VR",
                                      CaseKind.COMPLAINT: "RK", CaseKind.REPLACEMENT: "ZM"}

RELOAD = "reload"


def kind_of(source: Source) -> str:
    """`order`, the kind of a case, or `reload`."""
    if isinstance(source, DepotCall):
        return RELOAD
    return "order" if isinstance(source, Order) else source.kind.value


def line_code(line: OrderLine) -> str:
    """`Z10` for a swap of green ones, `K` and `M10`, else the size; `P5+` where an empty one comes back."""
    if line.exchange in (ExchangeKind.K, ExchangeKind.M10):
        return line.exchange.value.upper()
    return line.cylinder_type + ("+" if line.exchange is ExchangeKind.PURCHASE_WITH_EMPTY else "")


def goods(source: Source, times: str = "×") -> str:
    """`2×Z10, 1×K`; for a pick-up its code first: `OD 1×Z10`; for a reload what is to be on board then."""
    if isinstance(source, DepotCall):
        return ", ".join(f"{number}{times}{kind}" for kind, number in sorted(source.load.items()) if number)
    if isinstance(source, Order):
        return ", ".join(f"{line.quantity}{times}{line_code(line)}" for line in source.lines)
    listed = ", ".join(f"{line.quantity}{times}{line.cylinder_type}" for line in source.lines)
    return f"{CASE_CODES[source.kind]} {listed}"


def door_cents(source: Source) -> int:
    """What is collected at the door (positive) or paid out (negative)."""
    if isinstance(source, DepotCall):
        return 0
    return source.door_cents if isinstance(source, Order) else -source.cash_cents


def cash_cents(source: Source) -> int:
    """What of it is in cash."""
    if isinstance(source, DepotCall):
        return 0
    return source.cash_part_cents if isinstance(source, Order) else -source.cash_cents


def short_name(name: str) -> str:
    """Surname and initial: all that a driver needs (H-108)."""
    words = name.split()
    return f"{words[-1]} {words[0][0]}." if len(words) > 1 else name.strip()
