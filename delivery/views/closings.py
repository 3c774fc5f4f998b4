"""Finance closes the drivers' days: counts beside what is expected, the stops behind a difference, the signature."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Optional

from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.forms import BaseForm, EurField, QuantityField, TextField
from core.http import no_store
from core.roles import Role
from delivery import closing
from delivery.closing_rules import CARD, CASH, CERTIFICATES, EMPTY, FULL, HELD, Purse, Why

SHOWN = timedelta(days=14)
MOST_CYLINDERS = 500
MOST_CERTIFICATES = 500
blueprint = Blueprint("closings", __name__, url_prefix="/finance/closings")
guard(blueprint, Role.FINANCE)
blueprint.after_request(no_store)

PLACES = {FULL: _l("Full %(kind)s"), EMPTY: _l("Empty %(kind)s"), HELD: _l("Held %(kind)s")}
WHY = {
    Why.BOOKED_OTHERWISE: _l("its record and the ledger disagree"),
    Why.OTHER_WAY: _l("may have been paid the other way, cash or card"),
    Why.WHOLE_AMOUNT: _l("exactly its amount"),
    Why.CHANGED: _l("was changed at the door"),
    Why.DEPOSIT: _l("exactly its deposit"),
    Why.SAME_NUMBER: _l("as many pieces"),
    Why.ODD_CENTS: _l("its amount needs small coins"),
}


def thing_word(thing: str) -> str:
    """`cash`, `card`, `certificates`, `full:Z10` in words."""
    if thing == CASH:
        return _("Cash")
    if thing == CARD:
        return _("Card slips")
    if thing == CERTIFICATES:
        return _("Certificates taken back")
    place, _colon, kind = thing.partition(":")
    return str(PLACES[place]) % {"kind": kind}


blueprint.context_processor(lambda: {"thing_word": thing_word, "why_word": WHY.__getitem__})


@blueprint.get("")
def index() -> Any:
    """The shifts of the last two weeks that are over."""
    return render_template("delivery/closings.html", rows=closing.ended_shifts(utc_now() - SHOWN))


@blueprint.get("/<int:shift_id>")
def show(shift_id: int) -> Any:
    """One shift's count."""
    found = closing.closing_of(shift_id)
    return _page(found, _form(found))


@blueprint.post("/<int:shift_id>")
def count(shift_id: int) -> Any:
    """What was counted."""
    found = closing.closing_of(shift_id)
    form = _form(found)
    if not form.validate():
        return _page(found, form, status=422)
    try:
        with unit_of_work():
            closing.count(shift_id, _counted(found, form), note=form.note.data or "", now=utc_now(),
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
        return _page(found, _form(found), refusal, status=refusal.status)
    flash(_("The shift is closed."), "ok")
    return redirect(url_for("closings.show", shift_id=shift_id), 303)


def _names(found: closing.Closing) -> dict[str, tuple[str, str]]:
    """Field names of the cylinders that can be on the van: every type full and empty, held ones where there are any."""
    kinds = {kind for _place, kind in found.expected.cylinders} | set(found.shift.vehicle.standard_load or ())
    keys = {(place, kind) for kind in kinds for place in (FULL, EMPTY)} | set(found.expected.cylinders)
    return {f"{place}_{kind}": (place, kind) for place, kind in sorted(keys, key=lambda key: (key[1], key[0]))}


def _form(found: closing.Closing) -> Any:
    counted = found.counted
    fields: dict[str, Any] = {
        "cash": EurField(_l("Cash"), validators=[InputRequired(_l("Type what was counted."))]),
        "card": EurField(_l("Card slips"), validators=[InputRequired(_l("Type the sum of the slips."))]),
        CERTIFICATES: QuantityField(_l("Certificates taken back"), minimum=0, maximum=MOST_CERTIFICATES,
                                    default=counted.certificates if counted is not None else None,
                                    validators=[InputRequired()])}
    for name, (place, kind) in _names(found).items():
        fields[name] = QuantityField(str(PLACES[place]) % {"kind": kind}, minimum=0, maximum=MOST_CYLINDERS,
                                     default=counted.cylinders.get((place, kind), 0) if counted is not None else None,
                                     validators=[InputRequired()])
    fields["note"] = TextField(_l("Note"), max_length=300, validators=[Optional()], default=found.note)
    return type("CountForm", (BaseForm,), fields)()


def _counted(found: closing.Closing, form: Any) -> Purse:
    return Purse(cash_cents=form.cash.cents, card_cents=form.card.cents, certificates=form[CERTIFICATES].data,
                 cylinders={key: form[name].data for name, key in _names(found).items()})


def _page(found: closing.Closing, form: Any, refusal: DomainError | None = None, status: int = 200) -> Any:
    page = render_template("delivery/closing.html", found=found, form=form, refusal=refusal, names=_names(found))
    return Response(page, status=status)
