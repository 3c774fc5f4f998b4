"""orders/returns: green cylinders for their deposit, complaints, and the life of every case."""
from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from billing.ledger import vehicle_stock
from billing.models import DepositCertificate
from core import clock, signals
from core.db import db, unit_of_work
from core.errors import DomainError
from core.phone import parse_phone
from orders.errors import OutsideSlovenia, TotalChanged
from orders.returns.errors import (
    ComplaintRefused,
    NoCertificate,
    StaleCase,
    WrongCaseState,
    WrongQuantity,
    WrongRecord,
)
from orders.returns.models import ReturnCase
from orders.returns.queries import (
    requested_cases,
)
from orders.returns.rules import CylinderCheck
from orders.returns.services import (
    CaseContact,
    accept_case,
    contact_of,
    dispatch_case,
    fail_case,
    move_case,
    recall_case,
    reject_case,
)
from orders.returns.states import (
    TRANSITIONS,
    CaseAction,
    CaseStatus,
    ComplaintRefusal,
)
from orders.services import deliver_order
from orders.settlement import DoorLine, DoorSettlement
from orders.states import Channel
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from tests.factories import (
    CARRIER,
    TRIESTE,
    make_delivered_order,
    make_dispatched_order,
    make_offer,
    make_order,
    one,
)
from tests.orders.cases import collect, complain, give_back, ledger, moved_since, sent, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


def test_a_phoned_return_waits_for_pick_up_and_pays_its_deposit(plan: FakePromises, now: datetime) -> None:
    """H-091, H-093, H-094, X-12."""
    make_delivered_order(lines=one(E.K))
    case = give_back(2)
    assert (case.number, case.status, case.pay_out_expected, case.refund_cents) == (
        "VR-2026-000001", CaseStatus.AWAITING_PICKUP, "expected", 2000)
    before = ledger()
    made = collect(case, 2000, cylinders=(CylinderCheck(certificate="kp-2026-000001"), CylinderCheck()))
    assert (made.status, made.cash_cents) == (CaseStatus.COMPLETED, 2000)
    assert moved_since(before) == {
        ("cash:driver:3", "EUR"): -2000, ("liability:deposits", "EUR"): 1000,
        ("liability:legacy_deposits", "EUR"): 1000, ("customers", "Z10"): -2, ("vehicle:2:empty", "Z10"): 2}
    assert db.session.scalars(sa.select(DepositCertificate.status)).one().value == "paid_out"


def test_an_excluded_cylinder_is_taken_back_unpaid(plan: FakePromises, now: datetime) -> None:
    """H-095, H-097, X-20."""
    case = give_back(2, damaged=None, test_due=None)
    assert case.pay_out_expected == "decided_at_door"
    before = ledger()
    made = collect(case, 0, cylinders=(CylinderCheck(damaged=True), CylinderCheck(test_due=date(2025, 10, 1))))
    assert (made.status, made.cash_cents, made.reason) == (CaseStatus.COMPLETED, 0, "damaged,test_overdue")
    assert moved_since(before) == {("customers", "Z10"): -2, ("vehicle:2:empty", "Z10"): 2}
    assert [one["exclusion"] for one in case.checks["cylinders"]] == ["damaged", "test_overdue"]


def test_more_than_a_household_returns_is_taken_back_unpaid(plan: FakePromises, now: datetime) -> None:
    """H-096, X-07: five in twelve months; the sixth unpaid, and paid again a year later."""
    case = give_back(5)
    collect(case, 5000, cylinders=(CylinderCheck(),) * 5)
    more = give_back(1)
    assert (more.pay_out_expected, more.refund_cents) == ("not_expected", 0)
    assert collect(more, 0, cylinders=(CylinderCheck(),)).reason == "above_household"
    clock.advance(timedelta(days=366))
    assert give_back(1).pay_out_expected == "expected"


def test_a_web_request_waits_for_an_agent(plan: FakePromises, now: datetime) -> None:
    """X-12."""
    opened: list[int] = []

    def hear(_sender: object, *, case_id: int) -> None:
        opened.append(case_id)

    with signals.case_opened.connected_to(hear):
        case = give_back(1, channel=Channel.WEB, offer=None, actor="customer")
        assert (case.status, requested_cases(), opened) == (CaseStatus.REQUESTED, [case], [])
        with unit_of_work():
            taken = accept_case(case.id, make_offer(days=1), now=now, actor="staff:1")
    assert (taken.status, taken.window_closed_at, requested_cases(), opened) == (
        CaseStatus.AWAITING_PICKUP, None, [], [case.id])


def test_a_return_is_fetched_in_slovenia_only(plan: FakePromises, now: datetime) -> None:
    """H-092."""
    abroad = CaseContact(name="Ana", phone=parse_phone("031 222 333"), email=None, place=TRIESTE)
    before = everything()
    with pytest.raises(OutsideSlovenia):
        give_back(1, contact=abroad)
    with pytest.raises(WrongQuantity):
        give_back(0)
    assert everything() == before


@pytest.mark.parametrize(("cash", "checks", "refusal"), [
    (1000, (), WrongRecord), (3000, (CylinderCheck(),) * 3, WrongRecord),
    (1000, (CylinderCheck(), CylinderCheck()), TotalChanged),
    (1000, (CylinderCheck(certificate="KP-2026-000009"),), NoCertificate),
    (2000, (CylinderCheck(certificate="KP-2026-000001"), CylinderCheck(certificate="KP-2026-000001")), NoCertificate),
])
def test_a_wrong_record_of_empties_writes_nothing(plan: FakePromises, now: datetime, cash: int,
                                                  checks: tuple[CylinderCheck, ...],
                                                  refusal: type[DomainError]) -> None:
    make_delivered_order(lines=one(E.K))
    case = give_back(2)
    with unit_of_work():
        dispatch_case(case.id, now=now, actor="driver:3")
    before = everything()
    with pytest.raises(refusal):
        collect(case, cash, cylinders=checks)
    assert everything() == before


def test_a_complained_about_cylinder_goes_to_testing(plan: FakePromises, now: datetime) -> None:
    """H-163, H-164, H-165: held on the van, delivered to nobody."""
    order = make_delivered_order()
    case = complain(order)
    assert (case.number, case.status, case.wish, case.reason) == (
        "RK-2026-000001", CaseStatus.AWAITING_PICKUP, "replacement", "Pušča pri ventilu.")
    assert order.handover is not None
    assert case.checks == {"defect": "obvious", "noticed_on": "2026-11-23",
                           "quantities": {str(order.handover.lines[0].id): 1}}
    before = ledger()
    made = collect(case, 0, record="Ventil pušča, folija odstranjena.")
    assert (made.status, made.cash_cents) == (CaseStatus.TESTING, 0)
    assert case.checks["vehicle_id"] == 2
    assert case.checks["record"] == "Ventil pušča, folija odstranjena."
    assert moved_since(before) == {("customers", "Z10"): -1, ("vehicle:2:held", "Z10"): 1}
    assert vehicle_stock([2])[2].held == {"Z10": 1}
    with unit_of_work():
        rejected = reject_case(case.id, reason="Napake ni.", now=now, actor="staff:5")
    assert (rejected.status, rejected.reason) == (CaseStatus.REJECTED, "Napake ni.")


def test_a_complaint_needs_the_drivers_record(plan: FakePromises, now: datetime) -> None:
    case = complain(make_delivered_order())
    with unit_of_work():
        dispatch_case(case.id, now=now, actor="driver:3")
    before = everything()
    with pytest.raises(WrongRecord):
        collect(case, 0, record="  ")
    assert everything() == before


@pytest.mark.parametrize(("days", "noticed", "reason"), [
    (9, date(2026, 11, 23), ComplaintRefusal.NOTICED_TOO_LATE), (0, date(2026, 11, 24), ComplaintRefusal.NOT_YET)])
def test_a_late_complaint_is_refused_with_its_reason(plan: FakePromises, now: datetime, days: int, noticed: date,
                                                     reason: ComplaintRefusal) -> None:
    """H-160."""
    order = make_delivered_order()
    clock.advance(timedelta(days=days))
    before = everything()
    with pytest.raises(ComplaintRefused) as refused:
        complain(order, noticed_on=noticed)
    assert refused.value.reason is reason
    assert everything() == before


def test_an_undelivered_order_has_nothing_to_complain_of(plan: FakePromises, now: datetime) -> None:
    with pytest.raises(ComplaintRefused):
        complain(make_order())


def test_every_status_by_every_action_of_a_case_moves_or_refuses(plan: FakePromises, now: datetime) -> None:
    case_id = withdraw(make_delivered_order()).id
    for status in CaseStatus:
        db.session.execute(sa.update(ReturnCase).values(status=status))
        db.session.commit()
        before = everything()
        for action in CaseAction:
            if (status, action) not in TRANSITIONS:
                with pytest.raises(WrongCaseState), unit_of_work():
                    move_case(case_id, action, now=now, actor="staff:1")
        assert everything() == before, status
        for action in [action for at, action in TRANSITIONS if at is status]:
            db.session.execute(sa.update(ReturnCase).values(status=status))
            db.session.commit()
            with unit_of_work():
                moved = move_case(case_id, action, now=now, actor="staff:1", reason="ker")
            event = moved.events[-1]
            assert (moved.status, event.action, event.details["reason"]) == (
                TRANSITIONS[status, action], action, "ker")


def test_a_case_that_changed_meanwhile_is_not_moved(plan: FakePromises, now: datetime,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    case = withdraw(make_delivered_order())
    monkeypatch.setattr("orders.returns.lifecycle.case_by_id", lambda case_id: ReturnCase(status=CaseStatus.ON_THE_WAY))
    before = everything()
    with pytest.raises(StaleCase), unit_of_work():
        move_case(case.id, CaseAction.COLLECT_PAID, now=now, actor="driver:3")
    assert everything() == before


def test_a_failed_pick_up_waits_for_a_new_window(plan: FakePromises, now: datetime) -> None:
    case = withdraw(make_delivered_order())
    with unit_of_work():
        dispatch_case(case.id, now=now, actor="driver:3")
        recall_case(case.id, now=now, actor="driver:3")
        dispatch_case(case.id, now=now, actor="driver:3")
        failed = fail_case(case.id, reason="not_home", now=now, actor="driver:3")
    assert (failed.status, failed.window_closed_at) == (CaseStatus.AWAITING_PICKUP, now)
    assert len(sent("case_failed")) == 2


def test_a_contact_is_the_orders_own(plan: FakePromises, now: datetime) -> None:
    order = make_order()
    contact = contact_of(order)
    assert (contact.name, contact.phone.e164, contact.email, contact.order_id) == (
        "Janez Novak", order.phone_e164, "janez@example.si", order.id)
    assert (contact.place.street, contact.place.floor, contact.place.source) == ("Šišenska cesta", 3, "history")


def test_a_damaged_empties_new_deposit_comes_back_on_withdrawal(plan: FakePromises, now: datetime) -> None:
    """H-078 and X-24: the deposit paid with this order, not the one that was kept."""
    order = make_dispatched_order()
    line = DoorLine(line_id=order.lines[0].id, exchange=E.SWAP, quantity=1, damaged_empties=1)
    with unit_of_work():
        deliver_order(order.id, DoorSettlement(lines=(line,), payment=P.CASH, shown_total_cents=3490), CARRIER,
                      now=now, actor="driver:3")
    assert collect(withdraw(order), 3490).cash_cents == 3490
