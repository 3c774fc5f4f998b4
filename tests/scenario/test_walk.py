"""The whole main job through HTTP, on both databases: from the customer's click to the door and back."""
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from billing.ledger import balance, trial_balance, vehicle_stock
from billing.models import DepositCertificate, Invoice
from core import clock, links
from core.db import db
from core.tasks import run_sweep
from delivery.models import Shift, Stop
from delivery.states import StopStatus
from demo.people import PASSWORD
from demo.seed import lay_the_ground
from notify.models import OutboxMessage
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.states import CaseStatus
from orders.states import Channel, OrderStatus, PromiseKind
from promos.models import PromoCode
from promos.states import CodeState
from tests.scenario.visitor import Visitor

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def town(app: Flask) -> Iterator[Flask]:
    """Price list, fleet, people and codes at a Monday noon; forms carry their CSRF tokens."""
    app.config["WTF_CSRF_ENABLED"] = True
    with clock.frozen_at(NOON):
        lay_the_ground(NOON)
        yield app
    app.config["WTF_CSRF_ENABLED"] = False


def refresh() -> None:
    db.session.rollback()
    db.session.expire_all()


def one_order(**wanted: object) -> Order:
    refresh()
    return db.session.scalars(sa.select(Order).filter_by(**wanted).order_by(Order.id.desc())).first()  # type: ignore[return-value]


def stop_of(order: Order) -> Stop:
    refresh()
    return db.session.scalars(sa.select(Stop).where(Stop.order_id == order.id).order_by(Stop.id.desc())).first()  # type: ignore[return-value]


def free_code() -> str:
    return db.session.scalars(sa.select(PromoCode.code).where(PromoCode.state == CodeState.ISSUED)
                              .order_by(PromoCode.id)).first() or ""


def order_on_the_web(app: Flask, *, phone: str, code: str = "", **quantities: int) -> Visitor:
    """A guest goes through the four steps and ends on the tracking page (walk 2)."""
    guest = Visitor(app).open("/")
    guest.press("next", **quantities)
    guest.press("next", in_form="", address="Slovenska cesta 55c, 1000 Ljubljana", floor="2", note="zvonec 4",
                expect=422) if not guest.shows("offer") else None
    guest.press("next", address="Slovenska cesta 55c, 1000 Ljubljana", floor="2", note="zvonec 4")
    assert guest.shows("name"), "the contact step"
    guest.press("next", name="Janez Novak", phone=phone, email="janez@primer.si", payment="cash")
    if code:
        guest.press("apply-code", code=code)
        assert guest.shows("coupon-held")
    return guest.press("place-order", terms="y", adult="y", data="y")


def drive(app: Flask, order: Order) -> Visitor:
    """The dispatcher publishes, the driver opens the link of the SMS and goes to the order's door (walk 5, 6)."""
    shift_id = stop_of(order).shift_id
    dispatcher = Visitor(app).sign_in("dispecer@plin.test", PASSWORD)
    dispatcher.open(f"/dispatch?van={shift_id}")
    dispatcher.press("publish")
    run_sweep("notify.outbox")
    token = links.token_for("driver", shift_id or 0)
    driver = Visitor(app).open(f"/d/{token}")
    driver.press("accept")
    refresh()
    assert db.session.get(Shift, shift_id).accepted_version == 1  # type: ignore[union-attr]
    first = f"first-{stop_of(order).id}"
    driver.press(first if driver.shows(first) else "leave")
    clock.advance(timedelta(minutes=9))
    return driver.press("arrive")


def test_an_order_goes_from_click_to_door_and_back(town: Flask) -> None:
    """H-100 by the web; H-010: the driver settles at the door and fetches the withdrawn cylinder."""
    code = free_code()

    # 2. a guest orders a first green cylinder and a swap with a code, under a live promise
    guest = order_on_the_web(town, phone="041 123 456", code=code.lower(), q__Z10__k=1, q__Z10__swap=1)
    order = one_order()
    token = links.token_for("order", order.id)
    assert guest.url == f"/t/{token}"
    assert (order.status, order.channel, order.promise_kind) == (OrderStatus.CONFIRMED, Channel.WEB, PromiseKind.HOUR)
    assert order.promised_by_at - NOON <= timedelta(minutes=60)
    assert (order.gas_cents, order.deposit_cents, order.discount_cents, order.total_cents) == (4980, 1000, 300, 5680)
    assert order.phone_e164 == "+38641123456"
    assert order.terms_confirmed_at == NOON

    # 4. it stands in a route in the same request
    stop = stop_of(order)
    assert stop.status is StopStatus.PLANNED
    assert stop.planned_start_at is not None
    assert stop.planned_start_at <= order.promised_by_at

    # 5, 6. published, accepted, at the door
    driver = drive(town, order)
    assert driver.text("due") == "56,80 EUR"
    driver.press("deliver", gdpr="signed")
    order = one_order(id=order.id)
    assert order.status is OrderStatus.DELIVERED
    driver.press("deliver", expect=200) if "deliver" in str(driver.page.forms) else None

    # 7. invoice, certificate, ledger, messages
    invoice = db.session.scalars(sa.select(Invoice)).one()
    assert (invoice.number, invoice.total_cents, invoice.vat_cents) == ("LJ1-SP1-000001", 5680, 844)
    certificate = db.session.scalars(sa.select(DepositCertificate)).one()
    assert (certificate.amount_cents, certificate.status) == (1000, "issued")
    assert set(trial_balance().values()) == {0}
    shift = db.session.get(Shift, stop_of(order).shift_id)
    assert shift is not None
    assert balance(f"cash:driver:{shift.driver_id}", "EUR") == 8000 + 5680
    stock = vehicle_stock([shift.vehicle_id])[shift.vehicle_id]
    assert (stock.full["Z10"], stock.empty["Z10"]) == (18, 1)
    guest.open(f"/t/{token}")
    assert guest.shows("documents")
    pdf = town.test_client().get(guest.link("paper") + ".pdf")
    assert (pdf.status_code, pdf.data[:5]) == (200, b"%PDF-")
    assert _texts("+38641123456") >= 2

    # 8. withdrawal from the customer's page, fetched and paid back in cash
    guest.open(f"/t/{token}/odstop")
    guest.press("confirm-withdrawal")
    case = db.session.scalars(sa.select(ReturnCase)).one()
    assert case.status is CaseStatus.AWAITING_PICKUP
    refresh()
    pickup = db.session.scalars(sa.select(Stop).where(Stop.case_id == case.id)).one()
    assert pickup.status is StopStatus.PLANNED
    before = balance(f"cash:driver:{_driver_of(pickup)}", "EUR")
    taker = Visitor(town).open(f"/d/{_driver_link(town, pickup)}")
    first = f"first-{pickup.id}"
    taker.press(first if taker.shows(first) else "leave")
    taker.press("arrive")
    taker.press("recalculate", foil_intact="yes", undamaged="yes", invoice_shown="yes", left_Z10=1)
    assert taker.text("due") == "56,80 EUR"
    taker.press("collect")
    refresh()
    case = db.session.get(ReturnCase, case.id)  # type: ignore[assignment]
    assert case.status is CaseStatus.COMPLETED
    assert balance(f"cash:driver:{_driver_of(pickup)}", "EUR") == before - 5680
    note = db.session.scalars(sa.select(Invoice).where(Invoice.kind == "credit_note")).one()
    assert (note.number, note.corrects_id) == ("LJ1-SP1-000002", invoice.id)
    assert set(trial_balance().values()) == {0}
    used = db.session.scalars(sa.select(PromoCode).where(PromoCode.code == code)).one()
    assert used.state is CodeState.REDEEMED


def test_an_agent_takes_orders_and_cases_and_finance_marks_a_payment(town: Flask) -> None:
    """H-100 by telephone, through the same service."""
    # 3. the same order by phone, with a code by voice
    code = free_code()
    agent = Visitor(town).sign_in("agent@plin.test", PASSWORD).open("/agent?q=041 555 666")
    sent = {"q__Z10__swap": 2, "name": "Marija Horvat", "address": "Zaloška cesta 54, 1000 Ljubljana"}
    agent.press("apply-code", **sent, code=code.lower().replace("-", " "))
    assert agent.shows("coupon-held")
    agent.press("place-order", terms="y", adult="y", data="y", duties="y", **sent)
    order = one_order()
    assert (order.channel, order.total_cents, order.duties_confirmed) == (Channel.PHONE, 4680, True)
    assert order.customer_id is not None
    assert order.taken_by is not None
    agent.open("/agent?q=041555666")
    assert "Marija Horvat" in agent.text("caller-card")

    # an e-bank order for the next delivery day waits for its payment, then stands in the plan
    guest = Visitor(town).open("/").press("next", q__Z10__swap=1)
    days = re.findall(r'value="(2026-11-\d\d)"', guest.html)
    guest.press("next", address="Zaloška cesta 54, 1000 Ljubljana", wish_on=days[0], expect=422)
    guest.press("next")
    guest.press("next", name="Petra Rozman", phone="01 234 56 78", email="petra@primer.si", payment="ebank")
    assert guest.shows("landline")
    guest.press("place-order", terms="y", adult="y", data="y")
    order = one_order()
    assert (order.status, order.promise_kind) == (OrderStatus.AWAITING_PAYMENT, PromiseKind.AGREED)
    finance = Visitor(town).sign_in("finance@plin.test", PASSWORD).open("/finance/payments")
    finance.press("mark-paid", amount="24,90")
    assert one_order(id=order.id).status is OrderStatus.CONFIRMED
    assert stop_of(order).status in (StopStatus.PLANNED, StopStatus.UNASSIGNED)

    # a return pick-up by phone: what to expect is said before a van is sent
    agent.open("/agent/return?q=041555666")
    agent.press("open-case", quantity=1, condition="whole", stamp="11/2030")
    case = db.session.scalars(sa.select(ReturnCase)).one()
    assert (case.pay_out_expected, case.refund_cents) == ("expected", 1000)


def test_marketing_makes_single_use_codes_and_sees_their_states(town: Flask) -> None:
    # 9. a campaign, and one code that wins once
    marketing = Visitor(town).sign_in("trzenje@plin.test", PASSWORD).open("/promos/new")
    marketing.press(in_form="campaign-form", name="Zimski popust", prefix="ZIMA", number=5, kind="fixed", value="2,50",
                    starts_on="2026-11-01", ends_on="2026-12-31")
    codes = db.session.scalars(sa.select(PromoCode.code).where(PromoCode.code.startswith("ZIMA-"))).all()
    assert len(codes) == 5
    order_on_the_web(town, phone="041 111 222", code=codes[0], q__Z10__swap=1)
    second = Visitor(town).open("/").press("next", q__Z10__swap=1)
    second.press("next", address="Zaloška cesta 54, 1000 Ljubljana", expect=422)
    second.press("next")
    second.press("next", name="Ana Kos", phone="041 333 444", payment="cash")
    second.press("apply-code", code=codes[0], expect=422)
    assert not second.shows("coupon-held")
    assert len(db.session.scalars(sa.select(Order)).all()) == 1


def _texts(phone: str) -> int:
    return len(db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.recipient == phone)).all())


def _driver_of(stop: Stop) -> int:
    shift = db.session.get(Shift, stop.shift_id)
    assert shift is not None
    return shift.driver_id


def _driver_link(app: Flask, stop: Stop) -> str:
    """The link that the dispatcher opens for the van."""
    dispatcher = Visitor(app).sign_in("dispecer@plin.test", PASSWORD)
    dispatcher.open(f"/dispatch?van={stop.shift_id}").press("publish")
    return links.token_for("driver", stop.shift_id or 0) or ""
