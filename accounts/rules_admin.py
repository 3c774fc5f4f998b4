"""The page of the rules' figures (X-01, X-02)."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from accounts import rules
from core import calendar, settings
from core.audit import current_actor
from core.auth import check_roles, guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import InvalidInput
from core.forms import BaseForm, TextField
from core.http import no_store
from core.money import format_eur, parse_eur
from core.roles import Role

LONGEST = 12
REQUIRED = _l("This is needed.")
blueprint = Blueprint("rules", __name__, url_prefix="/admin/rules")
guard(blueprint, Role.AUDITOR)
blueprint.after_request(no_store)


@blueprint.before_request
def _only_the_administrator_writes() -> Any:
    return None if request.method in ("GET", "HEAD", "OPTIONS") else check_roles(frozenset({Role.ADMINISTRATOR}))


class RuleForm(BaseForm):
    """A new figure from a day on; amounts are typed in euros."""

    key = SelectField(_l("Rule"), invalid_choice_message=_l("Choose one of the values offered."),
                      choices=lambda: [SelectChoice(rule.key, rule.label) for rule in rules.RULES.values()])
    value = TextField(_l("New figure"), max_length=LONGEST, validators=[InputRequired(REQUIRED)])
    valid_on = DateField(_l("Valid from (day)"), validators=[InputRequired(REQUIRED)],
                         invalid_value_message=_l("Type a date like 2026-11-26."))

    def figure(self) -> int:
        """What was typed, in the rule's unit. InvalidInput where it is no such number."""
        is_money = rules.RULES[self.key.data].unit == rules.CENTS
        try:
            return parse_eur(self.value.data) if is_money else int(self.value.data)
        except ValueError:
            raise InvalidInput(_("Type an amount like 24,90.") if is_money else _("Type a whole number."),
                               field="value") from None

    def valid_from(self) -> datetime:
        """The day's beginning; for today the present."""
        day: date = self.valid_on.data
        now = utc_now()
        return now if day == calendar.local_date(now) else calendar.start_of_day(day)


@blueprint.get("")
def index() -> Any:
    """All figures that hold now and those entered for later, with what the law says otherwise."""
    form = RuleForm(formdata=None)
    form.valid_on.data = calendar.local_date(utc_now())
    form.key.data = request.args.get("rule", "")
    return _page(form)


@blueprint.post("")
def change() -> Any:
    """Enter a figure from a day on."""
    form = RuleForm()
    if not form.validate():
        return _page(form, 422)
    try:
        with unit_of_work():
            rules.change(form.key.data, form.figure(), valid_from=form.valid_from(), now=utc_now(),
                         actor=current_actor())
    except InvalidInput as refusal:
        form[refusal.field or "value"].errors = [refusal.message]
        return _page(form, 422)
    flash(_("The rule is changed."), "ok")
    return redirect(url_for("rules.index"), 303)


def _page(form: RuleForm, status: int = 200) -> Any:
    now = utc_now()
    rows = [(rule, _shown(rule, settings.get(rule.key, now)),
             [(at, _shown(rule, value)) for at, value in settings.coming(rule.key, now)])
            for rule in rules.RULES.values()]
    return Response(status=status, response=render_template(
        "accounts/rules.html", form=form, rows=rows, warnings=rules.warnings_now(now),
        writer=current_user.role == Role.ADMINISTRATOR))


def _shown(rule: rules.Rule, value: int) -> str:
    words = {rules.MINUTES: lambda: ngettext("%(num)s minute", "%(num)s minutes", value),
             rules.DAYS: lambda: ngettext("%(num)s day", "%(num)s days", value),
             rules.MONTHS: lambda: ngettext("%(num)s month", "%(num)s months", value),
             rules.CYLINDERS: lambda: ngettext("%(num)s cylinder", "%(num)s cylinders", value),
             rules.CENTS: lambda: format_eur(value)}
    return str(words[rule.unit]())
