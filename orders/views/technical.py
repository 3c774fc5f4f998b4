"""The technical sector: complained-about cylinders to take over, to test, and their verdicts (H-165, H-166)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from core import calendar
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.roles import Role
from orders.returns.case_forms import ReleaseForm, VerdictForm
from orders.returns.complaints import find_justified, receive_case, reject_complaint
from orders.returns.models import ReturnCase
from orders.returns.queries import case_by_id, cases_at_technical, cases_with_verdict
from orders.returns.tested import SCRAP, releasable, release
from orders.units import units

technical = Blueprint("technical", __name__, url_prefix="/technical")
guard(technical, Role.TECHNICAL)


@technical.get("")
def index() -> Any:
    """What is on its way here, what waits for a verdict, what was tested, and past verdicts."""
    return _index(_release_form())


@technical.post("/release")
def release_tested() -> Any:
    """Tested cylinders go to the scrap or to a unit."""
    form = _release_form()
    if not form.validate():
        return _index(form, 422)
    try:
        with unit_of_work():
            release(form.cylinder_type.data, form.quantity.data or 0, form.to.data, request_key=form.request_key.data,
                    now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        form.quantity.errors = [refusal.message]
        return _index(form, refusal.status)
    flash(_("The cylinders are booked out."), "ok")
    return redirect(url_for("technical.index"), 303)


def _release_form() -> ReleaseForm:
    form = ReleaseForm()
    form.cylinder_type.choices = [(kind, f"{kind} ({number})") for kind, number in sorted(releasable().items())]
    form.to.choices = [(SCRAP, _("Scrap")), *((unit.code, _("Empty to %(unit)s", unit=unit.name))
                                              for unit in units().values())]
    return form


def _index(form: ReleaseForm, status: int = 200) -> Any:
    page = max(1, request.args.get("page", 1, type=int))
    waiting = cases_at_technical()
    past, pages = cases_with_verdict(page)
    return no_store(Response(status=status, response=render_template(
        "orders/technical/index.html", form=form, coming=[case for case in waiting if case.received_at is None],
        here=[case for case in waiting if case.received_at is not None], past=past, page=min(page, pages), pages=pages,
        today=calendar.local_date(utc_now()))))


@technical.get("/<int:case_id>")
def show(case_id: int) -> Any:
    """One complaint: what the buyer says, what the driver wrote down, the verdict."""
    return _page(case_by_id(case_id), VerdictForm(formdata=None))


@technical.post("/<int:case_id>/receive")
def receive(case_id: int) -> Any:
    """The cylinder is here."""
    with unit_of_work():
        receive_case(case_id, now=utc_now(), actor=current_actor())
    flash(_("The cylinder is taken over."), "ok")
    return redirect(url_for("technical.show", case_id=case_id), 303)


@technical.post("/<int:case_id>/verdict")
def verdict(case_id: int) -> Any:
    """Justified, or rejected with the finding as the reason."""
    form = VerdictForm()
    if not form.validate():
        return _page(case_by_id(case_id), form, 422)
    try:
        with unit_of_work():
            if form.verdict.data == "justified":
                find_justified(case_id, finding=form.finding.data, now=utc_now(), actor=current_actor())
            else:
                reject_complaint(case_id, finding=form.finding.data, bring_back=form.bring_back.data, now=utc_now(),
                                 actor=current_actor())
    except DomainError as error:
        form.verdict.errors = [error.message]
        return _page(case_by_id(case_id), form, error.status)
    flash(_("The verdict is recorded and the customer told."), "ok")
    return redirect(url_for("technical.index"), 303)


def _page(case: ReturnCase, form: VerdictForm, status: int = 200) -> Any:
    return no_store(Response(render_template("orders/technical/case.html", case=case, form=form), status=status))
