"""A register of addresses from a table: the national register (GURS, REGISTER_NASLOVOV, EPSG:3794) or one like it.

Everything is read and judged before anything is written: a bad line names itself, and nothing has changed.
"""
from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pyproj import Transformer

from accounts.places import Place
from accounts.register import REGISTER, house_of

# What a column may be called, besides what --column says; upper and lower case alike.
GUESSES: dict[str, tuple[str, ...]] = {
    "street": ("ULICA_NAZIV", "ULICA", "STREET", "addr:street"),
    "settlement": ("NASELJE_NAZIV", "NASELJE", "SETTLEMENT"),
    "number": ("HS_STEVILKA", "HISNA_STEVILKA", "HS", "HOUSE_NUMBER", "addr:housenumber"),
    "suffix": ("HS_DODATEK", "DODATEK"),
    "postcode": ("POSTNI_OKOLIS_SIFRA", "POSTNA_STEVILKA", "POSTCODE", "addr:postcode"),
    "city": ("POSTNI_OKOLIS_NAZIV", "POSTA_NAZIV", "POSTA", "CITY", "addr:city"),
    "e": ("E",), "n": ("N",), "lat": ("LAT", "LATITUDE"), "lon": ("LON", "LONGITUDE")}
NEEDED = ("number", "postcode", "city")
DELIMITERS = ";,\t|"
SNIFFED_BYTES = 1 << 20
E_RANGE, N_RANGE = (370_000.0, 630_000.0), (20_000.0, 200_000.0)  # Slovenia in EPSG:3794
LAT_RANGE, LON_RANGE = (45.4, 46.9), (13.3, 16.7)
_NUMBER, _SUFFIX = re.compile(r"[1-9]\d{0,3}"), re.compile(r"[^\W\d_]{0,3}")
_WHOLE_NUMBER = re.compile(r"([1-9]\d{0,3})\s?([^\W\d_]{0,3})")
_POSTCODE = re.compile(r"[1-9]\d{3}")


class BadTable(Exception):
    """The file cannot be imported; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class Register:
    """What a file holds: places with their position, and how many lines had none."""

    places: list[Place]
    without_position: int


class _Row(NamedTuple):
    street: str
    settlement: str
    number: str
    postcode: str
    city: str
    x: float  # degrees of longitude, or metres east
    y: float


def read_register(path: Path, *, columns: Mapping[str, str] | None = None,
                  progress: Callable[[int], object] = lambda _bytes: None) -> Register:
    """Every address of a table with a header line. `columns` maps names of GUESSES to the file's own.

    A house that stands on several lines (flats) is one. `progress` is told how many bytes were read. Raises BadTable.
    """
    encoding = _encoding(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            header = file.readline()
            if not header.strip():
                raise BadTable(f"{path.name}: the file is empty")
            delimiter = max(DELIMITERS, key=header.count)
            names = next(csv.reader([header], delimiter=delimiter))
            found = _columns(path.name, names, columns or {})
            rows = list(_rows(path.name, _counted(file, progress), delimiter, len(names), found))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{path.name}: no readable table in {encoding}: {error}") from error
    placed = [row for row in rows if row is not None]
    if not placed:
        raise BadTable(f"{path.name}: no address with a position is in it")
    return Register(places=_places(placed, metric="e" in found), without_position=len(rows) - len(placed))


def _encoding(path: Path) -> str:
    """UTF-8 where the beginning is that, else the code page of older exports."""
    with path.open("rb") as file:
        beginning = file.read(SNIFFED_BYTES)
    if b"\0" in beginning:
        raise BadTable(f"{path.name}: this is no text")
    try:
        beginning[:beginning.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1250"
    return "utf-8-sig"


def _columns(file: str, names: list[str], given: Mapping[str, str]) -> dict[str, int]:
    """Where each value stands. Positions in metres or in degrees, whichever there is."""
    by_name = {name.strip().casefold(): number for number, name in enumerate(names)}
    found: dict[str, int] = {}
    for key, name in given.items():
        if key not in GUESSES:
            raise BadTable(f"--column {key}={name}: there is no {key}; it is one of {', '.join(GUESSES)}")
        if name.strip().casefold() not in by_name:
            raise BadTable(f"{file}, line 1: there is no column {name}; it has {', '.join(names)[:300]}")
        found[key] = by_name[name.strip().casefold()]
    for key, guesses in GUESSES.items():
        for guess in guesses:
            if guess.casefold() in by_name:
                found.setdefault(key, by_name[guess.casefold()])
    if "lat" in found and "lon" in found and not {"e", "n"} & set(given):
        found = {key: number for key, number in found.items() if key not in ("e", "n")}
    lacking = [key for key in NEEDED if key not in found]
    lacking += [] if {"street", "settlement"} & set(found) else ["street"]
    lacking += [] if {"e", "n"} <= set(found) or {"lat", "lon"} <= set(found) else ["e", "n"]
    if lacking:
        raise BadTable(f"{file}, line 1: no column for {', '.join(lacking)}: name it by --column {lacking[0]}=NAME; "
                       f"the file has {', '.join(names)[:300]}")
    return found


def _counted(lines: Iterator[str], progress: Callable[[int], object]) -> Iterator[str]:
    for line in lines:
        progress(len(line))
        yield line


def _rows(file: str, lines: Iterator[str], delimiter: str, width: int, columns: Mapping[str, int],
          ) -> Iterator[_Row | None]:
    """One row for each line, None for one without a position."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for cells in reader:
        if not cells:
            continue
        where = f"{file}, line {reader.line_num + 1}"
        if len(cells) != width:
            raise BadTable(f"{where}: {len(cells)} columns instead of {width}")
        try:
            yield _row({key: cells[number].strip() for key, number in columns.items()})
        except _BadCell as error:
            raise BadTable(f"{where}, {error.column}: {error.value!r} {error.reason}") from None


class _BadCell(Exception):
    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value[:40], reason


def _row(cell: Mapping[str, str]) -> _Row | None:
    street, settlement = cell.get("street", ""), cell.get("settlement", "")
    if not street and not settlement:
        raise _BadCell("street", "", "and no settlement")
    if not is_postcode(cell["postcode"]):
        raise _BadCell("postcode", cell["postcode"], "is no postcode of four digits")
    if not cell["city"]:
        raise _BadCell("city", "", "is empty")
    x, y = ("e", "n") if "e" in cell else ("lon", "lat")
    number = _number(cell)
    if not cell[x] and not cell[y]:
        return None
    ranges = {"e": E_RANGE, "n": N_RANGE, "lat": LAT_RANGE, "lon": LON_RANGE}
    return _Row(street=street[:80], settlement=settlement[:60], number=number, postcode=cell["postcode"],
                city=cell["city"][:60], x=_within(x, cell[x], ranges[x]), y=_within(y, cell[y], ranges[y]))


def _number(cell: Mapping[str, str]) -> str:
    """`12` and `a` as `12a`; a number with its letter in one column is understood as well."""
    if "suffix" in cell:
        if not _NUMBER.fullmatch(cell["number"]):
            raise _BadCell("number", cell["number"], "is no house number")
        if not _SUFFIX.fullmatch(cell["suffix"]):
            raise _BadCell("suffix", cell["suffix"], "is no letter of a house number")
        return cell["number"] + cell["suffix"].lower()
    number = house_number(cell["number"])
    if number is None:
        raise _BadCell("number", cell["number"], "is no house number")
    return number


def house_number(text: str) -> str | None:
    """`12 A` as `12a`; None for what is no house number."""
    match = _WHOLE_NUMBER.fullmatch(text)
    return match[1] + match[2].lower() if match else None


def is_postcode(text: str) -> bool:
    """Whether it is a Slovenian postcode."""
    return _POSTCODE.fullmatch(text) is not None


def _within(column: str, text: str, bounds: tuple[float, float]) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise _BadCell(column, text, "is no number") from None
    if not bounds[0] <= value <= bounds[1]:
        raise _BadCell(column, text, f"is not in Slovenia ({bounds[0]:g} to {bounds[1]:g})")
    return value


def _places(rows: list[_Row], *, metric: bool) -> list[Place]:
    """Places by WGS 84; a village without streets numbers its houses by itself.

    Where a postcode has two villages with a street of the same name, the village stands in the place of the town.
    """
    lons, lats = [row.x for row in rows], [row.y for row in rows]
    if metric:
        lons, lats = Transformer.from_crs(3794, 4326, always_xy=True).transform(lons, lats)
    found = [(row, Place(street=row.street or row.settlement, house_number=row.number, postcode=row.postcode,
                         city=row.city, lat=round(lat, 6), lon=round(lon, 6), source=REGISTER))
             for row, lat, lon in zip(rows, lats, lons, strict=True)]
    villages: dict[str, set[str]] = {}
    keys = [house_of(place).house_key for _, place in found]
    for key, (row, _) in zip(keys, found, strict=True):
        if row.settlement:
            villages.setdefault(key, set()).add(row.settlement)
    return [place if len(villages.get(key, ())) < 2 else
            Place(street=place.street, house_number=place.house_number, postcode=place.postcode,
                  city=row.settlement or place.city, lat=place.lat, lon=place.lon, source=REGISTER)
            for key, (row, place) in zip(keys, found, strict=True)]
