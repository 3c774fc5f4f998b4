"""The small world of a simulated day: rules, goods, a depot with its zone, vans with their shifts."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from billing import postings
from billing.ledger import post
from core import settings
from core.db import db, unit_of_work
from delivery.models import Depot, Driver, PlanState, Shift, Vehicle, Zone
from demo.addresses import DEPOT, ZONE, ZONE_POSTCODES
from demo.people import DRIVERS
from demo.seed import add_goods
from demo.simulator.script import CLOSES, MEAN_SERVICE_S, OPENS, DaySpec
from demo.texts import TERMS_EN, TERMS_SL, TERMS_VERSION
from orders.models import TermsVersion

BEFORE = timedelta(days=1)
FLOAT_CENTS = 20_000
DEPOT_STOCK = 100_000
WITHOUT_LIMIT = 300  # cylinders: more than a van brings out in a day
GREEN_G = 10_000


@dataclass(frozen=True, kw_only=True)
class World:
    """Ids of what was made; vans are counted from 0 as their shifts stand here."""

    depot_id: int
    depot: tuple[float, float]
    shift_ids: tuple[int, ...]


def make_world(spec: DaySpec, *, vans: int, load: int | None, travel_factor: float) -> World:
    """Fill an empty database. `load` are the green cylinders on board of each van; without one nobody runs out."""
    with unit_of_work():
        _rules(spec, travel_factor)
        add_goods(spec.opens_at)
        depot = Depot(name=DEPOT["name"], address=DEPOT["address"], lat=DEPOT["lat"], lon=DEPOT["lon"])
        db.session.add(depot)
        db.session.flush()
        db.session.add(PlanState(depot_id=depot.id))
        db.session.add(Zone(name="Ljubljana", depot_id=depot.id, polygon=ZONE, postcodes=list(ZONE_POSTCODES)))
        for kind in ("Z10", "P5"):
            post("stock_opening", f"depot:{depot.id}", postings.stock_opening(depot.id, kind, DEPOT_STOCK),
                 at=spec.opens_at - BEFORE, dedupe_key=f"opening:{kind}", actor="system")
        shifts = [_van(spec, depot.id, number, load or WITHOUT_LIMIT) for number in range(vans)]
    return World(depot_id=depot.id, depot=(depot.lat, depot.lon), shift_ids=tuple(shifts))


def _rules(spec: DaySpec, travel_factor: float) -> None:
    """Open on that day from 7 to 20; a plan believes in the mean time at a door."""
    since = spec.opens_at - BEFORE
    hours = [OPENS.strftime("%H:%M"), CLOSES.strftime("%H:%M")]
    service = dict.fromkeys(settings.DEFAULTS["service_seconds"], 0) | {
        "base": MEAN_SERVICE_S, "pickup": MEAN_SERVICE_S}
    for key, value in (("opening_hours", dict.fromkeys(settings.DEFAULTS["opening_hours"], hours)),
                       ("closed_on_holidays", False), ("travel_factor", travel_factor),
                       ("service_seconds", service), ("break_minutes", 0)):
        if key in settings.DEFAULTS:
            settings.put(key, value, valid_from=since, set_by="simulator")
    db.session.add(TermsVersion(version=TERMS_VERSION, valid_from=since, text_sl=TERMS_SL, text_en=TERMS_EN))


def _van(spec: DaySpec, depot_id: int, number: int, load: int) -> int:
    """A van with an ADR driver and a shift from 7 to 22; it is loaded when the shift begins."""
    small = -(-load // 10)
    name, phone = DRIVERS[number % len(DRIVERS)]
    vehicle = Vehicle(code=f"LJ-{number + 1}", plate=f"LJ {number + 1:02d}-SIM", depot_id=depot_id,
                      slots=load + 2 * small, gas_limit_g=2 * load * GREEN_G, card_terminal=True,
                      standard_load={"Z10": load, "P5": small})
    driver = Driver(name=name, phone_e164=phone if number < len(DRIVERS) else f"+3864170{1000 + number}", adr=True)
    db.session.add_all([vehicle, driver])
    db.session.flush()
    shift = Shift(vehicle_id=vehicle.id, driver_id=driver.id, depot_id=depot_id, starts_at=spec.opens_at,
                  ends_at=spec.shift_ends_at, float_cents=FLOAT_CENTS)
    db.session.add(shift)
    db.session.flush()
    return shift.id
