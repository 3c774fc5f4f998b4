"""What a withdrawal pays back, and by which way (pure).

The gas price net of the discount goes back as it was paid: cash by the driver, card and e-bank to the account
(H-145 to H-147, X-22). After K and M10 the 10 EUR deposit is paid as well; after a swap the driver leaves an empty
green cylinder or pays a deposit (X-24). The orange cylinder stays sold (H-067), so M10 pays the full deposit.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from orders.states import ExchangeKind, PaymentMethod


@dataclass(frozen=True, kw_only=True)
class BoughtLine:
    """A handed-over line and how many of its cylinders go back."""

    line_id: int
    product_code: str
    cylinder_type: str
    exchange: ExchangeKind
    quantity: int
    unit_price_cents: int
    vat_permille: int
    discount_cents: int
    unit_deposit_cents: int
    new_deposits: int
    returned: int

    @property
    def gas_back_cents(self) -> int:
        """The price of the returned ones less their share of the discount; of all of them exactly what was paid."""
        return self.unit_price_cents * self.returned - self.discount_cents * self.returned // self.quantity

    @property
    def deposits_back(self) -> int:
        """Deposits paid with this line that its returned cylinders release."""
        return min(self.new_deposits, self.returned)

    @property
    def swapped(self) -> int:
        """Returned green cylinders for which an empty one was given: an empty one back, or its deposit (X-24)."""
        return self.returned - self.deposits_back if self.exchange is ExchangeKind.SWAP else 0


@dataclass(frozen=True, kw_only=True)
class Refund:
    """The parts of a refund. cash + bank = gas + deposit (paid with the order) + old_deposit (X-24)."""

    gas_cents: int
    deposit_cents: int
    old_deposit_cents: int
    cash_cents: int
    bank_cents: int

    @property
    def total_cents(self) -> int:
        return self.cash_cents + self.bank_cents


def with_open_deposits(lines: Sequence[BoughtLine], still_open: int) -> tuple[BoughtLine, ...]:
    """The lines with no more deposits than certificates of the order are still open: each is paid back once."""
    made = []
    for line in lines:
        kept = min(line.new_deposits, still_open)
        still_open -= kept
        made.append(replace(line, new_deposits=kept))
    return tuple(made)


def old_deposits(lines: Sequence[BoughtLine], empties_left: Mapping[str, int]) -> int:
    """How many swapped cylinders have their deposit paid, because no empty one is left for them (X-24).

    ValueError for more empties than were swapped.
    """
    swapped = sum(line.swapped for line in lines)
    room: dict[str, int] = {}
    for line in lines:
        if line.exchange in (ExchangeKind.SWAP, ExchangeKind.PURCHASE_WITH_EMPTY):
            given = line.swapped if line.exchange is ExchangeKind.SWAP else line.returned
            room[line.cylinder_type] = room.get(line.cylinder_type, 0) + given
    if any(count < 0 or count > room.get(kind, 0) for kind, count in empties_left.items()):
        raise ValueError("more empties than were taken")
    greens = {line.cylinder_type for line in lines if line.exchange is ExchangeKind.SWAP}
    return swapped - sum(count for kind, count in empties_left.items() if kind in greens)


def refund(lines: Sequence[BoughtLine], *, payment: PaymentMethod, deposit_by_card: bool,
           old_deposit_amounts: Sequence[int]) -> Refund:
    """The parts and ways of a refund; `old_deposit_amounts` are the deposits paid for swapped cylinders."""
    gas = sum(line.gas_back_cents for line in lines)
    deposit = sum(line.unit_deposit_cents * line.deposits_back for line in lines)
    old = sum(old_deposit_amounts)
    bank = 0 if payment is PaymentMethod.CASH else gas
    if deposit_by_card:
        bank += deposit
    return Refund(gas_cents=gas, deposit_cents=deposit, old_deposit_cents=old,
                  cash_cents=gas + deposit + old - bank, bank_cents=bank)
