"""Travel times of a map file, read when it is first needed and again whenever it is replaced."""
from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from routing.maps.errors import MapError
from routing.maps.graph import load_graph
from routing.travel_times.base import Matrix, Point, TravelTimes
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.graph import GraphTravelTimes

log = logging.getLogger(__name__)
Stamp = tuple[int, int, int]


class MapFileTravelTimes:
    """The map's times, remembered; the fallback's while there is no file. Thread-safe.

    A file that cannot be read leaves the map read before in force; `note` says so.
    """

    def __init__(self, path: Path, *, fallback: TravelTimes) -> None:
        self._path, self._fallback = path, fallback
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._loaded: tuple[GraphTravelTimes, CachedTravelTimes] | None = None
        self.note = ""

    def current(self) -> GraphTravelTimes | None:
        """The map in force; None while there is none."""
        loaded = self._newest()
        return loaded[0] if loaded is not None else None

    def mark(self) -> str:
        """What tells this map file from another; empty while there is none. Nothing is read."""
        stamp = self._found()
        return f"{stamp[0]:x}" if stamp is not None else ""

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All points against all points. Raises BadPoint."""
        return self._source().matrix(points)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Matrix:
        """Sources against targets. Raises BadPoint."""
        return self._source().table(sources, targets)

    def _source(self) -> TravelTimes:
        loaded = self._newest()
        return loaded[1] if loaded is not None else self._fallback

    def _newest(self) -> tuple[GraphTravelTimes, CachedTravelTimes] | None:
        stamp = self._found()
        if stamp == self._stamp:
            return self._loaded
        if not self._lock.acquire(blocking=self._loaded is None):
            return self._loaded  # another thread reads the new file; until then the old one holds
        try:
            if stamp != self._stamp:
                self._read(stamp)
            return self._loaded
        finally:
            self._lock.release()

    def _found(self) -> Stamp | None:
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

    def _read(self, stamp: Stamp | None) -> None:
        if stamp is None:
            self._loaded, self.note = None, ""
        else:
            try:
                times = GraphTravelTimes(load_graph(self._path), fallback=self._fallback)
                self._loaded, self.note = (times, CachedTravelTimes(times)), ""
            except MapError as error:
                self.note = f"the map cannot be read: {error}"
                log.warning("%s", self.note)
        self._stamp = stamp
