"""delivery/closing.py and its pages: the driver's day is counted, explained and closed once (H-120, H-146, P-D14)."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from billing import ledger
from billing.entries import moved
from billing.models import DepositCertificate
from core import clock
from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.roles import Role
from delivery import closing, driving
from delivery.closing_rules import CashParts, Purse, Why
from delivery.driving import arrive, deliver, leave_for
from delivery.errors import CountStale, EarlierUncounted, NotCounted, ShiftRuns, ShiftSigned, UnknownShift
from delivery.models import Shift, ShiftClosing, Stop
from delivery.services import driver_path
from delivery.vans import begin_shift, end_due_shifts
from orders.models import Order
from orders.returns.collecting import CaseDoor
from orders.returns.rules import CylinderCheck
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from tests.concurrency.racing import race
from tests.delivery.factories import Fleet, fleet, order_live, stop_of
from tests.factories import any_promise, as_ordered, make_delivered_order, make_offer, one, signed_in
from tests.orders.cases import give_back
from tests.orders.snapshots import everything

LEFT = {("full", "Z10"): 14, ("full", "P5"): 4, ("empty", "Z10"): 1}


@pytest.fixture
def day(app: Flask, now: datetime) -> Fleet:
    """One van, 200,00 of change: a swap for 24,90 in cash and a K by card, its 10,00 in cash; its hours are over."""
    made = fleet(1, load={"Z10": 16, "P5": 4}, hours=2)
    shift_id = made.shift_ids[0]
    drive(shift_id, order_live(1))
    drive(shift_id, order_live(2, lines=one(E.K), payment=P.CARD))
    clock.advance(timedelta(hours=3))
    with unit_of_work():
        assert end_due_shifts(clock.utc_now()) == 1
    return made


def drive(shift_id: int, order: Order) -> None:
    stop_id = stop_of(order).id
    for step in (leave_for, arrive):
        with unit_of_work():
            step(shift_id, stop_id, now=clock.utc_now())
    with unit_of_work():
        deliver(shift_id, stop_id, as_ordered(order), now=clock.utc_now())


@pytest.fixture
def papers(app: Flask, now: datetime) -> Fleet:
    """One van took back two cylinders, one of them with its certificate; its hours are over."""
    made, number = fleet(1, hours=4), certificate_of(make_delivered_order(lines=one(E.K)))
    with any_promise():
        case = give_back(2, offer=make_offer(minutes=120))
    with unit_of_work():
        stop_id = db.session.scalars(sa.select(Stop.id).where(Stop.case_id == case.id)).one()
        driving.leave_for(made.shift_ids[0], stop_id, now=clock.utc_now())
        driving.arrive(made.shift_ids[0], stop_id, now=clock.utc_now())
        driving.collect(made.shift_ids[0], stop_id, CaseDoor(shown_total_cents=2000, cylinders=(
            CylinderCheck(certificate=number.lower()), CylinderCheck())), now=clock.utc_now())
    clock.advance(timedelta(hours=5))
    with unit_of_work():
        end_due_shifts(clock.utc_now())
    return made


def certificate_of(order: Order) -> str:
    return db.session.scalars(sa.select(DepositCertificate.number).where(
        DepositCertificate.order_ref == order.ref)).one()


def purse(cash: int = 23490, card: int = 2490, **changes: int) -> Purse:
    cylinders = {**LEFT, **{tuple(key.split("_")): number for key, number in changes.items()}}
    return Purse(cash_cents=cash, card_cents=card, cylinders=cylinders)  # type: ignore[arg-type]


def counted(shift_id: int, found: Purse) -> closing.Closing:
    with unit_of_work():
        return closing.count(shift_id, found, now=clock.utc_now(), actor="staff:1")


def sign(shift_id: int) -> closing.Closing:
    with unit_of_work():
        return closing.sign(shift_id, now=clock.utc_now(), actor="staff:1")


def test_a_day_that_agrees_is_closed_the_driver_has_nothing_left_and_the_van_keeps_its_load(day: Fleet) -> None:
    [shift_id], [shift] = day.shift_ids, day.shifts
    found = counted(shift_id, purse())
    assert (found.expected, found.differences, found.misbooked) == (purse(), (), ())
    assert found.cash_parts == CashParts(change_cents=20000, stops_cents=3490, earlier_cents=0)
    assert sign(shift_id).closed_at == clock.utc_now()
    assert ledger.balance(f"cash:driver:{shift.driver_id}", "EUR") == 0
    assert ledger.vehicle_stock([shift.vehicle_id])[shift.vehicle_id] == ledger.VehicleStock(
        full={"Z10": 14, "P5": 4}, empty={"Z10": 1})
    assert ledger.balance("cash:main", "EUR") == 3490
    assert ledger.balances("differences") == {}
    assert set(ledger.trial_balance().values()) == {0}


def test_a_cent_and_a_cylinder_too_few_go_to_their_account(day: Fleet) -> None:
    [shift_id] = day.shift_ids
    found = counted(shift_id, purse(cash=23489, full_Z10=13))
    assert [(gap.thing, gap.by) for gap in found.differences] == [("cash", -1), ("full:Z10", -1)]
    assert {(clue.thing, clue.why) for clue in found.clues} >= {("full:Z10", Why.SAME_NUMBER)}
    sign(shift_id)
    assert ledger.balances("differences") == {("differences", "EUR"): 1, ("differences", "Z10"): 1}
    assert ledger.balance("cash:main", "EUR") == 3489
    assert set(ledger.trial_balance().values()) == {0}


@pytest.mark.parametrize(("change", "told"), [
    ("UPDATE handovers SET cash_cents = cash_cents + 1 WHERE cash_cents = 2490", ("cash", -1)),
    ("UPDATE ledger_entries SET amount = amount - 1 WHERE account LIKE 'cash:dr%' AND amount = 2490", ("cash", -1)),
    ("UPDATE handover_lines SET quantity = 2 WHERE exchange = 'k'", ("full:Z10", 1)),
])
def test_an_injected_difference_of_a_cent_or_a_cylinder_is_reported_with_its_stop(day: Fleet, change: str,
                                                                                 told: tuple[str, int]) -> None:
    """P-D14: the record at the door and the ledger are compared stop by stop."""
    with db.engine.begin() as connection:
        connection.execute(sa.text(change))
    [clue] = closing.closing_of(day.shift_ids[0]).misbooked
    assert (clue.thing, clue.by) == told
    assert clue.visit.number == ("2026-000002" if told[0] == "full:Z10" else "2026-000001")


def test_what_was_paid_the_other_way_and_a_forgotten_deposit_are_found(day: Fleet) -> None:
    [shift_id] = day.shift_ids
    swapped = counted(shift_id, purse(cash=23490 - 2490, card=2490 + 2490))
    assert {(clue.visit.number, clue.why) for clue in swapped.clues} == {
        ("2026-000001", Why.OTHER_WAY), ("2026-000002", Why.OTHER_WAY)}
    deposit = counted(shift_id, purse(cash=22490))
    assert [(clue.visit.number, clue.why) for clue in deposit.clues] == [("2026-000002", Why.WHOLE_AMOUNT)]


def test_a_certificate_that_was_paid_out_is_on_the_count_and_its_stop_is_named(papers: Fleet) -> None:
    """H-093: the paper comes back with the cylinder, and the driver brings it."""
    [shift_id] = papers.shift_ids
    expected = closing.closing_of(shift_id).expected
    assert (expected.certificates, expected.cash_cents, expected.cylinders["empty", "Z10"]) == (1, 18000, 2)
    assert counted(shift_id, expected).differences == ()
    found = counted(shift_id, replace(expected, certificates=0))
    assert [(gap.thing, gap.by) for gap in found.differences] == [("certificates", -1)]
    assert [(clue.thing, clue.visit.number, clue.why) for clue in found.clues] == [
        ("certificates", "VR-2026-000001", Why.SAME_NUMBER)]


@pytest.fixture
def two_days(day: Fleet) -> tuple[int, int]:
    """The same driver and van a day later: 200,00 of change again, one more swap; both shifts are over."""
    [first] = day.shifts
    with unit_of_work():
        again = Shift(vehicle_id=first.vehicle_id, driver_id=first.driver_id, depot_id=first.depot_id,
                      starts_at=clock.utc_now(), ends_at=clock.utc_now() + timedelta(hours=4), float_cents=20_000)
        first.vehicle.standard_load = {"Z10": 16}
        db.session.add(again)
    return first.id, again.id


def work(shift_id: int) -> None:
    with unit_of_work():
        begin_shift(shift_id, now=clock.utc_now(), actor="system")
    drive(shift_id, order_live(3))
    clock.advance(timedelta(hours=5))
    with unit_of_work():
        end_due_shifts(clock.utc_now())


SECOND = Purse(cash_cents=20000 + 2490, cylinders={("full", "Z10"): 15, ("full", "P5"): 4, ("empty", "Z10"): 1})


@pytest.mark.parametrize("late", [False, True])
def test_two_shifts_of_a_driver_are_booked_once_each_whichever_is_signed_first(two_days: tuple[int, int],
                                                                              late: bool) -> None:
    """The first is 10,00 and an empty cylinder short and waits for its signature while the van is out again."""
    first, second = two_days
    short = counted(first, purse(cash=22490, empty_Z10=0))
    assert [(gap.thing, gap.by) for gap in short.differences] == [("cash", -1000), ("empty:Z10", -1)]
    work(second)
    assert closing.closing_of(second).expected == SECOND
    assert counted(second, SECOND).differences == ()
    for shift_id in (second, first) if late else (first, second):
        sign(shift_id)
    shift = db.session.get_one(Shift, first)
    assert ledger.balance(f"cash:driver:{shift.driver_id}", "EUR") == 0
    assert ledger.balance("cash:main", "EUR") == 3490 - 1000 + 2490
    assert ledger.balances("differences") == {("differences", "EUR"): 1000, ("differences", "Z10"): 1}
    assert ledger.vehicle_stock([shift.vehicle_id])[shift.vehicle_id] == ledger.VehicleStock(
        full={"Z10": 15, "P5": 4}, empty={"Z10": 1})


def test_a_shift_is_counted_after_the_earlier_ones_of_its_driver_and_van(two_days: tuple[int, int]) -> None:
    first, second = two_days
    work(second)
    with pytest.raises(EarlierUncounted, match="LJ-1"):
        counted(second, SECOND)
    assert db.session.query(ShiftClosing).count() == 0
    assert closing.closing_of(first).expected == purse()  # what the later shift did is not in it
    counted(first, purse())
    assert counted(second, SECOND).differences == ()


def test_what_is_booked_after_a_count_asks_for_another_one(day: Fleet) -> None:
    [shift_id], [shift] = day.shift_ids, day.shifts
    counted(shift_id, purse())
    with unit_of_work():
        ledger.post("refund", "case:1", moved(f"cash:driver:{shift.driver_id}", "cash:main", "EUR", 100),
                    at=clock.utc_now(), dedupe_key="late", actor="staff:1")
    before = everything()
    with pytest.raises(CountStale):
        sign(shift_id)
    assert everything() == before
    assert counted(shift_id, purse(cash=23390)).differences == ()
    assert sign(shift_id).closed_at == clock.utc_now()


def test_a_shift_is_counted_after_it_ended_signed_after_a_count_and_only_once(app: Flask, now: datetime) -> None:
    made = fleet(1)
    [shift_id] = made.shift_ids
    with pytest.raises(ShiftRuns):
        counted(shift_id, purse())
    clock.advance(timedelta(hours=8))
    with unit_of_work():
        end_due_shifts(clock.utc_now())
    with pytest.raises(NotCounted):
        sign(shift_id)
    counted(shift_id, Purse(cash_cents=20000))
    sign(shift_id)
    before = everything()
    for again in (lambda: counted(shift_id, purse()), lambda: sign(shift_id)):
        with pytest.raises(ShiftSigned):
            again()
    assert everything() == before
    with pytest.raises(UnknownShift):
        closing.closing_of(99)


def test_five_signatures_at_once_close_a_shift_once(app: Flask, day: Fleet) -> None:
    """Without `closed_at IS NULL` in the WHERE, all five signed (the posting's key kept the ledger right)."""
    [shift_id] = day.shift_ids
    counted(shift_id, purse(cash=23000))
    assert race(app, 5, lambda _n: sign(shift_id)) == {"won": 1, "ShiftSigned": 4}
    assert ledger.balance("cash:main", "EUR") == 3000
    assert ledger.balance("differences", "EUR") == 490


def test_a_signed_shift_takes_no_more_deliveries(app: Flask, now: datetime) -> None:
    made = fleet(1)
    [shift_id], order = made.shift_ids, order_live(1)
    with unit_of_work():
        db.session.add(ShiftClosing(shift_id=shift_id, expected={"cash": 0, "card": 0, "cylinders": []},
                                    counted={"cash": 0, "card": 0, "cylinders": []}, counted_at=now, counted_by="s",
                                    closed_at=now, closed_by="s"))
    with pytest.raises(ShiftSigned), unit_of_work():
        leave_for(shift_id, stop_of(order).id, now=now)


def test_finance_counts_sees_the_stops_and_signs_by_pages(app: Flask, day: Fleet) -> None:
    [shift_id] = day.shift_ids
    finance = signed_in(app, Role.FINANCE)
    assert f"/finance/closings/{shift_id}" in finance.get("/finance/closings").get_data(as_text=True)
    sent = {"cash": "10,00", "card": "49,80", "certificates": "0",
            "full_Z10": "14", "empty_Z10": "1", "full_P5": "4", "empty_P5": "0"}
    for wrong in ({"cash": ""}, {"cash": "-1"}, {"full_Z10": "-1"}, {"full_Z10": "many"}, {"card": "<script>"},
                  {"certificates": ""}, {"certificates": "-1"}):
        answer = finance.post(f"/finance/closings/{shift_id}", data={**sent, **wrong})
        assert (answer.status_code, f'{next(iter(wrong))}-error' in answer.get_data(as_text=True)) == (422, True), wrong
    assert finance.post(f"/finance/closings/{shift_id}/sign").status_code == 409
    assert finance.post(f"/finance/closings/{shift_id}", data=sent).status_code == 303
    page = finance.get(f"/finance/closings/{shift_id}").get_data(as_text=True)
    assert 'data-testid="clues"' in page
    assert "2026-000001" in page
    assert finance.post(f"/finance/closings/{shift_id}/sign").status_code == 303
    assert 'data-testid="closed"' in finance.get(f"/finance/closings/{shift_id}").get_data(as_text=True)
    assert finance.post(f"/finance/closings/{shift_id}/sign").status_code == 409
    assert finance.get("/finance/closings/99").status_code == 404
    assert signed_in(app, Role.AGENT).get("/finance/closings").status_code == 403


def test_a_driver_counts_blindly_then_sees_what_differs_and_finance_signs(app: Flask, day: Fleet) -> None:
    [shift_id] = day.shift_ids
    with unit_of_work():
        path = driver_path(shift_id, clock.utc_now())
    phone = app.test_client()
    assert f'href="{path}/count"' in phone.get(path).get_data(as_text=True)
    blank = phone.get(f"{path}/count").get_data(as_text=True)
    assert "34,90" not in blank
    sent = {"cash": "210,00", "card": "24,90", "certificates": "0",
            "full_Z10": "14", "empty_Z10": "1", "full_P5": "4", "empty_P5": "0"}
    wrong = phone.post(f"{path}/count", data={**sent, "cash": "ten"})
    assert (wrong.status_code, "cash-error" in wrong.get_data(as_text=True)) == (422, True)
    assert db.session.query(ShiftClosing).count() == 0
    assert phone.post(f"{path}/count", data=sent).status_code == 303
    page = phone.get(f"{path}/count").get_data(as_text=True)
    assert 'data-testid="differs"' in page
    assert "−24,90" in page
    assert "2026-000001" in page
    assert phone.post(f"{path}/count", data={**sent, "cash": "234,90"}).status_code == 303
    assert 'data-testid="agrees"' in phone.get(f"{path}/count").get_data(as_text=True)
    counts = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "shift_counted")).all()
    assert [entry.details["differences"] for entry in counts] == [{"cash": -2490}, {}]  # a count is never forgotten
    finance = signed_in(app, Role.FINANCE)
    assert 'data-testid="by-driver"' in finance.get(f"/finance/closings/{shift_id}").get_data(as_text=True)
    assert finance.post(f"/finance/closings/{shift_id}/sign").status_code == 303
    assert phone.post(f"{path}/count", data=sent).status_code == 409
    assert 'data-testid="closed"' in phone.get(f"{path}/count").get_data(as_text=True)


def test_a_driver_who_is_still_out_does_not_count(app: Flask, now: datetime) -> None:
    [shift_id] = fleet(1).shift_ids
    with unit_of_work():
        path = driver_path(shift_id, now)
    answer = app.test_client().get(f"{path}/count")
    assert (answer.status_code, 'data-testid="refusal"' in answer.get_data(as_text=True)) == (409, True)
