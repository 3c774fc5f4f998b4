"""What is settled at the door (pure): the agreed order against what the driver really hands over and takes back.

Prices are the agreed ones of the order; a changed exchange kind changes deposit and buy-back only (X-05, H-068).
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orders.errors import (
    ExchangeNotPossible,
    NothingDelivered,
    TooManyCertificates,
    TotalChanged,
    UnknownCard,
    WrongDoorLine,
    WrongPayment,
)
from orders.pricing import (
    DEPOSIT_KINDS,
    GREEN_KINDS,
    ORANGE,
    PURCHASE_KINDS,
    PriceRules,
    VatShare,
    spread,
    unit_buyback,
    unit_deposit,
    vat_shares,
)
from orders.states import ExchangeKind, PaymentMethod

if TYPE_CHECKING:
    from orders.models import Order, OrderLine

GDPR_ANSWERS = frozenset({"", "signed", "refused"})


@dataclass(frozen=True, kw_only=True)
class DoorLine:
    """What happened with (a part of) an order line; a line may be split over several, to change some of it.

    `damaged_empties`: of a swap, how many empties handed back were damaged: their deposit is kept and a new one is
    due (H-077, H-078). `replaced`: how many cylinders the customer doubted and had replaced from the spare (H-079).
    """

    line_id: int
    exchange: ExchangeKind
    quantity: int
    damaged_empties: int = 0
    replaced: int = 0


@dataclass(frozen=True, kw_only=True)
class DoorSettlement:
    """The driver's record. Lines that are not named are not handed over.

    `gdpr` is `signed`, `refused` or empty when the statement was not offered (H-102); `shown_total_cents` is the
    amount that the driver was shown, to be collected now; `certificates` the numbers of those that were handed over
    with damaged empties.
    """

    lines: tuple[DoorLine, ...]
    payment: PaymentMethod
    shown_total_cents: int
    card_scheme: str = ""
    gdpr: str = ""
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SettledLine:
    """A part of an order line as handed over, with its amounts in cents."""

    line_id: int
    product_code: str
    cylinder_type: str
    exchange: ExchangeKind
    quantity: int
    unit_price_cents: int
    vat_permille: int
    net_gas_g: int
    discount_cents: int
    new_deposits: int
    unit_deposit_cents: int
    unit_buyback_cents: int
    damaged_empties: int
    replaced: int

    @property
    def gas_cents(self) -> int:
        return self.unit_price_cents * self.quantity

    @property
    def deposit_cents(self) -> int:
        return self.unit_deposit_cents * self.new_deposits

    @property
    def buyback_cents(self) -> int:
        return self.unit_buyback_cents * self.quantity

    @property
    def empties(self) -> tuple[str, int]:
        """Type and number of the cylinders taken back; number 0 where none is."""
        if self.exchange is ExchangeKind.M10:
            return ORANGE, self.quantity
        if self.exchange in (ExchangeKind.SWAP, ExchangeKind.PURCHASE_WITH_EMPTY):
            return self.cylinder_type, self.quantity
        return self.cylinder_type, 0


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """The amounts at the door. total = gas - discount + deposit - buyback; door = cash + card is collected now.

    `prepaid_cents` is what was paid before by e-bank; `refund_due_cents` what of it is owed back to the account.
    `kept_deposit_cents` are the old deposits kept for damaged empties (H-077): what stands on the certificates handed
    over (`kept_certified_cents`), and the usual deposit for each without one.
    """

    lines: tuple[SettledLine, ...]
    gas_cents: int
    discount_cents: int
    deposit_cents: int
    buyback_cents: int
    kept_deposit_cents: int
    kept_certified_cents: int
    total_cents: int
    prepaid_cents: int
    refund_due_cents: int
    cash_cents: int
    card_cents: int
    changed: bool
    vat: tuple[VatShare, ...]

    @property
    def door_cents(self) -> int:
        return self.cash_cents + self.card_cents


def as_agreed(order: Order) -> tuple[DoorLine, ...]:
    """The record of a delivery exactly as it was ordered."""
    return tuple(DoorLine(line_id=line.id, exchange=line.exchange, quantity=line.quantity) for line in order.lines)


def door_kinds(line: OrderLine, sold_as: Collection[str] | None) -> frozenset[ExchangeKind]:
    """The exchange kinds to which a line can be changed at the door (H-068, H-076, X-05).

    Of its own family, and only ways in which its product is sold (None: all): a cylinder filled for the customer's own
    empty one is cheaper than one that comes with the gas.
    """
    family = GREEN_KINDS if line.exchange in GREEN_KINDS else PURCHASE_KINDS
    if sold_as is None:
        return family
    return frozenset(kind for kind in family if kind is line.exchange or kind.value in sold_as)


def settle(order: Order, door: DoorSettlement, rules: PriceRules, card_schemes: Sequence[str] = (),
           sold_as: Mapping[str, Collection[str]] | None = None,
           certificates: Mapping[str, int] | None = None) -> Settlement:
    """Amounts of a delivery. `sold_as` are the ways in which each product is sold; without it all are taken.
    `certificates` are the amounts on those that were handed over, by number.

    Raises a refusal of orders.errors for a record that does not fit the order. Compares nothing with what was
    shown: `require_shown` does.
    """
    _check_payment(order, door, card_schemes)
    records = [record for record in door.lines if record.quantity or record.damaged_empties or record.replaced]
    agreed = {line.id: line for line in order.lines}
    _check_lines(records, agreed, sold_as or {})
    gas = sum(agreed[record.line_id].unit_price_cents * record.quantity for record in records)
    discount = min(order.discount_cents, max(0, gas - rules.min_gas_left_cents))
    offs = spread(discount, [agreed[record.line_id].unit_price_cents * record.quantity for record in records])
    lines = tuple(_settled(record, agreed[record.line_id], rules, off)
                  for record, off in zip(records, offs, strict=True))
    return _summed(order, door, lines, rules, gas, discount, tuple((certificates or {}).values()))


def require_shown(settlement: Settlement, shown_total_cents: int) -> None:
    """TotalChanged unless the driver was shown exactly the amount to collect."""
    if settlement.door_cents != shown_total_cents:
        raise TotalChanged(settlement.door_cents, shown=shown_total_cents)


def _check_payment(order: Order, door: DoorSettlement, card_schemes: Sequence[str]) -> None:
    if (door.payment is PaymentMethod.EBANK) != (order.payment_method is PaymentMethod.EBANK):
        raise WrongPayment(order_id=order.id, payment=door.payment.value)
    if door.payment is PaymentMethod.CARD and door.card_scheme not in card_schemes:
        raise UnknownCard
    if door.gdpr not in GDPR_ANSWERS:
        raise WrongDoorLine(gdpr=door.gdpr)


def _check_lines(records: Sequence[DoorLine], agreed: dict[int, OrderLine],
                 sold_as: Mapping[str, Collection[str]]) -> None:
    taken: dict[int, int] = {}
    for record in records:
        line = agreed.get(record.line_id)
        if line is None or min(record.quantity, record.damaged_empties, record.replaced) < 0:
            raise WrongDoorLine(line_id=record.line_id)
        taken[line.id] = taken.get(line.id, 0) + record.quantity
        if taken[line.id] > line.quantity or max(record.damaged_empties, record.replaced) > record.quantity:
            raise WrongDoorLine(line_id=line.id)
        if record.damaged_empties and record.exchange is not ExchangeKind.SWAP:
            raise WrongDoorLine(line_id=line.id)
        if record.exchange not in door_kinds(line, sold_as.get(line.product_code)):
            raise ExchangeNotPossible(line_id=line.id, exchange=record.exchange.value)
    if not any(record.quantity for record in records):
        raise NothingDelivered


def _settled(record: DoorLine, line: OrderLine, rules: PriceRules, discount_cents: int) -> SettledLine:
    """Deposit and buy-back as agreed where the kind is unchanged, else by the rules."""
    same = record.exchange is line.exchange
    deposits = record.exchange in DEPOSIT_KINDS
    deposit = line.unit_deposit_cents if same and deposits else unit_deposit(record.exchange, rules)
    return SettledLine(
        line_id=line.id, product_code=line.product_code, cylinder_type=line.cylinder_type,
        exchange=record.exchange, quantity=record.quantity, unit_price_cents=line.unit_price_cents,
        vat_permille=line.vat_permille, net_gas_g=line.net_gas_g, discount_cents=discount_cents,
        new_deposits=record.quantity if deposits else record.damaged_empties,
        unit_deposit_cents=deposit if deposits else rules.deposit_cents if record.damaged_empties else 0,
        unit_buyback_cents=line.unit_buyback_cents if same else unit_buyback(record.exchange, rules),
        damaged_empties=record.damaged_empties, replaced=record.replaced)


def _summed(order: Order, door: DoorSettlement, lines: tuple[SettledLine, ...], rules: PriceRules, gas: int,
            discount: int, certified: tuple[int, ...]) -> Settlement:
    uncertified = sum(line.damaged_empties for line in lines) - len(certified)
    if uncertified < 0:
        raise TooManyCertificates(order_id=order.id)
    deposit = sum(line.deposit_cents for line in lines)
    buyback = sum(line.buyback_cents for line in lines)
    net, outside = gas - discount, deposit - buyback
    prepaid = order.prepaid_cents if door.payment is PaymentMethod.EBANK else 0
    card = 0
    if door.payment is PaymentMethod.CARD:
        card = net + (outside if rules.deposit_by_card_allowed else 0)
    due = net - prepaid
    return Settlement(
        lines=lines, gas_cents=gas, discount_cents=discount, deposit_cents=deposit, buyback_cents=buyback,
        kept_deposit_cents=sum(certified) + uncertified * rules.deposit_cents, kept_certified_cents=sum(certified),
        total_cents=net + outside,
        prepaid_cents=prepaid, refund_due_cents=max(0, -due), card_cents=card,
        cash_cents=max(0, due) + outside - card, changed=_changed(order, lines),
        vat=vat_shares([(line.vat_permille, line.gas_cents) for line in lines], discount))


def _changed(order: Order, lines: tuple[SettledLine, ...]) -> bool:
    agreed = sorted((line.id, line.exchange, line.quantity) for line in order.lines)
    real = sorted((line.line_id, line.exchange, line.quantity) for line in lines)
    return agreed != real or any(line.damaged_empties for line in lines)
