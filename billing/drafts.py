"""What an invoice is to say, before it is issued (pure)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing.errors import EmptyInvoice
from core.money import vat_in_gross


@dataclass(frozen=True, kw_only=True)
class InvoiceItem:
    """A line: `unit_gross_cents` includes VAT of `vat_permille`; None is outside VAT (deposit, buy-back).

    A discount and the bought-back orange cylinder are lines of quantity 1 (or more) with a negative unit price.
    """

    description_sl: str
    description_en: str
    quantity: int
    unit_gross_cents: int
    vat_permille: int | None

    @property
    def gross_cents(self) -> int:
        return self.quantity * self.unit_gross_cents


@dataclass(frozen=True, kw_only=True)
class InvoiceDraft:
    """One invoice. `payments` are (method, cents) pairs as printed; `order_number` is printed as the reference."""

    order_ref: str
    buyer_name: str
    buyer_address: str
    language: str
    supplied_at: datetime
    items: tuple[InvoiceItem, ...]
    payments: tuple[tuple[str, int], ...] = ()
    order_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """The recapitulation of one VAT rate (None: outside VAT): gross, the VAT in it, and what may be credited."""

    vat_permille: int | None
    gross_cents: int
    vat_cents: int
    creditable_cents: int

    @property
    def net_cents(self) -> int:
        return self.gross_cents - self.vat_cents


def require_items(items: Sequence[InvoiceItem]) -> None:
    """EmptyInvoice unless there is a line and every quantity is at least 1."""
    if not items or any(item.quantity < 1 for item in items):
        raise EmptyInvoice(lines=len(items))


def gross_by_rate(items: Sequence[InvoiceItem]) -> dict[int | None, int]:
    """Gross cents per VAT rate, rates first in ascending order, outside VAT last."""
    sums: dict[int | None, int] = {}
    for item in sorted(items, key=lambda item: (item.vat_permille is None, item.vat_permille or 0)):
        sums[item.vat_permille] = sums.get(item.vat_permille, 0) + item.gross_cents
    return sums


def shares_of(items: Sequence[InvoiceItem]) -> tuple[Share, ...]:
    """The recapitulation: VAT rounded half up once per rate, on the rate's whole (H-030).

    Creditable is a rate's whole; outside VAT the deposits without the buy-back, which stays sold (H-067).
    """
    deposits = sum(item.gross_cents for item in items if item.vat_permille is None and item.unit_gross_cents > 0)
    return tuple(
        Share(vat_permille=rate, gross_cents=gross, vat_cents=0 if rate is None else vat_in_gross(gross, rate),
              creditable_cents=deposits if rate is None else max(0, gross))
        for rate, gross in gross_by_rate(items).items())


def vat_to_credit(gross_cents: int, credited_cents: int, more_cents: int, rate_permille: int) -> int:
    """The VAT in a further credit of `more_cents`, so that all credit notes of an invoice sum to its VAT exactly."""
    before = vat_in_gross(gross_cents - credited_cents, rate_permille)
    after = vat_in_gross(gross_cents - credited_cents - more_cents, rate_permille)
    return before - after
