"""The pages of cases: customer, desk, technical sector, counter, finance (D11 to D13, X-20, X-25, H-090)."""
from __future__ import annotations

import io
import re
from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from core.db import db, unit_of_work
from core.links import token_for
from core.roles import Role
from orders.returns.models import CaseAppeal, CaseEvidence, ReturnCase
from orders.returns.services import dispatch_case
from orders.returns.states import CaseKind, CaseStatus, Outcome
from orders.states import Channel
from orders.states import ExchangeKind as E
from tests.factories import make_delivered_order, one, order_token, signed_in
from tests.orders.cases import collect, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.test_withdrawal_counter import a_picture


def the_case(kind: CaseKind) -> ReturnCase:
    db.session.rollback()
    return db.session.scalars(sa.select(ReturnCase).where(ReturnCase.kind == kind)).one()


def test_a_complaint_goes_from_the_customers_page_to_a_free_replacement(app: Flask, plan: FakePromises,
                                                                      client: FlaskClient, now: datetime) -> None:
    """H-160 to H-166, D13: page, driver, technical sector, desk."""
    order = make_delivered_order()
    assert order.handover is not None
    page = f"/t/{order_token(order)}/reklamacija"
    shown = client.get(page)
    assert shown.status_code == 200
    assert "1. 12. 2026" in shown.text  # 8 days
    assert "23. 5. 2027" in shown.text  # 6 months
    sent = {"request_key": "customer-complaint", f"line_{order.handover.lines[0].id}": "1", "defect": "obvious",
            "noticed_on": "2026-11-23", "wish": "replacement", "description": "Pušča.", "window": "call"}
    assert client.post(page, data=sent | {"noticed_on": ""}).status_code == 422
    assert client.post(page, data=sent).status_code == 303
    case = the_case(CaseKind.COMPLAINT)
    assert (case.channel, case.status) == (Channel.WEB, CaseStatus.AWAITING_PICKUP)
    with unit_of_work():
        dispatch_case(case.id, now=now, actor="driver:3")
    collect(case, 0, record="Pušča pri ventilu.")
    technical, number = signed_in(app, Role.TECHNICAL), case.id
    assert technical.get("/technical").status_code == 200
    assert technical.post(f"/technical/{number}/receive").status_code == 303
    assert technical.post(f"/technical/{number}/verdict", data={"verdict": "justified"}).status_code == 422
    verdict = {"verdict": "justified", "finding": "Tesnilo je počeno."}
    assert technical.post(f"/technical/{number}/verdict", data=verdict).status_code == 303
    assert technical.get(f"/technical/{number}").status_code == 200
    desk = signed_in(app, Role.AGENT)
    assert 'data-testid="end-form"' in desk.get(f"/agent/cases/{number}").text
    answer = desk.post(f"/agent/cases/{number}/end", data={"end": "replaced"})
    brought = the_case(CaseKind.REPLACEMENT)
    assert answer.location == f"/agent/cases/{brought.id}/window"
    assert the_case(CaseKind.COMPLAINT).outcome is Outcome.REPLACED
    assert desk.post(f"/agent/cases/{number}/end", data={"end": "credited"}).status_code == 409
    assert client.get(f"/t/{order_token(order)}").status_code == 200


def test_a_counter_clerk_takes_cylinders_back_with_a_photo(app: Flask, plan: FakePromises, now: datetime) -> None:
    """H-090, X-20, Y-16: the unit first, then the amount, then the booking; finance sees the photo."""
    counter = signed_in(app, Role.COUNTER)
    assert counter.get("/counter").location == "/counter/unit"
    assert counter.post("/counter/unit", data={"unit": "paris"}).status_code == 422
    assert counter.post("/counter/unit", data={"unit": "maribor"}).location == "/counter"
    sheet = "/counter/return?cylinders=2"
    assert counter.get(sheet).status_code == 200
    typed = {"request_key": "counter-page-1", "name": "Ana Kovač", "phone": "031 222 333", "damaged_2": "y",
             "stamp_1": "11/2027"}
    look = counter.post(sheet, data=typed | {"action": "look"})
    shown = re.search(r'name="shown_total_cents" value="(\d+)"', look.text)
    assert shown is not None
    assert shown[1] == "1000"
    book = typed | {"action": "book", "shown_total_cents": "1000"}
    bad = counter.post(sheet, data=book | {"photo": (io.BytesIO(b"%PDF-1.7"), "racun.jpg")})
    assert (bad.status_code, db.session.scalar(sa.select(sa.func.count()).select_from(ReturnCase))) == (422, 0)
    done = counter.post(sheet, data=book | {"photo": (io.BytesIO(a_picture()), "jeklenka.png")})
    assert (done.status_code, done.location) == (303, "/counter")
    case = the_case(CaseKind.DEPOSIT_RETURN)
    assert (case.status, case.unit, case.refund_cents) == (CaseStatus.COMPLETED, "maribor", 1000)
    assert case.number in counter.get("/counter").text
    finance, kept = signed_in(app, Role.FINANCE), db.session.scalars(sa.select(CaseEvidence.id)).one()
    photo = finance.get(f"/evidence/{case.id}/{kept}.jpg")
    assert (photo.status_code, photo.mimetype) == (200, "image/jpeg")
    assert finance.get("/finance/goodwill").status_code == 200
    paid = {"amount": "10,01", "reason": "Zvesta stranka."}
    assert finance.post(f"/finance/goodwill/{case.id}", data=paid).status_code == 422
    assert finance.post(f"/finance/goodwill/{case.id}", data=paid | {"amount": "10,00"}).status_code == 303
    assert finance.get(f"/finance/goodwill/{case.id}").status_code == 200
    assert finance.get("/counter").status_code == 403


def test_withdrawn_and_announced_cylinders_are_found_and_taken_at_the_counter(app: Flask, plan: FakePromises,
                                                                             now: datetime) -> None:
    """H-143, H-090."""
    order, other = make_delivered_order(lines=one(E.K)), make_delivered_order()
    case = withdraw(other)
    counter = signed_in(app, Role.COUNTER)
    counter.post("/counter/unit", data={"unit": "kranj"})
    assert f'href="/counter/orders/{order.id}"' in counter.get(f"/counter?q={order.number}").text
    assert f'href="/counter/cases/{case.id}"' in counter.get(f"/counter?q={case.number}").text
    assert f'href="/counter/orders/{order.id}"' in counter.get("/counter?q=kp-2026-000001").text
    checks = {"foil_intact": "y", "undamaged": "y", "invoice_shown": "y"}
    sheet = f"/counter/orders/{order.id}"
    look = counter.post(sheet, data=checks | {"request_key": "counter-with-1", "action": "look"})
    assert 'value="3490"' in look.text
    sent = checks | {"request_key": "counter-with-1", "action": "book", "shown_total_cents": "3490"}
    assert counter.post(sheet, data=sent).status_code == 303
    sent = checks | {"request_key": "counter-case-1", "action": "book", "shown_total_cents": "2490", "left": "1"}
    assert counter.post(f"/counter/cases/{case.id}", data=sent).status_code == 303
    db.session.rollback()
    assert [(row.status, row.unit) for row in db.session.scalars(sa.select(ReturnCase).order_by(ReturnCase.id))] == [
        (CaseStatus.COMPLETED, "kranj"), (CaseStatus.COMPLETED, "kranj")]


def test_a_customer_appeals_and_finance_decides(app: Flask, plan: FakePromises, client: FlaskClient,
                                                now: datetime) -> None:
    """D12: only the customer of that very order."""
    order = make_delivered_order()
    case = withdraw(order)
    collect(case, 0, foil_intact=False)
    page = f"/t/{order_token(order)}/ugovor/{case.id}"
    assert page in client.get(f"/t/{order_token(order)}").text
    stranger = order_token(make_delivered_order())
    assert client.get(f"/t/{stranger}/ugovor/{case.id}").status_code == 404
    assert client.post(page, data={"text": " "}).status_code == 422
    assert client.post(page, data={"text": "Folije ni bilo."}).status_code == 303
    finance, appeal = signed_in(app, Role.FINANCE), db.session.scalars(sa.select(CaseAppeal.id)).one()
    assert finance.get("/finance/appeals").status_code == 200
    assert finance.get(f"/finance/appeals/{appeal}").status_code == 200
    decided = {"decision": "overturned", "reason": "Naša napaka."}
    assert finance.post(f"/finance/appeals/{appeal}", data=decided | {"reason": ""}).status_code == 422
    assert finance.post(f"/finance/appeals/{appeal}", data=decided).status_code == 303
    assert finance.post(f"/finance/appeals/{appeal}", data=decided).status_code == 409
    assert the_case(CaseKind.WITHDRAWAL).status is CaseStatus.AWAITING_PICKUP
    assert token_for("order", order.id) is not None


def test_an_agent_enters_an_e_mail_with_its_day(app: Flask, plan: FakePromises, now: datetime) -> None:
    """H-141: of a call the day is not asked."""
    order = make_delivered_order()
    assert order.handover is not None
    desk = signed_in(app, Role.AGENT)
    sent = {"request_key": "desk-e-mail-01", f"line_{order.handover.lines[0].id}": "1", "window": "call",
            "channel": "email", "received_on": "2026-11-24"}
    page = f"/agent/orders/{order.id}/withdrawal"
    assert desk.post(page, data=sent).status_code == 422
    assert desk.post(page, data=sent | {"received_on": "2026-11-23"}).status_code == 303
    assert the_case(CaseKind.WITHDRAWAL).channel is Channel.EMAIL
