"""States of an order and who may move it (pure)."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands. `OUT_FOR_DELIVERY` begins when the van leaves for this very stop (Y-07)."""

    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class OrderAction(StrEnum):
    """What can be done to an order."""

    PAY = "pay"
    DISPATCH = "dispatch"
    RECALL = "recall"
    DELIVER = "deliver"
    FAIL = "fail"
    CANCEL = "cancel"
    CANCEL_BY_COMPANY = "cancel_by_company"
    REJECT = "reject"


S, A = OrderStatus, OrderAction

TRANSITIONS: Mapping[tuple[OrderStatus, OrderAction], OrderStatus] = {
    (S.AWAITING_PAYMENT, A.PAY): S.CONFIRMED,
    (S.AWAITING_PAYMENT, A.CANCEL): S.CANCELLED,
    (S.AWAITING_PAYMENT, A.CANCEL_BY_COMPANY): S.CANCELLED,
    (S.AWAITING_PAYMENT, A.REJECT): S.REJECTED,
    (S.CONFIRMED, A.DISPATCH): S.OUT_FOR_DELIVERY,
    (S.CONFIRMED, A.CANCEL): S.CANCELLED,
    (S.CONFIRMED, A.CANCEL_BY_COMPANY): S.CANCELLED,
    (S.CONFIRMED, A.REJECT): S.REJECTED,
    (S.OUT_FOR_DELIVERY, A.RECALL): S.CONFIRMED,
    (S.OUT_FOR_DELIVERY, A.DELIVER): S.DELIVERED,
    (S.OUT_FOR_DELIVERY, A.FAIL): S.CONFIRMED,
    (S.OUT_FOR_DELIVERY, A.CANCEL_BY_COMPANY): S.CANCELLED,
}

ENDED = frozenset({S.DELIVERED, S.CANCELLED, S.REJECTED})
OPEN = frozenset(S) - ENDED


class Channel(StrEnum):
    """How an order or a case reached us (H-100)."""

    WEB = "web"
    PHONE = "phone"
    EMAIL = "email"
    DOOR = "door"
    COUNTER = "counter"


class ExchangeKind(StrEnum):
    """What the customer hands us for a line (Y-08): K and M10 of H-050, H-060; swap 1:1 H-075; purchase H-044."""

    SWAP = "swap"
    M10 = "m10"
    K = "k"
    PURCHASE_WITH_EMPTY = "purchase_with_empty"
    PURCHASE = "purchase"


class PaymentMethod(StrEnum):
    """How the gas is paid (H-120, H-121, H-123)."""

    CASH = "cash"
    CARD = "card"
    EBANK = "ebank"


class PromiseKind(StrEnum):
    """The 1-2 h promise of the city, or a window agreed with the customer (Y-03, H-113)."""

    HOUR = "hour"
    AGREED = "agreed"


class DelayReason(StrEnum):
    """Why a promise is beyond 60 minutes (H-112, X-26)."""

    SEVERAL_ORDERS = "several_orders"
    TRAFFIC = "traffic"
    UNFORESEEN = "unforeseen"
