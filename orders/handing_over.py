"""Delivery at the door in one transaction: state, invoice, certificates, money, cylinders, consent, messages."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import ConsentKind
from accounts.services import record_consent
from billing.queries import exchanges_of, invoice_link
from billing.services import issue_certificates, issue_invoice, keep_certificate, record_payment
from core import settings
from core.db import db
from orders import books, messages, papers
from orders.carrier import Carrier
from orders.events import note_event
from orders.lifecycle import move
from orders.models import Handover, HandoverLine, Order
from orders.placing import price_rules
from orders.queries import order_by_id
from orders.returns.certificates import open_certificates
from orders.settlement import DoorSettlement, Settlement, require_shown, settle
from orders.states import OrderAction, PaymentMethod


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What a delivery made."""

    invoice_id: int
    certificate_numbers: tuple[str, ...]
    settlement: Settlement


def preview_door(order_id: int, door: DoorSettlement, *, now: datetime) -> Settlement:
    """The amounts of a record without writing anything: what the driver's page shows (X-05)."""
    return _settlement(order_by_id(order_id), door, now)


def deliver_order(order_id: int, door: DoorSettlement, carrier: Carrier, *, now: datetime, actor: str) -> Delivered:
    """Settle and close the order (H-050 to H-079, H-120 to H-124).

    TotalChanged when the driver was shown another amount, and any refusal of `settle`; then nothing is written.
    """
    settlement = _settlement(order_by_id(order_id), door, now)
    require_shown(settlement, door.shown_total_cents)
    order = move(order_id, OrderAction.DELIVER, now=now, actor=actor, delivered_at=now,
                 refund_due_cents=settlement.refund_due_cents)
    invoice = issue_invoice(papers.invoice_draft(order, settlement, now), now=now, actor=actor)
    certificates = _certificates(order, settlement, now)
    for number in open_certificates(door.certificates):
        keep_certificate(number, order.ref, now, actor=actor)
    _write_handover(order, door, settlement, carrier, invoice_id=invoice.id, now=now, actor=actor)
    _record_payments(order, door, settlement, now=now, actor=actor)
    books.post_delivery(order, settlement, carrier, vat_cents=invoice.vat_cents, now=now, actor=actor)
    if door.gdpr:
        record_consent(customer_id=order.customer_id, ref=order.ref, kind=ConsentKind.GDPR_STATEMENT,
                       given=door.gdpr == "signed", channel="door", actor=actor)
    _note(order, settlement, carrier, now=now, actor=actor)
    messages.tell_delivered(order, invoice_path=invoice_link(invoice.id), now=now)
    return Delivered(invoice_id=invoice.id, certificate_numbers=certificates, settlement=settlement)


def _settlement(order: Order, door: DoorSettlement, now: datetime) -> Settlement:
    """By the rules that held when the order was placed: what was shown then is what is asked now."""
    return settle(order, door, price_rules(order.created_at), settings.get("card_schemes", now),
                  exchanges_of({line.product_code for line in order.lines}), open_certificates(door.certificates))


def _certificates(order: Order, settlement: Settlement, now: datetime) -> tuple[str, ...]:
    """One certificate for each new deposit (H-052, H-065, H-078)."""
    numbers: list[str] = []
    for line in settlement.lines:
        if line.new_deposits:
            issued = issue_certificates(
                count=line.new_deposits, amount_cents=line.unit_deposit_cents, order_ref=order.ref,
                customer_id=order.customer_id, holder_name=order.contact_name, now=now,
                order_number=order.number, language=order.language)
            numbers += [certificate.number for certificate in issued]
    return tuple(numbers)


def _write_handover(order: Order, door: DoorSettlement, settlement: Settlement, carrier: Carrier, *,
                    invoice_id: int, now: datetime, actor: str) -> None:
    db.session.add(Handover(
        order_id=order.id, invoice_id=invoice_id, at=now, actor=actor, vehicle_id=carrier.vehicle_id,
        driver_id=carrier.driver_id, stop_ref=carrier.stop_ref, payment_method=door.payment,
        card_scheme=door.card_scheme, gdpr=door.gdpr, gas_cents=settlement.gas_cents,
        discount_cents=settlement.discount_cents, deposit_cents=settlement.deposit_cents,
        buyback_cents=settlement.buyback_cents, kept_deposit_cents=settlement.kept_deposit_cents,
        total_cents=settlement.total_cents, prepaid_cents=settlement.prepaid_cents,
        cash_cents=settlement.cash_cents, card_cents=settlement.card_cents,
        lines=[HandoverLine(
            order_line_id=line.line_id, product_code=line.product_code, cylinder_type=line.cylinder_type,
            exchange=line.exchange, quantity=line.quantity, unit_price_cents=line.unit_price_cents,
            vat_permille=line.vat_permille, discount_cents=line.discount_cents,
            unit_deposit_cents=line.unit_deposit_cents, new_deposits=line.new_deposits,
            unit_buyback_cents=line.unit_buyback_cents, damaged_empties=line.damaged_empties,
            replaced=line.replaced, net_gas_g=line.net_gas_g) for line in settlement.lines]))
    db.session.flush()


def _record_payments(order: Order, door: DoorSettlement, settlement: Settlement, *, now: datetime,
                     actor: str) -> None:
    """What was collected at the door; an e-bank payment was recorded when finance saw it."""
    for method, cents, scheme in ((PaymentMethod.CASH, settlement.cash_cents, ""),
                                  (PaymentMethod.CARD, settlement.card_cents, door.card_scheme)):
        if cents:
            record_payment(order_ref=order.ref, method=method.value, amount_cents=cents, at=now, actor=actor,
                           scheme=scheme)


def _note(order: Order, settlement: Settlement, carrier: Carrier, *, now: datetime, actor: str) -> None:
    """What differed from the order, for whoever asks later (H-077, H-079, X-05)."""
    if settlement.changed:
        note_event(order, "changed_at_door", now=now, actor=actor, total_cents=settlement.total_cents,
                   agreed_cents=order.total_cents)
    for line in settlement.lines:
        if line.damaged_empties:
            note_event(order, "damaged_empty", now=now, actor=actor, line_id=line.line_id,
                       quantity=line.damaged_empties)
        if line.replaced:
            note_event(order, "cylinder_replaced", now=now, actor=actor, line_id=line.line_id,
                       cylinder_type=line.cylinder_type, quantity=line.replaced, vehicle_id=carrier.vehicle_id)
