"""Placing an order through the shop, against a bare Flask handler that inserts the same rows, in one run."""
from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import create_app
from core import clock
from core.db import db, unit_of_work
from demo.addresses import ADDRESSES
from demo.seed import lay_the_ground
from orders.address_entry import place_from
from orders.models import Order
from orders.placing import LineRequest, prepare
from orders.ports import promises
from orders.queries import current_terms
from orders.states import ExchangeKind, PaymentMethod

ORDERS = 60
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
TABLES = ("quotes", "orders", "order_lines", "order_events", "access_links", "outbox_messages", "stops", "stop_events")


def _application(folder: str) -> Flask:
    app = create_app({"SECRET_KEY": "bench", "HUEY_URL": "off", "WTF_CSRF_ENABLED": False,
                      "SQLALCHEMY_DATABASE_URI": f"sqlite:///{Path(folder) / 'bench.db'}"})
    with app.app_context():
        db.create_all()
        lay_the_ground(NOON)
    return app


def _form(number: int) -> dict[str, str]:
    """The last step's form of a guest, with a promise that is kept."""
    street, house_number, postcode, *_ = ADDRESSES[number % len(ADDRESSES)]
    return {"request_key": uuid.uuid4().hex, "q-Z10-swap": "1",
            "address": f"{street} {house_number}, {postcode} Ljubljana",
            "floor": "0", "name": "Janez Novak", "phone": f"041 {100 + number} 456", "payment": "cash", "terms": "y",
            "adult": "y", "data": "y", "step": "order"}


def _quoted(app: Flask, form: dict[str, str]) -> dict[str, str]:
    with app.app_context():
        now = clock.utc_now()
        place = place_from(form["address"])
        lines = (LineRequest(product_code="Z10", exchange=ExchangeKind.SWAP, quantity=1),)
        prepared = prepare(lines, payment=PaymentMethod.CASH, now=now)
        offers = promises().find(place, prepared.demand, now=now)
        with unit_of_work():
            promises().keep(offers, place, prepared.demand, now=now)
        offer = offers.offers[0]
        return {**form, "quote_key": f"{offer.quote_key}@{offer.promised_by_at.isoformat()}",
                "terms_version_id": str(current_terms(now).id), "shown_total_cents": str(prepared.pricing.total_cents)}


def _copies(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """The rows that the last order wrote, by table, to be written again by the bare handler."""
    with app.app_context():
        order_id = db.session.scalars(sa.select(sa.func.max(Order.id))).one()
        rows: dict[str, list[dict[str, Any]]] = {}
        for name in TABLES:
            table = db.metadata.tables[name]
            wanted = sa.select(table).order_by(table.c.id.desc()).limit(1)
            if "order_id" in table.c:
                wanted = sa.select(table).where(table.c.order_id == order_id)
            elif name == "outbox_messages":
                wanted = sa.select(table).where(table.c.ref == f"order:{order_id}")
            rows[name] = [dict(row._mapping) for row in db.session.execute(wanted)]
        return rows


def _bare(app: Flask, copies: dict[str, list[dict[str, Any]]]) -> None:
    """A handler that only inserts rows of the same shape, each with unique values where they must be."""
    unique = {"key", "token_hash", "dedupe_key", "request_key", "number"}

    @app.post("/bench-bare")
    def bare() -> str:
        with unit_of_work():
            order_id = None
            for name, rows in copies.items():
                for row in rows:
                    values = {column: uuid.uuid4().hex[:12] if column in unique else value
                              for column, value in row.items() if column != "id"}
                    if "order_id" in values:
                        values["order_id"] = order_id
                    if name == "stops":
                        values["status"], values["shift_id"] = "void", None
                    key = db.session.execute(sa.insert(db.metadata.tables[name]).values(values)).inserted_primary_key
                    order_id = key[0] if name == "orders" and key else order_id
        return "ok"


def run() -> list[dict[str, Any]]:
    """Milliseconds per order for both, and their ratio."""
    with tempfile.TemporaryDirectory() as folder, clock.frozen_at(NOON):
        app = _application(folder)
        client = app.test_client()
        warm = client.post("/", data=_quoted(app, _form(0)))
        assert warm.status_code == 303, warm.status_code
        app._got_first_request = False
        _bare(app, _copies(app))
        shop, bare = [], []
        for number in range(1, ORDERS + 1):
            clock.advance(timedelta(minutes=4))
            form = _quoted(app, _form(number))
            start = time.perf_counter()
            answer = client.post("/", data=form)
            shop.append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 303, (number, answer.status_code)
            start = time.perf_counter()
            client.post("/bench-bare")
            bare.append((time.perf_counter() - start) * 1000)
        p50, p95, floor = statistics.median(shop), sorted(shop)[int(ORDERS * 0.95) - 1], statistics.median(bare)
        return [
            {"name": "placing an order through the shop, p50", "value": f"{p50:.1f}", "unit": "ms",
             "note": f"{ORDERS} orders"},
            {"name": "placing an order through the shop, p95", "value": f"{p95:.1f}", "unit": "ms"},
            {"name": "bare handler inserting the same rows, p50", "value": f"{floor:.1f}", "unit": "ms"},
            {"name": "shop over bare handler", "value": f"{p50 / floor:.1f}", "unit": "times",
             "note": "checks, price, promise, insertion, messages"},
        ]


if __name__ == "__main__":
    for figure in run():
        print(figure)
