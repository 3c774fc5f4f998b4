"""The customer's own pages for withdrawal and for the return of a green cylinder, behind the order's link."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from wtforms.fields.choices import SelectChoice

from billing.errors import WrongIban
from billing.queries import price_list
from core import calendar, settings
from core.auth import public
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import client_address, no_store
from core.links import resolve
from orders.demand import place_of
from orders.errors import StaleQuote
from orders.models import Handover, Order
from orders.ports import promises
from orders.queries import order_by_id
from orders.returns.appeals import appeal_rejection, may_appeal
from orders.returns.case_forms import AppealForm, CustomerComplaintForm
from orders.returns.errors import ComplaintRefused, UnknownCase, WithdrawalRefused, WrongQuantity
from orders.returns.forms import CALL, DepositReturnForm, WithdrawalForm, form_with_lines, returned_quantities
from orders.returns.opening import order_pickup_demand, paid_deposit_by_card
from orders.returns.queries import (
    bought_lines,
    case_by_id,
    case_by_request_key,
    complaint_clocks,
    remaining,
    why_no_withdrawal,
    withdrawal_clock,
)
from orders.returns.refunds import Refund, refund
from orders.returns.services import contact_of, open_complaint, open_deposit_return, open_withdrawal
from orders.returns.states import DefectKind, Wish, WithdrawalRefusal
from orders.states import Channel, PaymentMethod
from orders.views.pickup import chosen_offer, find_windows, window_choices

returns = Blueprint("returns", __name__, url_prefix="/t/<token>")
public(returns, "the order's own link, which only the customer was sent")

ACTOR = "customer"
TRIES = 3


def _order(token: str) -> Order:
    return order_by_id(resolve("order", token, address=client_address()))


def _back(token: str) -> Any:
    return redirect(f"/t/{token}", 303)


@returns.route("/odstop", methods=["GET", "POST"])
def withdraw(token: str) -> Any:
    """Withdraw from the contract: what goes back, what is paid back and how, until when (H-140, X-18, X-23)."""
    order, now = _order(token), utc_now()
    if _sent_before(order):
        return _back(token)
    why_not = why_no_withdrawal(order, now)
    if why_not is not None or order.handover is None:
        return _refused_page(order, token, now)
    offers = find_windows(place_of(order), order_pickup_demand(order), now)
    form = form_with_lines(WithdrawalForm, order.handover, price_list(now))
    form.window.choices = [*window_choices(offers, now), SelectChoice(CALL, _("Call me to agree a time"))]
    if not form.is_submitted():
        form.window.data = form.window.choices[0].value
        return _withdrawal_page(form, order, token, now)
    if not form.validate():
        return _withdrawal_page(form, order, token, now, 422)
    try:
        _open_withdrawal(form, order)
    except (StaleQuote, WithdrawalRefused, WrongIban, WrongQuantity, IntegrityError) as refusal:
        if not _sent_before(order):
            return _show_refusal(form, order, token, _in_words(refusal))
    flash(_("We have received your withdrawal and sent you an acknowledgement."), "ok")
    return _back(token)


def _sent_before(order: Order) -> bool:
    """Whether this very form has opened its case already: pressed twice, it opens one."""
    twin = case_by_request_key(request.form.get("request_key", "")[:64])
    return twin is not None and twin.order_id == order.id


def _open_withdrawal(form: WithdrawalForm, order: Order) -> None:
    """Open the case under the chosen window; look for it again where the plan moved."""
    assert order.handover is not None
    order_id, place, quantities = order.id, place_of(order), returned_quantities(form, order.handover)
    demand = order_pickup_demand(order, quantities)
    for left in reversed(range(TRIES)):
        now = utc_now()
        offers = find_windows(place, demand, now)
        offer = chosen_offer(offers, form.window.data)
        try:
            with unit_of_work():
                if offer is not None:
                    promises().keep(offers, place, demand, now=now)
                open_withdrawal(order_id, request_key=form.request_key.data, channel=Channel.WEB,
                                quantities=quantities, offer=offer, iban=form.iban.data, now=now, actor=ACTOR)
            return
        except StaleQuote:
            if not left:
                raise


def _in_words(refusal: DomainError | IntegrityError) -> DomainError:
    """Two forms at once: the unique index lets one withdrawal through, the other one is told."""
    return refusal if isinstance(refusal, DomainError) else WithdrawalRefused(WithdrawalRefusal.ALREADY_OPEN)


def _show_refusal(form: WithdrawalForm, order: Order, token: str, refusal: DomainError) -> Any:
    """The same page with everything that was typed, and the sentence beside its field."""
    now = utc_now()
    if isinstance(refusal, WithdrawalRefused):
        return _refused_page(order, token, now)
    if isinstance(refusal, StaleQuote):
        offers = find_windows(place_of(order), order_pickup_demand(order), now)
        form.window.choices = [*window_choices(offers, now), form.window.choices[-1]]
        form.window.errors = [_("This time is no longer free. Choose another one.")]
    elif isinstance(refusal, WrongIban):
        form.iban.errors = [refusal.message]
    else:
        form.form_errors.append(refusal.message)
    return _withdrawal_page(form, order, token, now, refusal.status)


def _withdrawal_page(form: WithdrawalForm, order: Order, token: str, now: datetime, status: int = 200) -> Any:
    handover = order.handover
    assert handover is not None
    today = calendar.local_date(now)
    page = render_template(
        "orders/returns/withdraw.html", form=form, order=order, token=token, handover=handover,
        clock=withdrawal_clock(order, now), refund=_full_refund(handover),
        by_bank=handover.payment_method is not PaymentMethod.CASH or paid_deposit_by_card(handover),
        swapped=any(line.swapped for line in bought_lines(handover, None)),
        goods_back_on=calendar.customer_deadline(today, settings.get("goods_back_days", now)),
        refund_by_on=calendar.company_deadline(today, settings.get("refund_days", now)))
    return no_store(Response(page, status=status))


def _full_refund(handover: Handover) -> Refund:
    return refund(bought_lines(handover, remaining(handover)), payment=handover.payment_method,
                  deposit_by_card=paid_deposit_by_card(handover), old_deposit_amounts=())


def _refused_page(order: Order, token: str, now: datetime) -> Any:
    """Why there is no withdrawal, with the clock if there was one."""
    page = render_template("orders/returns/refused.html", order=order, token=token,
                           reason=why_no_withdrawal(order, now), clock=withdrawal_clock(order, now))
    return no_store(Response(page, status=409))


@returns.route("/reklamacija", methods=["GET", "POST"])
def complain(token: str) -> Any:
    """Complain of a defect: the three clocks, the wish, a time for the pick-up (H-160 to H-163)."""
    order, now = _order(token), utc_now()
    if order.handover is None:
        return _back(token)
    offers = find_windows(place_of(order), order_pickup_demand(order), now)
    form: CustomerComplaintForm = form_with_lines(CustomerComplaintForm, order.handover, price_list(now))
    form.window.choices = [*window_choices(offers, now), SelectChoice(CALL, _("Call me to agree a time"))]
    if not form.is_submitted():
        form.window.data = form.window.choices[0].value
        return _complaint_page(form, order, token, now)
    if not form.validate():
        return _complaint_page(form, order, token, now, 422)
    try:
        _open_complaint(form, order)
    except (ComplaintRefused, StaleQuote, WrongQuantity) as refusal:
        form.form_errors.append(refusal.message)
        return _complaint_page(form, _order(token), token, now, refusal.status)
    flash(_("We have received your complaint and sent you an acknowledgement."), "ok")
    return _back(token)


def _open_complaint(form: CustomerComplaintForm, order: Order) -> None:
    assert order.handover is not None
    order_id, place, quantities, now = order.id, place_of(order), returned_quantities(form, order.handover), utc_now()
    demand = order_pickup_demand(order, quantities)
    offers = find_windows(place, demand, now)
    offer = chosen_offer(offers, form.window.data)
    assert form.noticed_on.data is not None
    with unit_of_work():
        if offer is not None:
            promises().keep(offers, place, demand, now=now)
        open_complaint(order_id, request_key=form.request_key.data, channel=Channel.WEB,
                       defect=DefectKind(form.defect.data), noticed_on=form.noticed_on.data, wish=Wish(form.wish.data),
                       description=form.description.data or "", quantities=quantities, offer=offer, now=now,
                       actor=ACTOR)


def _complaint_page(form: CustomerComplaintForm, order: Order, token: str, now: datetime, status: int = 200) -> Any:
    noticed = form.noticed_on.data or calendar.local_date(now)
    page = render_template("orders/returns/complain.html", form=form, order=order, token=token,
                           handover=order.handover, clocks=complaint_clocks(order, noticed, now))
    return no_store(Response(page, status=status))


@returns.route("/ugovor/<int:case_id>", methods=["GET", "POST"])
def appeal(token: str, case_id: int) -> Any:
    """Appeal to finance against the rejection of a withdrawal from this very order."""
    order, form, case = _order(token), AppealForm(), case_by_id(case_id)
    if case.order_id != order.id:
        raise UnknownCase(case_id=case_id)
    if not may_appeal(case):
        return _back(token)
    if not form.is_submitted() or not form.validate():
        page = render_template("orders/returns/appeal.html", form=form, case=case, order=order, token=token)
        return no_store(Response(page, status=422 if form.is_submitted() else 200))
    with unit_of_work():
        appeal_rejection(case_id, text=form.text.data or "", now=utc_now(), actor=ACTOR)
    flash(_("We have received your appeal. Finance decides, and we tell you."), "ok")
    return _back(token)


@returns.route("/vracilo", methods=["GET", "POST"])
def deposit_return(token: str) -> Any:
    """Ask for the free pick-up of empty green cylinders: lands in the agents' queue (H-091, X-12)."""
    order, form = _order(token), DepositReturnForm()
    if not form.is_submitted() or not form.validate():
        page = render_template("orders/returns/deposit_return.html", form=form, order=order, token=token,
                               deposit_cents=settings.get("deposit_cents"))
        return no_store(Response(page, status=422 if form.is_submitted() else 200))
    contact = contact_of(order)
    with unit_of_work():
        open_deposit_return(contact, request_key=form.request_key.data, channel=Channel.WEB,
                            quantity=form.quantity.data or 0, damaged=form.damaged, test_due=form.stamp.month,
                            offer=None, now=utc_now(), actor=ACTOR)
    flash(_("We have received your request and will call you about the pick-up."), "ok")
    return _back(token)
