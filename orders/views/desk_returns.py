"""The agents' desk: the free pick-up of green cylinders, and what pay-out to expect (H-091, X-20)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from accounts.places import Place
from core import settings
from core.audit import current_actor
from core.clock import utc_now
from core.errors import DomainError
from orders.address_entry import place_from
from orders.desk_forms import DeskReturnForm
from orders.ports import Offer
from orders.returns.forms import CALL
from orders.returns.opening import GREEN, expected_pay_out, pickup_demand
from orders.returns.queries import case_by_request_key
from orders.returns.services import CaseContact, open_deposit_return
from orders.returns.states import Expectation
from orders.returns.words import expectation_word
from orders.states import Channel
from orders.views.desk_cases import desk_cases, under_offer
from orders.views.desk_order import caller_of, prefill
from orders.views.pickup import find_windows, window_choices

returns_desk = desk_cases  # with the pages of this module


@returns_desk.route("/return", methods=["GET", "POST"])
def deposit_return() -> Any:
    """The free pick-up of green cylinders (H-091): what pay-out to expect is said before a van is sent (X-20)."""
    form = DeskReturnForm()
    caller = caller_of(request.args.get("q", ""))
    if not form.is_submitted() and caller is not None:
        filled = prefill(caller, next(iter(caller.orders), None))
        for name in ("phone", "name", "email", "address", "floor", "note"):
            form[name].data = filled.get(name, "")
    if not form.is_submitted() or not form.validate():
        return _return_page(form, 422 if form.is_submitted() else 200)
    try:
        customer = caller.customer if caller else None
        place = place_from(form.address.data, floor=form.floor.data or 0, note=form.note.data or "",
                           customer_id=customer.id if customer else None)
        if request.form.get("action") == "look":
            return _return_page(form, expected=_expected(form, place))
        _open_return(form, place)
    except DomainError as error:
        target = {"address": form.address, "quote_key": form.window}.get(error.field or "", form.quantity)
        target.errors = [str(error)]
        return _return_page(form, error.status)
    case = case_by_request_key(form.request_key.data)
    assert case is not None
    flash(f"{_('Case %(number)s is open.', number=case.number)} {expectation_word(Expectation(case.pay_out_expected))}",
          "ok")
    return redirect(url_for("desk_cases.show", case_id=case.id), 303)


def _return_contact(form: DeskReturnForm, place: Place) -> CaseContact:
    phone = form.phone.phone
    assert phone is not None
    known = caller_of(phone.e164)
    assert known is not None
    return CaseContact(name=form.name.data, phone=phone, email=form.email.data or None, place=place,
                       language=known.language, customer_id=known.customer.id if known.customer else None)


def _expected(form: DeskReturnForm, place: Place) -> tuple[Any, int]:
    """What to tell the caller: whether a pay-out is to be expected, and how much; the windows come with it."""
    now, contact = utc_now(), _return_contact(form, place)
    offers = find_windows(place, pickup_demand([(GREEN, form.quantity.data or 0, 0)], place.floor), now)
    form.window.choices = [*window_choices(offers, now), SelectChoice(CALL, _("Call back to agree a time"))]
    form.window.data = form.window.choices[0].value
    expectation, cents = expected_pay_out(contact.phone.e164, contact.customer_id, quantity=form.quantity.data or 0,
                                          damaged=form.damaged, test_due=form.stamp.month, now=now)
    return expectation_word(expectation), cents


def _open_return(form: DeskReturnForm, place: Place) -> None:
    """Open it under the chosen window, or under the best one when none was asked for."""
    demand = pickup_demand([(GREEN, form.quantity.data or 0, 0)], place.floor)
    best = window_choices(find_windows(place, demand, utc_now()), utc_now())
    key = form.window.data or (best[0].value if best else CALL)

    def act(offer: Offer | None, at: datetime) -> None:
        open_deposit_return(
            _return_contact(form, place), request_key=form.request_key.data, channel=Channel.PHONE,
            quantity=form.quantity.data or 0, damaged=form.damaged, test_due=form.stamp.month, offer=offer, now=at,
            actor=current_actor(), taken_by=current_user.id)

    under_offer(key, place, demand, act)


def _return_page(form: DeskReturnForm, status: int = 200, expected: tuple[Any, int] | None = None) -> Any:
    return render_template("orders/desk/deposit_return.html", form=form, expected=expected,
                           deposit_cents=settings.get("deposit_cents")), status
