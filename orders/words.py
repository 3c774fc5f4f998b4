"""Words for people: states, exchange kinds, payments, reasons (lazily translated)."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from orders.states import Channel, DelayReason, ExchangeKind, OrderStatus, PaymentMethod

_STATUS: Mapping[OrderStatus, Any] = {
    OrderStatus.AWAITING_PAYMENT: _l("waiting for payment"),
    OrderStatus.CONFIRMED: _l("confirmed"),
    OrderStatus.OUT_FOR_DELIVERY: _l("on the way"),
    OrderStatus.DELIVERED: _l("delivered"),
    OrderStatus.CANCELLED: _l("cancelled"),
    OrderStatus.REJECTED: _l("rejected"),
}

_EXCHANGE: Mapping[ExchangeKind, Any] = {
    ExchangeKind.SWAP: _l("green for green"),
    ExchangeKind.M10: _l("orange for green"),
    ExchangeKind.K: _l("first green cylinder"),
    ExchangeKind.PURCHASE_WITH_EMPTY: _l("with an empty one back"),
    ExchangeKind.PURCHASE: _l("without an empty one"),
}

_PAYMENT: Mapping[PaymentMethod, Any] = {
    PaymentMethod.CASH: _l("cash to the driver"),
    PaymentMethod.CARD: _l("card to the driver"),
    PaymentMethod.EBANK: _l("e-bank in advance"),
}

_REASON: Mapping[DelayReason, Any] = {
    DelayReason.SEVERAL_ORDERS: _l("several orders at this hour"),
    DelayReason.TRAFFIC: _l("traffic"),
    DelayReason.UNFORESEEN: _l("unforeseen circumstances"),
}

_CHANNEL: Mapping[Channel, Any] = {
    Channel.WEB: _l("web"),
    Channel.PHONE: _l("phone"),
    Channel.EMAIL: _l("e-mail"),
    Channel.DOOR: _l("at the door"),
}


def status_word(status: OrderStatus) -> Any:
    """The word a customer reads for an order's state."""
    return _STATUS[status]


def exchange_word(exchange: ExchangeKind) -> Any:
    """The word for what the customer hands us (Y-08)."""
    return _EXCHANGE[exchange]


def payment_word(method: PaymentMethod) -> Any:
    """The word for a way of paying."""
    return _PAYMENT[method]


def delay_reason_word(reason: DelayReason) -> Any:
    """Why a promise is beyond 60 minutes (H-112, X-26)."""
    return _REASON[reason]


def channel_word(channel: Channel) -> Any:
    """How something reached us."""
    return _CHANNEL[channel]
