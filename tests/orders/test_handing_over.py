"""orders/handing_over.py: one delivery writes state, papers, money, cylinders and messages that agree to the cent."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import Consent
from billing.ledger import balances, trial_balance, vehicle_stock
from billing.models import DepositCertificate, Invoice, Payment
from core.db import db, unit_of_work
from notify.models import OutboxMessage
from orders.errors import NothingDelivered, TotalChanged, WrongState
from orders.models import Order
from orders.services import deliver_order, preview_door
from orders.settlement import DoorLine, DoorSettlement
from orders.states import ExchangeKind as E
from orders.states import OrderStatus
from orders.states import PaymentMethod as P
from tests.factories import CARRIER, as_ordered, make_delivered_order, make_dispatched_order, make_order, one
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything
from tests.promos.factories import issued


def money() -> dict[str, int]:
    return {account: cents for (account, unit), cents in balances("").items() if unit == "EUR"}


def cylinders() -> dict[tuple[str, str], int]:
    return {key: count for key, count in balances("").items() if key[1] != "EUR"}


def deliver(order: Order, *lines: DoorLine, now: datetime, payment: P | None = None, shown: int | None = None,
            gdpr: str = "") -> Any:
    door = replace(as_ordered(order, gdpr=gdpr), lines=lines or as_ordered(order).lines,
                   payment=payment or order.payment_method)
    door = replace(door, card_scheme="Maestro" if door.payment is P.CARD else "")
    total = preview_door(order.id, door, now=now).door_cents if shown is None else shown
    with unit_of_work():
        return deliver_order(order.id, replace(door, shown_total_cents=total), CARRIER, now=now, actor="driver:3")


# 24,90 holds 4,49 of VAT (22 %), 21,90 holds 3,95
DELIVERIES = [
    (E.SWAP, P.CASH, {"cash:driver:3": 2490, "revenue:gas": -2041, "vat": -449},
     {("vehicle:2:full", "Z10"): -1, ("vehicle:2:empty", "Z10"): 1}),
    (E.SWAP, P.CARD, {"card": 2490, "revenue:gas": -2041, "vat": -449},
     {("vehicle:2:full", "Z10"): -1, ("vehicle:2:empty", "Z10"): 1}),
    (E.SWAP, P.EBANK, {"bank": 2490, "revenue:gas": -2041, "vat": -449},
     {("vehicle:2:full", "Z10"): -1, ("vehicle:2:empty", "Z10"): 1}),
    (E.K, P.CASH, {"cash:driver:3": 3490, "revenue:gas": -2041, "vat": -449, "liability:deposits": -1000},
     {("vehicle:2:full", "Z10"): -1, ("customers", "Z10"): 1}),
    (E.K, P.CARD, {"card": 2490, "cash:driver:3": 1000, "revenue:gas": -2041, "vat": -449,
                   "liability:deposits": -1000}, {("vehicle:2:full", "Z10"): -1, ("customers", "Z10"): 1}),
    (E.M10, P.CASH, {"cash:driver:3": 3190, "buyback:orange": 300, "revenue:gas": -2041, "vat": -449,
                     "liability:deposits": -1000},
     {("vehicle:2:full", "Z10"): -1, ("customers", "Z10"): 1, ("customers", "O10"): -1, ("vehicle:2:empty", "O10"): 1}),
    (E.M10, P.EBANK, {"bank": 2490, "cash:driver:3": 700, "buyback:orange": 300, "revenue:gas": -2041, "vat": -449,
                      "liability:deposits": -1000},
     {("vehicle:2:full", "Z10"): -1, ("customers", "Z10"): 1, ("customers", "O10"): -1, ("vehicle:2:empty", "O10"): 1}),
]


@pytest.mark.parametrize(("kind", "payment", "expected_money", "expected_cylinders"), DELIVERIES)
def test_money_and_cylinders_of_a_delivery_balance(plan: FakePromises, now: datetime, kind: E, payment: P,
                                                   expected_money: dict[str, int],
                                                   expected_cylinders: dict[tuple[str, str], int]) -> None:
    """H-050 to H-064, X-04, D9, D10."""
    make_delivered_order(lines=one(kind), payment=payment)
    assert money() == expected_money
    assert cylinders() == expected_cylinders
    assert set(trial_balance().values()) == {0}


def test_a_delivery_writes_its_invoice_payments_certificates_and_handover(plan: FakePromises, now: datetime) -> None:
    """H-052, H-065, H-124, X-04: split tender."""
    order = make_delivered_order(lines=(*one(E.M10), *one(E.K)), payment=P.CARD)
    invoice = db.session.scalars(sa.select(Invoice)).one()
    assert (invoice.number, invoice.order_ref, invoice.order_number, invoice.total_cents, invoice.vat_cents) == (
        "LJ1-SP1-000001", order.ref, order.number, 6680, 898)
    assert [(line.description_sl, line.quantity, line.unit_gross_cents, line.vat_permille)
            for line in invoice.lines] == [
        ("Plin v Zeleni jeklenki 10 kg", 1, 2490, 220), ("Plin v Zeleni jeklenki 10 kg", 1, 2490, 220),
        ("Kavcija za Zeleno jeklenko", 1, 1000, None), ("Kavcija za Zeleno jeklenko", 1, 1000, None),
        ("Odkup oranžne jeklenke 10 kg", 1, -300, None)]
    assert [(row.method.value, row.cents) for row in invoice.payments] == [("cash", 1700), ("card", 4980)]
    assert [(row.method.value, row.amount_cents, row.scheme) for row in db.session.scalars(
        sa.select(Payment).order_by(Payment.id))] == [("cash", 1700, ""), ("card", 4980, "Visa")]
    assert [(row.number, row.amount_cents, row.order_ref, row.holder_name) for row in db.session.scalars(
        sa.select(DepositCertificate).order_by(DepositCertificate.id))] == [
        ("KP-2026-000001", 1000, order.ref, "Janez Novak"), ("KP-2026-000002", 1000, order.ref, "Janez Novak")]
    handover = order.handover
    assert handover is not None
    assert (order.status, order.delivered_at, handover.invoice_id, handover.at) == (
        OrderStatus.DELIVERED, now, invoice.id, now)
    assert (handover.vehicle_id, handover.driver_id, handover.stop_ref) == (2, 3, "stop:1")
    assert (handover.payment_method, handover.card_scheme) == (P.CARD, "Visa")
    assert (handover.total_cents, handover.cash_cents, handover.card_cents) == (6680, 1700, 4980)
    assert [(line.exchange, line.quantity, line.new_deposits) for line in handover.lines] == [
        (E.M10, 1, 1), (E.K, 1, 1)]


def test_the_customer_is_told_with_links_and_the_last_day_of_withdrawal(plan: FakePromises, now: datetime) -> None:
    make_delivered_order()
    told = db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.template == "order_delivered")
                              .order_by(OutboxMessage.id)).all()
    assert [row.medium.value for row in told] == ["sms", "email"]
    for message in told:
        assert "http://localhost/r/" in message.body
        assert "http://localhost/t/" in message.body
    assert "1. 12. 2026" in told[1].body


def test_a_prepaid_delivery_asks_the_deposit_in_cash_and_uses_the_prepayment_up(plan: FakePromises,
                                                                               now: datetime) -> None:
    order = make_delivered_order(lines=one(E.K), payment=P.EBANK)
    assert money() == {"bank": 2490, "cash:driver:3": 1000, "revenue:gas": -2041, "vat": -449,
                       "liability:deposits": -1000}
    invoice = db.session.scalars(sa.select(Invoice)).one()
    assert [(row.method.value, row.cents) for row in invoice.payments] == [("cash", 1000), ("ebank", 2490)]
    assert order.handover is not None
    assert (order.handover.prepaid_cents, order.refund_due_cents) == (2490, 0)


def test_fewer_prepaid_cylinders_leave_a_refund_due(plan: FakePromises, now: datetime) -> None:
    order = make_dispatched_order(lines=one(E.SWAP, 2), payment=P.EBANK)
    made = deliver(order, DoorLine(line_id=order.lines[0].id, exchange=E.SWAP, quantity=1), now=now)
    assert (made.settlement.door_cents, order.refund_due_cents) == (0, 2490)
    assert money() == {"bank": 4980, "liability:refunds": -2490, "revenue:gas": -2041, "vat": -449}


def test_the_exchange_kind_may_change_at_the_door(plan: FakePromises, now: datetime) -> None:
    """X-05, H-068: an orange one comes out instead of a green one."""
    order = make_dispatched_order()
    made = deliver(order, DoorLine(line_id=order.lines[0].id, exchange=E.M10, quantity=1), now=now)
    assert made.settlement.door_cents == 3190
    assert made.certificate_numbers == ("KP-2026-000001",)
    assert money()["liability:deposits"] == -1000
    assert order.total_cents == 2490  # what was agreed stays as it was
    assert ("changed_at_door", {"total_cents": 3190, "agreed_cents": 2490}) in [
        (event.what, event.details) for event in order.events]


def test_a_damaged_empty_keeps_the_old_deposit_and_asks_a_new_one(plan: FakePromises, now: datetime) -> None:
    """H-077, H-078."""
    order = make_dispatched_order()
    line = DoorLine(line_id=order.lines[0].id, exchange=E.SWAP, quantity=1, damaged_empties=1)
    made = deliver(order, line, now=now)
    assert made.settlement.door_cents == 3490
    assert made.certificate_numbers == ("KP-2026-000001",)
    assert money() == {"cash:driver:3": 3490, "revenue:gas": -2041, "vat": -449, "revenue:kept_deposits": -1000,
                       "liability:deposits": -1000, "liability:legacy_deposits": 1000}
    assert cylinders() == {("vehicle:2:full", "Z10"): -1, ("vehicle:2:empty", "Z10"): 1}
    assert "damaged_empty" in [event.what for event in order.events]


def test_a_doubted_cylinder_is_replaced_and_held_on_the_van(plan: FakePromises, now: datetime) -> None:
    """H-079, H-081: nobody else gets it."""
    order = make_dispatched_order()
    deliver(order, DoorLine(line_id=order.lines[0].id, exchange=E.SWAP, quantity=1, replaced=1), now=now)
    stock = vehicle_stock([2])[2]
    assert (stock.full, stock.empty, stock.held) == ({"Z10": -2}, {"Z10": 1}, {"Z10": 1})
    assert ("cylinder_replaced", 1) in [(event.what, event.details.get("quantity")) for event in order.events]


def test_the_discount_stands_on_the_invoice_and_in_the_vat(plan: FakePromises, now: datetime) -> None:
    make_delivered_order(promo_code=issued()[0], shown_total_cents=2190)
    invoice = db.session.scalars(sa.select(Invoice)).one()
    assert [(line.quantity, line.unit_gross_cents, line.vat_permille) for line in invoice.lines] == [
        (1, 2490, 220), (1, -300, 220)]
    assert (invoice.total_cents, invoice.vat_cents) == (2190, 395)
    assert money() == {"cash:driver:3": 2190, "revenue:gas": -1795, "vat": -395}


@pytest.mark.parametrize(("answer", "given"), [("signed", True), ("refused", False)])
def test_the_answer_to_the_gdpr_statement_is_recorded(plan: FakePromises, now: datetime, answer: str,
                                                      given: bool) -> None:
    """H-102: also of a guest, by the order."""
    order = make_dispatched_order()
    deliver(order, now=now, gdpr=answer)
    consent = db.session.scalars(sa.select(Consent)).one()
    assert (consent.ref, consent.customer_id, consent.kind.value, consent.given, consent.channel) == (
        order.ref, None, "gdpr_statement", given, "door")


def test_a_statement_that_was_not_offered_records_nothing(plan: FakePromises, now: datetime) -> None:
    make_delivered_order()
    assert db.session.scalars(sa.select(Consent)).all() == []


def test_another_amount_than_the_driver_was_shown_writes_nothing(plan: FakePromises, now: datetime) -> None:
    order = make_dispatched_order()
    before = everything()
    with pytest.raises(TotalChanged) as refused:
        deliver(order, DoorLine(line_id=order.lines[0].id, exchange=E.K, quantity=1), now=now, shown=2490)
    assert refused.value.total_cents == 3490
    assert everything() == before


def test_nothing_handed_over_is_no_delivery(plan: FakePromises, now: datetime) -> None:
    order = make_dispatched_order()
    before = everything()
    with pytest.raises(NothingDelivered):
        deliver(order, DoorLine(line_id=order.lines[0].id, exchange=E.SWAP, quantity=0), now=now, shown=0)
    assert everything() == before


def test_only_an_order_on_the_way_is_delivered_and_only_once(plan: FakePromises, now: datetime) -> None:
    for order in (make_order(), make_delivered_order()):
        before = everything()
        with pytest.raises(WrongState), unit_of_work():
            deliver_order(order.id, as_ordered(order), CARRIER, now=now, actor="driver:3")
        assert everything() == before


def test_a_preview_writes_nothing(plan: FakePromises, now: datetime) -> None:
    order = make_dispatched_order(lines=one(E.K))
    before = everything()
    made = preview_door(order.id, DoorSettlement(lines=as_ordered(order).lines, payment=P.CARD, card_scheme="Visa",
                                                 shown_total_cents=0), now=now)
    assert (made.cash_cents, made.card_cents) == (1000, 2490)
    assert everything() == before
