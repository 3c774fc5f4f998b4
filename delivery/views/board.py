"""The dispatcher's board `/dispatch`: pool, map, timeline, inspector; every action a plain form (PRODUCT U3, P-D5)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from core.audit import current_actor
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import is_fragment
from delivery import services
from delivery.errors import StalePlan, UnknownFix
from delivery.explaining import explain
from delivery.explaining_words import fix_words
from delivery.forms import DownForm, FixForm, MoveForm
from delivery.queries import board_view, plan_version, shift_by_id, stop_by_id
from delivery.views.board_screen import (
    ReasonUnfit,
    Screen,
    act_on,
    blueprint,
    depot_or_first,
    done,
    draw,
    open_routes,
    poll_key,
    seen_version,
)


@blueprint.get("")
def index() -> Any:
    """The board, with a stop or a van selected."""
    return draw(Screen(depot_id=depot_or_first(request.args.get("depot", type=int)),
                       stop_id=request.args.get("stop", type=int), shift_id=request.args.get("van", type=int)))


@blueprint.get("/fragment")
def fragment() -> Any:
    """The board's parts for the poll: 204 while the plan and the quarter minute are the ones that were seen."""
    depot_id = depot_or_first(request.args.get("depot", type=int))
    if request.args.get("seen") == poll_key(plan_version(depot_id), utc_now()):
        return Response(status=204)
    screen = Screen(depot_id=depot_id, stop_id=request.args.get("stop", type=int),
                    shift_id=request.args.get("van", type=int), hold=request.args.get("hold") == "1")
    return draw(screen) if is_fragment() else redirect(url_for("board.index", depot=depot_id, stop=screen.stop_id))


@blueprint.get("/stops/<int:stop_id>")
def stop(stop_id: int) -> Any:
    """One stop in the inspector."""
    found = stop_by_id(stop_id)
    if not is_fragment():
        return redirect(url_for("board.index", depot=found.depot_id, stop=stop_id))
    return draw(Screen(depot_id=found.depot_id, stop_id=stop_id))


@blueprint.get("/shifts/<int:shift_id>")
def van(shift_id: int) -> Any:
    """One van in the inspector."""
    found = shift_by_id(shift_id)
    if not is_fragment():
        return redirect(url_for("board.index", depot=found.depot_id, van=shift_id))
    return draw(Screen(depot_id=found.depot_id, shift_id=shift_id))


@blueprint.post("/stops/<int:stop_id>/move")
def move(stop_id: int) -> Any:
    """Check a move (what breaks, minutes, kilometres) or make it, guarded by the version that was seen (Y-06)."""
    form = MoveForm()
    screen = Screen(depot_id=stop_by_id(stop_id).depot_id, stop_id=stop_id, form=form)
    if not form.validate():
        return draw(screen)
    shift_id, position, now, actor = form.shift_id.data, form.position.data, utc_now(), current_actor()
    try:
        if form.do.data == "check":
            screen.result = services.check_move(stop_id, shift_id, position, now=now)
            return draw(screen)
        with unit_of_work():
            screen.result = services.move_stop(
                stop_id, shift_id, position, seen_version=form.seen_version.data or 0, now=now, actor=actor,
                force_reason=form.force_reason.data or "")
    except DomainError as refusal:
        screen.refusal = refusal
        if refusal.field == "shift_id":
            form.shift_id.errors = [*form.shift_id.errors, str(refusal)]
        return draw(screen)
    if not screen.result.applied:
        screen.tried = True
        page, _status = draw(screen)
        return page, 409
    screen.said, screen.form, screen.result = _("Moved."), None, None
    return done(screen)


@blueprint.post("/stops/<int:stop_id>/lock")
def lock(stop_id: int) -> Any:
    """Lock a stop where it is, or let it go again."""
    locked = request.form.get("locked", "1") == "1"

    def act(now: datetime, actor: str) -> str:
        services.lock_stop(stop_id, locked, seen_version=seen_version(), now=now, actor=actor)
        return _("Locked.") if locked else _("Unlocked.")

    return act_on(Screen(depot_id=stop_by_id(stop_id).depot_id, stop_id=stop_id), act)


@blueprint.post("/stops/<int:stop_id>/unassign")
def unassign(stop_id: int) -> Any:
    """Take a stop out of its route into the pool, and hold it there."""

    def act(now: datetime, actor: str) -> str:
        services.unassign_stop(stop_id, seen_version=seen_version(), now=now, actor=actor)
        return _("Taken out of the route. It stays in the pool until it is unlocked or moved.")

    return act_on(Screen(depot_id=stop_by_id(stop_id).depot_id, stop_id=stop_id), act)


@blueprint.post("/stops/<int:stop_id>/fix")
def fix(stop_id: int) -> Any:
    """Do what an explanation proposes: it is worked out anew, so that only what still helps is done (D7)."""
    screen, form = Screen(depot_id=stop_by_id(stop_id).depot_id, stop_id=stop_id), FixForm()
    found = explain(stop_id, utc_now())

    def act(now: datetime, actor: str) -> str:
        if not form.validate() or found is None:
            raise UnknownFix(stop_id=stop_id)
        if found.seen.version != form.seen_version.data:
            raise StalePlan(seen=form.seen_version.data, present=found.seen.version)
        done_fix = services.carry_out(found, form.fix.data or "", now=now, actor=actor)
        return _("Done: %(what)s.", what=fix_words(found, done_fix))

    return act_on(screen, act)


@blueprint.post("/depots/<int:depot_id>/undo")
def undo(depot_id: int) -> Any:
    """Take the last move by hand back, exactly."""
    screen = Screen(depot_id=depot_or_first(depot_id))

    def act(now: datetime, actor: str) -> str:
        screen.stop_id = services.undo_move(depot_id, seen_version=seen_version(), now=now, actor=actor)
        return _("The last move is undone.")

    return act_on(screen, act)


@blueprint.post("/depots/<int:depot_id>/replan")
def replan(depot_id: int) -> Any:
    """Ask the background to improve the plan now."""

    def act(now: datetime, actor: str) -> str:
        services.ask_improvement(depot_id, now=now, actor=actor)
        return _("The plan is being improved. The result applies itself, or comes as a proposal.")

    return act_on(Screen(depot_id=depot_or_first(depot_id), stop_id=request.form.get("stop", type=int)), act)


@blueprint.post("/shifts/<int:shift_id>/publish")
def publish(shift_id: int) -> Any:
    """Send a van's list to its driver; after the first only what changed (Y-13)."""

    def act(now: datetime, actor: str) -> str:
        sent = services.publish(shift_id, now=now, actor=actor)
        return ngettext("List %(version)s sent: %(num)s message.", "List %(version)s sent: %(num)s messages.",
                        sent.messages, version=sent.version)

    return act_on(Screen(depot_id=shift_by_id(shift_id).depot_id, shift_id=shift_id), act)


@blueprint.post("/depots/<int:depot_id>/publish")
def publish_all(depot_id: int) -> Any:
    """Send every list that changed, each in a unit of work of its own: one refusal does not hold up the others."""
    screen = Screen(depot_id=depot_or_first(depot_id), stop_id=request.form.get("stop", type=int))
    now, actor, sent = utc_now(), current_actor(), 0
    for route in open_routes(board_view(depot_id, now)):
        if not route.list_changed:
            continue
        try:
            with unit_of_work():
                services.publish(route.shift_id, now=now, actor=actor)
            sent += 1
        except DomainError as refusal:
            screen.refusal = refusal
    if screen.refusal is not None:
        return draw(screen)
    screen.said = ngettext("%(num)s list sent.", "%(num)s lists sent.", sent)
    return done(screen)


@blueprint.post("/shifts/<int:shift_id>/down")
def down(shift_id: int) -> Any:
    """The van cannot go on: its stops are planned anew at once. Or it is back."""
    screen = Screen(depot_id=shift_by_id(shift_id).depot_id, shift_id=shift_id)
    form = DownForm()
    if not form.validate():
        screen.refusal = ReasonUnfit(shift_id=shift_id)
        return draw(screen)

    def act(now: datetime, actor: str) -> str:
        if form.up.data == "1":
            services.van_up(shift_id, now=now, actor=actor)
            return _("The van takes stops again.")
        freed = services.van_down(shift_id, reason=form.reason.data or "", now=now, actor=actor)
        return ngettext("The van is down: %(num)s stop is planned anew.",
                        "The van is down: %(num)s stops are planned anew.", freed)

    return act_on(screen, act)


@blueprint.post("/shifts/<int:shift_id>/load")
def load(shift_id: int) -> Any:
    """Send a van to its depot to load, right after what it does now (P5)."""
    screen = Screen(depot_id=shift_by_id(shift_id).depot_id, shift_id=shift_id)

    def act(now: datetime, actor: str) -> str:
        services.send_to_load(shift_id, seen_version=seen_version(), now=now, actor=actor)
        return _("The van goes to load at the depot next.")

    return act_on(screen, act)


@blueprint.post("/shifts/<int:shift_id>/driver")
def driver_page(shift_id: int) -> Any:
    """Open the driver's own page, with a link made for it where none is valid."""
    shift_by_id(shift_id)
    with unit_of_work():
        path = services.driver_path(shift_id, utc_now())
    return redirect(path, 303)


@blueprint.post("/proposals/<int:proposal_id>")
def proposal(proposal_id: int) -> Any:
    """Apply or discard a proposal of the background (Y-06)."""
    screen = Screen(depot_id=depot_or_first(request.form.get("depot", type=int)))

    def act(now: datetime, actor: str) -> str:
        if request.form.get("do") == "apply":
            services.apply_proposal(proposal_id, now=now, actor=actor)
            return _("The proposal is applied.")
        services.discard_proposal(proposal_id, now=now, actor=actor)
        return _("The proposal is discarded.")

    return act_on(screen, act)
