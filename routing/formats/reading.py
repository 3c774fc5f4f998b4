"""JSON read strictly: every key known, every value of the right type and range, every refusal with its path."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from routing.formats.errors import FILE, FormatError

GREATEST_NUMBER = 2**32 - 1  # the widest number that VROOM itself holds in seconds, metres and amounts
GREATEST_ID = 2**64 - 1
SHOWN = 40  # characters of a wrong value
FEW = 4


def parse_json(text: str) -> Any:
    """The document. A key twice in one object, NaN and Infinity are refused as well as what is no JSON."""
    if not text.strip():
        raise FormatError(FILE, "it is empty")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        cut = "the file is cut off" if not text[error.pos:].strip() else error.msg
        raise FormatError(f"line {error.lineno}, column {error.colno}", cut) from error
    except RecursionError as error:
        raise FormatError(FILE, "its brackets are nested too deep") from error
    except FormatError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise FormatError(FILE, "it holds a number that is too big") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise FormatError(FILE, f"an object has the key {shown(twice)} twice")
    return content


def _no_number(word: str) -> NoReturn:
    raise FormatError(FILE, f"{word} is no number")


def shown(value: Any) -> str:
    """A wrong value as far as it fits into one line."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list) and (len(value) > FEW or any(isinstance(item, (list, dict)) for item in value)):
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def whole(path: str, value: Any, *, least: int = 0, most: int = GREATEST_NUMBER) -> int:
    """A whole number within its range."""
    if type(value) is not int:
        raise FormatError(path, f"{shown(value)} is no whole number")
    if value < 0 <= least:
        raise FormatError(path, f"{shown(value)} is negative")
    if value < least:
        raise FormatError(path, f"{shown(value)} is below {least}")
    if value > most:
        raise FormatError(path, f"{shown(value)} is above {most}")
    return value


def wholes(path: str, value: Any, *, most: int = GREATEST_NUMBER) -> tuple[int, ...]:
    """A list of whole numbers."""
    items = listed(path, value)
    if items and set(map(type, items)) == {int} and min(items) >= 0 and max(items) <= most:
        return tuple(items)  # the rows of large matrices
    return tuple(whole(f"{path}[{number}]", item, most=most) for number, item in enumerate(items))


def listed(path: str, value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise FormatError(path, f"{shown(value)} is no list")
    return value


@dataclass(frozen=True)
class Entry:
    """A JSON object and where it stands."""

    path: str
    content: Mapping[str, Any]

    @classmethod
    def of(cls, path: str, value: Any) -> Entry:
        """The object at a path."""
        if not isinstance(value, dict):
            raise FormatError(path or FILE, f"{shown(value)} is no object")
        return cls(path, value)

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def allow(self, known: Iterable[str], refused: Mapping[str, str] | None = None) -> None:
        """Refuse every other key by name; `refused` are keys that the format has, with the reason why not here."""
        wanted = set(known)
        for key in self.content:
            if refused is not None and key in refused:
                raise FormatError(self.at(key), refused[key])
            if key not in wanted:
                raise FormatError(self.at(plain(key)), "unknown key")

    def require(self, key: str) -> Any:
        """The value of a key that must be there."""
        if key not in self.content:
            raise FormatError(self.at(key), "it is missing")
        return self.content[key]

    def whole(self, key: str, default: int | None = None, *, least: int = 0, most: int = GREATEST_NUMBER) -> int:
        """A whole number; without a default it must be there."""
        if default is not None and key not in self.content:
            return default
        return whole(self.at(key), self.require(key), least=least, most=most)

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        value = self.content.get(key, default)
        if not isinstance(value, str):
            raise FormatError(self.at(key), f"{shown(value)} is no text")
        return value

    def wholes(self, key: str, *, most: int = GREATEST_NUMBER) -> tuple[int, ...]:
        """A list of whole numbers, empty where the key is not there."""
        return wholes(self.at(key), self.content.get(key, []), most=most)

    def entries(self, key: str) -> list[Entry]:
        """The objects of a list, none where the key is not there."""
        path = self.at(key)
        return [Entry.of(f"{path}[{number}]", item)
                for number, item in enumerate(listed(path, self.content.get(key, [])))]

    def window(self, key: str) -> tuple[int, int] | None:
        """A pair of moments, the earlier one first."""
        return window(self.at(key), self.content[key]) if key in self.content else None

    def one_window(self, key: str) -> tuple[int, int] | None:
        """The window of a list of at most one; several are refused by name."""
        if key not in self.content:
            return None
        path, windows = self.at(key), listed(self.at(key), self.content[key])
        if not windows:
            raise FormatError(path, "the list is empty")
        if len(windows) > 1:
            raise FormatError(path, f"there are {len(windows)} windows, this planner takes one")
        return window(f"{path}[0]", windows[0])

    def point(self, key: str) -> tuple[float, float] | None:
        """Longitude and latitude in degrees."""
        if key not in self.content:
            return None
        path, pair = self.at(key), listed(self.at(key), self.content[key])
        if len(pair) != 2 or any(type(value) not in (int, float) for value in pair):
            raise FormatError(path, f"{shown(pair)} is no pair of longitude and latitude")
        if not (abs(pair[0]) <= 180 and abs(pair[1]) <= 90):
            raise FormatError(path, f"{shown(pair)} is no place on earth (longitude comes first)")
        return float(pair[0]), float(pair[1])


def window(path: str, value: Any) -> tuple[int, int]:
    """A pair of moments, the earlier one first."""
    pair = wholes(path, value)
    if len(pair) != 2:
        raise FormatError(path, f"{shown(value)} is no pair of start and end")
    if pair[0] > pair[1]:
        raise FormatError(path, f"it ends at {pair[1]}, before it begins at {pair[0]}")
    return pair[0], pair[1]


def plain(key: str) -> str:
    """A key as it may stand in a path."""
    return key if key.isprintable() and 0 < len(key) <= SHOWN else shown(key)
