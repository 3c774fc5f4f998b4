"""Promo codes on orders: H-130 to H-137, X-09 to X-11, Y-12."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from core import clock
from core.db import db, unit_of_work
from core.errors import DomainError
from core.phone import parse_phone
from orders.errors import TotalChanged
from orders.services import cancel_order, dispatch_order, place_order, reject_order
from orders.states import ExchangeKind, OrderStatus, PaymentMethod
from promos.errors import PromoExpired, PromoNotYours, PromoTooMuch, PromoUnknown, PromoUsed
from promos.models import PromoCode
from promos.states import BurnPolicy, CodeState
from tests.factories import make_delivered_order, make_offer, make_order, one, order_request
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything
from tests.promos.factories import issued


def state(code: str) -> CodeState:
    return db.session.scalars(sa.select(PromoCode.state).where(PromoCode.code == code)).one()


def test_a_code_reduces_the_gas_and_is_used_up(plan: FakePromises, now: datetime) -> None:
    """X-11: the deposit is untouched; the code is stored as issued, however it was typed."""
    code = issued()[0]
    order = make_order(lines=one(ExchangeKind.K), promo_code=f" {code.lower()} ", shown_total_cents=3190)
    assert (order.gas_cents, order.discount_cents, order.deposit_cents, order.total_cents) == (2490, 300, 1000, 3190)
    assert (order.promo_code, state(code)) == (code, CodeState.REDEEMED)


def test_a_used_code_refuses_the_second_order_and_changes_nothing(plan: FakePromises, now: datetime) -> None:
    """H-137."""
    code = issued()[0]
    make_order(promo_code=code, shown_total_cents=2190)
    request = order_request(promo_code=code, shown_total_cents=2190)
    before = everything()
    with pytest.raises(PromoUsed), unit_of_work():
        place_order(request, make_offer(), now=now, actor="guest")
    assert everything() == before


@pytest.mark.parametrize(("changes", "total", "refusal"), [
    ({"value_cents": 2400}, 90, PromoTooMuch),
    ({"ends_at": datetime.fromisoformat("2026-11-23T11:00:00+00:00")}, 2190, PromoExpired),
    ({"starts_at": datetime.fromisoformat("2026-11-23T11:00:01+00:00")}, 2190, PromoUnknown),
])
def test_a_code_that_does_not_fit_places_no_order(plan: FakePromises, now: datetime, changes: dict[str, object],
                                                  total: int, refusal: type[DomainError]) -> None:
    """H-131, X-10, Y-12."""
    code = issued(**changes)[0]
    if refusal is PromoExpired:
        clock.advance(timedelta(seconds=1))
    before = everything()
    with pytest.raises(refusal):
        make_order(promo_code=code, shown_total_cents=total)
    assert everything() == before


def test_a_code_left_out_of_the_shown_amount_is_shown_first(plan: FakePromises, now: datetime) -> None:
    code = issued()[0]
    with pytest.raises(TotalChanged) as refused:
        make_order(promo_code=code, shown_total_cents=2490)
    assert refused.value.total_cents == 2190
    assert state(code) is CodeState.ISSUED


def test_a_code_for_a_first_order_is_not_for_a_second_one(plan: FakePromises, now: datetime) -> None:
    first = make_order()
    code = issued(first_order_only=True)[0]
    with pytest.raises(PromoNotYours):
        make_order(phone=parse_phone(first.phone_e164), promo_code=code, shown_total_cents=2190)
    with unit_of_work():
        cancel_order(first.id, by="customer", reason="", now=now, actor="customer")
    again = make_order(phone=parse_phone(first.phone_e164), promo_code=code, shown_total_cents=2190)
    assert again.discount_cents == 300


@pytest.mark.parametrize(("policy", "after"), [(BurnPolicy.CUSTOMER_CANCELS, CodeState.BURNT),
                                               (BurnPolicy.NEVER, CodeState.ISSUED)])
def test_cancelling_burns_or_releases_the_code_by_its_campaign(plan: FakePromises, now: datetime,
                                                               policy: BurnPolicy, after: CodeState) -> None:
    """X-09."""
    code = issued(policy=policy)[0]
    order = make_order(promo_code=code, shown_total_cents=2190)
    with unit_of_work():
        cancel_order(order.id, by="customer", reason="", now=now, actor="customer")
    assert state(code) is after


def test_the_company_gives_the_code_back(plan: FakePromises, now: datetime) -> None:
    """X-09: cancelled by us, even on the way, or rejected."""
    code = issued()[0]
    order = make_order(promo_code=code, shown_total_cents=2190)
    with unit_of_work():
        dispatch_order(order.id, now=now, actor="driver:3")
        cancel_order(order.id, by="company", reason="vozilo v okvari", now=now, actor="staff:1")
    assert state(code) is CodeState.ISSUED
    again = make_order(promo_code=code, shown_total_cents=2190)
    with unit_of_work():
        assert reject_order(again.id, reason="očitna napaka v ceni", now=now, actor="staff:1").status is (
            OrderStatus.REJECTED)
    assert state(code) is CodeState.ISSUED


def test_a_delivered_order_keeps_its_code_used(plan: FakePromises, now: datetime) -> None:
    code = issued()[0]
    order = make_delivered_order(promo_code=code, shown_total_cents=2190, payment=PaymentMethod.CARD)
    assert order.handover is not None
    assert (state(code), order.handover.discount_cents, order.handover.card_cents) == (CodeState.REDEEMED, 300, 2190)
