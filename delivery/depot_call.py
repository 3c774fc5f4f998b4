"""A call of a van at its depot to load: what a stop serves that has neither order nor case (P5). Pure."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class DepotCall:
    """The van unloads its empty cylinders and loads full ones up to `load`. It may begin any time in the shift.

    It has the address fields of an order, so that lists, maps and pages show it like any other stop. `wanted` is
    whether the shift still takes stops.
    """

    ref: str
    load: Mapping[str, int]
    from_at: datetime
    by_at: datetime
    wanted: bool
    contact_name: str
    street: str
    lat: float
    lon: float
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    floor: int = 0
    note: str = ""
    phone_e164: str = ""
    language: str = "sl"
    number: str = ""

    @property
    def address_line(self) -> str:
        return self.street
