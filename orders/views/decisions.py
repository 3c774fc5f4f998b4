"""Finance decides: appeals against rejected withdrawals, and goodwill for suspended deposits (X-20)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.roles import Role
from orders.returns.appeals import appeal_by_id, appeals, decide_appeal
from orders.returns.case_forms import DecisionForm, GoodwillForm
from orders.returns.evidence import photo_of, photos_of
from orders.returns.goodwill import pay_goodwill, suspended_cases, suspended_cents
from orders.returns.models import CaseAppeal, ReturnCase
from orders.returns.queries import case_by_id
from orders.returns.states import AppealDecision

decisions = Blueprint("decisions", __name__, url_prefix="/finance")
guard(decisions, Role.FINANCE)
evidence = Blueprint("evidence", __name__, url_prefix="/evidence")
guard(evidence, Role.FINANCE, Role.AGENT, Role.TECHNICAL, Role.COUNTER)


@decisions.get("/appeals")
def appeal_list() -> Any:
    """Appeals that wait for a decision, or the decided ones."""
    decided, page = request.args.get("decided") == "1", max(1, request.args.get("page", 1, type=int))
    rows, pages = appeals(decided=decided, page=page)
    return no_store(Response(render_template("orders/decisions/appeals.html", appeals=rows, decided=decided,
                                             page=min(page, pages), pages=pages)))


@decisions.get("/appeals/<int:appeal_id>")
def show_appeal(appeal_id: int) -> Any:
    """One appeal with the case, its record and its photos."""
    return _appeal_page(appeal_by_id(appeal_id), DecisionForm(formdata=None))


@decisions.post("/appeals/<int:appeal_id>")
def decide(appeal_id: int) -> Any:
    """The rejection stands, or is overturned: with a reason, once."""
    form = DecisionForm()
    if not form.validate():
        return _appeal_page(appeal_by_id(appeal_id), form, 422)
    try:
        with unit_of_work():
            decide_appeal(appeal_id, AppealDecision(form.decision.data), reason=form.reason.data, now=utc_now(),
                          actor=current_actor())
    except DomainError as error:
        form.decision.errors = [error.message]
        return _appeal_page(appeal_by_id(appeal_id), form, error.status)
    flash(_("The appeal is decided and the customer told."), "ok")
    return redirect(url_for("decisions.appeal_list"), 303)


def _appeal_page(appeal: CaseAppeal, form: DecisionForm, status: int = 200) -> Any:
    return no_store(Response(render_template("orders/decisions/appeal.html", appeal=appeal, case=appeal.case, form=form,
                                             photos=photos_of(appeal.case_id)), status=status))


@decisions.get("/goodwill")
def goodwill_list() -> Any:
    """Returns for which a deposit was suspended, newest first."""
    page, now = max(1, request.args.get("page", 1, type=int)), utc_now()
    rows, pages = suspended_cases(page)
    return no_store(Response(render_template(
        "orders/decisions/goodwill.html", cases=[(case, suspended_cents(case, now)) for case in rows],
        page=min(page, pages), pages=pages)))


@decisions.route("/goodwill/<int:case_id>", methods=["GET", "POST"])
def goodwill(case_id: int) -> Any:
    """Pay what was suspended, or a part of it, with a reason (X-20)."""
    form = GoodwillForm()
    if not form.is_submitted():
        return _goodwill_page(case_by_id(case_id), form)
    if not form.validate():
        return _goodwill_page(case_by_id(case_id), form, 422)
    try:
        with unit_of_work():
            pay_goodwill(case_id, amount_cents=form.amount.cents or 0, reason=form.reason.data, iban=form.iban.data,
                         now=utc_now(), actor=current_actor())
    except DomainError as error:
        form.amount.errors = [error.message]
        return _goodwill_page(case_by_id(case_id), form, error.status)
    flash(_("The amount is due by transfer."), "ok")
    return redirect(url_for("decisions.goodwill_list"), 303)


def _goodwill_page(case: ReturnCase, form: GoodwillForm, status: int = 200) -> Any:
    page = render_template("orders/decisions/goodwill_case.html", case=case, form=form, photos=photos_of(case.id),
                           suspended_cents=suspended_cents(case, utc_now()))
    return no_store(Response(page, status=status))


@evidence.get("/<int:case_id>/<int:photo_id>.jpg")
def photo(case_id: int, photo_id: int) -> Any:
    """A photo kept with a case."""
    found = photo_of(case_id, photo_id)
    if found is None:
        abort(404)
    return no_store(Response(found.jpeg, mimetype="image/jpeg"))
