"""A complaint from the technical sector to its one end (D13, H-160 to H-166, X-25)."""
from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from billing.models import Invoice
from billing.states import InvoiceKind
from core import clock
from core.db import db, unit_of_work
from orders.models import Order
from orders.returns.collecting import CaseDoor
from orders.returns.complaints import (
    end_credited,
    end_repaired,
    end_replaced,
    find_justified,
    receive_case,
    reject_complaint,
)
from orders.returns.counter import hand_in
from orders.returns.errors import ComplaintRefused, WithdrawalRefused, WrongCaseState, WrongQuantity
from orders.returns.models import ReturnCase
from orders.returns.opening import case_demand
from orders.returns.states import CaseKind, CaseStatus, ComplaintRefusal, DefectKind, Outcome, WithdrawalRefusal
from orders.states import Channel
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from orders.units import units
from tests.concurrency.racing import race
from tests.factories import make_delivered_order, make_offer, one
from tests.orders.cases import collect, complain, ledger, moved_since, sent, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


def with_the_lab(**changes: object) -> ReturnCase:
    """A complaint whose cylinder the technical sector has."""
    case = complain(make_delivered_order(**changes))
    collect(case, 0, record="Ventil pušča.")
    with unit_of_work():
        return receive_case(case.id, now=clock.utc_now(), actor="staff:5")


def justified(**changes: object) -> ReturnCase:
    case = with_the_lab(**changes)
    with unit_of_work():
        return find_justified(case.id, finding="Tesnilo je počeno.", now=clock.utc_now(), actor="staff:5")


@pytest.mark.parametrize(("defect", "noticed", "days", "allowed"), [
    (DefectKind.OBVIOUS, date(2026, 11, 23), 8, True), (DefectKind.OBVIOUS, date(2026, 11, 23), 9, False),
    (DefectKind.HIDDEN, date(2026, 12, 14), 29, True),  # noticed on day 21; day 8 after it is 22. 12.
    (DefectKind.HIDDEN, date(2026, 12, 14), 30, False),
    (DefectKind.HIDDEN, date(2027, 5, 23), 181, True),  # six months after 23. 11. 2026
    (DefectKind.HIDDEN, date(2027, 5, 24), 182, False)])
def test_the_three_clocks_of_a_complaint(plan: FakePromises, now: datetime, defect: DefectKind, noticed: date,
                                         days: int, allowed: bool) -> None:
    """H-160, H-161, H-162: 8 days visible, 8 days from noticing, 6 months of liability."""
    order = make_delivered_order()
    clock.advance(timedelta(days=days))
    if allowed:
        assert complain(order, defect=defect, noticed_on=noticed).status is CaseStatus.AWAITING_PICKUP
        return
    before = everything()
    with pytest.raises(ComplaintRefused):
        complain(order, defect=defect, noticed_on=noticed)
    assert everything() == before


def test_a_complaint_by_e_mail_counts_from_its_day(plan: FakePromises, now: datetime) -> None:
    """H-160: written on the eighth day, entered on the tenth."""
    order = make_delivered_order()
    clock.advance(timedelta(days=10))
    case = complain(order, channel=Channel.EMAIL, noticed_on=date(2026, 11, 23), received_on=date(2026, 12, 1))
    assert (case.channel, case.notice_at) == (Channel.EMAIL, datetime.fromisoformat("2026-12-01T22:59:59+00:00"))


def test_the_cylinder_goes_from_the_van_to_the_technical_sector_once(plan: FakePromises, now: datetime) -> None:
    """H-011, H-164, H-165: and a verdict needs it there."""
    case = complain(make_delivered_order())
    collect(case, 0, record="Ventil pušča.")
    with pytest.raises(WrongCaseState), unit_of_work():
        find_justified(case.id, finding="ne da bi jo videl", now=now, actor="staff:5")
    books = ledger()
    with unit_of_work():
        receive_case(case.id, now=now, actor="staff:5")
    assert moved_since(books) == {("vehicle:2:held", "Z10"): -1, ("technical", "Z10"): 1}
    before = everything()
    with pytest.raises(WrongCaseState), unit_of_work():
        receive_case(case.id, now=now, actor="staff:6")
    assert everything() == before


def test_a_justified_complaint_ends_by_a_free_replacement_that_is_a_stop(plan: FakePromises, now: datetime) -> None:
    """H-163, H-166, X-25."""
    case = justified()
    assert (case.status, case.checks["finding"], len(sent("case_justified"))) == (
        CaseStatus.JUSTIFIED, "Tesnilo je počeno.", 2)
    with unit_of_work():
        stop = end_replaced(case.id, offer=make_offer(days=1), now=now, actor="staff:1")
    assert (case.status, case.outcome, case.ended_at) == (CaseStatus.COMPLETED, Outcome.REPLACED, now)
    assert (stop.number, stop.kind, stop.parent_id, stop.status, stop.cash_cents) == (
        "ZM-2026-000001", CaseKind.REPLACEMENT, case.id, CaseStatus.AWAITING_PICKUP, 0)
    demand = case_demand(stop)
    assert (demand.deliver, demand.collect, demand.gas_out_g, demand.gas_in_g) == ({"Z10": 1}, {}, 10_000, 0)
    books = ledger()
    assert collect(stop, 0).status is CaseStatus.COMPLETED
    assert moved_since(books) == {("vehicle:2:full", "Z10"): -1, ("customers", "Z10"): 1}


def test_a_repaired_cylinder_is_brought_back(plan: FakePromises, now: datetime) -> None:
    """H-163, X-25."""
    case = justified()
    with unit_of_work():
        stop = end_repaired(case.id, now=now, actor="staff:1")
    assert (case.outcome, stop.kind, stop.window_closed_at) == (Outcome.REPAIRED, CaseKind.REPLACEMENT, now)


@pytest.mark.parametrize(("exchange", "total", "entries"), [
    (E.K, 3490, {("liability:deposits", "EUR"): 1000}), (E.M10, 3490, {("liability:deposits", "EUR"): 1000}),
    (E.SWAP, 3490, {("liability:legacy_deposits", "EUR"): 1000})])
def test_a_justified_complaint_may_end_by_a_credit_note(plan: FakePromises, now: datetime, exchange: E, total: int,
                                                        entries: dict[tuple[str, str], int]) -> None:
    """H-166, X-22, X-25: 24,90 and the deposit of 10,00, by transfer within 30 days."""
    case = justified(lines=one(exchange), payment=P.CARD)
    books = ledger()
    with unit_of_work():
        end_credited(case.id, iban="SI56 0201 7001 4356 205", now=now, actor="staff:1")
    assert (case.status, case.outcome, case.refund_cents, case.bank_cents, case.refund_by_on) == (
        CaseStatus.REFUND_DUE, Outcome.CREDITED, total, total, date(2026, 12, 23))
    assert moved_since(books) == {("revenue:gas", "EUR"): 2041, ("vat", "EUR"): 449,
                                  ("liability:refunds", "EUR"): -total, **entries}
    note = db.session.scalars(sa.select(Invoice).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)).one()
    assert note.total_cents == (-2490 if exchange is E.SWAP else -3490)


def test_an_unjustified_complaint_is_rejected_and_the_cylinder_brought_back(plan: FakePromises,
                                                                           now: datetime) -> None:
    """X-25: the finding is the reason that the customer reads."""
    case = with_the_lab()
    with unit_of_work():
        reject_complaint(case.id, finding="Jeklenka je brezhibna.", bring_back=True, now=now, actor="staff:5")
    assert (case.status, case.outcome, case.reason) == (
        CaseStatus.REJECTED, Outcome.REJECTED, "Jeklenka je brezhibna.")
    assert "Jeklenka je brezhibna." in sent("case_rejected")[-1].body
    assert db.session.scalars(sa.select(ReturnCase.kind).where(ReturnCase.parent_id == case.id)).all() == [
        CaseKind.REPLACEMENT]


def test_a_complaint_ends_once(plan: FakePromises, now: datetime) -> None:
    """X-25: exactly one end."""
    case = justified()
    with unit_of_work():
        end_replaced(case.id, now=now, actor="staff:1")
    before = everything()
    for end in (lambda: end_credited(case.id, now=now, actor="staff:2"),
                lambda: end_repaired(case.id, now=now, actor="staff:2"),
                lambda: end_replaced(case.id, now=now, actor="staff:2"),
                lambda: reject_complaint(case.id, finding="x", bring_back=False, now=now, actor="staff:5")):
        with pytest.raises(WrongCaseState), unit_of_work():
            end()
        assert everything() == before


def test_a_complained_about_cylinder_brought_to_a_unit_is_held_there(plan: FakePromises, now: datetime) -> None:
    """H-090, H-165: its way to the technical sector begins at the unit."""
    case = complain(make_delivered_order())
    books = ledger()
    with unit_of_work():
        hand_in(case.id, CaseDoor(shown_total_cents=0, record="Pušča."), units()["kranj"], now=now, actor="staff:7")
    assert moved_since(books) == {("customers", "Z10"): -1, ("unit:kranj:held", "Z10"): 1}
    with unit_of_work():
        receive_case(case.id, now=now, actor="staff:5")
    assert moved_since(books) == {("customers", "Z10"): -1, ("technical", "Z10"): 1}


def test_a_cylinder_is_asked_back_by_one_case(plan: FakePromises, now: datetime) -> None:
    """X-25: neither a second complaint nor a withdrawal has what a complaint has, also after it was credited."""
    case = justified()
    order = case.order
    assert order is not None
    before = everything()
    with pytest.raises(ComplaintRefused) as refused:
        complain(order, request_key="complaint-again")
    assert refused.value.reason is ComplaintRefusal.TAKEN_BACK
    with pytest.raises(WithdrawalRefused) as no_withdrawal:
        withdraw(order)
    assert no_withdrawal.value.reason is WithdrawalRefusal.COMPLAINED
    assert everything() == before
    with unit_of_work():
        end_credited(case.id, now=now, actor="staff:1")
    with pytest.raises(ComplaintRefused):
        complain(order, request_key="complaint-again")


def test_a_complaint_leaves_the_rest_of_the_order_to_a_withdrawal(plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order(lines=one(E.SWAP, quantity=3))
    [line] = order.handover.lines  # type: ignore[union-attr]
    complain(order, quantities={line.id: 1})
    with pytest.raises(WrongQuantity):
        withdraw(order, quantities={line.id: 3})
    assert [line.quantity for line in withdraw(order).lines] == [2]


def test_a_replaced_cylinder_may_be_complained_about_again(plan: FakePromises, now: datetime) -> None:
    case = justified()
    assert case.order is not None
    with unit_of_work():
        end_replaced(case.id, now=now, actor="staff:1")
    assert complain(case.order, request_key="complaint-again").status is CaseStatus.AWAITING_PICKUP


def test_two_complaints_at_once_about_one_cylinder_open_one_case(app: Flask, plan: FakePromises, now: datetime) -> None:
    """Without hold_order both were opened on PostgreSQL."""
    order_id = make_delivered_order().id

    def act(number: int) -> None:
        complain(db.session.get_one(Order, order_id), request_key=f"complaint-race-{number}")

    assert race(app, 4, act) == {"won": 1, "ComplaintRefused": 3}
