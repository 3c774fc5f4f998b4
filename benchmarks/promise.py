"""How long a customer waits for a promise, and an order for its place in a route: 60 open orders, 6 vans, SQLite."""
from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from accounts.places import Place
from app import create_app
from billing import postings
from billing.ledger import post
from billing.models import CylinderType
from core import clock
from core.db import db, unit_of_work
from core.phone import PhoneKind
from delivery import worker
from delivery.models import Depot, Driver, Shift, Vehicle, Zone
from delivery.states import ShiftStatus
from orders.models import Order, OrderLine, TermsVersion
from orders.ports import Demand, promises
from orders.states import Channel, ExchangeKind, OrderStatus, PaymentMethod, PromiseKind

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ORDERS, VANS, QUESTIONS = 60, 6, 60
SQUARE = {"type": "Polygon", "coordinates": [[[14.43, 46.0], [14.63, 46.0], [14.63, 46.12], [14.43, 46.12],
                                              [14.43, 46.0]]]}
SWAP = Demand(deliver={"Z10": 1}, collect={"Z10": 1}, gas_out_g=10_000, cylinders=1)


def run() -> list[dict[str, Any]]:
    """p50 and p95 in milliseconds of asking for a promise and of planning a new order."""
    with tempfile.TemporaryDirectory() as folder, clock.frozen_at(NOON):
        app = create_app({"TESTING": True, "SECRET_KEY": "bench", "HUEY_URL": "off",
                          "SQLALCHEMY_DATABASE_URI": f"sqlite:///{Path(folder) / 'bench.db'}"})
        with app.app_context():
            db.create_all()
            dice = random.Random(1)
            _world()
            for number in range(ORDERS):
                _order(number, dice)
            worker.plan_now(NOON)
            asking = _timed(lambda _n: promises().find(_place(dice), SWAP, now=NOON))
            planning = _timed(lambda n: _plan_one(ORDERS + n, dice))
            db.session.remove()
            db.engine.dispose()
    note = f"{ORDERS} open orders, {VANS} vans, SQLite, formula travel times"
    return [_row("promise_find", share, asking, note) for share in (50, 95)] + [
        _row("plan_new_order", share, planning, f"order to stop in a route; {note} and more") for share in (50, 95)]


def _row(name: str, share: int, samples: list[float], note: str) -> dict[str, Any]:
    value = statistics.quantiles(samples, n=100, method="inclusive")[share - 1]
    return {"name": f"{name}_p{share}", "value": round(value, 1), "unit": "ms", "note": note}


def _timed(act: Callable[[int], object]) -> list[float]:
    samples = []
    for number in range(QUESTIONS):
        db.session.rollback()
        begun = perf_counter()
        act(number)
        samples.append((perf_counter() - begun) * 1000)
    return samples


def _plan_one(number: int, dice: random.Random) -> None:
    _order(number, dice)
    worker.plan_now(NOON)


def _place(dice: random.Random) -> Place:
    return Place(street="Merilna ulica", house_number="1", postcode="1000", city="Ljubljana", source="pin",
                 lat=46.03 + dice.random() * 0.07, lon=14.46 + dice.random() * 0.1)


def _world() -> None:
    """A depot, its zone, loaded vans with drivers and shifts."""
    with unit_of_work():
        depot = Depot(name="Ljubljana", address="Verovškova ulica 64a", lat=46.07935, lon=14.50118)
        db.session.add_all([depot, CylinderType(code="Z10", name_sl="Zelena", name_en="Green", net_gas_g=10_000,
                                                company_owned=True, colour="green")])
        db.session.add(TermsVersion(id=1, version="bench", valid_from=NOON, text_sl="", text_en=""))
        db.session.flush()
        db.session.add(Zone(name="Ljubljana", depot_id=depot.id, polygon=SQUARE, postcodes=["1000"]))
        post("stock_opening", "depot:1", postings.stock_opening(depot.id, "Z10", 500), at=NOON, dedupe_key="opening",
             actor="system")
        for number in range(VANS):
            vehicle = Vehicle(code=f"LJ-{number + 1}", plate=f"LJ {number}", depot_id=depot.id, slots=40,
                              gas_limit_g=333_000, card_terminal=True)
            driver = Driver(name=f"Voznik {number}", phone_e164=f"+38641000{number:03d}")
            db.session.add_all([vehicle, driver])
            db.session.flush()
            db.session.add(Shift(vehicle_id=vehicle.id, driver_id=driver.id, depot_id=depot.id,
                                 starts_at=NOON - timedelta(hours=1), ends_at=NOON + timedelta(hours=7),
                                 status=ShiftStatus.ACTIVE))
            post("stock_load", f"vehicle:{vehicle.id}", postings.stock_load(depot.id, vehicle.id, "Z10", 33), at=NOON,
                 dedupe_key=f"load:{number}", actor="system")


def _order(number: int, dice: random.Random) -> None:
    """A confirmed order of the last half hour, promised within two hours."""
    place = _place(dice)
    at = NOON - timedelta(minutes=dice.randrange(30))
    with unit_of_work():
        db.session.add(Order(
            number=f"2026-{number:06d}", request_key=f"bench-{number}", status=OrderStatus.CONFIRMED,
            channel=Channel.WEB, created_at=at, contact_name="Janez Novak", phone_e164=f"+38640{number:06d}",
            phone_kind=PhoneKind.MOBILE, street=place.street, house_number=str(number), postcode=place.postcode,
            city=place.city, lat=place.lat, lon=place.lon, in_zone=True, payment_method=PaymentMethod.CASH,
            gas_cents=2490, deposit_cents=0, buyback_cents=0, total_cents=2490, cash_part_cents=2490,
            promise_kind=PromiseKind.HOUR, clock_start_at=at, promised_from_at=at,
            promised_by_at=at + timedelta(minutes=120), terms_version_id=1, terms_confirmed_at=at,
            adult_confirmed=True, data_confirmed=True, duties_confirmed=True,
            lines=[OrderLine(product_code="Z10", cylinder_type="Z10", exchange=ExchangeKind.SWAP, quantity=1,
                             unit_price_cents=2490, vat_permille=220, unit_deposit_cents=0, unit_buyback_cents=0,
                             net_gas_g=10_000)]))


if __name__ == "__main__":
    for row in run():
        print(f"{row['name']}: {row['value']} {row['unit']} ({row['note']})")
