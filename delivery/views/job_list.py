"""The driver's list as a page: the blueprint, cards, and the list with what came of a step (PRODUCT U4)."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from core import links
from core.auth import public
from core.errors import DomainError
from core.http import client_address, is_fragment, no_store
from core.i18n import show_time
from core.money import format_eur
from delivery.goods import RELOAD
from delivery.queries import DriverList, DriverStop, driver_list
from delivery.states import StopStatus
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
    elif stop.kind == RELOAD:
        word, payment, rows = "", "", []
        goods = doorstep.reload_goods(stop)
    else:
        word, payment, rows = (_("Pay out") if stop.door_cents < 0 else ""), _("cash by the driver"), []
        goods = doorstep.case_goods(case) if case is not None else []
    return Card(stop=stop, until=_until(stop), state="late" if stop.late else "on_time",
                state_word=_("late") if stop.late else _("on time"), goods=goods, amount_word=word, rows=rows,
                payment=payment, links=doorstep.navigation_links(stop.lat, stop.lon))


def _until(stop: DriverStop) -> str:
    if stop.kind == RELOAD:
        return show_time(stop.planned_start_at) if stop.planned_start_at else ""
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
    later = "-".join(str(stop.id) for stop in jobs.later)
    return f"{jobs.list_version}.{jobs.accepted_version}.{current}.{later}.{jobs.resting_until or ''}"


def list_page(token: str, shift_id: int, *, now: datetime, refusal: DomainError | None = None) -> Any:
    """The list, with a refusal above it where one was made."""
    jobs = driver_list(shift_id, now)
    seen = _seen(jobs)
    if is_fragment() and refusal is None and request.args.get("seen") == seen:
        return Response(status=204)
    open_stops = [*([jobs.current] if jobs.current else []), *jobs.later]
    busy = jobs.current is not None and jobs.current.status is not StopStatus.PLANNED
    template = "delivery/_list.html" if is_fragment() else "delivery/driver_list.html"
    receipt = receipts.receipt(_ended(jobs, request.args.get("done", type=int)))
    page = render_template(
        template, token=token, jobs=jobs, seen=seen, current=card_of(jobs.current) if jobs.current else None,
        later=[card_of(stop) for stop in jobs.later], ended=[(stop, receipts.papers(stop)) for stop in jobs.ended],
        load=_load(open_stops), may_choose=not busy, busy=busy, receipt=receipt, refusal=refusal)
    return page, refusal.status if refusal is not None else 200


def _ended(jobs: DriverList, stop_id: int | None) -> DriverStop | None:
    return next((stop for stop in jobs.ended if stop.id == stop_id), None)
