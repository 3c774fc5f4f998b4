"""orders/returns/collecting.py: what the driver checks, pays and takes back at a withdrawal."""
from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from billing.errors import WrongIban
from billing.ledger import balances
from billing.models import DepositCertificate, Invoice, Payment
from core import clock
from core.db import db, unit_of_work
from core.errors import DomainError
from orders.errors import TotalChanged
from orders.returns.certificates import certificates_taken
from orders.returns.errors import (
    NoCertificate,
    WrongCaseState,
    WrongRecord,
)
from orders.returns.queries import (
    cases_with_refund_due,
)
from orders.returns.rules import CylinderCheck
from orders.returns.services import (
    CaseDoor,
    collect_case,
    dispatch_case,
    mark_refunded,
    preview_collection,
)
from orders.returns.states import (
    CaseStatus,
    RefundMethod,
)
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from promos.models import PromoCode
from promos.states import CodeState
from tests.factories import (
    CARRIER,
    make_delivered_order,
    one,
)
from tests.orders.cases import IBAN, NEXT_DAY, collect, give_back, ledger, moved_since, sent, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything
from tests.promos.factories import issued


def test_cash_is_paid_back_by_the_driver(plan: FakePromises, now: datetime) -> None:
    """H-145, H-146, X-24: after K the 10 EUR as well; certificate closed, credit note issued, books balanced."""
    order = make_delivered_order(lines=one(E.K))
    case, before = withdraw(order), ledger()
    made = collect(case, 3490)
    assert (made.status, made.cash_cents, made.bank_cents, made.reason) == (CaseStatus.COMPLETED, 3490, 0, "")
    assert (case.refund_cents, case.bank_cents, case.collected_at, case.ended_at) == (3490, 0, now, now)
    note = db.session.get(Invoice, made.credit_note_id)
    assert note is not None
    assert (note.kind.value, note.number, note.total_cents, note.vat_cents) == (
        "credit_note", "LJ1-SP1-000002", -3490, -449)
    assert note.reason.endswith(", OD-2026-000001")
    assert moved_since(before) == {
        ("cash:driver:3", "EUR"): -3490, ("revenue:gas", "EUR"): 2041, ("vat", "EUR"): 449,
        ("liability:deposits", "EUR"): 1000, ("customers", "Z10"): -1, ("vehicle:2:full", "Z10"): 1}
    assert db.session.scalars(sa.select(DepositCertificate.status)).one().value == "paid_out"
    assert [row.amount_cents for row in db.session.scalars(sa.select(Payment).order_by(Payment.id))] == [3490, -3490]
    assert "34,90 EUR" in sent("case_collected")[0].body
    assert sent("case_collected")[0].body.count("http://localhost/r/") == 1


def test_after_m10_the_whole_deposit_is_paid_and_the_orange_one_stays_sold(plan: FakePromises, now: datetime) -> None:
    """X-24, H-067."""
    case = withdraw(make_delivered_order(lines=one(E.M10)))
    before = ledger()
    assert collect(case, 3490).cash_cents == 3490
    assert moved_since(before) == {
        ("cash:driver:3", "EUR"): -3490, ("revenue:gas", "EUR"): 2041, ("vat", "EUR"): 449,
        ("liability:deposits", "EUR"): 1000, ("customers", "Z10"): -1, ("vehicle:2:full", "Z10"): 1}


def test_after_a_swap_the_driver_leaves_an_empty_one(plan: FakePromises, now: datetime) -> None:
    """X-24."""
    case = withdraw(make_delivered_order())
    before = ledger()
    collect(case, 2490, empties_left={"Z10": 1})
    assert moved_since(before) == {
        ("cash:driver:3", "EUR"): -2490, ("revenue:gas", "EUR"): 2041, ("vat", "EUR"): 449,
        ("vehicle:2:full", "Z10"): 1, ("vehicle:2:empty", "Z10"): -1}
    assert case.checks["empties_left"] == {"Z10": 1}


def test_after_a_swap_without_an_empty_one_the_deposit_is_paid(plan: FakePromises, now: datetime) -> None:
    """X-24, H-094: no certificate, 10 EUR out of the deposits from before."""
    case = withdraw(make_delivered_order())
    before = ledger()
    assert collect(case, 3490).cash_cents == 3490
    assert moved_since(before) == {
        ("cash:driver:3", "EUR"): -3490, ("revenue:gas", "EUR"): 2041, ("vat", "EUR"): 449,
        ("liability:legacy_deposits", "EUR"): 1000, ("customers", "Z10"): -1, ("vehicle:2:full", "Z10"): 1}


def test_after_a_swap_a_shown_certificate_pays_its_own_amount(plan: FakePromises, now: datetime) -> None:
    """H-093, X-08: an older certificate over 8 EUR."""
    make_delivered_order(lines=one(E.K))
    db.session.execute(sa.update(DepositCertificate).values(amount_cents=800))
    db.session.commit()
    case = withdraw(make_delivered_order())
    before = ledger()
    assert collect(case, 3290, certificates=(" kp-2026-000001 ",)).cash_cents == 3290
    assert moved_since(before)["liability:deposits", "EUR"] == 800
    assert db.session.scalars(sa.select(DepositCertificate.status)).one().value == "paid_out"


def test_the_orders_own_certificate_shown_at_the_door_is_counted_once(plan: FakePromises, now: datetime) -> None:
    """X-24, H-093: a swap and a K withdrawn from; the paper of that very K is no older certificate."""
    case = withdraw(make_delivered_order(lines=(*one(E.SWAP), *one(E.K))))
    before = ledger()
    assert collect(case, 6980, certificates=("KP-2026-000001",)).cash_cents == 6980
    moved = moved_since(before)
    assert (moved["liability:deposits", "EUR"], moved["liability:legacy_deposits", "EUR"]) == (1000, 1000)
    assert certificates_taken(case.checks) == ("KP-2026-000001",)


def test_the_paper_of_a_k_may_be_shown_when_it_is_withdrawn_from(plan: FakePromises, now: datetime) -> None:
    case = withdraw(make_delivered_order(lines=one(E.K)))
    assert collect(case, 3490, certificates=("KP-2026-000001",)).cash_cents == 3490
    assert ledger().get(("liability:deposits", "EUR"), 0) == 0


@pytest.mark.parametrize(("payment", "kind", "cash", "bank"), [
    (P.CARD, E.SWAP, 0, 2490), (P.EBANK, E.SWAP, 0, 2490), (P.CARD, E.K, 1000, 2490), (P.EBANK, E.M10, 1000, 2490)])
def test_card_and_e_bank_go_back_to_the_account(plan: FakePromises, now: datetime, payment: P, kind: E, cash: int,
                                                bank: int) -> None:
    """H-145, H-147, X-22: the deposit was paid in cash and goes back in cash."""
    case = withdraw(make_delivered_order(payment=payment, lines=one(kind)), iban="SI56 0201 7001 4356 205")
    assert (case.refund_cents, case.bank_cents, case.iban) == (cash + bank, bank, IBAN)
    left = {"empties_left": {"Z10": 1}} if kind is E.SWAP else {}
    made = collect(case, cash, **left)
    assert (made.status, made.cash_cents, made.bank_cents) == (CaseStatus.REFUND_DUE, cash, bank)
    assert (case.refund_method, case.ended_at) == (RefundMethod.BANK, None)
    assert balances("liability:refunds") == {("liability:refunds", "EUR"): -bank}
    assert cases_with_refund_due() == [case]
    clock.advance(NEXT_DAY)
    with unit_of_work():
        done = mark_refunded(case.id, iban=IBAN, now=clock.utc_now(), actor="staff:2")
    assert (done.status, done.ended_at) == (CaseStatus.COMPLETED, now + NEXT_DAY)
    assert balances("liability:refunds") == {}
    assert len(sent("case_refunded")) == 2
    before = everything()
    with pytest.raises(WrongCaseState), unit_of_work():
        mark_refunded(case.id, iban=IBAN, now=clock.utc_now(), actor="staff:2")
    assert everything() == before


def test_a_transfer_needs_an_account(plan: FakePromises, now: datetime) -> None:
    """H-148: where the customer gave none, finance asks."""
    case = withdraw(make_delivered_order(payment=P.CARD))
    collect(case, 0, empties_left={"Z10": 1})
    before = everything()
    for iban in ("", "SI00"):
        with pytest.raises(WrongIban), unit_of_work():
            mark_refunded(case.id, iban=iban, now=now, actor="staff:2")
    assert everything() == before


def test_a_part_is_taken_back_with_its_share_of_the_code(plan: FakePromises, now: datetime) -> None:
    """X-24: the gas net of the discount; H-137: the code stays used."""
    code = issued(value_cents=301)[0]
    order = make_delivered_order(lines=one(E.SWAP, 2), promo_code=code, shown_total_cents=4679)
    assert order.handover is not None
    case = withdraw(order, quantities={order.handover.lines[0].id: 1})
    assert case.refund_cents == 2340  # 24,90 less half of 3,01, rounded for the customer
    made = collect(case, 2340, empties_left={"Z10": 1})
    note = db.session.get(Invoice, made.credit_note_id)
    assert note is not None
    assert note.total_cents == -2340
    assert [(line.quantity, line.unit_gross_cents) for line in note.lines] == [(-1, 2490), (-1, -150)]
    assert db.session.scalars(sa.select(PromoCode.state)).one() is CodeState.REDEEMED


@pytest.mark.parametrize(("record", "reason"), [
    ({"foil_intact": False}, "foil_removed"), ({"undamaged": False}, "damaged"),
    ({"invoice_shown": False}, "no_invoice")])
def test_the_driver_refuses_at_the_door_and_pays_nothing(plan: FakePromises, now: datetime, record: dict[str, bool],
                                                         reason: str) -> None:
    """H-144, H-149, H-150."""
    case = withdraw(make_delivered_order())
    before = ledger()
    assert preview_collection(case.id, CaseDoor(shown_total_cents=0, **record), now=now).refusal == reason
    made = collect(case, 0, **record)
    assert (made.status, made.cash_cents, made.credit_note_id, made.reason) == (CaseStatus.REJECTED, 0, None, reason)
    assert (case.reason, case.ended_at, case.collected_at) == (reason, now, None)
    assert moved_since(before) == {}
    assert db.session.scalar(sa.select(sa.func.count(Invoice.id))) == 1
    assert len(sent("case_rejected")) == 2


def test_a_refused_withdrawal_may_be_tried_again_in_time(plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    collect(withdraw(order), 0, invoice_shown=False)
    again = withdraw(order, request_key="with the invoice")
    assert collect(again, 2490, empties_left={"Z10": 1}).status is CaseStatus.COMPLETED


@pytest.mark.parametrize(("cash", "record", "refusal"), [
    (2490, {}, TotalChanged), (3489, {}, TotalChanged), (2490, {"foil_intact": False}, TotalChanged),
    (2490, {"empties_left": {"Z10": 2}}, WrongRecord), (2490, {"empties_left": {"P5": 1}}, WrongRecord),
    (3490, {"certificates": ("KP-2026-999999",)}, NoCertificate),
    (2490, {"empties_left": {"Z10": 1}, "certificates": ("KP-2026-000001",)}, WrongRecord),
])
def test_a_record_that_does_not_fit_pays_and_writes_nothing(plan: FakePromises, now: datetime, cash: int,
                                                            record: dict[str, Any],
                                                            refusal: type[DomainError]) -> None:
    make_delivered_order(lines=one(E.K))  # an open certificate KP-2026-000001
    case = withdraw(make_delivered_order())
    with unit_of_work():
        dispatch_case(case.id, now=now, actor="driver:3")
    before = everything()
    with pytest.raises(refusal):
        collect(case, cash, **record)
    assert everything() == before


def test_a_case_is_collected_on_the_way_only_and_once(plan: FakePromises, now: datetime) -> None:
    case = withdraw(make_delivered_order())
    before = everything()
    with pytest.raises(WrongCaseState), unit_of_work():
        collect_case(case.id, CaseDoor(shown_total_cents=3490), CARRIER, now=now, actor="driver:3")
    assert everything() == before
    collect(case, 3490)
    before = everything()
    with pytest.raises(WrongCaseState):
        collect(case, 3490)
    assert everything() == before


def test_a_certificate_of_the_order_is_paid_once_only(plan: FakePromises, now: datetime) -> None:
    """A deposit that was paid out for the empty cylinder is not paid again for the full one."""
    order = make_delivered_order(lines=one(E.K))
    paid = give_back(1)
    collect(paid, 1000, cylinders=(CylinderCheck(certificate="KP-2026-000001"),))
    assert collect(withdraw(order), 2490).cash_cents == 2490
