"""The counter of a unit: green cylinders for their deposit, withdrawn and complained-about ones (H-090, H-143)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from billing.chart import EUR, cash_of_unit
from billing.errors import UnknownCertificate
from billing.ledger import balance
from billing.queries import certificate_by_number
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.money import format_eur
from core.phone import parse_phone
from core.roles import Role
from orders.models import Order
from orders.queries import order_by_id, order_by_number, orders_of_phone
from orders.returns import counter as services
from orders.returns.case_forms import (
    MOST_AT_COUNTER,
    CounterForm,
    CounterReturnForm,
    CounterWithdrawalForm,
    FindForm,
    UnitForm,
    counter_form,
    with_cylinders,
)
from orders.returns.certificates import normal_number
from orders.returns.collecting import Collection, preview_collection, preview_empties, preview_withdrawal
from orders.returns.models import ReturnCase
from orders.returns.queries import case_by_id, case_by_number, open_cases_of_phone, why_no_withdrawal, withdrawal_clock
from orders.returns.states import CaseStatus
from orders.units import Unit, units

counter = Blueprint("counter", __name__, url_prefix="/counter")
guard(counter, Role.COUNTER)
HERE = "unit"


@counter.before_request
def _choose_unit() -> Any:
    """Nothing is taken back before the clerk has said at which unit."""
    return None if _unit() is not None or request.endpoint == "counter.unit" else redirect(url_for("counter.unit"))


def _unit() -> Unit | None:
    return units().get(session.get(HERE, ""))


def _here() -> Unit:
    found = _unit()
    assert found is not None
    return found


@counter.route("/unit", methods=["GET", "POST"])
def unit() -> Any:
    """The unit of this clerk, kept until the sign-out."""
    form = UnitForm()
    form.unit.choices = [(found.code, found.name) for found in units().values()]
    if form.is_submitted() and form.validate():
        session[HERE] = form.unit.data
        return redirect(url_for("counter.index"), 303)
    if not form.is_submitted():
        form.unit.data = session.get(HERE)
    return render_template("orders/counter/unit.html", form=form), 422 if form.is_submitted() else 200


@counter.get("")
def index() -> Any:
    """What was taken back today, the unit's cash, and the way to everything that is brought."""
    here, now, text = _here(), utc_now(), request.args.get("q", "").strip()[:40]
    orders, cases = _found(text) if text else ((), ())
    page = render_template(
        "orders/counter/index.html", unit=here, today=services.handed_in_on(here.code, now), q=text, orders=orders,
        cases=cases, form=FindForm(formdata=None), most=MOST_AT_COUNTER,
        cash_cents=balance(cash_of_unit(here.code), EUR),
        clocks={order.id: (withdrawal_clock(order, now), why_no_withdrawal(order, now)) for order in orders})
    return no_store(Response(page))


def _found(text: str) -> tuple[list[Order], list[ReturnCase]]:
    """Orders and open cases by a number that the customer has at hand."""
    number = normal_number(text)
    order, case = order_by_number(number), case_by_number(number)
    orders, cases = [order] if order else [], [case] if case else []
    if not orders and not cases:
        try:
            certificate = certificate_by_number(number)
            held = order_by_number(certificate.order_number)
            orders = [held] if held else []
        except UnknownCertificate:
            pass
    if not orders and not cases:
        try:
            phone = parse_phone(text)
        except ValueError:
            return [], []
        orders, cases = list(orders_of_phone(phone.e164)), list(open_cases_of_phone(phone.e164))
    return [order for order in orders if order.handover is not None], cases


@counter.route("/return", methods=["GET", "POST"])
def take_back() -> Any:
    """Green cylinders without an appointment: each checked, the amount shown, paid, the photo kept."""
    count = min(max(request.args.get("cylinders", 1, type=int), 1), MOST_AT_COUNTER)
    form = with_cylinders(CounterReturnForm, count)
    if not form.is_submitted():
        return _sheet(form, _("Green cylinders without a swap"))

    def preview(now: datetime) -> Collection:
        return preview_empties(form.door(0), form.phone.phone.e164 if form.phone.phone else "", None, now=now)

    def book(now: datetime) -> ReturnCase:
        assert form.phone.phone is not None
        return services.return_at_counter(
            form.name.data, form.phone.phone, form.door(form.shown), _here(), request_key=form.request_key.data,
            email=form.email.data or None, photo=form.picture, now=now, actor=current_actor(),
            taken_by=current_user.id)

    return _step(form, _("Green cylinders without a swap"), preview, book)


@counter.route("/orders/<int:order_id>", methods=["GET", "POST"])
def withdraw(order_id: int) -> Any:
    """A cylinder brought back within the period is the notice of withdrawal itself (H-143)."""
    order, form = order_by_id(order_id), CounterWithdrawalForm()
    title = _("Withdrawal from order %(number)s", number=order.number)
    if not form.is_submitted():
        return _sheet(form, title, order=order)

    def preview(now: datetime) -> Collection:
        return preview_withdrawal(order_by_id(order_id), form.door(0), now=now)

    def book(now: datetime) -> ReturnCase:
        return services.withdraw_at_counter(
            order_id, None, form.door(form.shown), _here(), request_key=form.request_key.data, iban=form.iban.data,
            photo=form.picture, now=now, actor=current_actor(), taken_by=current_user.id)

    return _step(form, title, preview, book, order=order)


@counter.route("/cases/<int:case_id>", methods=["GET", "POST"])
def take_case(case_id: int) -> Any:
    """A case whose cylinder is brought here instead of being fetched."""
    case = case_by_id(case_id)
    form, title = counter_form(case), _("Case %(number)s", number=case.number)
    if case.status not in (CaseStatus.REQUESTED, CaseStatus.AWAITING_PICKUP):
        flash(_("This case is not waiting for its cylinder."), "warn")
        return redirect(url_for("counter.index"), 303)
    if not form.is_submitted():
        return _sheet(form, title, case=case)

    def book(now: datetime) -> ReturnCase:
        services.hand_in(case_id, form.door(form.shown), _here(), photo=form.picture, now=now, actor=current_actor())
        return case_by_id(case_id)

    return _step(form, title, lambda now: preview_collection(case_id, form.door(0), now=now), book, case=case)


def _step(form: CounterForm, title: str, preview: Any, book: Any, **shown: Any) -> Any:
    """Show the amount, or book it as it was shown."""
    now = utc_now()
    if not form.validate():
        return _sheet(form, title, status=422, **shown)
    try:
        form.read()
        if request.form.get("action") == "book":
            with unit_of_work():
                case = book(now)
                number, cash = case.number, case.cash_cents if case.status is not CaseStatus.REJECTED else 0
            flash(_("%(number)s is booked. Cash paid out: %(cash)s.", number=number, cash=format_eur(cash)), "ok")
            return redirect(url_for("counter.index"), 303)
        amounts = preview(now)
    except DomainError as error:
        if error.field and error.field in form:
            form[error.field].errors = [error.message]
        else:
            form.form_errors.append(error.message)
        return _sheet(form, title, status=error.status, **shown)
    return _sheet(form, title, amounts=amounts, **shown)



def _sheet(form: CounterForm, title: str, *, status: int = 200, amounts: Collection | None = None,
           order: Order | None = None, case: ReturnCase | None = None) -> Any:
    page = render_template("orders/counter/sheet.html", form=form, title=title, amounts=amounts, order=order, case=case,
                           unit=_here())
    return no_store(Response(page, status=status))
