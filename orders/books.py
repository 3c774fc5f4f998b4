"""What orders and cases post in the ledger: which builder of billing for which event, each posted once."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from billing import chart, postings
from billing.at_unit import NOBODY, at_unit
from billing.entries import Entry, moved
from billing.ledger import post
from orders.carrier import Carrier
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.refunds import BoughtLine, Refund
from orders.settlement import SettledLine, Settlement
from orders.states import ExchangeKind


def post_prepayment(order: Order, cents: int, *, received: bool = False, now: datetime, actor: str) -> None:
    """An e-bank payment before delivery (X-03); `received`: it is among the receipts of a statement already."""
    entries = postings.receipt_assigned(cents) if received else postings.prepayment(cents)
    post("prepayment", order.ref, entries, at=now, dedupe_key=f"{order.ref}:prepaid", actor=actor)


def post_prepayment_owed(order: Order, cents: int, *, now: datetime, actor: str) -> None:
    """A prepaid order ended undelivered: owed back."""
    post("prepayment_owed", order.ref, postings.prepayment_owed(cents), at=now,
         dedupe_key=f"{order.ref}:prepayment_owed", actor=actor)


def post_refund_transfer(ref: str, cents: int, *, now: datetime, actor: str) -> None:
    """Finance transferred what was due back (H-147)."""
    post("refund", ref, postings.refund_transferred(cents), at=now, dedupe_key=f"{ref}:refunded", actor=actor)


def post_delivery(order: Order, settlement: Settlement, carrier: Carrier, *, vat_cents: int, now: datetime,
                  actor: str) -> None:
    """Money and cylinders of a delivery in one transaction; doubted cylinders are held on the van (H-079)."""
    entries = postings.delivery_entries(
        driver_id=carrier.driver_id, gas_cents=settlement.gas_cents - settlement.discount_cents, vat_cents=vat_cents,
        deposit_cents=settlement.deposit_cents, buyback_cents=settlement.buyback_cents,
        kept_deposit_cents=settlement.kept_deposit_cents, kept_certified_cents=settlement.kept_certified_cents,
        cash_cents=settlement.cash_cents,
        card_cents=settlement.card_cents, prepaid_cents=settlement.prepaid_cents,
        refund_due_cents=settlement.refund_due_cents)
    for line in settlement.lines:
        entries += _cylinders(line, carrier.vehicle_id)
    post("delivery", order.ref, entries, at=now, dedupe_key=f"{order.ref}:delivered", actor=actor)


def _cylinders(line: SettledLine, vehicle_id: int) -> tuple[Entry, ...]:
    kind, count = line.cylinder_type, line.quantity
    match line.exchange:
        case ExchangeKind.SWAP:
            moved = postings.swap(vehicle_id, kind, count)
        case ExchangeKind.K:
            moved = postings.k(vehicle_id, kind, count)
        case ExchangeKind.M10:
            moved = postings.m10(vehicle_id, kind, count)
        case _:
            moved = postings.purchase(vehicle_id, kind, count,
                                      with_empty=line.exchange is ExchangeKind.PURCHASE_WITH_EMPTY)
    return moved + postings.doubted(vehicle_id, kind, line.replaced)


def post_withdrawal(case: ReturnCase, lines: Sequence[BoughtLine], refund: Refund, empties_left: Mapping[str, int],
                    carrier: Carrier, *, vat_cents: int, legacy_deposit_cents: int, now: datetime,
                    actor: str) -> None:
    """Full cylinders back with their money (X-24); `legacy_deposit_cents` are old deposits without a certificate."""
    returned: dict[str, int] = {}
    for line in lines:
        returned[line.cylinder_type] = returned.get(line.cylinder_type, 0) + line.returned
    entries = postings.withdrawal(
        driver_id=carrier.driver_id, vehicle_id=carrier.vehicle_id, returned=returned, gas_cents=refund.gas_cents,
        vat_cents=vat_cents, deposit_cents=refund.deposit_cents + refund.old_deposit_cents - legacy_deposit_cents,
        legacy_deposit_cents=legacy_deposit_cents, cash_cents=refund.cash_cents, bank_cents=refund.bank_cents,
        empties_left=empties_left)
    post("withdrawal", case.ref, _taken_by(carrier, entries), at=now, dedupe_key=f"{case.ref}:collected", actor=actor)


def post_deposit_return(case: ReturnCase, cylinder_type: str, count: int, carrier: Carrier, *, certified_cents: int,
                        legacy_cents: int, now: datetime, actor: str) -> None:
    """Empty green cylinders back, with or without a pay-out (H-093 to H-097, X-20)."""
    entries = postings.deposit_pay_out(
        driver_id=carrier.driver_id, vehicle_id=carrier.vehicle_id, cylinder_type=cylinder_type, count=count,
        deposit_cents=certified_cents, legacy_deposit_cents=legacy_cents)
    post("deposit_return", case.ref, _taken_by(carrier, entries), at=now, dedupe_key=f"{case.ref}:collected",
         actor=actor)


def post_complaint(case: ReturnCase, carrier: Carrier, *, now: datetime, actor: str) -> None:
    """Complained-about cylinders picked up: held on the van until the technical sector takes them (H-164, H-165)."""
    entries: tuple[Entry, ...] = ()
    for line in case.lines:
        entries += postings.complaint(carrier.vehicle_id, line.cylinder_type, line.quantity)
    post("complaint", case.ref, _taken_by(carrier, entries), at=now, dedupe_key=f"{case.ref}:collected", actor=actor)


def _taken_by(carrier: Carrier, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    return at_unit(carrier.unit, entries) if carrier.unit else entries


def post_received(case: ReturnCase, *, now: datetime, actor: str) -> None:
    """The technical sector has the cylinders, off the van or from the unit that held them (H-165)."""
    entries: tuple[Entry, ...] = ()
    for line in case.lines:
        entries += postings.technical(case.checks.get("vehicle_id", NOBODY), line.cylinder_type, line.quantity)
    post("technical", case.ref, at_unit(case.unit, entries) if case.unit else entries, at=now,
         dedupe_key=f"{case.ref}:received", actor=actor)


def post_credited(case: ReturnCase, refund: Refund, *, vat_cents: int, legacy_deposit_cents: int, now: datetime,
                  actor: str) -> None:
    """A justified complaint ends by a credit note: everything is due by transfer (H-166, X-25)."""
    entries = postings.withdrawal(
        driver_id=NOBODY, vehicle_id=NOBODY, returned={}, gas_cents=refund.gas_cents, vat_cents=vat_cents,
        deposit_cents=refund.deposit_cents + refund.old_deposit_cents - legacy_deposit_cents,
        legacy_deposit_cents=legacy_deposit_cents, bank_cents=refund.total_cents)
    post("complaint_credit", case.ref, entries, at=now, dedupe_key=f"{case.ref}:credited", actor=actor)


def post_replacement(case: ReturnCase, carrier: Carrier, *, now: datetime, actor: str) -> None:
    """Full cylinders brought free of charge at the end of a complaint (H-166)."""
    entries: tuple[Entry, ...] = ()
    for line in case.lines:
        entries += postings.k(carrier.vehicle_id, line.cylinder_type, line.quantity)
    post("replacement", case.ref, _taken_by(carrier, entries), at=now, dedupe_key=f"{case.ref}:handed_over",
         actor=actor)


def post_goodwill(ref: str, cents: int, *, now: datetime, actor: str) -> None:
    """Finance pays what an exclusion suspended (X-20): our cost, due by transfer."""
    post("goodwill", ref, moved(chart.REFUNDS_DUE, chart.GOODWILL, chart.EUR, cents), at=now,
         dedupe_key=f"{ref}:goodwill", actor=actor)
