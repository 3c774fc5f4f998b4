"""Finance books what was moved between tills, the bank, depots, units and vans (P-D10)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired, Length

from billing import chart, movements
from billing.words import AccountWords
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.forms import CreatingForm, EurField, QuantityField, TextField
from core.http import no_store
from core.i18n import language
from core.roles import Role

MOST_CENTS, MOST_CYLINDERS = 100_000_000, 10_000
REQUIRED = _l("This is needed.")
NOT_OFFERED = _l("Choose one of the values offered.")
blueprint = Blueprint("movements", __name__, url_prefix="/finance/movements")
guard(blueprint, Role.FINANCE)
blueprint.after_request(no_store)


class _MovementForm(CreatingForm):
    source = SelectField(_l("From which place"), choices=[], validators=[InputRequired(REQUIRED)],
                         invalid_choice_message=NOT_OFFERED)
    target = SelectField(_l("To which place"), choices=[], validators=[InputRequired(REQUIRED)],
                         invalid_choice_message=NOT_OFFERED)
    note = TextField(_l("What for"), validators=[Length(max=200)])

    def offer(self, places: list[str], words: AccountWords) -> None:
        """Let people choose among these accounts."""
        choices = [("", _("Choose")), *((place, words.word(place)) for place in places)]
        self.source.choices = self.target.choices = choices


class MoneyForm(_MovementForm):
    """Cash and the bank."""

    amount = EurField(_l("Amount"), validators=[InputRequired(REQUIRED)], minimum=1, maximum=MOST_CENTS)

    def movement(self) -> movements.Movement:
        """What was typed."""
        return movements.Movement(source=self.source.data, target=self.target.data, unit=chart.EUR,
                                  amount=self.amount.cents or 0, note=self.note.data or "")


class GoodsForm(_MovementForm):
    """Cylinders."""

    cylinder_type = SelectField(_l("Cylinder"), choices=[], invalid_choice_message=NOT_OFFERED)
    amount = QuantityField(_l("How many"), validators=[InputRequired(REQUIRED)], minimum=1, maximum=MOST_CYLINDERS)

    def movement(self) -> movements.Movement:
        """What was typed."""
        return movements.Movement(source=self.source.data, target=self.target.data, unit=self.cylinder_type.data,
                                  amount=self.amount.data or 0, note=self.note.data or "")


@blueprint.get("")
def index() -> Any:
    """Two forms, and what was booked last."""
    return _page(_money(blank=True), _goods(blank=True))


@blueprint.post("/money")
def move_money() -> Any:
    """Cash from one till to another, or to and from the bank."""
    form = _money()
    return _booked(form) or _page(form, _goods(blank=True), 422)


@blueprint.post("/cylinders")
def move_cylinders() -> Any:
    """Cylinders from one place to another."""
    form = _goods()
    return _booked(form) or _page(_money(blank=True), form, 422)


def _booked(form: MoneyForm | GoodsForm) -> Any:
    """The way back after booking; None where something is wrong with the form."""
    if not form.validate():
        return None
    try:
        with unit_of_work():
            movements.move(form.movement(), request_key=form.request_key.data, now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        form[refusal.field or "amount"].errors = [refusal.message]
        return None
    flash(_("The movement is booked."), "ok")
    return redirect(url_for("movements.index"), 303)


def _money(*, blank: bool = False) -> MoneyForm:
    form = MoneyForm(formdata=None, prefix="money-") if blank else MoneyForm(prefix="money-")
    form.offer(movements.money_places(utc_now()), AccountWords())
    return form


def _goods(*, blank: bool = False) -> GoodsForm:
    form = GoodsForm(formdata=None, prefix="goods-") if blank else GoodsForm(prefix="goods-")
    form.offer(movements.goods_places(utc_now()), AccountWords())
    form.cylinder_type.choices = [(kind.code, kind.name_en if language() == "en" else kind.name_sl)
                                  for kind in movements.cylinder_types()]
    return form


def _page(money: MoneyForm, goods: GoodsForm, status: int = 200) -> Any:
    return Response(status=status, response=render_template(
        "billing/movements.html", money=money, goods=goods, last=movements.last_movements(), words=AccountWords(),
        chart=chart))
