"""The driver's phone page `/d/<token>`: the next stop, three taps to close it, the rest below (PRODUCT U4)."""
from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from delivery import driving, resting
from delivery.errors import StopOver
from delivery.forms import AcceptForm, FailForm
from delivery.goods import RELOAD
from delivery.queries import driver_stop
from delivery.states import FailReason
from delivery.views import driver_count as driver_count  # the route of the count
from delivery.views import sheets as sheets  # the routes of the sheets
from delivery.views.job_list import ENDED, blueprint, list_page, list_path, shift_of


def _step(token: str, act: Any, goal: str | None = None) -> Any:
    """One step in one unit of work; a refusal comes back on the list."""
    shift_id, now = shift_of(token), utc_now()
    try:
        with unit_of_work():
            act(shift_id, now)
    except DomainError as refusal:
        return list_page(token, shift_id, now=now, refusal=refusal)
    return redirect(goal or list_path(token), 303)


@blueprint.get("/<token>")
def show(token: str) -> Any:
    """The list; asked for by htmx every 30 s: 204 while nothing changed."""
    return list_page(token, shift_of(token), now=utc_now())


@blueprint.post("/<token>/accept")
def accept(token: str) -> Any:
    """The driver takes note of the list's version."""
    form = AcceptForm()
    if not form.validate():
        return redirect(list_path(token), 303)
    return _step(token, lambda shift_id, now: driving.accept_list(shift_id, form.version.data or 0, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/leave")
def leave(token: str, stop_id: int) -> Any:
    """The van leaves for this very stop (Y-07)."""
    out_of_turn = request.form.get("out_of_turn") == "1"
    return _step(token, lambda shift_id, now: driving.leave_for(shift_id, stop_id, out_of_turn=out_of_turn, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/back")
def back(token: str, stop_id: int) -> Any:
    """Undo the last step: not arrived after all, not leaving yet."""
    return _step(token, lambda shift_id, now: driving.turn_back(shift_id, stop_id, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/arrive")
def arrive(token: str, stop_id: int) -> Any:
    """At the door: on to the sheet."""
    stop = driver_stop(shift_of(token), stop_id, utc_now())
    if stop.kind == RELOAD:
        return _step(token, lambda shift_id, now: driving.arrive(shift_id, stop_id, now=now))
    sheet = "driver.collect" if stop.case is not None else "driver.deliver"
    return _step(token, lambda shift_id, now: driving.arrive(shift_id, stop_id, now=now),
                 url_for(sheet, token=token, stop_id=stop_id))


@blueprint.post("/<token>/rest")
def rest(token: str) -> Any:
    """The driver's break begins, or is over (`over`)."""
    step = resting.end_rest if request.form.get("over") == "1" else resting.begin_rest
    return _step(token, lambda shift_id, now: step(shift_id, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/loaded")
def loaded(token: str, stop_id: int) -> Any:
    """The van is loaded: booked once, on to the next stop (P5)."""
    return _step(token, lambda shift_id, now: driving.reload_van(shift_id, stop_id, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/skip")
def skip(token: str, stop_id: int) -> Any:
    """No loading now."""
    return _step(token, lambda shift_id, now: driving.skip_reload(shift_id, stop_id, now=now))


@blueprint.route("/<token>/stops/<int:stop_id>/fail", methods=["GET", "POST"])
def fail(token: str, stop_id: int) -> Any:
    """Nothing could be handed over: why (Y-07)."""
    shift_id, now = shift_of(token), utc_now()
    stop = driver_stop(shift_id, stop_id, now)
    if stop.status in ENDED:
        return redirect(list_path(token, done=stop_id), 303)
    form = FailForm()
    if request.method == "POST" and form.validate():
        reason = FailReason(form.reason.data)
        try:
            with unit_of_work():
                driving.fail(shift_id, stop_id, reason, now=now)
        except StopOver:
            return redirect(list_path(token, done=stop_id), 303)
        except DomainError as refusal:
            return list_page(token, shift_id, now=now, refusal=refusal)
        return redirect(list_path(token, done=stop_id), 303)
    page = render_template("delivery/driver_fail.html", token=token, stop=stop, form=form)
    return page, 422 if form.errors else 200
