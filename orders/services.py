"""What can be done with orders: the one door into the package for views, cases and delivery.

Every function works inside the caller's unit of work and never commits.
"""
from __future__ import annotations

from orders.carrier import Carrier
from orders.events import note_event
from orders.handing_over import Delivered, deliver_order, preview_door
from orders.intake import place_order
from orders.lifecycle import (
    cancel_order,
    dispatch_order,
    fail_order,
    give_window,
    lengthen_promise,
    mark_paid,
    mark_refunded,
    move,
    recall_order,
    reject_order,
)

__all__ = ["Carrier", "Delivered", "cancel_order", "deliver_order", "dispatch_order", "fail_order", "give_window",
           "lengthen_promise", "mark_paid", "mark_refunded", "move", "note_event", "place_order", "preview_door",
           "recall_order", "reject_order"]
