"""Words for people about changes and grievances (lazily translated)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from billing.queries import price_of
from core.i18n import in_language, language, show_window
from core.money import format_eur
from orders.cases.states import ChangeKind, ChangeStatus, GrievanceStatus
from orders.states import ExchangeKind
from orders.words import exchange_word

if TYPE_CHECKING:
    from orders.cases.models import OrderChange

_KIND: Mapping[ChangeKind, Any] = {
    ChangeKind.ITEM: _l("another item"),
    ChangeKind.TIME: _l("another time"),
    ChangeKind.PRICE: _l("another price"),
}

_CHANGE: Mapping[ChangeStatus, Any] = {
    ChangeStatus.ASKED: _l("waits for the customer's answer"),
    ChangeStatus.ACCEPTED: _l("accepted"),
    ChangeStatus.SUBSTITUTED: _l("another item or time chosen"),
    ChangeStatus.CANCELLED: _l("order cancelled"),
}

_GRIEVANCE: Mapping[GrievanceStatus, Any] = {
    GrievanceStatus.RECEIVED: _l("received"),
    GrievanceStatus.OFFERED: _l("answered, waits for the customer"),
    GrievanceStatus.AGREED: _l("agreed"),
    GrievanceStatus.DECLINED: _l("offer declined"),
    GrievanceStatus.CLOSED: _l("closed"),
}


_GRIEVANCE_EVENT: Mapping[str, Any] = {
    "received": _l("received"),
    "appointed": _l("contact named"),
    "offer": _l("answered"),
    "accept": _l("offer accepted"),
    "decline": _l("offer declined"),
    "close": _l("closed"),
}


def grievance_event_word(what: str) -> Any:
    """What happened to a grievance."""
    return _GRIEVANCE_EVENT.get(what, what)


def change_kind_word(kind: ChangeKind) -> Any:
    """What is proposed."""
    return _KIND[kind]


def change_status_word(status: ChangeStatus) -> Any:
    """What became of it."""
    return _CHANGE[status]


def grievance_status_word(status: GrievanceStatus) -> Any:
    """Where a grievance stands."""
    return _GRIEVANCE[status]


def change_sentence(change: OrderChange, *, language: str | None = None) -> str:
    """The proposal in one sentence, in a language or the present one."""
    if language is not None:
        with in_language(language):
            return change_sentence(change)
    terms = change.terms
    if change.kind is ChangeKind.TIME:
        start, end = (datetime.fromisoformat(terms[name]) for name in ("from", "by"))
        return _("The delivery would be %(window)s.", window=show_window(start, end, now=change.asked_at))
    name, price = product_words(terms, change.asked_at), format_eur(terms["unit_price_cents"])
    if change.kind is ChangeKind.PRICE:
        return _("%(item)s would cost %(price)s a piece.", item=name, price=price)
    return _("You would get %(item)s for %(price)s a piece.", item=name, price=price)


def product_words(terms: Mapping[str, Any], at: datetime) -> str:
    """A product with the way in which it is had."""
    product = price_of(terms["product_code"], at)
    return f"{product.name(language())} ({exchange_word(ExchangeKind(terms['exchange']))})"
