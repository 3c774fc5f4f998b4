"""Cases at the agents' desk: intake by phone, the queue of web requests, clocks (P-A6)."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from wtforms.fields.choices import SelectChoice

from accounts.places import Place
from billing.queries import price_list
from core import calendar
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.forms import CreatingForm
from core.roles import Role
from orders.demand import place_of
from orders.desk_forms import ComplaintForm, DeskWithdrawalForm, ReasonForm, WindowForm
from orders.errors import StaleQuote
from orders.models import Order
from orders.ports import Demand, Offer, promises
from orders.queries import order_by_id
from orders.returns.appeals import appeal_rejection, appeals_of, may_appeal
from orders.returns.case_forms import AppealForm, EndForm
from orders.returns.complaints import credit_preview, end_credited, end_repaired, end_replaced
from orders.returns.evidence import photos_of
from orders.returns.forms import CALL, form_with_lines, returned_quantities
from orders.returns.late import refuse_late_withdrawal
from orders.returns.models import ReturnCase
from orders.returns.opening import case_demand, order_pickup_demand
from orders.returns.queries import (
    case_by_id,
    case_by_request_key,
    complaint_clocks,
    open_cases,
    requested_cases,
    why_no_withdrawal,
    withdrawal_clock,
)
from orders.returns.rules import Clock
from orders.returns.services import (
    accept_case,
    cancel_case,
    give_case_window,
    open_complaint,
    open_withdrawal,
    reject_case,
)
from orders.returns.states import CaseKind, CaseStatus, DefectKind, Expectation, Wish
from orders.returns.words import expectation_word
from orders.states import Channel
from orders.views.pickup import chosen_offer, find_windows, window_choices

desk_cases = Blueprint("desk_cases", __name__, url_prefix="/agent")
guard(desk_cases, Role.AGENT)
TRIES = 3


@desk_cases.get("/cases")
def index() -> Any:
    """Open cases with their clocks; web requests that wait for an agent stand first."""
    return render_template("orders/desk/cases.html", cases=open_cases(), requests=requested_cases(),
                           today=calendar.local_date(utc_now()))


@desk_cases.get("/cases/<int:case_id>")
def show(case_id: int) -> Any:
    """One case."""
    return _show(case_by_id(case_id))


def _show(case: ReturnCase, form: ReasonForm | None = None, status: int = 200,
          end_form: EndForm | None = None) -> Any:
    expected = Expectation(case.pay_out_expected) if case.pay_out_expected else None
    now = utc_now()
    return render_template(
        "orders/desk/case.html", case=case, form=form or ReasonForm(formdata=None), today=calendar.local_date(now),
        states=CaseStatus, expectation=expectation_word(expected) if expected else "",
        appeal_form=AppealForm(formdata=None), end_form=end_form or EndForm(formdata=None),
        appeals=appeals_of(case.id), can_appeal=may_appeal(case), photos=photos_of(case.id),
        complaint_clocks=_clocks(case),
        credit=credit_preview(case, now) if case.status is CaseStatus.JUSTIFIED else None), status


def _clocks(case: ReturnCase) -> list[tuple[str, Clock]]:
    """The three clocks of a complaint by their names (H-160 to H-162)."""
    if case.kind is not CaseKind.COMPLAINT or case.order is None or case.order.delivered_at is None:
        return []
    noticed = date.fromisoformat(case.checks["noticed_on"])
    return list(zip((_("Visible defects"), _("Hidden defect, from noticing"), _("Liability")),
                    complaint_clocks(case.order, noticed, case.notice_at), strict=True))


@desk_cases.post("/cases/<int:case_id>/end")
def end_complaint(case_id: int) -> Any:
    """The one end of a justified complaint (X-25); a replacement's time is agreed next."""
    form = EndForm()
    if not form.validate():
        return _show(case_by_id(case_id), status=422, end_form=form)
    ways: dict[str, Callable[..., ReturnCase]] = {
        "replaced": end_replaced, "repaired": end_repaired, "credited": partial(end_credited, iban=form.iban.data)}
    try:
        with unit_of_work():
            made = ways[form.end.data](case_id, now=utc_now(), actor=current_actor())
            made_id = made.id
    except DomainError as error:
        form.end.errors = [str(error)]
        return _show(case_by_id(case_id), status=error.status, end_form=form)
    flash(_("The complaint is ended."), "ok")
    return redirect(url_for("desk_cases.show" if made_id == case_id else "desk_cases.window", case_id=made_id), 303)


@desk_cases.post("/cases/<int:case_id>/appeal")
def appeal(case_id: int) -> Any:
    """An appeal told by phone or written by e-mail."""
    form = AppealForm()
    if not form.validate():
        return _show(case_by_id(case_id), form=None, status=422)
    with unit_of_work():
        appeal_rejection(case_id, text=form.text.data, now=utc_now(), actor=current_actor())
    flash(_("The appeal is with finance."), "ok")
    return redirect(url_for("desk_cases.show", case_id=case_id), 303)


@desk_cases.post("/cases/<int:case_id>/<any(reject, cancel):what>")
def end(case_id: int, what: str) -> Any:
    """Refuse a request, or give a case up at the customer's wish."""
    form, act = ReasonForm(), reject_case if what == "reject" else cancel_case
    if not form.validate():
        return _show(case_by_id(case_id), form, 422)
    try:
        with unit_of_work():
            act(case_id, reason=form.reason.data, now=utc_now(), actor=current_actor())
    except DomainError as error:
        form.reason.errors = [str(error)]
        return _show(case_by_id(case_id), form, error.status)
    flash(_("The case is closed."), "ok")
    return redirect(url_for("desk_cases.show", case_id=case_id), 303)


@desk_cases.route("/cases/<int:case_id>/window", methods=["GET", "POST"])
def window(case_id: int) -> Any:
    """Take a web request on (X-12), or agree a new pick-up time."""
    case, now, form = case_by_id(case_id), utc_now(), WindowForm()
    place, demand = place_of(case), case_demand(case)
    requested = case.status is CaseStatus.REQUESTED
    form.window.choices = window_choices(find_windows(place, demand, now), now)
    if requested:
        form.window.choices.append(SelectChoice(CALL, _("Call back to agree a time")))
    if not form.is_submitted():
        return render_template("orders/desk/window.html", case=case, form=form)
    if not form.validate():
        return render_template("orders/desk/window.html", case=case, form=form), 422

    def act(offer: Offer | None, at: datetime) -> None:
        if requested:
            accept_case(case_id, offer, now=at, actor=current_actor(), taken_by=current_user.id)
        elif offer is not None:
            give_case_window(case_id, offer, now=at, actor=current_actor())

    try:
        under_offer(form.window.data, place, demand, act)
    except DomainError as error:
        form.window.errors = [str(error)]
        return render_template("orders/desk/window.html", case=case_by_id(case_id), form=form), error.status
    flash(_("The pick-up is agreed."), "ok")
    return redirect(url_for("desk_cases.show", case_id=case_id), 303)


def under_offer(key: str, place: Place, demand: Demand, act: Callable[[Offer | None, datetime], object]) -> None:
    """Do `act` with the chosen window in one unit of work; look again where the plan moved meanwhile (Y-04)."""
    for left in reversed(range(TRIES)):
        now = utc_now()
        offers = find_windows(place, demand, now)
        offer = chosen_offer(offers, key)
        try:
            with unit_of_work():
                if offer is not None:
                    promises().keep(offers, place, demand, now=now)
                act(offer, now)
            return
        except StaleQuote:
            if not left:
                raise


def _intake(kind: str, base: type[CreatingForm], order: Order,
            act: Callable[[Any, dict[int, int], Offer | None, datetime], object]) -> Any:
    """The common way of withdrawal and complaint: show, check, open under the chosen window."""
    handover = order.handover
    if handover is None:
        return redirect(url_for("desk_orders.show", order_id=order.id), 303)
    form: Any = form_with_lines(base, handover, price_list(utc_now()))
    place, demand = place_of(order), order_pickup_demand(order)
    now = utc_now()
    windows = window_choices(find_windows(place, demand, now), now)
    form.window.choices = [*windows, SelectChoice(CALL, _("Call back to agree a time"))]
    if not form.is_submitted():
        form.window.data = form.window.choices[0].value
        return _intake_page(kind, form, order)
    if not form.validate():
        return _intake_page(kind, form, order, 422)
    key, quantities = form.request_key.data, returned_quantities(form, handover)
    try:
        under_offer(form.window.data, place, order_pickup_demand(order, quantities),
                     lambda offer, at: act(form, quantities, offer, at))
    except (DomainError, IntegrityError) as error:
        if case_by_request_key(key) is None:
            form.form_errors.append(str(error) if isinstance(error, DomainError) else _("This case is open already."))
            return _intake_page(kind, form, order_by_id(order.id), getattr(error, "status", 409))
    made = case_by_request_key(key)
    assert made is not None
    flash(_("Case %(number)s is open.", number=made.number), "ok")
    return redirect(url_for("desk_cases.show", case_id=made.id), 303)


def _intake_page(kind: str, form: Any, order: Order, status: int = 200) -> Any:
    now = utc_now()
    return render_template("orders/desk/intake.html", kind=kind, form=form, order=order,
                           clock=withdrawal_clock(order, now), why_not=why_no_withdrawal(order, now)), status


def _email_day(form: DeskWithdrawalForm | ComplaintForm) -> date | None:
    """The day on which an e-mail came in; a call counts when it is taken (H-141)."""
    day: date | None = form.received_on.data if form.channel.data == Channel.EMAIL.value else None
    return day


@desk_cases.route("/orders/<int:order_id>/withdrawal", methods=["GET", "POST"])
def withdrawal(order_id: int) -> Any:
    """A withdrawal told by phone or written by e-mail (H-141)."""
    def act(form: DeskWithdrawalForm, quantities: dict[int, int], offer: Offer | None, at: datetime) -> None:
        facts: dict[str, Any] = {
            "request_key": form.request_key.data, "channel": Channel(form.channel.data), "quantities": quantities,
            "iban": form.iban.data, "now": at, "actor": current_actor(), "taken_by": current_user.id,
            "received_on": _email_day(form)}
        if form.refuse_late.data:
            refuse_late_withdrawal(order_id, **facts)
        else:
            open_withdrawal(order_id, offer=offer, **facts)
    return _intake("withdrawal", DeskWithdrawalForm, order_by_id(order_id), act)


@desk_cases.route("/orders/<int:order_id>/complaint", methods=["GET", "POST"])
def complaint(order_id: int) -> Any:
    """A defect told by phone or written by e-mail (H-160 to H-164)."""
    def act(form: ComplaintForm, quantities: dict[int, int], offer: Offer | None, at: datetime) -> None:
        open_complaint(order_id, request_key=form.request_key.data, channel=Channel(form.channel.data),
                       defect=DefectKind(form.defect.data), noticed_on=form.noticed_on.data,
                       wish=Wish(form.wish.data), description=form.description.data, quantities=quantities,
                       offer=offer, now=at, actor=current_actor(), taken_by=current_user.id,
                       received_on=_email_day(form))
    return _intake("complaint", ComplaintForm, order_by_id(order_id), act)
