"""The price of an order in all its parts (pure).

Amounts are integer cents, gross of VAT. A deposit is no price: it stays the customer's money (H-051, H-053). A promo
code reduces the price of the gas only (X-11) and leaves at least the configured rest of it (X-10).
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.money import vat_in_gross
from orders.errors import EmptyOrder, ExchangeNotPossible, TooManyCylinders
from orders.states import ExchangeKind, PaymentMethod

if TYPE_CHECKING:
    from billing.prices import PricedProduct

DEPOSIT_KINDS = frozenset({ExchangeKind.K, ExchangeKind.M10})
GREEN_KINDS = frozenset({ExchangeKind.SWAP, ExchangeKind.M10, ExchangeKind.K})
PURCHASE_KINDS = frozenset({ExchangeKind.PURCHASE, ExchangeKind.PURCHASE_WITH_EMPTY})
ORANGE = "O10"
DELIVERY_CENTS = 0


@dataclass(frozen=True, kw_only=True)
class LineRequest:
    """Some cylinders of a product, and what the customer hands us for them (Y-08)."""

    product_code: str
    exchange: ExchangeKind
    quantity: int


@dataclass(frozen=True, kw_only=True)
class PriceRules:
    """The figures of the rules that hold when the price is made."""

    deposit_cents: int
    buyback_cents: int
    deposit_by_card_allowed: bool
    max_cylinders: int
    min_gas_left_cents: int


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A line with its prices per cylinder."""

    product_code: str
    cylinder_type: str
    exchange: ExchangeKind
    quantity: int
    unit_price_cents: int
    vat_permille: int
    unit_deposit_cents: int
    unit_buyback_cents: int
    net_gas_g: int

    @property
    def gas_cents(self) -> int:
        return self.unit_price_cents * self.quantity


@dataclass(frozen=True, kw_only=True)
class VatShare:
    """The gross amount under one rate, after the discount, and the VAT it contains (H-030)."""

    vat_permille: int
    gross_cents: int
    vat_cents: int


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """All parts of an order's price.

    total = gas - discount + deposit - buyback + delivery (which is free). `prepaid_cents` of it goes by e-bank,
    `door_cents` is paid at the door, `cash_part_cents` of that in cash whatever the method (X-04).
    """

    lines: tuple[PricedLine, ...]
    gas_cents: int
    discount_cents: int
    deposit_cents: int
    buyback_cents: int
    delivery_cents: int
    total_cents: int
    prepaid_cents: int
    door_cents: int
    cash_part_cents: int
    vat: tuple[VatShare, ...]

    @property
    def vat_cents(self) -> int:
        return sum(share.vat_cents for share in self.vat)

    @property
    def cylinders(self) -> int:
        return sum(line.quantity for line in self.lines)


def unit_deposit(exchange: ExchangeKind, rules: PriceRules) -> int:
    """The deposit for one cylinder: K and M10 only (H-051, H-064)."""
    return rules.deposit_cents if exchange in DEPOSIT_KINDS else 0


def unit_buyback(exchange: ExchangeKind, rules: PriceRules) -> int:
    """What an orange cylinder brings, kept as a part of the deposit (H-061, H-063)."""
    return rules.buyback_cents if exchange is ExchangeKind.M10 else 0


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` in proportion to `weights` to the cent; the remainders go to the largest fractions."""
    whole = sum(weights)
    if whole == 0:
        return [0 for _ in weights]
    shares = [amount * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-(amount * weights[index] % whole), index))
    for index in order[: amount - sum(shares)]:
        shares[index] += 1
    return shares


def vat_shares(amounts: Sequence[tuple[int, int]], discount_cents: int) -> tuple[VatShare, ...]:
    """VAT per rate, rounded half up on the rate's whole, for (rate in permille, gross cents) pairs less a discount."""
    gross: dict[int, int] = {}
    for rate, cents in amounts:
        gross[rate] = gross.get(rate, 0) + cents
    rates = sorted(gross)
    off = spread(discount_cents, [gross[rate] for rate in rates])
    net = {rate: gross[rate] - less for rate, less in zip(rates, off, strict=True)}
    return tuple(VatShare(vat_permille=rate, gross_cents=net[rate], vat_cents=vat_in_gross(net[rate], rate))
                 for rate in rates)


def merged(lines: Sequence[LineRequest]) -> tuple[LineRequest, ...]:
    """Lines of the same product and exchange kind as one; empty ones dropped."""
    quantities: dict[tuple[str, ExchangeKind], int] = {}
    for line in lines:
        if line.quantity < 0:
            raise EmptyOrder
        key = (line.product_code, line.exchange)
        quantities[key] = quantities.get(key, 0) + line.quantity
    return tuple(LineRequest(product_code=code, exchange=exchange, quantity=quantity)
                 for (code, exchange), quantity in quantities.items() if quantity)


def price(lines: Sequence[LineRequest], products: Mapping[str, PricedProduct], rules: PriceRules,
          discount_cents: int, payment: PaymentMethod) -> Pricing:
    """The price of these lines.

    `products` holds every product code of the lines. Raises EmptyOrder, TooManyCylinders or ExchangeNotPossible;
    ValueError for a discount that leaves too little of the gas price (promos refuses such a code before).
    """
    wanted = merged(lines)
    if not wanted:
        raise EmptyOrder
    if sum(line.quantity for line in wanted) > rules.max_cylinders:
        raise TooManyCylinders(rules.max_cylinders)
    return assemble(tuple(_priced(line, products[line.product_code], rules) for line in wanted), rules,
                    discount_cents, payment)


def _priced(line: LineRequest, product: PricedProduct, rules: PriceRules) -> PricedLine:
    if line.exchange.value not in product.exchanges:
        raise ExchangeNotPossible(product=product.code, exchange=line.exchange.value)
    return PricedLine(
        product_code=product.code, cylinder_type=product.cylinder_type, exchange=line.exchange,
        quantity=line.quantity, unit_price_cents=product.gross_cents, vat_permille=product.vat_permille,
        unit_deposit_cents=unit_deposit(line.exchange, rules), unit_buyback_cents=unit_buyback(line.exchange, rules),
        net_gas_g=product.net_gas_g)


def assemble(lines: tuple[PricedLine, ...], rules: PriceRules, discount_cents: int, payment: PaymentMethod) -> Pricing:
    """Sum priced lines up and split the payment (X-04)."""
    gas = sum(line.gas_cents for line in lines)
    if discount_cents < 0 or (discount_cents and gas - discount_cents < rules.min_gas_left_cents):
        raise ValueError("the discount leaves too little of the gas price")
    deposit = sum(line.unit_deposit_cents * line.quantity for line in lines)
    buyback = sum(line.unit_buyback_cents * line.quantity for line in lines)
    net = gas - discount_cents
    total = net + deposit - buyback + DELIVERY_CENTS
    prepaid = net if payment is PaymentMethod.EBANK else 0
    if payment is PaymentMethod.CASH:
        cash_part = total
    elif payment is PaymentMethod.CARD and rules.deposit_by_card_allowed:
        cash_part = 0
    else:
        cash_part = deposit - buyback
    return Pricing(
        lines=lines, gas_cents=gas, discount_cents=discount_cents, deposit_cents=deposit, buyback_cents=buyback,
        delivery_cents=DELIVERY_CENTS, total_cents=total, prepaid_cents=prepaid, door_cents=total - prepaid,
        cash_part_cents=cash_part,
        vat=vat_shares([(line.vat_permille, line.gas_cents) for line in lines], discount_cents))
