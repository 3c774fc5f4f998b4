"""Fetching an extract: a download that goes on where it was cut off, checked against the published checksum."""
from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from routing.maps.errors import MapError

BLOCK_BYTES = 1 << 18
TIMEOUT_S = 30.0
AGENT = "plin-na-dom (map import)"
Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0 where nobody says)
_MD5 = re.compile(r"\b[0-9a-f]{32}\b", re.IGNORECASE)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A whole file. `checked`: its checksum is the published one; without it nobody published one."""

    path: Path
    size: int
    resumed_at: int
    checked: bool


@dataclass(frozen=True, kw_only=True)
class _Version:
    """Which version of the file a half one is of; without a mark it cannot be gone on with."""

    url: str
    mark: str


def fetch(url: str, folder: Path, progress: Progress | None = None) -> Fetched:
    """Download a file into a folder. What an earlier call left half is gone on with if the server still has the same
    version. MapError in one line; half a file stays for the next call, a wrong one does not."""
    name = Path(unquote(urlsplit(url).path)).name
    if urlsplit(url).scheme not in ("http", "https") or not name:
        raise MapError(f"{url!r} is no address of a file: write it like https://example.org/area.osm.pbf")
    part, note, path = folder / f"{name}.part", folder / f"{name}.part.json", folder / name
    try:
        resumed_at = _download(url, part, note, progress or (lambda _done, _all: None))
        expected = _published_md5(url)
        if expected and _md5_of(part) != expected:
            part.unlink()
            note.unlink(missing_ok=True)
            raise MapError(f"{url}: the checksum is not the published one; fetch it again")
        size = part.stat().st_size
        part.replace(path)
        note.unlink(missing_ok=True)
    except HTTPError as error:
        with error:
            raise MapError(f"{url}: the server answers {error.code} {error.reason}") from None
    except (OSError, HTTPException) as error:
        raise MapError(f"{url}: {_reason(error)}") from error
    return Fetched(path=path, size=size, resumed_at=resumed_at, checked=bool(expected))


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "reason", "") or getattr(error, "strerror", "") or error).split()).lower()


def _ask(url: str, headers: dict[str, str]) -> Any:
    request = Request(url, headers={"User-Agent": AGENT, **headers})  # noqa: S310 - the scheme was looked at
    return closing(urlopen(request, timeout=TIMEOUT_S))  # noqa: S310


def _download(url: str, part: Path, note: Path, tell: Progress) -> int:
    """Complete the half file; returns how much of it was there already."""
    have, version = (part.stat().st_size, _read_note(note)) if part.exists() else (0, None)
    headers = {}
    if have and version is not None and version.url == url and version.mark:
        headers = {"Range": f"bytes={have}-", "If-Range": version.mark}
    try:
        with _ask(url, headers) as answer:
            return _store(url, answer, part, note, have if headers else 0, tell)
    except HTTPError as error:
        if error.code != 416 or not headers:
            raise
        with error:  # nothing is behind what we have: it is whole, or of another version
            total = (error.headers.get("Content-Range") or "").rpartition("/")[2]
    if total == str(have):
        tell(have, have)
        return have
    part.unlink()
    return _download(url, part, note, tell)


def _store(url: str, answer: Any, part: Path, note: Path, have: int, tell: Progress) -> int:
    """Append to what is there if the server goes on with it, else begin anew; whole or MapError."""
    span = _RANGE.fullmatch(answer.headers.get("Content-Range") or "")
    goes_on = answer.status == 206 and span is not None and int(span[1]) == have
    if answer.status == 206 and not goes_on:
        part.unlink()
        raise MapError(f"{url}: the server sent another part than was asked for; fetch it again")
    done = have if goes_on else 0
    total = done + int(answer.headers.get("Content-Length") or 0)
    if not goes_on:
        part.unlink(missing_ok=True)
        note.write_text(json.dumps(asdict(_Version(url=url, mark=_mark(answer.headers)))), encoding="utf-8")
    with part.open("ab") as file:
        tell(done, total)
        while block := answer.read(BLOCK_BYTES):
            file.write(block)
            done += len(block)
            tell(done, total)
    if answer.headers.get("Content-Length") and done != total:
        raise MapError(f"{url}: the connection ended after {done} of {total} bytes; fetch again to go on from there")
    return have if goes_on else 0


def _mark(headers: Any) -> str:
    """What tells a version from another: a strong ETag, else the date of the last change."""
    tag = headers.get("ETag") or ""
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified") or ""


def _read_note(note: Path) -> _Version | None:
    try:
        return _Version(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _published_md5(url: str) -> str:
    """The checksum beside the file; empty where none is published."""
    try:
        with _ask(f"{url}.md5", {}) as answer:
            found = _MD5.search(answer.read(4096).decode("ascii", "replace"))
    except HTTPError as error:
        with error:
            if error.code in (403, 404, 410):
                return ""
        raise
    return found[0].lower() if found else ""


def _md5_of(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
