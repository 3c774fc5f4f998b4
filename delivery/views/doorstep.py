"""What stands on a driver's and a customer's page about one visit: goods, codes, amounts, in words."""
from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from core.money import vat_in_gross
from delivery.driver_list import DriverStop
from delivery.goods import CASE_CODES, line_code
from orders.models import Order
from orders.returns.collecting import Collection
from orders.returns.models import CaseLine, ReturnCase
from orders.settlement import Settlement
from orders.words import exchange_word

Rows = list[tuple[str, int]]


def order_goods(order: Order) -> list[tuple[str, str]]:
    """Per line its code, and quantity with words."""
    return [(line_code(line), f"{line.quantity} × {line.cylinder_type}, {exchange_word(line.exchange)}")
            for line in order.lines]


def case_goods(case: ReturnCase) -> list[tuple[str, str]]:
    """Per line the code of the pick-up, and quantity with words."""
    return [(CASE_CODES[case.kind], f"{line.quantity} × {line.cylinder_type}, {_fullness(line)}")
            for line in case.lines]


def reload_goods(stop: DriverStop) -> list[tuple[str, str]]:
    """What is to be on board after loading, and what is left at the depot."""
    lines = [("=", _("full on board then: %(goods)s", goods=stop.goods))]
    if stop.loads:
        lines.append(("+", _("missing now: %(goods)s", goods=stop.loads)))
    if stop.leaves:
        lines.append(("−", _("empties to leave: %(goods)s", goods=stop.leaves)))
    return lines


def _fullness(line: CaseLine) -> str:
    if line.full:
        return ngettext("full", "full", line.quantity)
    return ngettext("empty", "empty", line.quantity)


def _parts(gas: int, discount: int, deposit: int, buyback: int, prepaid: int) -> Rows:
    rows = [(_("Gas"), gas)]
    rows += [(_("Discount"), -discount)] if discount else []
    rows += [(_("Deposit"), deposit)] if deposit else []
    rows += [(_("Orange cylinder bought"), -buyback)] if buyback else []
    rows += [(_("Paid by e-bank"), -prepaid)] if prepaid else []
    return rows


def order_rows(order: Order) -> Rows:
    """The parts of what is paid at the door, and the VAT in them."""
    rows = _parts(order.gas_cents, order.discount_cents, order.deposit_cents, order.buyback_cents, order.prepaid_cents)
    by_rate: dict[int, int] = {}
    for line in order.lines:
        by_rate[line.vat_permille] = by_rate.get(line.vat_permille, 0) + line.unit_price_cents * line.quantity
    if len(by_rate) == 1:
        (rate,) = by_rate
        vat = vat_in_gross(order.gas_cents - order.discount_cents, rate)
        rows.append((_("VAT contained (%(rate)s %%)", rate=f"{rate / 10:g}".replace(".", ",")), vat))
    return rows


def settlement_rows(settlement: Settlement) -> Rows:
    """The parts of what the driver collects."""
    rows = _parts(settlement.gas_cents, settlement.discount_cents, settlement.deposit_cents, settlement.buyback_cents,
                  settlement.prepaid_cents)
    both = settlement.cash_cents and settlement.card_cents
    return rows + ([(_("of it in cash"), settlement.cash_cents), (_("of it by card"), settlement.card_cents)]
                   if both else [])


def collection_rows(amounts: Collection) -> Rows:
    """The parts of what the driver pays out."""
    rows = [(_("Gas"), amounts.gas_cents)] if amounts.gas_cents else []
    rows += [(_("Deposit"), amounts.deposit_cents)] if amounts.deposit_cents else []
    rows += [(_("to the bank account"), -amounts.bank_cents)] if amounts.bank_cents else []
    return rows


def navigation_links(lat: float, lon: float) -> dict[str, str]:
    """Links that open the phone's own navigation, and a map on the web."""
    return {"geo": f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}",
            "web": f"https://www.google.com/maps/dir/?api=1&destination={lat:.6f},{lon:.6f}"}


def words() -> dict[str, Any]:
    """The functions that the driver's templates use."""
    return {"goods_code": line_code, "case_codes": CASE_CODES, "exchange_word": exchange_word,
            "settlement_rows": settlement_rows, "collection_rows": collection_rows}
