"""The register of houses: loaded in bulk, completed by places that drivers delivered to. Inside a unit of work."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from math import cos, hypot, radians
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from accounts import places
from accounts.models import KnownAddress, KnownStreet
from accounts.places import Place
from core import audit
from core.db import changed_rows, db

REGISTER, OSM, PIN = "register", "osm", "pin"
STRONGER = {REGISTER: (), OSM: (REGISTER,), PIN: (REGISTER, OSM)}  # whose rows stay as they are
CHUNK = 1000
SAME_PLACE_M = 150
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, kw_only=True)
class Stored:
    """How many houses were new, and how many were there and are as loaded now."""

    added: int
    updated: int


@dataclass(frozen=True, kw_only=True)
class House:
    """A place with its keys, folded once."""

    place: Place
    house_key: str
    search_key: str
    street_key: str
    number_key: str


@lru_cache(maxsize=50_000)
def _fold(text: str) -> str:
    return places.fold(text)


def house_of(place: Place) -> House:
    """A place as the register keys it; the same as accounts.places does, with names remembered."""
    street, number, city = _fold(place.street), places.fold(place.house_number), _fold(place.city)
    house = f"{street} {number} {place.postcode}"
    return House(place=place, house_key=house[:120], search_key=f"{house} {city}"[:180],
                 street_key=f"{street} {place.postcode} {city}"[:180], number_key=number[:20])


def chunks(found: Iterable[Place], size: int = CHUNK) -> Iterator[list[House]]:
    """Houses in parts of about `size`; those with one street, number and postcode are never parted. Each house once."""
    houses = sorted({house.search_key: house for house in map(house_of, found)}.values(),
                    key=lambda house: (house.house_key, house.search_key))
    part: list[House] = []
    for _, group in groupby(houses, key=lambda house: house.house_key):
        if len(part) >= size:
            yield part
            part = []
        part += group
    if part:
        yield part


def add_known_addresses(found: Iterable[Place]) -> int:
    """Add addresses of a register; those already there are brought up to date. Returns how many were new."""
    return sum(store(part).added for part in chunks(found))


def store(houses: Sequence[House]) -> Stored:
    """Write one part as `chunks` gives it. A house of a stronger source stays as it is (register, osm, pin).

    What the register now calls by another town, and a pin where it has the house itself, makes place.
    """
    held = _held_by_stronger(houses)
    houses = [house for house in houses if house.house_key not in held]
    if not houses:
        return Stored(added=0, updated=0)
    keys = {house.search_key for house in houses}
    changed_rows(sa.delete(KnownAddress).where(
        KnownAddress.house_key.in_({house.house_key for house in houses}), KnownAddress.search_key.not_in(keys)))
    known = db.session.scalar(sa.select(sa.func.count(KnownAddress.id)).where(KnownAddress.search_key.in_(keys))) or 0
    streets = _streets({house.street_key: house.place.postcode for house in houses})
    insert = _insert(KnownAddress)
    names = ("street", "house_number", "postcode", "city", "lat", "lon", "source", "house_key", "number_key",
             "street_id")
    db.session.execute(
        insert.on_conflict_do_update(index_elements=["search_key"],
                                     set_={name: insert.excluded[name] for name in names}),
        [_values(house, streets[house.street_key]) for house in houses])
    return Stored(added=len(houses) - known, updated=known)


def _held_by_stronger(houses: Sequence[House]) -> set[str]:
    """The house keys that a stronger source than theirs has a row for."""
    found: set[str] = set()
    for source in {house.place.source for house in houses}:
        if stronger := STRONGER.get(source, ()):
            found |= set(db.session.scalars(sa.select(KnownAddress.house_key).where(
                KnownAddress.house_key.in_([house.house_key for house in houses if house.place.source == source]),
                KnownAddress.source.in_(stronger))))
    return found


def _streets(postcodes: dict[str, str]) -> dict[str, int]:
    """The ids of streets by key, made where they are new."""
    db.session.execute(_insert(KnownStreet).on_conflict_do_nothing(index_elements=["search_key"]),
                       [{"search_key": key, "postcode": postcode} for key, postcode in sorted(postcodes.items())])
    return {key: street_id for street_id, key in db.session.execute(
        sa.select(KnownStreet.id, KnownStreet.search_key).where(KnownStreet.search_key.in_(postcodes)))}


def _values(house: House, street_id: int) -> dict[str, Any]:
    place = house.place
    return {"street": place.street[:80], "house_number": place.house_number[:12], "postcode": place.postcode,
            "city": place.city[:60], "lat": place.lat, "lon": place.lon, "source": place.source,
            "search_key": house.search_key, "house_key": house.house_key, "number_key": house.number_key,
            "street_id": street_id}


def _insert(model: Any) -> Any:
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model)


def confirm_pin(place: Place, *, ref: str, actor: str) -> None:
    """A driver stood at this place and delivered there: if no register has the house, its pin is suggested from now on.

    A pin is a stranger's word until then. Two confirmed pins of one house that lie apart cancel each other: the next
    customer is asked for a pin again.
    """
    house = house_of(replace(place, source=PIN, floor=0, note=""))
    rows = list(db.session.scalars(sa.select(KnownAddress).where(KnownAddress.house_key == house.house_key)))
    if not rows:
        store([house])
        audit.record("address_confirmed", ref, actor=actor)
    elif all(row.source == PIN and _metres(row, place) > SAME_PLACE_M for row in rows):
        changed_rows(sa.delete(KnownAddress).where(KnownAddress.house_key == house.house_key,
                                                   KnownAddress.source == PIN))
        audit.record("address_disputed", ref, actor=actor)


def _metres(row: KnownAddress, place: Place) -> float:
    return METRES_PER_DEGREE * hypot(row.lat - place.lat, (row.lon - place.lon) * cos(radians(place.lat)))
