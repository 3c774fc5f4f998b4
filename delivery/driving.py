"""The driver's day, step by step. Every function works inside the view's unit of work and never commits.

Each step belongs to a shift (the driver's link names it): a stop of another van is an UnknownStop. The position of a
van is its last confirmed stop. A step taken twice raises StopOver or WrongStopState and books nothing.
"""
from __future__ import annotations

from datetime import datetime

from delivery.states import FailReason
from orders.returns.services import CaseDoor, Collected
from orders.services import Delivered
from orders.settlement import DoorSettlement


def accept_list(shift_id: int, version: int, *, now: datetime) -> None:
    """The driver took note of the list. OldList when a newer one was sent."""
    raise NotImplementedError


def leave_for(shift_id: int, stop_id: int, *, out_of_turn: bool = False, now: datetime) -> None:
    """The van leaves for this very stop: the order is out for delivery, the customer is told (Y-07).

    NotNextStop unless it is the first open one or `out_of_turn` is confirmed; OnAnotherStop while another is open.
    """
    raise NotImplementedError


def turn_back(shift_id: int, stop_id: int, *, now: datetime) -> None:
    """Undo the last step while it is safe: arrived -> on the way -> planned (the order is recalled)."""
    raise NotImplementedError


def arrive(shift_id: int, stop_id: int, *, now: datetime) -> None:
    """The van stands at the door."""
    raise NotImplementedError


def deliver(shift_id: int, stop_id: int, door: DoorSettlement, *, now: datetime) -> Delivered:
    """Handed over and settled. Refusals of orders.services.deliver_order pass through; nothing is written then."""
    raise NotImplementedError


def collect(shift_id: int, stop_id: int, door: CaseDoor, *, now: datetime) -> Collected:
    """A pick-up is done. Refusals of orders.returns.services.collect_case pass through."""
    raise NotImplementedError


def fail(shift_id: int, stop_id: int, reason: FailReason, *, now: datetime) -> None:
    """Nothing could be handed over or picked up: an attempt; the promise is closed (Y-07)."""
    raise NotImplementedError
