"""A fleet in Ljubljana and orders placed through the live plan, committed."""
from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from accounts.places import Place
from billing import postings
from billing.ledger import post
from core.clock import utc_now
from core.db import db, unit_of_work
from delivery.models import Depot, Driver, PlaceDay, PlanState, Shift, Stop, Vehicle, Zone
from delivery.vans import begin_shift
from orders.models import Order
from orders.placing import prepare
from orders.ports import Offer, promises
from orders.services import place_order
from tests.factories import make_products, make_terms, order_request

LOAD = {"Z10": 16, "P5": 3, "P35": 1}
ZONE = {"type": "Polygon", "coordinates": [[[14.43, 46.0], [14.63, 46.0], [14.63, 46.12], [14.43, 46.12],
                                            [14.43, 46.0]]]}
FLOAT_CENTS = 20_000  # the change that each driver sets out with
VERSKA = (46.07935, 14.50118)


@dataclass(frozen=True)
class Fleet:
    """Ids of what was made: the depot, and the shifts in the order of the vans."""

    depot_id: int
    shift_ids: tuple[int, ...]

    @property
    def shifts(self) -> list[Shift]:
        return [db.session.get_one(Shift, shift_id) for shift_id in self.shift_ids]


def zone(depot_id: int) -> None:
    """The city's zone, and two days of the delivery plan outside it."""
    db.session.add(Zone(name="Ljubljana", depot_id=depot_id, polygon=ZONE, postcodes=["1000"]))
    for name, prefix, weekday in (("Gorenjska", "4", 1), ("Kranj", "40", 3)):
        db.session.add(PlaceDay(name=name, postcode_prefix=prefix, weekday=weekday, from_time=time(8),
                                by_time=time(15), depot_id=depot_id))


def fleet(vans: int = 2, *, load: Mapping[str, int] = LOAD, hours: float = 7, begins_in: float = -1.0,
          terminals: Sequence[bool] = (), slots: int = 40) -> Fleet:
    """A depot with its zone and `vans` loaded vans, their shifts begun an hour ago and lasting `hours` more."""
    make_products()
    make_terms()
    now = utc_now()
    with unit_of_work():
        depot = Depot(name="Ljubljana", address="Verovškova ulica 64a", lat=VERSKA[0], lon=VERSKA[1])
        db.session.add(depot)
        db.session.flush()
        zone(depot.id)
        for kind, number in load.items():
            post("stock_opening", f"depot:{depot.id}", postings.stock_opening(depot.id, kind, 500), at=now,
                 dedupe_key=f"opening:{kind}:{number}", actor="system")
        made = [van(depot.id, number, load=load, begins_in=begins_in, hours=hours, slots=slots,
                    terminal=terminals[number] if number < len(terminals) else True) for number in range(vans)]
    return Fleet(depot_id=depot.id, shift_ids=tuple(made))


def van(depot_id: int, number: int, *, load: Mapping[str, int] = LOAD, begins_in: float = -1.0, hours: float = 7,
        terminal: bool = True, slots: int = 40) -> int:
    """A loaded van with a driver and a shift; gives the shift's id. Inside a unit of work."""
    now = utc_now()
    vehicle = Vehicle(code=f"LJ-{number + 1}", plate=f"LJ {number:02d}-PLN", depot_id=depot_id, slots=slots,
                      gas_limit_g=333_000, card_terminal=terminal)
    driver = Driver(name=f"Voznik Kovač{number + 1}", phone_e164=f"+38641000{number:03d}")
    db.session.add_all([vehicle, driver])
    db.session.flush()
    for kind, count in load.items():
        post("stock_load", f"vehicle:{vehicle.id}", postings.stock_load(depot_id, vehicle.id, kind, count), at=now,
             dedupe_key=f"load:{vehicle.id}:{kind}", actor="system")
    begins = now + timedelta(hours=begins_in)
    shift = Shift(vehicle_id=vehicle.id, driver_id=driver.id, depot_id=depot_id, starts_at=begins,
                  ends_at=now + timedelta(hours=hours), float_cents=FLOAT_CENTS)
    db.session.add(shift)
    db.session.flush()
    if begins <= now:
        begin_shift(shift.id, now=now, actor="system")
    return shift.id


def somewhere(seed: int, **changes: Any) -> Place:
    """A place in the city; the same seed gives the same place."""
    dice = random.Random(seed)
    values: dict[str, Any] = {
        "street": "Preizkusna ulica", "house_number": str(seed), "postcode": "1000", "city": "Ljubljana",
        "lat": 46.03 + dice.random() * 0.07, "lon": 14.46 + dice.random() * 0.1, "source": "pin"} | changes
    return Place(**values)


def best_offer(place: Place, *, now: datetime | None = None, which: int = 0, **changes: Any) -> Offer:
    """Ask the live plan for a promise and keep it, as the order page does."""
    now = now or utc_now()
    request = order_request(place=place, **changes)
    demand = prepare(request.lines, payment=request.payment, floor=place.floor, now=now).demand
    found = promises().find(place, demand, now=now)
    with unit_of_work():
        promises().keep(found, place, demand, now=now)
    return found.offers[which]


def order_live(seed: int = 1, *, place: Place | None = None, which: int = 0, **changes: Any) -> Order:
    """An order placed through the live plan as the pages do it; it has its stop when this returns."""
    place = place or somewhere(seed)
    request = order_request(place=place, **changes)
    now = utc_now()
    offer = best_offer(place, which=which, **changes)
    demand = prepare(request.lines, payment=request.payment, floor=place.floor, now=now).demand
    renewed = promises().renew(offer.quote_key, place, demand, now=now)
    with unit_of_work():
        return place_order(request, renewed, now=now, actor="guest")


def stop_of(order: Order) -> Stop:
    """The newest stop of an order, as the database holds it."""
    db.session.rollback()
    return db.session.query(Stop).filter_by(order_id=order.id).order_by(Stop.id.desc()).first()


def version(depot_id: int) -> int:
    """The version of the plan, as the database holds it."""
    db.session.rollback()
    state = db.session.get(PlanState, depot_id)
    return state.version if state else 0
