"""Finance closes the drivers' days: counts beside what is expected, the stops behind a difference, the signature."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.roles import Role
from delivery import closing
from delivery.views import counts

SHOWN = timedelta(days=14)
blueprint = Blueprint("closings", __name__, url_prefix="/finance/closings")
guard(blueprint, Role.FINANCE)
blueprint.after_request(no_store)

blueprint.context_processor(counts.words)


@blueprint.get("")
def index() -> Any:
    """The shifts of the last two weeks that are over."""
    return render_template("delivery/closings.html", rows=closing.ended_shifts(utc_now() - SHOWN))


@blueprint.get("/<int:shift_id>")
def show(shift_id: int) -> Any:
    """One shift's count."""
    found = closing.closing_of(shift_id)
    return _page(found, counts.count_form(found))


@blueprint.post("/<int:shift_id>")
def count(shift_id: int) -> Any:
    """What was counted."""
    found = closing.closing_of(shift_id)
    form = counts.count_form(found)
    if not form.validate():
        return _page(found, form, status=422)
    try:
        with unit_of_work():
            closing.count(shift_id, counts.counted_by_form(found, form), note=form.note.data or "", now=utc_now(),
                          actor=current_actor())
    except DomainError as refusal:
        return _page(found, form, refusal, status=refusal.status)
    return redirect(url_for("closings.show", shift_id=shift_id), 303)


@blueprint.post("/<int:shift_id>/sign")
def sign(shift_id: int) -> Any:
    """The driver and finance agree: the shift is closed."""
    try:
        with unit_of_work():
            closing.sign(shift_id, now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        found = closing.closing_of(shift_id)
        return _page(found, counts.count_form(found), refusal, status=refusal.status)
    flash(_("The shift is closed."), "ok")
    return redirect(url_for("closings.show", shift_id=shift_id), 303)


def _page(found: closing.Closing, form: Any, refusal: DomainError | None = None, status: int = 200) -> Any:
    page = render_template("delivery/closing.html", found=found, form=form, refusal=refusal,
                           names=counts.count_names(found))
    return Response(page, status=status)
