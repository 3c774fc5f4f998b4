"""Who takes cylinders over, named opaquely: orders know nothing of the fleet."""
from __future__ import annotations

from dataclasses import dataclass

from billing.at_unit import NOBODY


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """The van and driver of a visit; `stop_ref` is like `stop:12`. At a unit's counter there is only the `unit`."""

    vehicle_id: int
    driver_id: int
    stop_ref: str
    unit: str = ""


def counter_of(unit: str) -> Carrier:
    """The counter of a unit as the one who takes cylinders over (H-090)."""
    return Carrier(vehicle_id=NOBODY, driver_id=NOBODY, stop_ref="", unit=unit)
