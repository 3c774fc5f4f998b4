"""orders/returns/opening.py: the notice of withdrawal, its clocks and its acknowledgement."""
from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from billing.errors import WrongIban
from core import clock, settings
from core.db import unit_of_work
from orders.errors import StaleQuote
from orders.returns.errors import (
    WithdrawalRefused,
    WrongQuantity,
)
from orders.returns.queries import (
    why_no_withdrawal,
    withdrawal_clock,
)
from orders.returns.rules import Clock
from orders.returns.services import (
    cancel_case,
    give_case_window,
)
from orders.returns.states import (
    CaseStatus,
    RefundMethod,
    WithdrawalRefusal,
)
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from tests.factories import (
    make_delivered_order,
    make_offer,
    make_order,
    one,
)
from tests.orders.cases import sent, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


def test_the_customer_may_withdraw_on_the_last_day_and_not_on_the_next(plan: FakePromises, now: datetime) -> None:
    """H-140, X-19, D12: delivered on Monday 23. 11., last day Tuesday 1. 12."""
    order = make_delivered_order()
    assert withdrawal_clock(order, now) == Clock(last_on=date(2026, 12, 1), days_left=8, open=True)
    with clock.frozen_at(datetime.fromisoformat("2026-12-01T23:00:00+00:00")):  # midnight in Ljubljana: 2. 12.
        before = everything()
        with pytest.raises(WithdrawalRefused) as refused:
            withdraw(order)
        assert refused.value.reason is WithdrawalRefusal.TOO_LATE
        assert everything() == before
    with clock.frozen_at(datetime.fromisoformat("2026-12-01T22:59:59+00:00")):
        assert withdraw(order).status is CaseStatus.AWAITING_PICKUP


def test_the_period_is_the_one_that_held_when_the_order_was_placed(plan: FakePromises, now: datetime) -> None:
    """X-01: a later setting does not touch older contracts."""
    order = make_delivered_order()
    with unit_of_work():
        settings.put("withdrawal_days", 14, valid_from=now + timedelta(seconds=1), set_by="staff:1")
    clock.advance(timedelta(minutes=1))
    newer = make_delivered_order()
    first, second = (withdrawal_clock(made, clock.utc_now()) for made in (order, newer))
    assert first is not None
    assert second is not None
    assert (first.last_on, second.last_on) == (date(2026, 12, 1), date(2026, 12, 7))


def test_a_withdrawal_states_its_clocks_its_refund_and_its_window(plan: FakePromises, now: datetime) -> None:
    """H-142, H-147, X-21, X-19: the customer's 30 days end on a working day, ours never move later."""
    order = make_delivered_order(lines=one(E.K))
    offer = make_offer(days=1)
    case = withdraw(order, offer=offer)
    assert (case.number, case.status, case.notice_at) == ("OD-2026-000001", CaseStatus.AWAITING_PICKUP, now)
    assert (case.goods_back_on, case.refund_by_on) == (date(2026, 12, 23), date(2026, 12, 23))
    assert (case.refund_cents, case.bank_cents, case.cash_cents) == (3490, 0, 3490)
    assert case.refund_method is RefundMethod.CASH
    assert (case.window_from_at, case.window_by_at, case.window_closed_at) == (
        offer.promised_from_at, offer.promised_by_at, None)
    assert [(line.cylinder_type, line.quantity, line.full, line.net_gas_g) for line in case.lines] == [
        ("Z10", 1, True, 10_000)]
    assert plan.accepted[-1] == offer
    assert [event.what for event in case.events] == ["opened"]


def test_the_customers_30_days_roll_to_a_working_day_and_ours_do_not(plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    with clock.frozen_at(datetime.fromisoformat("2026-11-25T10:00:00+00:00")):  # + 30 is Christmas, then a weekend
        case = withdraw(order)
    assert (case.goods_back_on, case.refund_by_on) == (date(2026, 12, 28), date(2026, 12, 25))


def test_the_notice_is_acknowledged_by_sms_and_e_mail(plan: FakePromises, now: datetime) -> None:
    """X-18."""
    withdraw(make_delivered_order())
    told = sent("case_withdrawal")
    assert [row.medium.value for row in told] == ["sms", "email"]
    assert "23. 11. 2026, 12.00" in told[1].body
    assert "2026-000001" in told[1].body


def test_the_notice_counts_without_a_pick_up_window(plan: FakePromises, now: datetime) -> None:
    """X-21: the plan may be full, the right stands."""
    case = withdraw(make_delivered_order(), offer=None)
    assert (case.status, case.window_closed_at) == (CaseStatus.AWAITING_PICKUP, now)
    with unit_of_work():
        given = give_case_window(case.id, make_offer(days=1), now=now, actor="staff:1")
    assert given.window_closed_at is None
    assert len(sent("case_window")) == 2


def test_an_order_that_was_not_delivered_is_cancelled_not_withdrawn_from(plan: FakePromises, now: datetime) -> None:
    order = make_order()
    before = everything()
    with pytest.raises(WithdrawalRefused) as refused:
        withdraw(order)
    assert refused.value.reason is WithdrawalRefusal.NOT_DELIVERED
    assert everything() == before


def test_the_same_form_gives_the_first_case_and_another_form_is_refused(plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    case = withdraw(order)
    before = everything()
    assert withdraw(order).id == case.id
    with pytest.raises(WithdrawalRefused) as refused:
        withdraw(order, request_key="another form")
    assert refused.value.reason is WithdrawalRefusal.ALREADY_OPEN
    assert everything() == before


def test_a_cancelled_withdrawal_may_be_opened_again(plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order()
    case = withdraw(order)
    with unit_of_work():
        cancel_case(case.id, reason="premislil", now=now, actor="customer")
    assert why_no_withdrawal(order, now) is None
    assert withdraw(order, request_key="another form").number == "OD-2026-000002"


@pytest.mark.parametrize("wrong", [{}, {"line": 0}, {"line": 3}, {"line": -1}, {"foreign": 1}])
def test_a_withdrawal_takes_back_what_was_delivered(plan: FakePromises, now: datetime, wrong: dict[str, int]) -> None:
    order = make_delivered_order(lines=one(E.SWAP, 2))
    assert order.handover is not None
    ids = {"line": order.handover.lines[0].id, "foreign": 999_999}
    quantities = {ids[name]: count for name, count in wrong.items()}
    before = everything()
    with pytest.raises(WrongQuantity):
        withdraw(order, quantities=quantities)
    assert everything() == before


def test_a_wrong_account_or_a_stale_window_opens_nothing(plan: FakePromises, now: datetime) -> None:
    order = make_delivered_order(payment=P.CARD)
    before = everything()
    with pytest.raises(WrongIban):
        withdraw(order, iban="SI56020170014356206")
    plan.stale = 1
    with pytest.raises(StaleQuote):
        withdraw(order)
    assert everything() == before
