"""Where a simulated day's orders come from: places of demand with their weights."""
from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from accounts.places import Place
from demo.addresses import ADDRESSES, ZONE
from routing.travel_times.base import Point
from routing.zone import contains

CITY = "Ljubljana"
BESIDE = Path(__file__).parents[3] / "shared" / "data" / "ljubljana" / "ljubljana_demand_points.csv"
AROUND_M = 600.0
DEGREE_M = 111_320.0
NARROW = 0.695  # a degree of longitude beside one of latitude, in Ljubljana
TRIES = 100


class BadPlaces(ValueError):
    """A file of places that cannot be used; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place of demand: so many orders come from here beside the others."""

    lat: float
    lon: float
    postcode: str
    weight: float
    street: str

    def place(self, number: int, floor: int) -> Place:
        """The place of an order; the house number is the order's."""
        return Place(street=self.street, house_number=str(number), postcode=self.postcode, city=CITY, lat=self.lat,
                     lon=self.lon, floor=floor, source="pin")


def spots_of(path: Path | None) -> tuple[Spot, ...]:
    """The places of a file (columns lat, lon, weight; postcode and in_road_coverage if there), inside the zone only.

    Without a file, those of the data beside the project; where there are none, around the demo's addresses.
    """
    if path is None and not BESIDE.is_file():
        return tuple(_around_the_addresses())
    source = path or BESIDE
    try:
        with source.open(encoding="utf-8", newline="") as file:
            spots = tuple(_rows(csv.DictReader(file), source.name))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadPlaces(f"{source}: {error}") from error
    if not spots:
        raise BadPlaces(f"{source}: no place lies inside the zone")
    return spots


def _rows(reader: csv.DictReader[str], name: str) -> Iterator[Spot]:
    lacking = {"lat", "lon", "weight"} - set(reader.fieldnames or ())
    if lacking:
        raise BadPlaces(f"{name}: there is no column {', '.join(sorted(lacking))}")
    for row in reader:
        try:
            lat, lon, weight = float(row["lat"]), float(row["lon"]), float(row["weight"])
        except (TypeError, ValueError) as error:
            raise BadPlaces(f"{name}, line {reader.line_num}: lat, lon and weight must be numbers") from error
        if weight > 0 and row.get("in_road_coverage", "1") == "1" and contains(ZONE, lat, lon):
            yield Spot(lat=lat, lon=lon, weight=weight, postcode=row.get("postcode") or "1000",
                       street=row.get("quarter") or CITY)


def _around_the_addresses() -> Iterator[Spot]:
    """Four places near each of the demo's addresses, always the same ones."""
    dice = random.Random("around the addresses")  # noqa: S311 - a day to play, no secret
    for street, _, postcode, lat, lon in ADDRESSES:
        for _ in range(4):
            north, east = _near(dice, lat, lon)
            yield Spot(lat=north, lon=east, postcode=postcode, weight=1.0, street=street)


def _near(dice: random.Random, lat: float, lon: float) -> tuple[float, float]:
    for _ in range(TRIES):
        north = round(lat + dice.gauss(0, AROUND_M) / DEGREE_M, 6)
        east = round(lon + dice.gauss(0, AROUND_M) / (DEGREE_M * NARROW), 6)
        if contains(ZONE, north, east):
            return north, east
    return lat, lon


def at_doors(spots: Sequence[Spot], door: Callable[[Point], Point]) -> tuple[Spot, ...]:
    """The same places at their roads: the middle of a district may lie in a field, its customers do not."""
    doors = [door((spot.lat, spot.lon)) for spot in spots]
    return tuple(replace(spot, lat=round(lat, 6), lon=round(lon, 6))
                 for spot, (lat, lon) in zip(spots, doors, strict=True))


def drawn(spots: Sequence[Spot], dice: random.Random, number: int) -> list[Spot]:
    """So many places, drawn by weight."""
    return dice.choices(spots, [spot.weight for spot in spots], k=number)
