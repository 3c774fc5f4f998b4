"""What happened to an order, written down and never edited."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from core.db import db
from orders.models import Order, OrderEvent
from orders.states import OrderAction


def note_event(order: Order, what: str, *, now: datetime, actor: str, action: OrderAction | None = None,
               **details: Any) -> None:
    """Add an event to the open unit of work; ids, states and amounts only in `details`."""
    db.session.add(OrderEvent(order_id=order.id, at=now, actor=actor, action=action, what=what, details=details))
