"""The customer's tracking page through the client: every state, cancelling in time and too late, papers, clocks."""
from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock, links
from core.db import db, unit_of_work
from delivery import driving, services
from delivery.models import Stop
from delivery.states import FailReason, StopStatus
from orders.models import Order
from orders.services import cancel_order, reject_order
from orders.states import ExchangeKind, OrderStatus, PaymentMethod
from promos.models import PromoCode
from promos.states import BurnPolicy, CodeState
from tests.delivery.factories import Fleet, fleet, order_live, stop_of
from tests.factories import any_promise, as_ordered, make_offer, make_order, one, order_token
from tests.orders.cases import withdraw
from tests.promos.factories import issued

HTMX = {"HX-Request": "true"}


@pytest.fixture
def vans(app: Flask, now: datetime) -> Fleet:
    return fleet(1)


def path_of(order: Order) -> str:
    db.session.rollback()
    return f"/t/{order_token(order)}"


def page(client: FlaskClient, order: Order) -> str:
    answer = client.get(path_of(order) + "?lang=en")
    assert answer.status_code == 200
    return answer.text.replace("\u00a0", " ")


def state_of(html: str) -> str:
    found = re.search(r'data-testid="tracking" data-state="(\w+)"', html)
    assert found is not None
    return found[1]


def said(html: str) -> list[str]:
    return re.findall(r'data-testid="sentence">([^<]+)<', html)


def step_now(html: str) -> str | None:
    found = re.search(r'aria-current="step" data-step="(\w+)"', html)
    return found[1] if found else None


def leave(order: Order) -> tuple[int, int]:
    stop = stop_of(order)
    shift_id, stop_id = stop.shift_id, stop.id
    assert shift_id is not None
    with unit_of_work():
        driving.leave_for(shift_id, stop_id, out_of_turn=True, now=clock.utc_now())
    return shift_id, stop_id


def hand_over(order: Order) -> None:
    shift_id, stop_id = leave(order)
    with unit_of_work():
        driving.arrive(shift_id, stop_id, now=clock.utc_now())
    with unit_of_work():
        driving.deliver(shift_id, stop_id, as_ordered(db.session.get_one(Order, order.id)), now=clock.utc_now())


# the link

def test_a_foreign_link_is_404_and_an_expired_one_410(client: FlaskClient, vans: Fleet) -> None:
    order = order_live(1)
    path = path_of(order)
    with unit_of_work():
        driver = services.driver_path(vans.shift_ids[0], clock.utc_now())
    for foreign in ("AAAAAAAAAA", driver.rsplit("/", 1)[1]):
        assert client.get(f"/t/{foreign}").status_code == 404
        assert client.get(f"/t/{foreign}/state", headers=HTMX).status_code == 404
        assert client.post(f"/t/{foreign}/cancel").status_code == 404
    clock.advance(timedelta(days=61))
    assert client.get(path).status_code == 410
    assert client.post(path + "/cancel").status_code == 410


def test_wrong_guesses_are_limited(client: FlaskClient, vans: Fleet) -> None:
    """Y-11"""
    answers = [client.get(f"/t/AAAAAAAA{number:02d}").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


def test_the_page_is_kept_by_nobody(client: FlaskClient, vans: Fleet) -> None:
    assert client.get(path_of(order_live(1))).headers["Cache-Control"] == "no-store"


# states

def test_a_planned_order_tells_when_and_how_much(client: FlaskClient, vans: Fleet) -> None:
    order = order_live(1, lines=one(ExchangeKind.M10))
    html = page(client, order)
    assert (state_of(html), step_now(html)) == ("confirmed", "confirmed")
    assert said(html)[0] == "The driver comes today by 13.00."
    assert 'data-testid="door-amount">31,90 EUR<' in html
    assert "Orange 10 kg cylinder: 1" in html
    assert "Cash: 31,90 EUR" in html
    assert 'data-testid="cancel"' in html
    assert 'data-testid="withdrawal"' not in html


def test_an_order_without_a_van_is_accepted(client: FlaskClient, vans: Fleet) -> None:
    order = order_live(1)
    stop_id = stop_of(order).id
    with unit_of_work():
        stop = db.session.get_one(Stop, stop_id)
        stop.shift_id, stop.status, stop.planned_start_at = None, StopStatus.UNASSIGNED, None
    html = page(client, order)
    assert (state_of(html), step_now(html)) == ("accepted", "accepted")


def test_stops_before_are_counted(client: FlaskClient, vans: Fleet) -> None:
    orders = [order_live(seed) for seed in (1, 2, 3)]
    last = max(orders, key=lambda order: stop_of(order).position)
    assert "2 stops before you." in said(page(client, last))


def test_the_van_is_shown_only_when_it_is_near(client: FlaskClient, vans: Fleet) -> None:
    orders = [order_live(seed) for seed in (1, 2, 3, 4)]
    orders.sort(key=lambda order: stop_of(order).position)
    with unit_of_work():
        services.publish(vans.shift_ids[0], now=clock.utc_now(), actor="staff:1")
    hand_over(orders[0])
    pages = [page(client, order) for order in orders[1:]]
    assert [state_of(html) for html in pages] == ["next", "next", "confirmed"]
    assert ['data-testid="van-map"' in html for html in pages] == [True, True, False]


def test_the_reason_of_a_later_promise_is_told(client: FlaskClient, vans: Fleet) -> None:
    """H-112, X-26"""
    order = order_live(1)
    with unit_of_work():
        kept = db.session.get_one(Order, order.id)
        kept.promised_by_at += timedelta(minutes=40)
        kept.promise_reason = "traffic"  # type: ignore[assignment]
    assert said(page(client, order))[:2] == ["The driver comes today by 13.40.",
                                             "It takes longer than an hour: traffic."]


def test_an_agreed_window_is_told_as_a_window(client: FlaskClient, vans: Fleet) -> None:
    order = make_order(offer=make_offer(days=1))
    assert said(page(client, order))[0] == "The driver comes tomorrow 8.00–10.00."


def test_a_bank_order_waits_for_its_payment(client: FlaskClient, vans: Fleet) -> None:
    order = make_order(payment=PaymentMethod.EBANK, lines=one(ExchangeKind.K))
    html = page(client, order)
    assert state_of(html) == "awaiting_payment"
    assert said(html)[1] == f"Purpose of payment: {order.number}"
    assert 'data-testid="door-amount">10,00 EUR<' in html
    assert "To be paid by e-bank before delivery: 24,90 EUR." in html


def test_a_failed_delivery_says_what_to_do_next(client: FlaskClient, vans: Fleet) -> None:
    """Y-07"""
    order = order_live(1)
    shift_id, stop_id = leave(order)
    with unit_of_work():
        driving.arrive(shift_id, stop_id, now=clock.utc_now())
    with unit_of_work():
        driving.fail(shift_id, stop_id, FailReason.NOT_HOME, now=clock.utc_now())
    html = page(client, order)
    assert (state_of(html), step_now(html)) == ("failed", None)
    assert said(html) == ["We could not hand the cylinder over. Your order stays valid.",
                          "Call us on 080 2005 and choose a new time, or wait for our call."]
    assert 'data-testid="cancel"' in html


@pytest.mark.parametrize("end", ["cancelled", "rejected"])
def test_an_ended_order_says_why(client: FlaskClient, vans: Fleet, end: str) -> None:
    order = order_live(1)
    with unit_of_work():
        if end == "cancelled":
            cancel_order(order.id, by="company", reason="Ni plina", now=clock.utc_now(), actor="staff:1")
        else:
            reject_order(order.id, reason="Ni plina", now=clock.utc_now(), actor="staff:1")
    html = page(client, order)
    assert state_of(html) == end
    assert "Ni plina" in said(html)
    assert 'data-testid="cancel"' not in html
    assert "hx-get" not in html  # nothing moves any more: no polling


def test_after_delivery_come_the_papers_and_the_clock(client: FlaskClient, vans: Fleet) -> None:
    """H-124, H-140, X-19: eight days from Monday the 23rd end on Tuesday, the 1st of December."""
    order = order_live(1, lines=one(ExchangeKind.K))
    hand_over(order)
    html = page(client, order)
    assert (state_of(html), step_now(html)) == ("delivered", None)
    assert html.count('data-testid="paper"') == 2
    for path in re.findall(r'href="(/r/\w+)"', html):
        assert client.get(path).status_code == 200
    assert "1. 12. 2026" in html
    assert f'href="{path_of(order)}/odstop"' in html
    assert 'data-testid="to-pay"' not in html
    clock.advance(timedelta(days=9))
    late = page(client, order)
    assert 'data-testid="withdraw"' not in late
    assert "1. 12. 2026" in late


def test_a_withdrawal_shows_its_pick_up(client: FlaskClient, vans: Fleet) -> None:
    order = order_live(1)
    hand_over(order)
    with any_promise():
        withdraw(order)
    html = page(client, order)
    assert 'data-testid="case" data-kind="withdrawal"' in html
    assert 'data-testid="withdraw"' not in html
    assert "The driver comes tomorrow 8.00–10.00." in html


# the poll

def test_the_poll_gives_the_moving_part_alone(client: FlaskClient, vans: Fleet) -> None:
    order = order_live(1)
    answer = client.get(path_of(order) + "/state", headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="tracking"')
    plain = client.get(path_of(order) + "/state")
    assert (plain.status_code, plain.headers["Location"]) == (302, path_of(order))


# cancelling

def test_the_customer_cancels_until_the_van_leaves(client: FlaskClient, vans: Fleet) -> None:
    """Y-07"""
    order = order_live(1)
    answer = client.post(path_of(order) + "/cancel")
    assert (answer.status_code, answer.headers["Location"]) == (303, path_of(order))
    db.session.rollback()
    assert db.session.get_one(Order, order.id).status is OrderStatus.CANCELLED
    assert stop_of(order).status is StopStatus.VOID
    assert state_of(page(client, order)) == "cancelled"


def test_once_the_van_is_on_its_way_the_page_says_why_not(client: FlaskClient, vans: Fleet) -> None:
    """Y-07"""
    order = order_live(1)
    leave(order)
    html = page(client, order)
    assert (state_of(html), step_now(html)) == ("on_the_way", "on_the_way")
    assert 'data-testid="cancel"' not in html
    answer = client.post(path_of(order) + "/cancel")
    assert answer.status_code == 409
    assert 'data-testid="refusal"' in answer.text
    db.session.rollback()
    assert db.session.get_one(Order, order.id).status is OrderStatus.OUT_FOR_DELIVERY


def test_cancelling_twice_is_refused_and_changes_nothing(client: FlaskClient, vans: Fleet) -> None:
    order = order_live(1)
    client.post(path_of(order) + "/cancel")
    before = len(db.session.get_one(Order, order.id).events)
    assert client.post(path_of(order) + "/cancel").status_code == 409
    db.session.rollback()
    assert len(db.session.get_one(Order, order.id).events) == before


@pytest.mark.parametrize(("policy", "note", "left"), [
    (BurnPolicy.CUSTOMER_CANCELS, "is then used up", CodeState.BURNT),
    (BurnPolicy.NEVER, "You can then use the code", CodeState.ISSUED),
])
def test_before_cancelling_the_page_tells_what_happens_to_the_code(
        client: FlaskClient, vans: Fleet, policy: BurnPolicy, note: str, left: CodeState) -> None:
    """X-09: by the campaign's policy, and so it is done."""
    (code,) = issued(policy=policy)
    order = order_live(1, promo_code=code, shown_total_cents=2190)
    html = page(client, order)
    assert note in html
    client.post(path_of(order) + "/cancel")
    db.session.rollback()
    assert db.session.query(PromoCode).filter_by(code=code).one().state is left


def test_a_revoked_link_opens_nothing(client: FlaskClient, vans: Fleet) -> None:
    order = order_live(1)
    path = path_of(order)
    with unit_of_work():
        links.revoke("order", order.id)
    assert client.get(path).status_code == 404
