"""Withdrawal by e-mail, by bringing the cylinder to a unit, in part, and after an appeal (D12)."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core import clock
from core.audit import AuditEntry
from core.db import db, unit_of_work
from orders.errors import TotalChanged
from orders.returns.appeals import appeal_rejection, decide_appeal, may_appeal
from orders.returns.collecting import CaseDoor
from orders.returns.counter import hand_in, handed_in_on, withdraw_at_counter
from orders.returns.errors import AppealDecided, AppealRefused, WithdrawalRefused, WrongCaseState, WrongNotice
from orders.returns.late import refuse_late_withdrawal
from orders.returns.models import ReturnCase
from orders.returns.services import dispatch_case
from orders.returns.states import AppealDecision, CaseStatus, WithdrawalRefusal
from orders.states import Channel
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from orders.units import units
from tests.factories import make_delivered_order, make_order, one
from tests.orders.cases import NEXT_DAY, collect, ledger, moved_since, sent, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


def test_the_day_of_an_e_mail_counts_not_the_day_on_which_it_is_entered(plan: FakePromises, now: datetime) -> None:
    """H-005, H-141, H-140, X-19: delivered on 23. 11., written on day 8 (1. 12.), entered on 3. 12."""
    order = make_delivered_order(payment=P.CARD)
    clock.advance(timedelta(days=10))
    before = everything()
    for day, error in ((None, WithdrawalRefused), (date(2026, 12, 2), WithdrawalRefused),
                       (date(2026, 12, 4), WrongNotice), (date(2026, 11, 22), WrongNotice)):
        with pytest.raises(error):
            withdraw(order, channel=Channel.EMAIL, received_on=day, now=clock.utc_now())
        assert everything() == before
    case = withdraw(order, channel=Channel.EMAIL, received_on=date(2026, 12, 1), now=clock.utc_now())
    assert case.notice_at == datetime.fromisoformat("2026-12-01T22:59:59+00:00")
    assert (case.goods_back_on, case.refund_by_on) == (date(2026, 12, 31), date(2026, 12, 31))  # 30 days of the notice


def test_a_cylinder_brought_to_a_unit_is_the_notice_itself(plan: FakePromises, now: datetime) -> None:
    """H-143, X-13, X-21: day 8 accepted, day 9 refused; paid from the unit's cash, into the unit's stock."""
    order, late = make_delivered_order(lines=one(E.K)), make_delivered_order(lines=one(E.K))
    maribor = units()["maribor"]

    def bring(order_id: int, cash: int) -> ReturnCase:
        with unit_of_work():
            return withdraw_at_counter(
                order_id, None, CaseDoor(shown_total_cents=cash), maribor, request_key=f"counter-{order_id}", iban=None,
                now=clock.utc_now(), actor="staff:7")

    clock.advance(timedelta(days=8))
    before, books = everything(), ledger()
    with pytest.raises(TotalChanged):
        bring(order.id, 3000)
    assert everything() == before
    case = bring(order.id, 3490)
    assert (case.status, case.channel, case.unit, case.collected_at) == (
        CaseStatus.COMPLETED, Channel.COUNTER, "maribor", clock.utc_now())
    assert [event.what for event in case.events] == ["opened", "hand_in", "collect_paid"]
    assert moved_since(books) == {
        ("cash:unit:maribor", "EUR"): -3490, ("liability:deposits", "EUR"): 1000, ("revenue:gas", "EUR"): 2041,
        ("vat", "EUR"): 449, ("customers", "Z10"): -1, ("unit:maribor:full", "Z10"): 1}
    assert list(handed_in_on("maribor", clock.utc_now())) == [case]
    clock.advance(NEXT_DAY)
    before = everything()
    with pytest.raises(WithdrawalRefused) as refused:
        bring(late.id, 3490)
    assert refused.value.reason is WithdrawalRefusal.TOO_LATE
    assert everything() == before


def test_a_partial_return_refunds_its_share_to_the_cent(plan: FakePromises, now: datetime) -> None:
    """H-145, X-24: 2 of 3 swapped at 24,90 in cash; an empty left for one, the deposit of the other paid."""
    order = make_delivered_order(lines=one(E.SWAP, 3))
    assert order.handover is not None
    case = withdraw(order, quantities={order.handover.lines[0].id: 2})
    assert (case.cylinders, case.refund_cents) == (2, 4980)
    books = ledger()
    made = collect(case, 5980, empties_left={"Z10": 1})
    assert made.cash_cents == 5980  # 2 x 24,90 and one deposit of 10,00
    assert moved_since(books) == {
        ("cash:driver:3", "EUR"): -5980, ("liability:legacy_deposits", "EUR"): 1000, ("revenue:gas", "EUR"): 4082,
        ("vat", "EUR"): 898, ("customers", "Z10"): -1, ("vehicle:2:full", "Z10"): 2, ("vehicle:2:empty", "Z10"): -1}


def rejected() -> ReturnCase:
    case = withdraw(make_delivered_order(lines=one(E.K)))
    collect(case, 0, foil_intact=False)
    db.session.rollback()
    assert (case.status, case.reason) == (CaseStatus.REJECTED, "foil_removed")
    return case


def test_a_rejected_withdrawal_names_its_reason_and_finance_may_overturn_it(plan: FakePromises,
                                                                          now: datetime) -> None:
    """H-149, D12: overturned with a reason, audited, the customer told; the waived reason holds no second time."""
    case = rejected()
    assert "Varnostna folija na ventilu je odstranjena" in sent("case_rejected")[-1].body
    with unit_of_work():
        appeal = appeal_rejection(case.id, text="Folije ni bilo že ob dostavi.", now=now, actor="customer")
    assert not may_appeal(case)
    with unit_of_work():
        decided = decide_appeal(appeal.id, AppealDecision.OVERTURNED, reason="Šlo je za našo napako.", now=now,
                                actor="staff:4")
    assert (decided.decision, decided.decided_by, decided.reason) == (
        AppealDecision.OVERTURNED, "staff:4", "Šlo je za našo napako.")
    assert (case.status, case.ended_at, case.window_closed_at, case.reason) == (
        CaseStatus.AWAITING_PICKUP, None, now, "")
    audited = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.ref == case.ref)).all()
    assert [(entry.action, entry.actor) for entry in audited] == [("appeal_overturned", "staff:4")]
    assert "Šlo je za našo napako." in sent("case_appeal_decided")[-1].body
    assert collect(case, 3490, foil_intact=False).cash_cents == 3490


def test_finance_may_let_a_rejection_stand_and_an_appeal_is_decided_once(plan: FakePromises, now: datetime) -> None:
    case = rejected()
    with unit_of_work():
        appeal = appeal_rejection(case.id, text="Ne strinjam se.", now=now, actor="staff:1")
        decide_appeal(appeal.id, AppealDecision.UPHELD, reason="Fotografija kaže odstranjeno folijo.", now=now,
                      actor="staff:4")
    assert case.status is CaseStatus.REJECTED
    before = everything()
    with pytest.raises(AppealDecided), unit_of_work():
        decide_appeal(appeal.id, AppealDecision.OVERTURNED, reason="drugače", now=now, actor="staff:5")
    with pytest.raises(AppealRefused), unit_of_work():
        appeal_rejection(case.id, text="Še enkrat.", now=now, actor="customer")
    assert everything() == before


def test_a_notice_that_comes_too_late_is_refused_in_writing_and_may_be_appealed(plan: FakePromises,
                                                                             now: datetime) -> None:
    """H-140, H-149: day 9 by e-mail; the buyer hears why, and finance may take it after all."""
    order = make_delivered_order()
    clock.advance(timedelta(days=9))
    facts: dict[str, Any] = {"channel": Channel.EMAIL, "quantities": None, "iban": None, "now": clock.utc_now(),
                             "actor": "staff:1"}
    with unit_of_work():
        case = refuse_late_withdrawal(order.id, request_key="late-0001", **facts)
        again = refuse_late_withdrawal(order.id, request_key="late-0001", **facts)
    assert (case.id, case.status, case.reason) == (again.id, CaseStatus.REJECTED, "too_late")
    assert "Rok za odstop se je iztekel" in sent("case_rejected")[-1].body
    assert sent("case_withdrawal") == []
    with unit_of_work():
        appeal = appeal_rejection(case.id, text="Bila sem v bolnišnici.", now=clock.utc_now(), actor="customer")
        decide_appeal(appeal.id, AppealDecision.OVERTURNED, reason="Izjemoma.", now=clock.utc_now(), actor="staff:4")
    assert collect(case, 3490).cash_cents == 3490


def test_a_notice_in_time_or_of_no_delivery_is_not_refused_as_late(plan: FakePromises, now: datetime) -> None:
    facts: dict[str, Any] = {"channel": Channel.PHONE, "quantities": None, "iban": None, "now": now,
                             "actor": "staff:1"}
    for order, reason in ((make_delivered_order(), WithdrawalRefusal.NOT_LATE),
                          (make_order(), WithdrawalRefusal.NOT_DELIVERED)):
        before = everything()
        with pytest.raises(WithdrawalRefused) as refused, unit_of_work():
            refuse_late_withdrawal(order.id, request_key="late-0002", **facts)
        assert (refused.value.reason, everything()) == (reason, before)


def test_nothing_but_a_rejected_withdrawal_is_appealed_against(plan: FakePromises, now: datetime) -> None:
    open_case = withdraw(make_delivered_order())
    before = everything()
    with pytest.raises(AppealRefused), unit_of_work():
        appeal_rejection(open_case.id, text="Ne.", now=now, actor="customer")
    assert everything() == before


def test_a_planned_pick_up_may_be_brought_to_a_unit_instead(plan: FakePromises, now: datetime) -> None:
    """H-090: while the van is already on its way it is not."""
    case = withdraw(make_delivered_order(lines=one(E.K)))
    with unit_of_work():
        hand_in(case.id, CaseDoor(shown_total_cents=3490), units()["kranj"], now=now, actor="staff:7")
    assert (case.status, case.unit) == (CaseStatus.COMPLETED, "kranj")
    other = withdraw(make_delivered_order())
    with unit_of_work():
        dispatch_case(other.id, now=now, actor="driver:3")
    before = everything()
    with pytest.raises(WrongCaseState), unit_of_work():
        hand_in(other.id, CaseDoor(shown_total_cents=3490), units()["kranj"], now=now, actor="staff:7")
    assert everything() == before
