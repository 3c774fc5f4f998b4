"""What the papers of an order say: the invoice of a delivery, the credit note of a withdrawal."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from billing.drafts import InvoiceDraft, InvoiceItem
from billing.queries import price_list
from core.i18n import in_language
from orders.states import PaymentMethod

if TYPE_CHECKING:
    from orders.models import Order
    from orders.returns.models import ReturnCase
    from orders.returns.refunds import BoughtLine, Refund
    from orders.settlement import Settlement

DEPOSIT = ("Kavcija za Zeleno jeklenko", "Deposit for a green cylinder")
BUYBACK = ("Odkup oranžne jeklenke 10 kg", "Orange 10 kg cylinder bought back")
DISCOUNT = ("Popust s promocijsko kodo", "Discount by promo code")
DISCOUNT_BACK = ("Popust s promocijsko kodo, sorazmerni del", "Discount by promo code, proportional part")


def names_of_products(now: datetime) -> dict[str, tuple[str, str]]:
    """Slovene and English names by product code, of the list that holds now."""
    return {product.code: (product.name_sl, product.name_en) for product in price_list(now)}


def _item(names: tuple[str, str], quantity: int, unit_cents: int, vat_permille: int | None) -> InvoiceItem:
    return InvoiceItem(description_sl=names[0], description_en=names[1], quantity=quantity,
                       unit_gross_cents=unit_cents, vat_permille=vat_permille)


def _discounts(parts: Sequence[tuple[int, int]], names: tuple[str, str]) -> list[InvoiceItem]:
    """One negative line per VAT rate, from (rate, cents) pairs."""
    off: dict[int, int] = {}
    for rate, cents in parts:
        off[rate] = off.get(rate, 0) + cents
    return [_item(names, 1, -cents, rate) for rate, cents in sorted(off.items()) if cents]


def invoice_draft(order: Order, settlement: Settlement, now: datetime) -> InvoiceDraft:
    """The invoice of a delivery: gas under its VAT, the discount, deposits and the orange one outside VAT."""
    names = names_of_products(order.created_at)
    items = [_item(names.get(line.product_code, (line.product_code, line.product_code)), line.quantity,
                   line.unit_price_cents, line.vat_permille) for line in settlement.lines]
    items += _discounts([(line.vat_permille, line.discount_cents) for line in settlement.lines], DISCOUNT)
    items += [_item(DEPOSIT, line.new_deposits, line.unit_deposit_cents, None)
              for line in settlement.lines if line.new_deposits]
    items += [_item(BUYBACK, line.quantity, -line.unit_buyback_cents, None)
              for line in settlement.lines if line.unit_buyback_cents]
    paid = ((PaymentMethod.CASH, settlement.cash_cents), (PaymentMethod.CARD, settlement.card_cents),
            (PaymentMethod.EBANK, settlement.prepaid_cents - settlement.refund_due_cents))
    return InvoiceDraft(
        order_ref=order.ref, order_number=order.number, buyer_name=order.contact_name,
        buyer_address=order.address_line, language=order.language, supplied_at=now, items=tuple(items),
        payments=tuple((method.value, cents) for method, cents in paid if cents))


def credit_items(lines: Sequence[BoughtLine], at: datetime) -> tuple[InvoiceItem, ...]:
    """What a withdrawal takes back of its invoice: gas net of the discount, deposits paid with it (X-24)."""
    names = names_of_products(at)
    items = [_item(names.get(line.product_code, (line.product_code, line.product_code)), line.returned,
                   line.unit_price_cents, line.vat_permille) for line in lines]
    items += _discounts([(line.vat_permille, line.unit_price_cents * line.returned - line.gas_back_cents)
                         for line in lines], DISCOUNT_BACK)
    items += [_item(DEPOSIT, line.deposits_back, line.unit_deposit_cents, None) for line in lines
              if line.deposits_back]
    return tuple(items)


def pay_back(refund: Refund) -> tuple[tuple[str, int], ...]:
    """How a credit note says that its amount went back; old deposits of a swap are no part of it."""
    cash = refund.cash_cents - refund.old_deposit_cents
    return tuple((method.value, cents) for method, cents in ((PaymentMethod.CASH, cash),
                                                             (PaymentMethod.EBANK, refund.bank_cents)) if cents)


def complaint_reason(case: ReturnCase) -> str:
    """Why the credit note was issued, in its own language."""
    with in_language(case.language):
        return _("Justified complaint, %(number)s", number=case.number)


def withdrawal_reason(case: ReturnCase) -> str:
    """Why the credit note was issued, in its own language."""
    with in_language(case.language):
        return _("Withdrawal from the contract, %(number)s", number=case.number)
