"""Delivery at the door in one transaction: state, money, invoice, certificates, cylinders, consent, messages."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orders.carrier import Carrier
from orders.settlement import DoorSettlement, Settlement


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What a delivery made."""

    invoice_id: int
    certificate_numbers: tuple[str, ...]
    settlement: Settlement


def preview_door(order_id: int, door: DoorSettlement, *, now: datetime) -> Settlement:
    """The amounts of a record without writing anything: what the driver's page shows (X-05)."""
    raise NotImplementedError


def deliver_order(order_id: int, door: DoorSettlement, carrier: Carrier, *, now: datetime, actor: str) -> Delivered:
    """Settle and close the order. TotalChanged when the driver was shown another amount; then nothing is written."""
    raise NotImplementedError
