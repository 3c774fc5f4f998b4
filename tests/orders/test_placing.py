"""orders/placing.py, orders/intake.py, orders/views/submission.py"""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import CustomerAddress
from accounts.services import upsert_customer
from billing.errors import NotAvailable, UnknownProduct
from core import clock, settings, signals
from core.db import db, unit_of_work
from core.errors import DomainError
from core.phone import PhoneKind
from notify.models import OutboxMessage
from orders.errors import (
    EbankTooSoon,
    EmptyOrder,
    ExchangeNotPossible,
    NotConfirmed,
    OutsideSlovenia,
    PromiseWorse,
    StaleQuote,
    TermsChanged,
    TooManyCylinders,
    TotalChanged,
)
from orders.models import Order
from orders.placing import OrderRequest, prepare
from orders.pricing import LineRequest
from orders.services import place_order
from orders.states import Channel, ExchangeKind, OrderStatus, PaymentMethod, PromiseKind
from orders.views.submission import submit_order
from tests.factories import (
    KRANJ,
    SISKA,
    SWAP_ONE,
    TRIESTE,
    a_phone,
    make_offer,
    make_order,
    make_terms,
    one,
    order_request,
)
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


def messages() -> list[tuple[str, str, str]]:
    rows = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.medium.value, row.template, row.recipient) for row in rows]


def place(request: OrderRequest, now: datetime, **offer: Any) -> Order:
    with unit_of_work():
        return place_order(request, make_offer(**offer), now=now, actor="guest")


def test_an_order_keeps_everything_that_was_agreed(plan: FakePromises, now: datetime) -> None:
    """H-021, H-035, H-104, Y-04, Y-09."""
    terms = make_terms()
    request = order_request(lines=(*one(ExchangeKind.M10), *one(ExchangeKind.SWAP, 2)), phone=a_phone("041 123 456"))
    offer = make_offer()
    with unit_of_work():
        order = place_order(request, offer, now=now, actor="guest")
    assert (order.number, order.status, order.channel) == ("2026-000001", OrderStatus.CONFIRMED, Channel.WEB)
    assert (order.contact_name, order.phone_e164, order.phone_kind, order.email) == (
        "Janez Novak", "+38641123456", PhoneKind.MOBILE, "janez@example.si")
    assert (order.address_line, order.floor, order.note) == ("Šišenska cesta 12, 1000 Ljubljana", 3, "zvonec 4")
    assert (order.gas_cents, order.deposit_cents, order.buyback_cents, order.discount_cents) == (7470, 1000, 300, 0)
    assert (order.total_cents, order.door_cents, order.cash_part_cents, order.prepaid_cents) == (8170, 8170, 8170, 0)
    assert [(line.product_code, line.exchange, line.quantity, line.unit_price_cents, line.unit_deposit_cents,
             line.unit_buyback_cents, line.net_gas_g) for line in order.lines] == [
        ("Z10", ExchangeKind.M10, 1, 2490, 1000, 300, 10_000), ("Z10", ExchangeKind.SWAP, 2, 2490, 0, 0, 10_000)]
    assert (order.promise_kind, order.clock_start_at, order.promised_by_at) == (
        PromiseKind.HOUR, now, now + timedelta(minutes=60))
    assert (order.terms_version_id, order.terms_confirmed_at) == (terms.id, now)
    assert (order.adult_confirmed, order.data_confirmed, order.duties_confirmed) == (True, True, True)
    assert order.customer_id is None
    assert plan.accepted == [offer]
    assert [(event.what, event.actor) for event in order.events] == [("placed", "guest")]


def test_numbers_follow_one_another_and_begin_anew_each_local_year(plan: FakePromises, now: datetime) -> None:
    assert [make_order().number, make_order().number] == ["2026-000001", "2026-000002"]
    with clock.frozen_at(datetime.fromisoformat("2026-12-31T23:30:00+00:00")):  # past midnight in Ljubljana
        assert make_order().number == "2027-000001"


def test_a_mobile_gets_sms_and_email_and_a_landline_email_only(plan: FakePromises, now: datetime) -> None:
    make_order(phone=a_phone("041 123 456"))
    assert messages() == [("sms", "order_confirmed", "+38641123456"), ("email", "order_confirmed", "janez@example.si")]
    make_order(phone=a_phone("01 234 56 78"), email="ana@example.si")
    assert messages()[2:] == [("email", "order_confirmed", "ana@example.si")]
    make_order(phone=a_phone("01 234 56 79"), email=None)
    assert len(messages()) == 3


def test_the_confirmation_carries_promise_amount_and_link(plan: FakePromises, now: datetime) -> None:
    make_order(phone=a_phone("041 123 456"), email=None)
    body = db.session.scalars(sa.select(OutboxMessage.body)).one()
    assert body.startswith("Plin na dom: narocilo 2026-000001 je potrjeno. Dostava ")
    assert "13.00" in body  # 12.00 in Ljubljana and an hour
    assert "24,90 EUR" in body
    assert "http://localhost/t/" in body


def test_the_plan_hears_of_a_confirmed_order_once_it_is_safe(plan: FakePromises, now: datetime) -> None:
    heard: list[int] = []

    def hear(_sender: object, *, order_id: int) -> None:
        heard.append(order_id)

    with signals.order_confirmed.connected_to(hear):
        order = make_order()
        assert heard == [order.id]
        make_order(payment=PaymentMethod.EBANK)
        assert heard == [order.id]
        with pytest.raises(TotalChanged):
            make_order(shown_total_cents=1)
        assert heard == [order.id]


def test_the_same_form_sent_again_gives_the_first_order(plan: FakePromises, now: datetime) -> None:
    request = order_request()
    first = place(request, now)
    before = everything()
    assert place(replace(request, contact_name="Drug Priimek"), now).id == first.id
    assert everything() == before


def test_an_agents_order_joins_the_customer_and_remembers_the_address(plan: FakePromises, now: datetime) -> None:
    """Y-09, H-022."""
    phone = a_phone("031 222 333")
    with unit_of_work():
        customer = upsert_customer(name="Ana Kovač", phone=phone, email=None, language="sl", actor="staff:1")
    order = make_order(channel=Channel.PHONE, phone=phone, customer_id=customer.id)
    assert (order.customer_id, order.channel) == (customer.id, Channel.PHONE)
    assert db.session.scalars(sa.select(CustomerAddress.street)).all() == ["Šišenska cesta"]


def test_an_e_bank_order_waits_for_its_payment_with_the_amount_and_reference(plan: FakePromises,
                                                                             now: datetime) -> None:
    """H-123, X-03, X-04: the deposit is not on the e-bank amount."""
    order = make_order(payment=PaymentMethod.EBANK, lines=one(ExchangeKind.K), phone=a_phone("041 123 456"))
    assert order.status is OrderStatus.AWAITING_PAYMENT
    assert (order.total_cents, order.prepaid_cents, order.door_cents, order.cash_part_cents) == (3490, 2490, 1000, 1000)
    assert order.promise_kind is PromiseKind.AGREED
    bodies = db.session.scalars(sa.select(OutboxMessage.body).order_by(OutboxMessage.id)).all()
    assert "24,90 EUR" in bodies[0]
    assert "SI12 20260000019" in bodies[0]
    assert "10,00" in bodies[1]


REFUSED: list[tuple[dict[str, Any], type[DomainError], str | None]] = [
    ({"terms_confirmed": False}, NotConfirmed, "terms"),
    ({"adult_confirmed": False}, NotConfirmed, "adult"),
    ({"data_confirmed": False}, NotConfirmed, "data"),
    ({"duties_confirmed": False}, NotConfirmed, "duties"),
    ({"terms_version_id": 999_999}, TermsChanged, "terms"),
    ({"place": TRIESTE}, OutsideSlovenia, "address"),
    ({"shown_total_cents": 2489}, TotalChanged, "shown_total_cents"),
    ({"payment": PaymentMethod.EBANK}, EbankTooSoon, "payment"),
    ({"lines": (), "shown_total_cents": 0}, EmptyOrder, "lines"),
    ({"lines": one(ExchangeKind.SWAP, 6), "shown_total_cents": 14_940}, TooManyCylinders, "lines"),
    ({"lines": one(ExchangeKind.PURCHASE), "shown_total_cents": 2490}, ExchangeNotPossible, "lines"),
    ({"lines": one(ExchangeKind.PURCHASE, 1, "P10"), "shown_total_cents": 2590}, NotAvailable, None),
    ({"lines": one(ExchangeKind.SWAP, 1, "X99"), "shown_total_cents": 2490}, UnknownProduct, None),
]


@pytest.mark.parametrize(("changes", "refusal", "field"), REFUSED)
def test_a_refused_order_leaves_nothing_behind(plan: FakePromises, now: datetime, changes: dict[str, Any],
                                               refusal: type[DomainError], field: str | None) -> None:
    """H-020, H-021, H-035, H-092, H-104, H-123, X-03."""
    request = order_request(**changes)
    before = everything()
    with pytest.raises(refusal) as refused:
        place(request, now)
    assert refused.value.field == field
    assert everything() == before
    assert plan.accepted == []


def test_newer_terms_must_be_read_before_ordering(plan: FakePromises, now: datetime) -> None:
    """H-023: what holds at the instant of ordering counts."""
    request = order_request()
    make_terms("2026-11-23", now - timedelta(minutes=1))
    before = everything()
    with pytest.raises(TermsChanged):
        place(request, now)
    assert everything() == before


def test_a_price_raised_since_it_was_shown_is_shown_again(plan: FakePromises, now: datetime) -> None:
    request = order_request(lines=one(ExchangeKind.K))
    with unit_of_work():
        settings.put("deposit_cents", 1200, valid_from=now, set_by="staff:1")
    with pytest.raises(TotalChanged) as refused:
        place(request, now)
    assert refused.value.total_cents == 3690


def test_a_promise_later_than_the_one_shown_is_shown_first(plan: FakePromises, now: datetime) -> None:
    """Y-04."""
    request = order_request(shown_promised_by_at=now + timedelta(minutes=60))
    before = everything()
    with pytest.raises(PromiseWorse) as refused:
        place(request, now, minutes=61)
    assert refused.value.offer.promised_by_at == now + timedelta(minutes=61)
    assert everything() == before
    assert place(request, now, minutes=60).promised_by_at == now + timedelta(minutes=60)


def test_a_better_promise_than_the_one_shown_is_taken(plan: FakePromises, now: datetime) -> None:
    request = order_request(shown_promised_by_at=now + timedelta(minutes=60))
    assert place(request, now, minutes=50).promised_by_at == now + timedelta(minutes=50)


def test_another_agreed_window_is_asked_first_even_if_it_is_earlier(plan: FakePromises, now: datetime) -> None:
    """Y-03: the person chose a time."""
    chosen = make_offer(days=2)
    request = order_request(shown_promised_by_at=chosen.promised_by_at)
    for other in (make_offer(days=1), make_offer(days=3), make_offer(minutes=60)):
        with pytest.raises(PromiseWorse), unit_of_work():
            place_order(request, other, now=now, actor="guest")
    with unit_of_work():
        assert place_order(request, chosen, now=now, actor="guest").promised_by_at == chosen.promised_by_at


def test_a_wish_is_prepared_for_the_plan(plan: FakePromises, now: datetime) -> None:
    prepared = prepare([*one(ExchangeKind.M10), *one(ExchangeKind.K), *one(ExchangeKind.PURCHASE_WITH_EMPTY, 2, "P5")],
                       payment=PaymentMethod.CARD, floor=2, now=now)
    demand = prepared.demand
    assert (demand.deliver, demand.collect) == ({"Z10": 2, "P5": 2}, {"O10": 1, "P5": 2})
    assert (demand.gas_out_g, demand.gas_in_g, demand.floor, demand.cylinders) == (30_000, 0, 2, 4)
    assert (demand.payment, demand.first_deposit, prepared.not_before) == (PaymentMethod.CARD, True, None)


def test_e_bank_begins_on_the_next_delivery_day(plan: FakePromises, now: datetime) -> None:
    """H-123: the day after Saturday 28. 11. is Monday 30. 11."""
    with clock.frozen_at(datetime.fromisoformat("2026-11-28T09:00:00+00:00")) as _:
        prepared = prepare(SWAP_ONE, payment=PaymentMethod.EBANK, now=clock.utc_now())
        assert str(prepared.not_before) == "2026-11-30"


def shown(plan: FakePromises, request: OrderRequest, now: datetime) -> str:
    """As the page does: find and keep an offer."""
    offers = plan.find(request.place, prepare(request.lines, payment=request.payment, now=now).demand, now=now)
    plan.keep(offers, request.place, prepare(request.lines, payment=request.payment, now=now).demand, now=now)
    return offers.offers[0].quote_key


def test_a_stale_promise_is_renewed_and_the_order_tried_again(plan: FakePromises, now: datetime) -> None:
    """Y-04: up to three tries."""
    request = order_request()
    key = shown(plan, request, now)
    plan.stale = 2
    assert submit_order(request, key, actor="guest").status is OrderStatus.CONFIRMED
    assert len(plan.accepted) == 1


def test_a_promise_that_stays_stale_is_refused_after_three_tries(plan: FakePromises, now: datetime) -> None:
    request = order_request()
    key = shown(plan, request, now)
    plan.stale = 3
    before = everything()
    with pytest.raises(StaleQuote):
        submit_order(request, key, actor="guest")
    assert everything() == before
    assert plan.stale == 0


def test_an_unknown_or_impossible_promise_is_refused(plan: FakePromises, now: datetime) -> None:
    request = order_request()
    with pytest.raises(StaleQuote):
        submit_order(request, "nobody showed this", actor="guest")
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 0


def test_a_renewal_that_is_later_than_shown_asks_the_person(plan: FakePromises, now: datetime) -> None:
    request = order_request(shown_promised_by_at=now + timedelta(minutes=60))
    key = shown(plan, request, now)
    plan.later = timedelta(minutes=15)
    with pytest.raises(PromiseWorse):
        submit_order(request, key, actor="guest")
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 0


def test_a_form_sent_again_needs_no_promise_any_more(plan: FakePromises, now: datetime) -> None:
    request = order_request()
    key = shown(plan, request, now)
    first = submit_order(request, key, actor="guest").id
    plan.impossible = True
    assert submit_order(request, key, actor="guest").id == first


def test_an_order_outside_the_zone_gets_the_agreed_window(plan: FakePromises, now: datetime) -> None:
    """H-113."""
    request = order_request(place=KRANJ)
    order = submit_order(request, shown(plan, request, now), actor="guest")
    assert (order.in_zone, order.promise_kind) == (False, PromiseKind.AGREED)
    assert order.promised_from_at == datetime.fromisoformat("2026-11-24T07:00:00+00:00")


def test_lines_of_a_request_may_repeat(plan: FakePromises, now: datetime) -> None:
    order = make_order(lines=(*SWAP_ONE, LineRequest(product_code="Z10", exchange=ExchangeKind.SWAP, quantity=1)))
    assert [(line.exchange, line.quantity) for line in order.lines] == [(ExchangeKind.SWAP, 2)]
    assert SISKA.floor == order.floor
