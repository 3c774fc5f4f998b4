"""One order form sent many times at the same instant makes one order, on both databases.

Seen to fail with its guards removed: without the unique column PostgreSQL makes one order per thread, because no
transaction sees another; without the look-ups by request_key as well SQLite does the same.
"""
from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock
from core.db import db
from notify.models import OutboxMessage
from orders.models import NumberCounter, Order
from orders.placing import OrderRequest, prepare
from orders.views.submission import submit_order
from promos.models import PromoCode
from promos.states import CodeState
from tests.factories import make_products, make_terms, order_request
from tests.orders.fakes import FakePromises
from tests.promos.factories import issued

THREADS = 16
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def send_at_once(app: Flask, request: OrderRequest, key: str) -> tuple[list[str], list[BaseException]]:
    """Order numbers and errors of as many threads as there are, released together."""
    gate = threading.Barrier(THREADS)
    numbers: list[str] = []
    errors: list[BaseException] = []

    def send() -> None:
        with app.app_context():
            gate.wait()
            try:
                numbers.append(submit_order(request, key, actor="guest").number)
            except BaseException as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return numbers, errors


@pytest.fixture
def shown(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FakePromises:
    plan = FakePromises()
    monkeypatch.setitem(app.extensions, "promises", plan)
    return plan


@pytest.mark.parametrize("with_code", [False, True])
def test_a_form_sent_sixteen_times_at_once_makes_one_order(app: Flask, shown: FakePromises, with_code: bool) -> None:
    with clock.frozen_at(NOON):
        make_products()
        make_terms()
        request = order_request()
        if with_code:
            request = order_request(promo_code=issued()[0], shown_total_cents=2190)
        demand = prepare(request.lines, payment=request.payment, now=NOON).demand
        offers = shown.find(request.place, demand, now=NOON)
        shown.keep(offers, request.place, demand, now=NOON)
        db.session.remove()
        numbers, errors = send_at_once(app, request, offers.offers[0].quote_key)
    assert errors == []
    assert numbers == ["2026-000001"] * THREADS
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 1
    assert db.session.scalars(sa.select(NumberCounter.last)).all() == [1]
    assert db.session.scalars(sa.select(PromoCode.state)).all() == [CodeState.REDEEMED] * with_code
    assert db.session.scalar(sa.select(sa.func.count(OutboxMessage.id))) == 2  # an SMS and an e-mail
