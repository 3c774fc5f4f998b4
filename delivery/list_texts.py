"""The driver's messages: each stop one SMS of at most 160 septets, shortened by rules (PRODUCT U4, Y-13, H-108)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import render_template

from core import calendar
from core.calendar import local_date
from core.i18n import in_language, show_time
from core.phone import display_phone
from delivery.depot_call import DepotCall
from delivery.goods import cash_cents, door_cents, goods, short_name
from delivery.visits import Source, promise_of
from notify.gsm7 import SINGLE_SEPTETS, fold, septets
from orders.models import Order
from orders.states import ExchangeKind, PaymentMethod

_SHORTER_WORDS = (("ulica", "ul."), ("Ulica", "Ul."), ("cesta", "c."), ("Cesta", "C."), ("nabrežje", "nab."),
                  ("Naselje", "N."), ("naselje", "n."), ("Trg", "T."))


@dataclass(frozen=True, kw_only=True)
class StopText:
    """What is said of one stop; `number` of `count` is added when it is sent."""

    until: str
    name: str
    street: str
    house_number: str
    town: str
    floor: int
    note: str
    goods: str
    words: str
    pickup: bool
    pay_out: bool
    amount: str
    method: str
    phone: str
    link: str


def stop_text(source: Source, *, link: str, now: datetime) -> StopText:
    """The parts of a stop's message; no price parts, no promo code (H-108)."""
    if isinstance(source, DepotCall):
        return StopText(until="", name=source.contact_name, street=source.street, house_number="", town="", floor=0,
                        note="", goods=goods(source, "x"), words="", pickup=False, pay_out=False, amount="0,00",
                        method="none", phone="", link=link)
    promise = promise_of(source)
    until = show_time(promise.by_at)
    if local_date(promise.by_at) != local_date(now):
        day = calendar.local(promise.by_at)
        until = f"{day.day}.{day.month}. {until}"
    due = door_cents(source)
    return StopText(
        until=until, name=short_name(source.contact_name).upper(), street=source.street,
        house_number=source.house_number, town="" if source.city == "Ljubljana" else f"{source.postcode} {source.city}",
        floor=source.floor, note=source.note, goods=goods(source, "x"), words=_kinds(source),
        pickup=not isinstance(source, Order), pay_out=due < 0, amount=f"{abs(due) // 100},{abs(due) % 100:02d}",
        method=_method(source), phone=display_phone(source.phone_e164), link=link)


def _kinds(source: Source) -> str:
    """`swap` where every line is a plain exchange: a word that tells the driver to take empties."""
    if isinstance(source, Order) and all(line.exchange is ExchangeKind.SWAP for line in source.lines):
        return "swap"
    return ""


def _method(source: Source) -> str:
    """`cash`, `card`, `both` (deposit in cash, gas by card, X-04) or `none` where nothing is due."""
    if door_cents(source) == 0:
        return "none"
    if isinstance(source, Order) and source.payment_method is PaymentMethod.CARD:
        return "both" if cash_cents(source) else "card"
    return "cash"


def _shorter(text: StopText) -> Iterator[StopText]:
    """The same message in ever fewer words: the note goes first, then long names, the town, the name, the street."""
    yield text
    for size in (30, 16):
        yield (text := replace(text, note=_cut(text.note, size)))
    street = text.street
    for long, short in _SHORTER_WORDS:
        street = street.replace(long, short)
    yield (text := replace(text, street=street, words=""))
    yield (text := replace(text, note=""))
    for size in (22, 14):
        yield (text := replace(text, town=_cut(text.town, size), name=_cut(text.name, size),
                               street=_cut(text.street, size)))
    for size in (24, 12, 6):
        yield (text := replace(text, town=text.town[:4], floor=text.floor if size > 12 else 0,
                               goods=_cut(text.goods, size), name=_cut(text.name, size),
                               street=_cut(text.street, size), house_number=_cut(text.house_number, 6),
                               phone=text.phone.replace(" ", "")))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length - 1].rstrip(" ,.-") + "."


def fitting(template: str, language: str, text: StopText, **place: Any) -> dict[str, Any]:
    """The context with which the template stays within one SMS. ValueError when even the shortest does not."""
    for shorter in _shorter(text):
        context = {"stop": shorter, **place}
        if length(template, language, context) <= SINGLE_SEPTETS:
            return context
    raise ValueError(f"SMS {template} cannot be made to fit")


def length(template: str, language: str, context: dict[str, Any]) -> int:
    """The septets of a message as it will be sent."""
    with in_language(language):
        return septets(fold(render_template(f"sms/{template}.{language}.txt", **context).strip()))
