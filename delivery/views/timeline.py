"""The board's timeline, map and alarms, worked out from the board's view (PRODUCT U3)."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from core import calendar
from core.i18n import show_day, show_time
from delivery.queries import BoardView, RouteView, StopState, StopView
from delivery.roads import map_credit, road_path
from delivery.states import ShiftStatus, StopStatus
from orders.states import PromiseKind

STEP = timedelta(minutes=30)
BEFORE_NOW = timedelta(minutes=45)
AHEAD = timedelta(hours=3)
SILENT_AFTER = timedelta(minutes=6)  # PRODUCT U4: no answer to the list
HARD_MINUTES = 120


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a row: left edge and width in per cent of the track."""

    left: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Block:
    """A stop on a row: its service, the drive to it, the end of its promise, the whole promise when it is selected."""

    stop: StopView
    service: Span
    travel: Span | None
    due: float | None
    promise: Span | None
    title: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A van's row. `number` is the key that assigns to it and its colour on the map; `rests` the driver's breaks."""

    route: RouteView
    number: int
    shift: Span
    blocks: list[Block]
    rests: list[Span]


@dataclass(frozen=True, kw_only=True)
class Day:
    """The rows of one day with their own scale; `idle` are vans of later that have nothing to do yet."""

    on: date
    word: str
    hours: list[tuple[float, str]]
    now: float | None
    rows: list[Row]
    idle: list[Row]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that wants a look now."""

    state: str
    text: str
    stop_id: int | None = None
    shift_id: int | None = None


def _floor(at: datetime) -> datetime:
    return at - timedelta(seconds=at.timestamp() % STEP.total_seconds())


class Scale:
    """Instants to per cent of a row between two half hours."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = _floor(start), _floor(end + STEP)

    def at(self, instant: datetime) -> float:
        share = (instant - self.start) / (self.end - self.start)
        return round(min(1.0, max(0.0, share)) * 100, 2)

    def span(self, start: datetime, end: datetime) -> Span:
        left = self.at(start)
        return Span(left=left, width=round(self.at(end) - left, 2))

    def shows(self, start: datetime, end: datetime) -> bool:
        return start < self.end and end > self.start

    def hours(self) -> list[tuple[float, str]]:
        first = self.start + timedelta(seconds=-self.start.timestamp() % 3600)
        every = 1 if self.end - self.start <= timedelta(hours=10) else 2
        marks = range(0, int((self.end - first) / timedelta(hours=1)) + 1, every)
        return [(self.at(at), show_time(at)) for mark in marks if (at := first + timedelta(hours=mark)) < self.end]


def numbers(board: BoardView) -> dict[int, int]:
    """The number of each route on the board, from 1: its key and its colour."""
    return {route.shift_id: number for number, route in enumerate(board.routes, start=1)}


def promise_words(stop: StopView) -> str:
    """The promise in a few characters: `by 14.20` or `13.00–15.00`."""
    if stop.promise_kind is PromiseKind.HOUR:
        return _("by %(time)s", time=show_time(stop.promised_by_at))
    return f"{show_time(stop.promised_from_at)}–{show_time(stop.promised_by_at)}"


def timeline(board: BoardView, selected: int | None) -> list[Day]:
    """Today's rows, then those of later days that the board knows."""
    days: dict[date, list[RouteView]] = {}
    for route in board.routes:
        days.setdefault(calendar.local_date(max(route.starts_at, board.now)), []).append(route)
    return [_day(board, on, routes, selected) for on, routes in sorted(days.items())]


def _day(board: BoardView, on: date, routes: Sequence[RouteView], selected: int | None) -> Day:
    today = on == calendar.local_date(board.now)
    leaves = [stop.planned_leave_at for route in routes for stop in route.stops if stop.planned_leave_at]
    if today:
        scale = Scale(board.now - BEFORE_NOW, max([board.now + AHEAD, *leaves]))
    else:
        first = min(route.starts_at for route in routes)
        scale = Scale(first, max([first + AHEAD, *leaves]))
    number = numbers(board)
    rows = [Row(route=route, number=number[route.shift_id], shift=scale.span(route.starts_at, route.ends_at),
                blocks=[block for stop in (*route.ended, *route.stops)
                        if (block := _block(stop, scale, selected)) is not None],
                rests=[scale.span(start, end) for start, end in route.rests if scale.shows(start, end)])
            for route in routes]
    idle = [row for row in rows if not row.blocks and not row.route.stops and row.route.starts_at > board.now]
    return Day(on=on, word=show_day(on, now=board.now), hours=scale.hours(),
               now=scale.at(board.now) if today else None, rows=[row for row in rows if row not in idle], idle=idle)


def _block(stop: StopView, scale: Scale, selected: int | None) -> Block | None:
    start = stop.planned_start_at or stop.ended_at
    if start is None:
        return None
    end = stop.ended_at or stop.planned_leave_at or start
    start = min(start, end)
    if not scale.shows(start, end + timedelta(minutes=1)):
        return None
    leaves_at = start - timedelta(seconds=stop.travel_s)
    ended = stop.ended_at is not None
    return Block(
        stop=stop, service=scale.span(start, end),
        travel=scale.span(leaves_at, start) if stop.travel_s and not ended else None,
        due=None if ended or not scale.shows(stop.promised_by_at, stop.promised_by_at + STEP)
        else scale.at(stop.promised_by_at),
        promise=scale.span(stop.promised_from_at, stop.promised_by_at) if stop.id == selected else None,
        title=f"{stop.position}. {stop.street_line}, {promise_words(stop)}")


def ring(stop: StopView) -> int:
    """How much of the two hours is used up, in per cent (H-111)."""
    return round(100 * min(1.0, max(0.0, 1 - stop.minutes_left / HARD_MINUTES)))


def alarms(board: BoardView) -> list[Alarm]:
    """Late stops, promises at risk, pool stops that no van can take, drivers who do not answer their list."""
    found: list[Alarm] = []
    for route in board.routes:
        found += [Alarm(state="late", stop_id=stop.id, text=_(
            "%(van)s stop %(position)d is late", van=route.vehicle_code, position=stop.position))
            for stop in route.stops if stop.state is StopState.LATE]
        silent = route.list_published_at is not None and board.now - route.list_published_at > SILENT_AFTER
        if silent and not route.accepted and route.status in (ShiftStatus.PLANNED, ShiftStatus.ACTIVE):
            found.append(Alarm(state="at_risk", shift_id=route.shift_id, text=_(
                "%(van)s has not accepted its list", van=route.vehicle_code)))
        if route.status is ShiftStatus.DOWN and route.stops:
            found.append(Alarm(state="failed", shift_id=route.shift_id, text=ngettext(
                "%(van)s is down with %(num)s stop", "%(van)s is down with %(num)s stops", len(route.stops),
                van=route.vehicle_code)))
    found += [Alarm(state="late" if stop.minutes_left < 0 else "at_risk", stop_id=stop.id,
                    text=_("No van for %(street)s", street=stop.street_line))
              for stop in board.pool if stop.unserved_reason]
    found += [Alarm(state="at_risk", stop_id=stop.id, text=_(
        "%(van)s stop %(position)d is at risk", van=route.vehicle_code, position=stop.position))
        for route in board.routes for stop in route.stops if stop.state is StopState.AT_RISK]
    return found


def zone_ring(zone: Mapping[str, Any] | None) -> list[list[float]]:
    """The outer ring of a GeoJSON polygon as the map takes it: latitude first."""
    if not zone:
        return []
    shape = zone.get("geometry", zone)
    rings = shape["coordinates"][0] if shape["type"] == "MultiPolygon" else shape["coordinates"]
    return [[lat, lon] for lon, lat, *_rest in rings[0]]


def iso_time(text: str | None) -> str:
    """The local time of an ISO instant in a proposal; empty for none."""
    return show_time(datetime.fromisoformat(text)) if text else ""


def map_data(board: BoardView, selected: int | None, key: str) -> dict[str, Any]:
    """What static/js/board.js draws: pins by van and number, routes, depot, vans, zone."""
    number = numbers(board)
    markers: list[dict[str, Any]] = [{"lat": board.depot_lat, "lon": board.depot_lon, "kind": "depot", "label": "D",
                                      "title": board.depot_name}]
    routes = []
    for route in board.routes:
        colour = number[route.shift_id]
        markers += [_marker(stop, str(stop.position), colour) for stop in route.stops]
        if route.stops:
            points = [(route.lat, route.lon), *((stop.lat, stop.lon) for stop in route.stops)]
            routes.append({"id": route.shift_id, "route": colour, "points": points, "title": route.vehicle_code,
                           "path": road_path(points)})
            markers.append({"lat": route.lat, "lon": route.lon, "kind": "vehicle", "route": colour,
                            "label": route.vehicle_code,
                            "title": route.vehicle_code})
    markers += [_marker(stop, "?", None) for stop in board.pool]
    return {"key": key, "selected": selected, "markers": markers, "routes": routes, "zone": zone_ring(board.zone),
            "credit": map_credit()}


def _marker(stop: StopView, label: str, colour: int | None) -> dict[str, Any]:
    marker: dict[str, Any] = {"id": stop.id, "lat": stop.lat, "lon": stop.lon, "label": label, "kind": "stop",
                              "title": f"{stop.street_line}, {promise_words(stop)}"}
    if stop.state in (StopState.LATE, StopState.AT_RISK):
        marker["state"] = stop.state.value
    if colour is not None:
        marker["route"] = colour
    return marker


def movable(stop: StopView) -> bool:
    """Whether a person can still move it."""
    return stop.status in (StopStatus.UNASSIGNED, StopStatus.PLANNED)
