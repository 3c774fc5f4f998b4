"""The driver's phone page `/d/<token>`: the next stop, three taps to close it, the rest below (PRODUCT U4)."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from core import links
from core.auth import public
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import client_address, is_fragment, no_store
from core.i18n import show_time
from core.money import format_eur
from delivery import driving
from delivery.errors import StopOver
from delivery.forms import AcceptForm, FailForm
from delivery.queries import DriverList, DriverStop, driver_list, driver_stop
from delivery.states import FailReason, StopStatus
from delivery.views import doorstep, receipts
from orders.states import PromiseKind
from orders.words import payment_word

blueprint = Blueprint("driver", __name__, url_prefix="/d")
public(blueprint, "the token of a shift's link (Y-11)")
blueprint.after_request(no_store)
blueprint.context_processor(doorstep.words)

ENDED = (StopStatus.DONE, StopStatus.FAILED)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A stop as the page shows it."""

    stop: DriverStop
    until: str
    state: str
    state_word: str
    goods: list[tuple[str, str]]
    amount_word: str
    rows: doorstep.Rows
    payment: str
    links: dict[str, str]


def shift_of(token: str) -> int:
    """The shift behind the link; UnknownLink, ExpiredLink."""
    return links.resolve("driver", token, address=client_address())


def list_path(token: str, **values: Any) -> str:
    """The path of the list."""
    return url_for("driver.show", token=token, **values)


def card_of(stop: DriverStop) -> Card:
    """Words and amounts of a stop."""
    order, case = stop.order, stop.case
    if order is not None:
        word = _("Collect") if stop.door_cents > 0 else ""
        goods, rows = doorstep.order_goods(order), doorstep.order_rows(order)
        payment = str(payment_word(order.payment_method))
        if 0 < stop.cash_cents < stop.door_cents:
            payment = _("%(payment)s, of it %(cash)s in cash", payment=payment, cash=format_eur(stop.cash_cents))
    else:
        word, payment, rows = (_("Pay out") if stop.door_cents < 0 else ""), _("cash by the driver"), []
        goods = doorstep.case_goods(case) if case is not None else []
    return Card(stop=stop, until=_until(stop), state="late" if stop.late else "on_time",
                state_word=_("late") if stop.late else _("on time"), goods=goods, amount_word=word, rows=rows,
                payment=payment, links=doorstep.navigation_links(stop.lat, stop.lon))


def _until(stop: DriverStop) -> str:
    agreed = stop.order is None or stop.order.promise_kind is PromiseKind.AGREED
    if agreed:
        return f"{show_time(stop.promised_from_at)}–{show_time(stop.promised_by_at)}"
    return _("by %(time)s", time=show_time(stop.promised_by_at))


def _load(stops: list[DriverStop]) -> str:
    """Full cylinders that the open stops need, like `7 × Z10, 2 × P10`."""
    needed: Counter[str] = Counter()
    for stop in stops:
        for line in stop.order.lines if stop.order is not None else []:
            needed[line.cylinder_type] += line.quantity
    return ", ".join(f"{number} × {kind}" for kind, number in sorted(needed.items()))


def _seen(jobs: DriverList) -> str:
    """What the phone has seen: changes when anything worth drawing does."""
    current = f"{jobs.current.id}{jobs.current.status}" if jobs.current else ""
    return f"{jobs.list_version}.{jobs.accepted_version}.{current}.{'-'.join(str(stop.id) for stop in jobs.rest)}"


def list_page(token: str, shift_id: int, *, now: datetime, refusal: DomainError | None = None) -> Any:
    """The list, with a refusal above it where one was made."""
    jobs = driver_list(shift_id, now)
    seen = _seen(jobs)
    if is_fragment() and refusal is None and request.args.get("seen") == seen:
        return Response(status=204)
    open_stops = [*([jobs.current] if jobs.current else []), *jobs.rest]
    busy = jobs.current is not None and jobs.current.status is not StopStatus.PLANNED
    template = "delivery/_list.html" if is_fragment() else "delivery/driver_list.html"
    receipt = receipts.receipt(_ended(jobs, request.args.get("done", type=int)))
    page = render_template(
        template, token=token, jobs=jobs, seen=seen, current=card_of(jobs.current) if jobs.current else None,
        later=[card_of(stop) for stop in jobs.rest], ended=[(stop, receipts.papers(stop)) for stop in jobs.ended],
        load=_load(open_stops), may_choose=not busy, receipt=receipt, refusal=refusal)
    return page, refusal.status if refusal is not None else 200


def _ended(jobs: DriverList, stop_id: int | None) -> DriverStop | None:
    return next((stop for stop in jobs.ended if stop.id == stop_id), None)


def _step(token: str, act: Any, goal: str | None = None) -> Any:
    """One step in one unit of work; a refusal comes back on the list."""
    shift_id, now = shift_of(token), utc_now()
    try:
        with unit_of_work():
            act(shift_id, now)
    except DomainError as refusal:
        return list_page(token, shift_id, now=now, refusal=refusal)
    return redirect(goal or list_path(token), 303)


@blueprint.get("/<token>")
def show(token: str) -> Any:
    """The list; asked for by htmx every 30 s: 204 while nothing changed."""
    return list_page(token, shift_of(token), now=utc_now())


@blueprint.post("/<token>/accept")
def accept(token: str) -> Any:
    """The driver takes note of the list's version."""
    form = AcceptForm()
    if not form.validate():
        return redirect(list_path(token), 303)
    return _step(token, lambda shift_id, now: driving.accept_list(shift_id, form.version.data or 0, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/leave")
def leave(token: str, stop_id: int) -> Any:
    """The van leaves for this very stop (Y-07)."""
    out_of_turn = request.form.get("out_of_turn") == "1"
    return _step(token, lambda shift_id, now: driving.leave_for(shift_id, stop_id, out_of_turn=out_of_turn, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/back")
def back(token: str, stop_id: int) -> Any:
    """Undo the last step: not arrived after all, not leaving yet."""
    return _step(token, lambda shift_id, now: driving.turn_back(shift_id, stop_id, now=now))


@blueprint.post("/<token>/stops/<int:stop_id>/arrive")
def arrive(token: str, stop_id: int) -> Any:
    """At the door: on to the sheet."""
    stop = driver_stop(shift_of(token), stop_id, utc_now())
    sheet = "driver.collect" if stop.case is not None else "driver.deliver"
    return _step(token, lambda shift_id, now: driving.arrive(shift_id, stop_id, now=now),
                 url_for(sheet, token=token, stop_id=stop_id))


@blueprint.route("/<token>/stops/<int:stop_id>/fail", methods=["GET", "POST"])
def fail(token: str, stop_id: int) -> Any:
    """Nothing could be handed over: why (Y-07)."""
    shift_id, now = shift_of(token), utc_now()
    stop = driver_stop(shift_id, stop_id, now)
    if stop.status in ENDED:
        return redirect(list_path(token, done=stop_id), 303)
    form = FailForm()
    if request.method == "POST" and form.validate():
        reason = FailReason(form.reason.data)
        try:
            with unit_of_work():
                driving.fail(shift_id, stop_id, reason, now=now)
        except StopOver:
            return redirect(list_path(token, done=stop_id), 303)
        except DomainError as refusal:
            return list_page(token, shift_id, now=now, refusal=refusal)
        return redirect(list_path(token, done=stop_id), 303)
    page = render_template("delivery/driver_fail.html", token=token, stop=stop, form=form)
    return page, 422 if form.errors else 200
