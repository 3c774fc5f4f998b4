"""One answer of the board: its blueprint, what is selected, what came of an action, and how it is drawn."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l

from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError, InvalidInput, NotFound
from core.http import is_fragment
from core.roles import Role
from delivery import services
from delivery.explaining import explain
from delivery.explaining_words import explanation_view
from delivery.forms import MoveForm, PlanForm
from delivery.queries import BoardView, RouteView, StopView, board_view, depots
from delivery.states import ShiftStatus
from delivery.views import timeline
from delivery.words import breach_word, fail_word, unserved_word
from orders.words import delay_reason_word, payment_word

blueprint = Blueprint("board", __name__, url_prefix="/dispatch")
guard(blueprint, Role.DISPATCHER)
blueprint.context_processor(lambda: {
    "breach_word": breach_word, "unserved_word": unserved_word, "fail_word": fail_word, "ring": timeline.ring,
    "delay_reason_word": delay_reason_word, "payment_word": payment_word, "promise_words": timeline.promise_words,
    "movable": timeline.movable, "iso_time": timeline.iso_time})

BUCKET_S = 15  # the board is drawn again at least this often, so that the now-line moves


class UnknownDepot(NotFound):
    """No depot has been entered, or not this one."""

    code = "unknown_depot"
    message = _l("There is no such depot. Add one first.")


class ReasonUnfit(InvalidInput):
    """A reason that is too long or cannot be read."""

    code = "reason_unfit"
    field = "reason"
    message = _l("Give a short reason in Latin letters.")


@dataclass(kw_only=True)
class Screen:
    """What one answer shows: the selection, and what came of an action."""

    depot_id: int
    stop_id: int | None = None
    shift_id: int | None = None
    refusal: DomainError | None = None
    said: str = ""
    form: MoveForm | None = None
    result: services.MoveResult | None = None
    tried: bool = False
    hold: bool = False


def depot_or_first(asked: int | None) -> int:
    """The depot asked for, else the first one; UnknownDepot."""
    known = [depot.id for depot in depots()]
    if not known or (asked is not None and asked not in known):
        raise UnknownDepot(depot_id=asked)
    return asked or known[0]


def poll_key(version: int, now: datetime) -> str:
    """What the page has seen: the plan's version and the quarter minute."""
    return f"{version}.{int(now.timestamp()) // BUCKET_S}"


def draw(screen: Screen) -> Any:
    """The whole board as a page, or its parts for htmx; a refusal comes with its status and the present plan."""
    now = utc_now()
    board = board_view(screen.depot_id, now)
    stop = board.stop(screen.stop_id)
    route = next((found for found in board.routes if found.shift_id == screen.shift_id), None)
    selected = stop.id if stop else None
    why = explain(stop.id, now) if stop is not None else None
    page = render_template(
        "delivery/_board_parts.html" if is_fragment() else "delivery/board.html", board=board, stop=stop, route=route,
        days=timeline.timeline(board, selected), alarms=timeline.alarms(board), numbers=timeline.numbers(board),
        data={**timeline.map_data(board, selected, poll_key(board.version, now)), "van": screen.shift_id},
        form=_move_form(screen, board, stop), open_routes=open_routes(board), refusal=screen.refusal,
        said=screen.said, result=screen.result, tried=screen.tried, place=_place(board, stop),
        why=explanation_view(why) if why is not None else None, hold=screen.hold, depots=depots(),
        unsent=[found for found in open_routes(board) if found.list_changed])
    return page, screen.refusal.status if screen.refusal is not None else _form_status(screen)


def _form_status(screen: Screen) -> int:
    return 422 if screen.form is not None and screen.form.errors else 200


def open_routes(board: BoardView) -> list[RouteView]:
    """Routes that take stops."""
    return [route for route in board.routes if route.status in (ShiftStatus.PLANNED, ShiftStatus.ACTIVE)]


def _move_form(screen: Screen, board: BoardView, stop: StopView | None) -> MoveForm | None:
    """The move form of the selected stop, with what was typed where it comes back."""
    if stop is None or not timeline.movable(stop):
        return None
    if screen.form is not None:
        return screen.form
    return MoveForm(formdata=None, shift_id=stop.shift_id, position=_place(board, stop))


def _place(board: BoardView, stop: StopView | None) -> int | None:
    """The stop's place among the open stops of its van, from 1."""
    for route in board.routes:
        for place, found in enumerate(route.stops, start=1):
            if found == stop:
                return place
    return None


def act_on(screen: Screen, act: Callable[[datetime, str], str]) -> Any:
    """One action in one unit of work. It answers with the present board: with what was done, or with the refusal."""
    now, actor = utc_now(), current_actor()
    try:
        with unit_of_work():
            screen.said = act(now, actor)
    except DomainError as refusal:
        screen.refusal = refusal
        return draw(screen)
    return done(screen)


def done(screen: Screen) -> Any:
    """The answer to an action that was made."""
    if is_fragment():
        return draw(screen)
    flash(screen.said, "ok")
    return redirect(url_for("board.index", depot=screen.depot_id, stop=screen.stop_id, van=screen.shift_id), 303)


def seen_version() -> int:
    """The plan's version that was seen; a form without one counts as stale."""
    form = PlanForm()
    return form.seen_version.data if form.validate() and form.seen_version.data is not None else -1
