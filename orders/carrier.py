"""Who stands at the door, named opaquely: orders know nothing of the fleet."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """The van and driver of a visit; `stop_ref` is like `stop:12`."""

    vehicle_id: int
    driver_id: int
    stop_ref: str
