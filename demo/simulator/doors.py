"""What a driver records at a door: everything as agreed, with the amounts that the driver's page shows."""
from __future__ import annotations

from dataclasses import replace

from core.clock import utc_now
from delivery import driving
from delivery.models import Stop
from delivery.states import FailReason, StopKind
from orders.models import Order
from orders.returns.collecting import CaseDoor, preview_collection
from orders.returns.models import ReturnCase
from orders.returns.rules import CylinderCheck
from orders.returns.states import CaseKind
from orders.services import preview_door
from orders.settlement import DoorSettlement, as_agreed
from orders.states import PaymentMethod


def door_of(order: Order) -> DoorSettlement:
    """A delivery as ordered."""
    card = "Visa" if order.payment_method is PaymentMethod.CARD else ""
    door = DoorSettlement(lines=as_agreed(order), payment=order.payment_method, shown_total_cents=0, card_scheme=card,
                          gdpr="signed")
    return replace(door, shown_total_cents=preview_door(order.id, door, now=utc_now()).door_cents)


def case_door_of(case: ReturnCase) -> CaseDoor:
    """A pick-up where everything is in order."""
    pieces = sum(line.quantity for line in case.lines) if case.kind is CaseKind.DEPOSIT_RETURN else 0
    door = CaseDoor(shown_total_cents=0, cylinders=(CylinderCheck(),) * pieces, record="-")
    return replace(door, shown_total_cents=preview_collection(case.id, door, now=utc_now()).cash_cents)


def close(shift_id: int, stop: Stop, *, no_show: bool = False) -> None:
    """End the stop that a van stands at, by the step that its kind asks for; inside a unit of work."""
    now = utc_now()
    if no_show:
        driving.fail(shift_id, stop.id, FailReason.NOT_HOME, now=now)
    elif stop.kind is StopKind.RELOAD:
        driving.reload_van(shift_id, stop.id, now=now)
    elif stop.order is not None:
        driving.deliver(shift_id, stop.id, door_of(stop.order), now=now)
    elif stop.case is not None:
        driving.collect(shift_id, stop.id, case_door_of(stop.case), now=now)
