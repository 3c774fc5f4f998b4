"""The units at whose counters cylinders are taken back (H-007, H-090), from the setting `units`."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.places import Place
from core import settings


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit: its `code` names its accounts in the ledger."""

    code: str
    name: str
    place: Place


def units(now: datetime | None = None) -> Mapping[str, Unit]:
    """Every unit by its code, in the order of the setting."""
    return {code: Unit(code=code, name=name, place=Place(
        street=street, house_number=house_number, postcode=postcode, city=city, lat=lat, lon=lon, source="register"))
        for code, name, street, house_number, postcode, city, lat, lon in settings.get("units", now)}


def unit_name(code: str) -> str:
    """The name of a unit for people; the code itself where the unit is gone."""
    found = units().get(code)
    return found.name if found else code
