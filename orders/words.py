"""Words for people: states, exchange kinds, payments, reasons (lazily translated)."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from billing.bank.states import Finding, ReceiptState
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
    Channel.COUNTER: _l("at a counter"),
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


_EVENT: Mapping[str, Any] = {
    "placed": _l("order placed"),
    "pay": _l("payment seen"),
    "dispatch": _l("driver left for the stop"),
    "recall": _l("driver turned back"),
    "deliver": _l("delivered"),
    "fail": _l("nothing could be handed over"),
    "cancel": _l("cancelled by the customer"),
    "cancel_by_company": _l("cancelled by us"),
    "reject": _l("rejected"),
    "window_given": _l("new time agreed"),
    "refunded": _l("money transferred back"),
    "deposit_waived": _l("kept deposit given back"),
    "changed_at_door": _l("changed at the door"),
    "damaged_empty": _l("damaged empty cylinder, deposit kept"),
    "cylinder_replaced": _l("another cylinder handed over at the customer's wish"),
    "opened": _l("case opened"),
    "accept": _l("request accepted"),
    "collect_paid": _l("collected, money paid out"),
    "collect_refund_due": _l("collected, refund to the account due"),
    "collect_for_testing": _l("collected for testing"),
    "collect_unpaid": _l("collected, nothing paid out"),
    "refund": _l("money transferred back"),
    "hand_over": _l("replacement handed over"),
    "hand_in": _l("brought to a unit"),
    "overturn": _l("rejection overturned"),
    "appealed": _l("appeal against the rejection"),
    "appeal_upheld": _l("rejection confirmed"),
    "goodwill": _l("deposit paid as goodwill"),
    "received_for_test": _l("received by the technical sector"),
    "find_justified": _l("complaint found justified"),
    "repair": _l("ended: repaired"),
    "replace": _l("ended: replaced"),
    "credit": _l("ended: credit note"),
    "change_asked": _l("customer asked about a change"),
    "change_accepted": _l("customer accepted the change"),
    "change_substituted": _l("customer chose another item"),
    "change_cancelled": _l("customer cancelled because of the change"),
}

_ACTOR: Mapping[str, Any] = {
    "customer": _l("customer"),
    "guest": _l("customer"),
    "system": _l("automatically"),
    "staff": _l("staff %(number)s"),
    "driver": _l("driver %(number)s"),
}


def event_word(what: str) -> Any:
    """What happened to an order or a case, for staff; an unknown kind stands for itself."""
    return _EVENT.get(what, what)


def actor_word(actor: str) -> Any:
    """Who did it: `staff:3`, `driver:7`, `customer`, `system` in words."""
    kind, _colon, number = actor.partition(":")
    word = _ACTOR.get(kind)
    return actor if word is None else str(word) % {"number": number}


_RECEIPT: Mapping[ReceiptState, Any] = {
    ReceiptState.OPEN: _l("to be decided"),
    ReceiptState.PAID: _l("paid its order"),
    ReceiptState.NOTED: _l("order was marked as paid before"),
    ReceiptState.RETURN_DUE: _l("goes back to the payer"),
    ReceiptState.RETURNED: _l("returned to the payer"),
    ReceiptState.KEPT: _l("kept"),
    ReceiptState.PAYMENT: _l("paid by us"),
}

_FINDING: Mapping[Finding, Any] = {
    Finding.NONE: "",
    Finding.NO_REFERENCE: _l("no reference of ours"),
    Finding.UNKNOWN_ORDER: _l("no order has this reference"),
    Finding.NOT_WAITING: _l("its order waits for no payment"),
    Finding.UNDERPAID: _l("less than the order's amount"),
    Finding.OVERPAID: _l("more than the order's amount"),
}


def receipt_word(state: ReceiptState) -> Any:
    """What became of a movement on the account."""
    return _RECEIPT[state]


def finding_word(finding: Finding) -> Any:
    """Why a receipt could not be matched by itself."""
    return _FINDING[finding]
