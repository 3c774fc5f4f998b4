"""An address as a person types it, turned into a place a van can find."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.places import Place, fold, in_slovenia
from accounts.queries import known_address, suggest_addresses
from core.errors import InvalidInput
from orders.errors import OutsideSlovenia

_WRITTEN = re.compile(
    r"^(?P<street>\S.*?)\s+(?P<number>\d{1,4}(?:\s?[^\W\d_](?=[\s,]|$))?)(?:\s*,\s*|\s+|$)"
    r"(?:(?P<postcode>[1-9]\d{3})\s+(?P<city>[^\W\d_].*))?$")


class UnknownAddress(InvalidInput):
    """The register does not hold it, or holds several like it: `candidates` are the nearest."""

    code = "unknown_address"
    field = "address"
    message = _l("We do not know this address. Check the street and the number, or show us the place on the map.")

    def __init__(self, message: Any = None, *, candidates: Sequence[Place] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


@dataclass(frozen=True, kw_only=True)
class WrittenAddress:
    """The parts of a typed address; postcode and city may be missing."""

    street: str
    house_number: str
    postcode: str
    city: str


def read_address(text: str) -> WrittenAddress | None:
    """`Šišenska cesta 12 a, 1000 Ljubljana` in its parts; None when no street with a number is in it. Pure."""
    match = _WRITTEN.match(" ".join(text.split()))
    if match is None:
        return None
    return WrittenAddress(
        street=match["street"].rstrip(" ,"), house_number=match["number"].replace(" ", ""),
        postcode=match["postcode"] or "", city=(match["city"] or "").strip(" ,"))


def read_position(lat: str, lon: str) -> tuple[float, float] | None:
    """A pin's position; None when no pin was set. Raises UnknownAddress for what is no position. Pure."""
    if not lat and not lon:
        return None
    try:
        position = float(lat), float(lon)
    except ValueError:
        raise UnknownAddress from None
    if not (-90 <= position[0] <= 90 and -180 <= position[1] <= 180):
        raise UnknownAddress
    return position


def place_from(text: str, lat: str = "", lon: str = "", *, floor: int = 0, note: str = "",
               customer_id: int | None = None) -> Place:
    """The place a person means.

    A pin wins over the register, but still needs an address that a driver can read. Raises UnknownAddress (with the
    nearest candidates) or OutsideSlovenia (H-092).
    """
    position = read_position(lat, lon)
    place = _pinned(text, position) if position else _registered(text, customer_id)
    if not in_slovenia(place.lat, place.lon):
        raise OutsideSlovenia
    return replace(place, floor=floor, note=note)


def _pinned(text: str, position: tuple[float, float]) -> Place:
    if not in_slovenia(*position):
        raise OutsideSlovenia
    written = read_address(text)
    if written is None or not written.postcode:
        raise UnknownAddress(_l("Write the address beside the pin in full, so that the driver can read it: "
                                "street, number, postcode and town."))
    return Place(street=written.street[:80], house_number=written.house_number, postcode=written.postcode,
                 city=written.city[:60], lat=round(position[0], 6), lon=round(position[1], 6), source="pin")


def _registered(text: str, customer_id: int | None) -> Place:
    """The one house of the register that fits; number first and half-written streets are understood (PRODUCT U2)."""
    written = read_address(text)
    if written is not None and written.postcode:
        known = known_address(written.street, written.house_number, written.postcode, written.city)
        if known is not None:
            return known
    near = suggest_addresses(text, customer_id=customer_id)
    typed = fold(text).split()
    same = [place for place in near if fold(place.house_number) in typed]
    if written is not None:
        whole = fold(f"{written.street} {written.house_number}")
        same = [place for place in same if fold(f"{place.street} {place.house_number}") == whole] or same
    if len(same) == 1:
        return same[0]
    if same:
        raise UnknownAddress(_l("There are several such addresses. Choose yours."), candidates=same)
    if written is None:
        raise UnknownAddress(_l("Write the street and the house number, for example Šišenska cesta 12."),
                             candidates=near)
    raise UnknownAddress(candidates=near)
