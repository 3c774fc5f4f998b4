"""orders/returns/rules.py and refunds.py"""
from __future__ import annotations

from datetime import date, timedelta

import pytest

from orders.returns.refunds import BoughtLine, Refund, old_deposits, refund
from orders.returns.rules import (
    Clock,
    CylinderCheck,
    add_months,
    complaint_refusal,
    customer_clock,
    deposit_pay_outs,
    deposit_return_expectation,
    door_refusal,
    stamp_overdue,
    withdrawal_refusal,
)
from orders.returns.states import ComplaintRefusal, DefectKind, Exclusion, Expectation, WithdrawalRefusal
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P

MONDAY = date(2026, 11, 23)
OPEN = Clock(last_on=MONDAY, days_left=0, open=True)


@pytest.mark.parametrize(("delivered", "last"), [
    (date(2026, 11, 23), date(2026, 12, 1)),   # Tuesday, nothing to roll
    (date(2026, 11, 20), date(2026, 11, 30)),  # + 8 is Saturday 28: Monday
    (date(2026, 11, 21), date(2026, 11, 30)),  # + 8 is Sunday 29: Monday
    (date(2026, 12, 17), date(2026, 12, 28)),  # + 8 is Christmas, Saturday follows, Sunday: Monday
    (date(2026, 12, 24), date(2027, 1, 4)),    # + 8 is 1. 1., 2. 1. is a holiday, Sunday: Monday
    (date(2026, 4, 22), date(2026, 4, 30)),
    (date(2026, 4, 23), date(2026, 5, 4)),     # + 8 is 1. 5., 2. 5., Sunday: Monday
])
def test_the_withdrawal_period_ends_on_the_eighth_day_or_the_next_working_day(delivered: date, last: date) -> None:
    """H-140, X-19, D12: the last day is accepted, the next one refused."""
    on_last = customer_clock(delivered, last, 8)
    assert on_last == Clock(last_on=last, days_left=0, open=True)
    assert customer_clock(delivered, last + timedelta(days=1), 8) == Clock(last_on=last, days_left=-1, open=False)
    assert customer_clock(delivered, delivered, 8).days_left == (last - delivered).days


@pytest.mark.parametrize(("delivered", "already", "clock", "refusal"), [
    (True, False, OPEN, None),
    (False, False, None, WithdrawalRefusal.NOT_DELIVERED),
    (True, True, OPEN, WithdrawalRefusal.ALREADY_OPEN),
    (True, False, Clock(last_on=MONDAY, days_left=-1, open=False), WithdrawalRefusal.TOO_LATE),
])
def test_withdrawal_is_refused_with_its_reason(delivered: bool, already: bool, clock: Clock | None,
                                               refusal: WithdrawalRefusal | None) -> None:
    assert withdrawal_refusal(delivered=delivered, already_open=already, clock=clock) is refusal


@pytest.mark.parametrize(("foil", "whole", "invoice", "refusal"), [
    (True, True, True, None),
    (False, True, True, WithdrawalRefusal.FOIL_REMOVED),
    (True, False, True, WithdrawalRefusal.DAMAGED),
    (True, True, False, WithdrawalRefusal.NO_INVOICE),
    (False, False, False, WithdrawalRefusal.FOIL_REMOVED),
])
def test_the_driver_checks_foil_damage_and_invoice(foil: bool, whole: bool, invoice: bool,
                                                   refusal: WithdrawalRefusal | None) -> None:
    """H-144, H-149, H-150."""
    assert door_refusal(foil_intact=foil, undamaged=whole, invoice_shown=invoice) is refusal


@pytest.mark.parametrize(("stamp", "returned", "overdue"), [
    (date(2025, 11, 1), date(2026, 11, 30), False),  # exactly one year after the end of the month
    (date(2025, 11, 1), date(2026, 12, 1), True),
    (date(2025, 11, 30), date(2026, 12, 1), True),   # the day within the month does not matter
    (date(2027, 1, 1), date(2026, 11, 23), False),
    (date(2023, 2, 1), date(2024, 2, 29), False),    # a leap year: February is over on the 29th
    (date(2023, 2, 1), date(2024, 3, 1), True),
])
def test_a_stamp_excludes_once_it_passed_by_more_than_a_year(stamp: date, returned: date, overdue: bool) -> None:
    """H-097, D11."""
    assert stamp_overdue(stamp, returned) is overdue


def pay(*checks: CylinderCheck, before: int = 0) -> list[tuple[int, Exclusion | None]]:
    made = deposit_pay_outs(checks, returned_before=before, household=5, on=MONDAY,
                            certificates={"KP-2026-000001": 800}, deposit_cents=1000)
    return [(one.amount_cents, one.exclusion) for one in made]


GOOD = CylinderCheck(test_due=date(2030, 1, 1))
OLD = CylinderCheck(test_due=date(2025, 10, 1))
BROKEN = CylinderCheck(damaged=True, certificate="KP-2026-000001")


def test_a_certificate_pays_its_own_amount_and_none_pays_ten_euros() -> None:
    """H-093, H-094, X-08."""
    assert pay(CylinderCheck(certificate="KP-2026-000001"), GOOD) == [(800, None), (1000, None)]
    assert pay(CylinderCheck(certificate="KP-2026-999999")) == [(1000, None)]


def test_each_exclusion_suspends_the_pay_out_of_that_cylinder_only() -> None:
    """H-095, H-096, H-097, X-20."""
    assert pay(BROKEN, GOOD, OLD) == [(0, Exclusion.DAMAGED), (1000, None), (0, Exclusion.TEST_OVERDUE)]
    assert pay(GOOD, GOOD, before=4) == [(1000, None), (0, Exclusion.ABOVE_HOUSEHOLD)]
    assert pay(BROKEN, GOOD, before=4) == [(0, Exclusion.DAMAGED), (1000, None)]


def test_the_fifth_cylinder_is_paid_and_the_sixth_is_not() -> None:
    """X-07."""
    assert [amount for amount, _ in pay(*[GOOD] * 6)] == [1000, 1000, 1000, 1000, 1000, 0]


@pytest.mark.parametrize(("quantity", "before", "damaged", "stamp", "expected"), [
    (1, 0, False, date(2030, 1, 1), Expectation.EXPECTED),
    (1, 0, True, date(2030, 1, 1), Expectation.NOT_EXPECTED),
    (1, 0, False, date(2025, 10, 1), Expectation.NOT_EXPECTED),
    (1, 5, False, date(2030, 1, 1), Expectation.NOT_EXPECTED),
    (2, 4, False, date(2030, 1, 1), Expectation.AT_DOOR),
    (1, 0, None, date(2030, 1, 1), Expectation.AT_DOOR),
    (1, 0, False, None, Expectation.AT_DOOR),
    (1, 0, None, None, Expectation.AT_DOOR),
    (5, 0, False, date(2030, 1, 1), Expectation.EXPECTED),
])
def test_what_is_said_about_the_pay_out_at_intake(quantity: int, before: int, damaged: bool | None,
                                                  stamp: date | None, expected: Expectation) -> None:
    """X-20, X-07."""
    assert deposit_return_expectation(quantity=quantity, returned_before=before, household=5, damaged=damaged,
                                      test_due=stamp, on=MONDAY) is expected


@pytest.mark.parametrize(("defect", "delivered", "noticed", "today", "refusal"), [
    (DefectKind.OBVIOUS, date(2026, 11, 13), date(2026, 11, 13), date(2026, 11, 23), None),  # + 8 is Saturday
    (DefectKind.OBVIOUS, date(2026, 11, 13), date(2026, 11, 13), date(2026, 11, 24),
     ComplaintRefusal.NOTICED_TOO_LATE),
    (DefectKind.HIDDEN, date(2026, 6, 1), date(2026, 11, 16), date(2026, 11, 24), None),
    (DefectKind.HIDDEN, date(2026, 6, 1), date(2026, 11, 16), date(2026, 11, 25), ComplaintRefusal.NOTICED_TOO_LATE),
    (DefectKind.HIDDEN, date(2026, 5, 23), date(2026, 11, 23), date(2026, 11, 23), None),
    (DefectKind.HIDDEN, date(2026, 5, 22), date(2026, 11, 23), date(2026, 11, 23), ComplaintRefusal.AFTER_LIABILITY),
    (DefectKind.HIDDEN, None, date(2026, 11, 23), date(2026, 11, 23), ComplaintRefusal.NOT_DELIVERED),
    (DefectKind.HIDDEN, date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 23), ComplaintRefusal.NOT_YET),
    (DefectKind.HIDDEN, date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 23), ComplaintRefusal.NOT_YET),
])
def test_complaints_have_their_clocks(defect: DefectKind, delivered: date | None, noticed: date, today: date,
                                      refusal: ComplaintRefusal | None) -> None:
    """H-160, H-161, H-162."""
    assert complaint_refusal(defect, delivered_on=delivered, noticed_on=noticed, today=today, days=8,
                             liability_months=6) is refusal


def test_months_end_where_a_shorter_month_ends() -> None:
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2026, 1, 15), -12) == date(2025, 1, 15)


def bought(kind: E, quantity: int, *, returned: int | None = None, discount: int = 0, deposits: int | None = None,
           type_: str = "Z10") -> BoughtLine:
    made = quantity if kind in (E.K, E.M10) else 0
    return BoughtLine(
        line_id=1, product_code=type_, cylinder_type=type_, exchange=kind, quantity=quantity, unit_price_cents=2490,
        vat_permille=220, discount_cents=discount, unit_deposit_cents=1000,
        new_deposits=made if deposits is None else deposits, returned=quantity if returned is None else returned)


# line, paid by, old deposits paid out; gas, deposit, old deposit, cash, bank
REFUNDS = [
    (bought(E.SWAP, 1), P.CASH, [], (2490, 0, 0, 2490, 0)),
    (bought(E.SWAP, 1), P.CASH, [1000], (2490, 0, 1000, 3490, 0)),
    (bought(E.SWAP, 1), P.CARD, [800], (2490, 0, 800, 800, 2490)),
    (bought(E.SWAP, 1, discount=300), P.EBANK, [], (2190, 0, 0, 0, 2190)),
    (bought(E.K, 1), P.CASH, [], (2490, 1000, 0, 3490, 0)),
    (bought(E.K, 1, discount=300), P.CARD, [], (2190, 1000, 0, 1000, 2190)),
    (bought(E.M10, 1), P.CASH, [], (2490, 1000, 0, 3490, 0)),
    (bought(E.M10, 2, returned=1, discount=301), P.EBANK, [], (2340, 1000, 0, 1000, 2340)),
    (bought(E.SWAP, 2, deposits=1), P.CASH, [], (4980, 1000, 0, 5980, 0)),
    (bought(E.PURCHASE, 1, type_="P35"), P.CARD, [], (2490, 0, 0, 0, 2490)),
]


@pytest.mark.parametrize(("line", "payment", "old", "expected"), REFUNDS)
def test_a_withdrawal_pays_back_as_it_was_paid(line: BoughtLine, payment: P, old: list[int],
                                               expected: tuple[int, ...]) -> None:
    """H-145, H-146, H-147, X-22, X-24: the gas net of the code; after K and after M10 the whole 10 EUR."""
    made = refund([line], payment=payment, deposit_by_card=False, old_deposit_amounts=old)
    assert (made.gas_cents, made.deposit_cents, made.old_deposit_cents, made.cash_cents, made.bank_cents) == expected


def test_a_deposit_that_went_by_card_goes_back_to_the_account() -> None:
    assert refund([bought(E.K, 1)], payment=P.CARD, deposit_by_card=True, old_deposit_amounts=[]) == Refund(
        gas_cents=2490, deposit_cents=1000, old_deposit_cents=0, cash_cents=0, bank_cents=3490)


def test_the_driver_leaves_an_empty_one_or_pays_its_deposit() -> None:
    """X-24."""
    lines = [bought(E.SWAP, 2), bought(E.K, 1)]
    assert old_deposits(lines, {}) == 2
    assert old_deposits(lines, {"Z10": 1}) == 1
    assert old_deposits(lines, {"Z10": 2}) == 0
    for wrong in ({"Z10": 3}, {"Z10": -1}, {"P5": 1}):
        with pytest.raises(ValueError):
            old_deposits(lines, wrong)


def test_an_empty_of_ones_own_goes_back_without_any_deposit() -> None:
    assert old_deposits([bought(E.PURCHASE_WITH_EMPTY, 1, type_="P5")], {"P5": 1}) == 0
