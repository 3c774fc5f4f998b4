"""The sheets at the door: delivery and pick-up, computed by the server after every change (X-05, P-D9)."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request
from flask_wtf import FlaskForm

from core import settings
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import is_fragment
from delivery import driving
from delivery.errors import StopOver, UnknownStop, WrongStopState
from delivery.forms import CaseForm, DepositReturnForm, DoorForm, SheetForm, case_form, door_form, kinds_of
from delivery.queries import DriverStop, driver_list, driver_stop
from delivery.states import StopStatus
from delivery.views.job_list import ENDED, blueprint, list_page, list_path, shift_of
from orders.errors import TotalChanged
from orders.models import Order, OrderLine
from orders.returns.evidence import Photo, keep_photo, read_photo
from orders.returns.models import ReturnCase
from orders.returns.services import Collection, preview_collection
from orders.returns.states import CaseKind
from orders.returns.words import case_kind_word, withdrawal_refusal_word
from orders.services import preview_door
from orders.settlement import Settlement
from orders.states import PaymentMethod


@dataclass
class Outcome:
    """How far a sheet came: what is wrong with it, and the status to answer with."""

    refusal: Any = ""
    changed_total: bool = False
    status: int = 200

    def refuse(self, error: DomainError, form: SheetForm) -> None:
        """Take a refusal by the rules: it stands on the sheet, beside its field if it has one; nothing was booked."""
        self.status = error.status
        if isinstance(error, TotalChanged):
            self.changed_total = True
        elif error.field is not None and error.field in form:
            form[error.field].errors = [*form[error.field].errors, str(error)]
        else:
            self.refusal = error.message


def _at_door(token: str, stop_id: int, now: datetime, *, case: bool) -> tuple[int, DriverStop, Any]:
    """The shift, the stop, and an answer instead of the sheet where the stop is not at the door."""
    shift_id = shift_of(token)
    stop = driver_stop(shift_id, stop_id, now)
    if (stop.case if case else stop.order) is None:
        raise UnknownStop(stop_id=stop_id)
    if stop.status in ENDED:
        return shift_id, stop, redirect(list_path(token, done=stop_id), 303)
    if stop.status is not StopStatus.ARRIVED:
        return shift_id, stop, list_page(token, shift_id, now=now, refusal=WrongStopState(stop_id=stop_id))
    return shift_id, stop, None


def _waits_for_answers(form: FlaskForm) -> bool:
    """A preview made by the page itself does not complain of questions that are not answered yet."""
    if not is_fragment() or any(field.errors and field.raw_data and any(field.raw_data) for field in form):
        return False
    for field in form:
        field.errors = []
    return True


def _checked(form: SheetForm, outcome: Outcome, fits: Callable[[], bool] = lambda: True) -> bool:
    """Whether the sheet can be computed; says 422 where it cannot."""
    if form.validate() and fits():
        return True
    if form.books or not _waits_for_answers(form):
        outcome.status = 422
    return False


def line_changed(form: DoorForm, line: OrderLine) -> bool:
    """Whether the sheet differs from what was ordered for a line."""
    agreed = {kind: line.quantity if kind is line.exchange else 0 for kind in kinds_of(line)}
    counts = (form.line(line, kind).data == quantity for kind, quantity in agreed.items())
    damaged = f"damaged_{line.id}" in form and form[f"damaged_{line.id}"].data
    return not all(counts) or bool(damaged) or bool(form[f"replaced_{line.id}"].data)


def _preview(form: DoorForm, order: Order, outcome: Outcome, now: datetime) -> Settlement | None:
    if form.payment.data == PaymentMethod.CARD.value and not form.card_scheme.data and not form.books:
        form.card_scheme.data = form.card_scheme.choices[1].value
        settlement = _preview(form, order, outcome, now)
        form.card_scheme.data = ""
        return settlement
    try:
        return preview_door(order.id, form.settlement(order, 0), now=now)
    except DomainError as error:
        outcome.refuse(error, form)
        return None


@blueprint.route("/<token>/stops/<int:stop_id>/deliver", methods=["GET", "POST"])
def deliver(token: str, stop_id: int) -> Any:
    """The sheet of a delivery: computed anew, or booked when the amount shown is the one due (X-05, H-077 to H-079)."""
    now = utc_now()
    shift_id, stop, instead = _at_door(token, stop_id, now, case=False)
    order = stop.order
    if instead is not None or order is None:
        return instead
    jobs = driver_list(shift_id, now)
    form = door_form(order, card_schemes=settings.get("card_schemes"), terminal=jobs.card_terminal)
    outcome = Outcome()
    ready = request.method == "GET" or _checked(form, outcome, lambda: form.check_lines(order))
    if request.method == "POST" and ready and form.books:
        shown = form.shown_total_cents.data
        try:
            with unit_of_work():
                driving.deliver(shift_id, stop_id, form.settlement(order, -1 if shown is None else shown), now=now)
            return redirect(list_path(token, done=stop_id), 303)
        except StopOver:
            return redirect(list_path(token, done=stop_id), 303)
        except DomainError as error:
            outcome.refuse(error, form)
    settlement = _preview(form, order, outcome, now) if ready and not outcome.refusal else None
    page = render_template(
        "delivery/_door.html" if is_fragment() else "delivery/driver_deliver.html", token=token, stop=stop, order=order,
        form=form, settlement=settlement, refusal=outcome.refusal, changed_total=outcome.changed_total,
        kinds_of=kinds_of, line_changed=line_changed)
    return page, outcome.status


@blueprint.route("/<token>/stops/<int:stop_id>/collect", methods=["GET", "POST"])
def collect(token: str, stop_id: int) -> Any:
    """The record of a pick-up: withdrawal, deposit return or complaint (H-093 to H-097, H-144 to H-150, H-164)."""
    now = utc_now()
    shift_id, stop, instead = _at_door(token, stop_id, now, case=True)
    case = stop.case
    if instead is not None or case is None:
        return instead
    form, outcome, amounts = case_form(case), Outcome(), None
    if request.method == "POST" and _checked(form, outcome):
        shown = form.shown_total_cents.data
        if form.books:
            try:
                photo = _photo(form)
                with unit_of_work():
                    driving.collect(shift_id, stop_id, form.door(case, -1 if shown is None else shown), now=now)
                    if photo is not None:
                        keep_photo(case, photo, now=now, actor=case.events[-1].actor)
                return redirect(list_path(token, done=stop_id), 303)
            except StopOver:
                return redirect(list_path(token, done=stop_id), 303)
            except DomainError as error:
                outcome.refuse(error, form)
        amounts = _collection(form, case, outcome, now)
    elif request.method == "GET" and case.kind in (CaseKind.DEPOSIT_RETURN, CaseKind.REPLACEMENT):
        amounts = _collection(form, case, outcome, now)
    page = render_template(
        "delivery/_record.html" if is_fragment() else "delivery/driver_collect.html", token=token, stop=stop, case=case,
        form=form, amounts=amounts, refusal=outcome.refusal, changed_total=outcome.changed_total,
        case_kind_word=case_kind_word, withdrawal_refusal_word=withdrawal_refusal_word)
    return page, outcome.status


def _photo(form: CaseForm) -> Photo | None:
    """The photo of a returned cylinder, if one was taken; WrongPhoto for what is none."""
    sent = form.photo.data.read() if isinstance(form, DepositReturnForm) and form.photo.data else b""
    return read_photo(sent) if sent else None


def _collection(form: CaseForm, case: ReturnCase, outcome: Outcome, now: datetime) -> Collection | None:
    try:
        return preview_collection(case.id, form.door(case, 0), now=now)
    except DomainError as error:
        outcome.refuse(error, form)
        return None
