"""Changes and grievances through the pages (X-27, H-046, H-168 to H-170)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from core.db import db
from core.links import token_for
from core.roles import Role
from orders.cases.models import Grievance, OrderChange
from orders.cases.states import ChangeStatus, GrievanceStatus
from orders.states import OrderStatus
from tests.factories import make_order, signed_in
from tests.orders.fakes import FakePromises


def test_a_change_is_proposed_at_the_desk_and_answered_by_link(app: Flask, plan: FakePromises, client: FlaskClient,
                                                               now: datetime) -> None:
    """H-046, X-27: a substitute at the total that was shown."""
    order = make_order()
    desk = signed_in(app, Role.DISPATCHER)
    page = f"/agent/changes/of/{order.id}"
    assert desk.get(page).status_code == 200
    sent = {"kind": "item", "line": str(order.lines[0].id), "product": "P5/purchase", "reason": "Ni na zalogi."}
    assert desk.post(page, data=sent | {"product": "P5/swap"}).status_code == 422
    assert desk.post(page, data=sent | {"kind": "price", "price": "-1"}).status_code == 422
    answer = desk.post(page, data=sent)
    change = db.session.scalars(sa.select(OrderChange)).one()
    assert answer.location == f"/agent/changes/{change.id}"
    assert order.number in desk.get("/agent/changes").text
    link = f"/c/{token_for('change', change.id)}"
    assert "15,90" in client.get(link).text
    assert client.post(link, data={"answer": "substitute", "substitute": "P35/purchase/1"}).status_code == 409
    taken = client.post(link, data={"answer": "substitute", "substitute": "P35/purchase/7990"})
    assert taken.status_code == 303
    db.session.rollback()
    assert (change.status, order.total_cents, order.on_hold_at) == (ChangeStatus.SUBSTITUTED, 7990, None)
    assert 'data-testid="answered"' in client.get(link).text
    assert client.get("/c/AAAAAAAAAA").status_code == 404


def test_a_change_of_time_is_answered_by_phone(app: Flask, plan: FakePromises, now: datetime) -> None:
    """X-27, X-09."""
    order = make_order()
    desk = signed_in(app, Role.AGENT)
    sent = {"kind": "time", "line": str(order.lines[0].id), "window": "hour", "reason": "Okvara vozila."}
    answer = desk.post(f"/agent/changes/of/{order.id}", data=sent)
    assert answer.status_code == 303
    assert desk.get(answer.location).status_code == 200
    assert desk.post(answer.location, data={}).status_code == 422
    assert desk.post(answer.location, data={"answer": "cancel"}).status_code == 303
    db.session.rollback()
    assert order.status is OrderStatus.CANCELLED


def test_a_grievance_is_filed_answered_and_read_by_its_contact_only(app: Flask, plan: FakePromises,
                                                                   client: FlaskClient, now: datetime) -> None:
    """H-168, H-169, H-170: at most five an hour from one address."""
    sent = {"name": "Ana Kovač", "email": "ana@example.si", "text": "Nevljuden voznik."}
    assert client.get("/pritozba").status_code == 200
    assert client.post("/pritozba", data=sent | {"request_key": "grievance-000", "email": "ana"}).status_code == 422
    filed = client.post("/pritozba", data=sent | {"request_key": "grievance-001"})
    assert filed.status_code == 303
    grievance = db.session.scalars(sa.select(Grievance)).one()
    agent, admin = signed_in(app, Role.AGENT), signed_in(app, Role.ADMINISTRATOR)
    assert agent.get(f"/grievances/{grievance.id}").status_code == 404
    assert agent.post(f"/grievances/{grievance.id}/offer", data={"text": "x"}).status_code == 404
    assert agent.post("/grievances/contact", data={"contact": "1"}).status_code == 403
    assert "Nevljuden voznik." in admin.get(f"/grievances/{grievance.id}").text
    assert "Nevljuden" not in agent.get("/grievances").text
    assert admin.post(f"/grievances/{grievance.id}/offer", data={"text": "Opravičilo."}).status_code == 303
    assert "Opravičilo." in client.get(filed.location).text
    assert client.post(filed.location, data={"answer": "yes"}).status_code == 303
    db.session.rollback()
    assert grievance.status is GrievanceStatus.AGREED
    assert agent.post("/grievances/new", data=sent | {"request_key": "grievance-002"}).status_code == 303
    for number in range(3, 7):
        assert client.post("/pritozba", data=sent | {"request_key": f"grievance-{number:03d}"}).status_code == 303
    refused = client.post("/pritozba", data=sent | {"request_key": "grievance-007"})
    assert (refused.status_code, db.session.scalar(sa.select(sa.func.count()).select_from(Grievance))) == (429, 6)
