"""Words of billing for people (lazily translated)."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from billing import chart
from billing.ports import carrier_names
from billing.states import CertificateStatus, InvoiceKind, PaymentMethod
from core import settings

_PAYMENT: Mapping[PaymentMethod, Any] = {
    PaymentMethod.CASH: _l("Cash"),
    PaymentMethod.CARD: _l("Card"),
    PaymentMethod.EBANK: _l("E-bank transfer"),
}

_CERTIFICATE: Mapping[CertificateStatus, tuple[str, Any]] = {
    CertificateStatus.ISSUED: ("on_time", _l("valid")),
    CertificateStatus.PAID_OUT: ("done", _l("paid out")),
    CertificateStatus.KEPT: ("failed", _l("deposit kept")),
    CertificateStatus.REPLACED: ("neutral", _l("replaced")),
}

_KIND: Mapping[InvoiceKind, Any] = {
    InvoiceKind.INVOICE: _l("Invoice"),
    InvoiceKind.CREDIT_NOTE: _l("Credit note"),
}

_EXCHANGE: Mapping[str, Any] = {
    "swap": _l("for an empty, undamaged green cylinder"),
    "m10": _l("for an orange 10 kg cylinder"),
    "k": _l("as your first green cylinder"),
    "purchase_with_empty": _l("for your own empty one"),
    "purchase": _l("without an empty one"),
}

_ACCOUNT: Mapping[str, Any] = {
    chart.CARD: _l("Card payments"),
    chart.BANK: _l("Bank account"),
    chart.CASH_MAIN: _l("Main cash desk"),
    chart.REVENUE: _l("Revenue from gas"),
    chart.KEPT_DEPOSITS: _l("Kept deposits"),
    chart.VAT: _l("VAT due"),
    chart.DEPOSITS: _l("Deposits held"),
    chart.LEGACY_DEPOSITS: _l("Deposits from before the ledger"),
    chart.PREPAID: _l("Prepayments"),
    chart.REFUNDS_DUE: _l("Refunds due"),
    chart.RECEIPTS: _l("Receipts to be assigned"),
    chart.KEPT_RECEIPTS: _l("Kept receipts"),
    chart.BUYBACK: _l("Bought orange cylinders"),
    chart.GOODWILL: _l("Deposits paid as goodwill"),
    chart.OPENING: _l("Opening balance"),
    chart.SHORTAGES: _l("Differences of drivers' counts"),
    chart.CUSTOMERS: _l("Cylinders with customers"),
    chart.TECHNICAL: _l("Technical sector"),
    chart.SUPPLY: _l("Supplier"),
    chart.SCRAP: _l("Scrap"),
}

_POSTING: Mapping[str, Any] = {
    "delivery": _l("Delivery"),
    "withdrawal": _l("Withdrawal"),
    "deposit_return": _l("Deposit return"),
    "complaint": _l("Complaint"),
    "prepayment": _l("Prepayment"),
    "prepayment_owed": _l("Prepayment to be refunded"),
    "refund": _l("Refund transferred"),
    "receipt": _l("Receipt on the account"),
    "deposit_waived": _l("Kept deposit given back"),
    "receipt_assigned": _l("Receipt assigned to an order"),
    "receipt_returned": _l("Receipt to be returned"),
    "receipt_kept": _l("Receipt kept"),
    "cash_float": _l("Driver's change"),
    "stock_load": _l("Van loaded"),
    "stock_unload": _l("Van unloaded"),
    "stock_opening": _l("Opening balance"),
    "field_opening": _l("Opening balance"),
    "opening": _l("Opening balance"),
    "refill": _l("Cylinders refilled"),
    "shift_closed": _l("Driver's day closed"),
    "technical": _l("To the technical sector"),
    "tested": _l("Tested: to the scrap or back"),
    "complaint_credit": _l("Credit note for a complaint"),
    "replacement": _l("Free replacement"),
    "goodwill": _l("Goodwill"),
    "movement": _l("Movement"),
}


def payment_word(method: PaymentMethod) -> Any:
    """The word for a way of paying, as printed."""
    return _PAYMENT[method]


def certificate_word(status: CertificateStatus) -> tuple[str, Any]:
    """(kind of mark, word) of a certificate's state."""
    return _CERTIFICATE[status]


def document_word(kind: InvoiceKind) -> Any:
    """Invoice or credit note."""
    return _KIND[kind]


def price_exchange_word(exchange: str) -> Any:
    """What the price list says of an exchange kind (Y-08)."""
    return _EXCHANGE.get(exchange, exchange)


def posting_word(kind: str) -> Any:
    """What a ledger transaction records."""
    return _POSTING.get(kind, kind)


def _unit_name(code: str) -> str:
    """The name of a unit by the code in its accounts (setting `units`)."""
    return next((str(name) for known, name, *_place in settings.get("units") if known == code), code)


class AccountWords:
    """Names of accounts for one page: drivers, vans and depots are looked up once."""

    def __init__(self) -> None:
        self._names: dict[str, Mapping[int, str]] = {}

    def _name(self, kind: str, number: int) -> str:
        if kind not in self._names:
            self._names[kind] = carrier_names(kind)
        fallback = {"driver": _("driver %(number)s", number=number), "vehicle": _("Van %(number)s", number=number),
                    "depot": _("Depot %(number)s", number=number)}
        return self._names[kind].get(number, fallback[kind])

    def word(self, account: str) -> str:
        """The account in words; its own name where it is of no known kind."""
        if account in _ACCOUNT:
            return str(_ACCOUNT[account])
        parts = account.split(":")
        if account.startswith(chart.DRIVERS_PREFIX) and parts[-1].isdigit():
            return _("Cash: %(name)s", name=self._name("driver", int(parts[-1])))
        if account.startswith(chart.cash_of_unit("")):
            return _("Cash: %(name)s", name=_unit_name(parts[-1]))
        if len(parts) == 3 and (parts[0] == "unit" or (parts[0] in ("vehicle", "depot") and parts[1].isdigit())):
            name = _unit_name(parts[1]) if parts[0] == "unit" else self._name(parts[0], int(parts[1]))
            words = {"full": _("%(name)s, full cylinders", name=name),
                     "empty": _("%(name)s, empty cylinders", name=name),
                     "held": _("%(name)s, doubted cylinders", name=name)}
            return words.get(parts[2], account)
        return account
