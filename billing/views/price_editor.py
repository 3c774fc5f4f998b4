"""Finance enters and withdraws future prices; the price list itself is public (H-041)."""
from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from accounts.queries import staff_names
from billing import price_entry
from billing.errors import WrongPrice
from core import calendar
from core.audit import current_actor
from core.auth import check_roles, guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.forms import BaseForm, EurField
from core.http import no_store
from core.i18n import language
from core.roles import Role

blueprint = Blueprint("price_editor", __name__, url_prefix="/finance/prices")
guard(blueprint, Role.FINANCE, Role.AUDITOR)
blueprint.after_request(no_store)
REQUIRED = _l("This is needed.")
NOT_OFFERED = _l("Choose one of the values offered.")


@blueprint.before_request
def _only_finance_writes() -> Any:
    writers = frozenset({Role.FINANCE, Role.ADMINISTRATOR})
    return None if request.method in ("GET", "HEAD", "OPTIONS") else check_roles(writers)


class PriceForm(BaseForm):
    """A price from a day (and a time of it) on."""

    product = SelectField(_l("Product"), invalid_choice_message=NOT_OFFERED, choices=lambda: [
        SelectChoice(product.code, product.name_en if language() == "en" else product.name_sl)
        for product in price_entry.products()])
    price = EurField(_l("Price with VAT"), validators=[InputRequired(REQUIRED)], minimum=price_entry.LEAST_CENTS,
                     maximum=price_entry.MOST_CENTS)
    vat = SelectField(_l("VAT rate"), coerce=int, invalid_choice_message=NOT_OFFERED, choices=[
        SelectChoice(rate, f"{rate / 10:g} %".replace(".", ",")) for rate in price_entry.VAT_PERMILLES])
    valid_on = DateField(_l("Valid from (day)"), validators=[InputRequired(REQUIRED)],
                         invalid_value_message=_l("Type a date like 2026-11-26."))
    valid_at = TimeField(_l("Valid from (time)"), validators=[Optional()],
                         invalid_value_message=_l("Type a time like 14:20."))
    sure = BooleanField(_l("I am sure of this price, though it differs much from the one before"))

    def valid_from(self) -> datetime:
        """The first instant; the day's beginning when no time is given."""
        day: date = self.valid_on.data
        return calendar.at_local(day, self.valid_at.data or time.min)


@blueprint.get("")
def index() -> Any:
    """All prices, those to come first within each product, and who changed what."""
    return _page(PriceForm(formdata=None))


@blueprint.post("")
def enter() -> Any:
    """Enter a price from a future instant on."""
    form = PriceForm()
    if form.validate_on_submit() and form.price.cents is not None:
        try:
            with unit_of_work():
                price_entry.enter_price(form.product.data, form.price.cents, form.vat.data, form.valid_from(),
                                        sure=form.sure.data, now=utc_now(), actor=current_actor())
            flash(_("The price is entered."), "ok")
            return redirect(url_for("price_editor.index"), 303)
        except WrongPrice as refusal:
            field = form[str(refusal.field)]
            field.errors = [*field.errors, refusal.message]
        except OverflowError:
            form.valid_on.errors = [_l("Choose a date that is not so far away.")]
    return _page(form), 422


@blueprint.post("/<int:price_id>/withdraw")
def withdraw(price_id: int) -> Any:
    """Take back a price that does not hold yet."""
    try:
        with unit_of_work():
            price_entry.withdraw_price(price_id, now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        return _page(PriceForm(formdata=None), refusal), refusal.status
    flash(_("The price is withdrawn; the one before it goes on."), "ok")
    return redirect(url_for("price_editor.index"), 303)


def _page(form: PriceForm, refusal: DomainError | None = None) -> str:
    changes = price_entry.changes()
    ids = {int(entry.actor.removeprefix("staff:")) for entry in changes if entry.actor.startswith("staff:")}
    names = {f"staff:{staff_id}": name for staff_id, name in staff_names(ids).items()}
    page = min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    return render_template(
        "billing/price_editor.html", form=form, refusal=refusal, found=price_entry.prices(utc_now(), page=page),
        changes=[(entry, datetime.fromisoformat(entry.details["valid_from"])) for entry in changes],
        names=names, withdrawn=price_entry.WITHDRAWN)
