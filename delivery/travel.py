"""Travel times of this process: a server, the map or the formula, remembered, times the traffic of the hour."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from core import health
from delivery.factors import Factors, factors_at
from routing.travel_times.base import TravelTimes
from routing.travel_times.cached import CachedTravelTimes
from routing.travel_times.factors import ScaledTravelTimes
from routing.travel_times.formula import FormulaTravelTimes
from routing.travel_times.http import OsrmTravelTimes, ServerTravelTimes, ValhallaTravelTimes
from routing.travel_times.map_file import MapFileTravelTimes

SERVERS: dict[str, type[ValhallaTravelTimes] | type[OsrmTravelTimes]] = {
    "valhalla": ValhallaTravelTimes, "osrm": OsrmTravelTimes}
FORMULA, MAP = "formula", "map"


@dataclass(frozen=True, kw_only=True)
class FreeFlow:
    """Where free-flow times come from: `engine` names the best source, `times` remembers its answers. `map` is there
    whether or not a map has been imported yet."""

    engine: str
    times: TravelTimes
    server: ServerTravelTimes | None = None
    map: MapFileTravelTimes | None = None


def init_app(app: Flask) -> None:
    """Compose the sources by the configuration. RuntimeError for one that makes no sense."""
    app.extensions["free_flow"] = _composed(app.config)
    health.add_note(app, "travel", _note)


def _composed(config: dict[str, Any]) -> FreeFlow:
    name, url = config["TRAVEL_SERVER"], config["TRAVEL_SERVER_URL"]
    formula: TravelTimes = CachedTravelTimes(FormulaTravelTimes(1.0))
    roads = MapFileTravelTimes(Path(config["MAP_PATH"]), fallback=formula)
    if not name and not url:
        return FreeFlow(engine=FORMULA, times=roads, map=roads)
    if name not in SERVERS:
        raise RuntimeError(f"TRAVEL_SERVER is {name!r}: it must be one of {', '.join(sorted(SERVERS))}, or empty "
                           "together with TRAVEL_SERVER_URL (see docs/configuration.md)")
    try:
        server = SERVERS[name](url, fallback=roads, timeout_s=config["TRAVEL_SERVER_TIMEOUT_MS"] / 1000,
                               max_pairs=config["TRAVEL_SERVER_MAX_PAIRS"])
    except ValueError as error:
        raise RuntimeError(f"TRAVEL_SERVER_URL and its limits: {error} (see docs/configuration.md)") from error
    return FreeFlow(engine=name, times=CachedTravelTimes(server), server=server, map=roads)


def free_flow() -> FreeFlow:
    """The source of free-flow times of this process."""
    found: FreeFlow = current_app.extensions["free_flow"]
    if found.engine == FORMULA and found.map is not None and found.map.current() is not None:
        return replace(found, engine=MAP)
    return found


def map_file() -> MapFileTravelTimes | None:
    """The map of this process, whether or not one has been imported yet."""
    found: FreeFlow = current_app.extensions["free_flow"]
    return found.map


def _note() -> str:
    found = free_flow()
    notes = (found.server.breaker.note if found.server else "", found.map.note if found.map else "")
    return "; ".join(note for note in notes if note)


def traffic(now: datetime) -> Factors:
    """The factors that hold now."""
    return factors_at(now, free_flow().engine)


def travel_times(now: datetime) -> TravelTimes:
    """Travel times with the traffic of the hour."""
    return ScaledTravelTimes(free_flow().times, traffic(now).permille_to)
