"""The live plan of a depot as the database holds it."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from billing.chart import EUR, cash_of_driver
from billing.ledger import VehicleStock, balance, vehicle_stock
from billing.models import CylinderType
from core.db import db
from delivery.models import Depot, Shift, Stop
from delivery.plan_state import version_of
from delivery.states import LIVE, ShiftStatus, StopStatus
from delivery.visits import CustomerSource, pay_out_cents, promise_of, wants_visit
from delivery.zones import depot_of
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.returns.states import CaseStatus
from orders.states import OrderStatus

HORIZON = timedelta(hours=36)  # what is planned ahead: the rest of today and all of the next day
AT_WORK = (StopStatus.EN_ROUTE, StopStatus.ARRIVED)
OPEN_SHIFTS = (ShiftStatus.PLANNED, ShiftStatus.ACTIVE)


@dataclass(frozen=True, kw_only=True, eq=False)
class LivePlan:
    """Shifts that take stops, live stops that are still wanted, stock on board, net gas by type.

    `cash_cents` is what each driver carries by the ledger, read only where somebody is to be paid out.
    """

    depot: Depot
    version: int
    shifts: tuple[Shift, ...]
    stops: tuple[Stop, ...]
    stock: Mapping[int, VehicleStock]
    gas_g: Mapping[str, int]
    green: frozenset[str]
    cash_cents: Mapping[int, int]

    @cached_property
    def routes(self) -> dict[int, list[Stop]]:
        """The stops of each shift in order, the one the van is at first."""
        routes: dict[int, list[Stop]] = {shift.id: [] for shift in self.shifts}
        for stop in sorted(self.stops, key=lambda stop: (stop.status not in AT_WORK, stop.position, stop.id)):
            if stop.shift_id in routes:
                routes[stop.shift_id].append(stop)
        return routes

    @cached_property
    def homeless(self) -> list[Stop]:
        """Stops without a van, those of a route that takes no more stops among them."""
        return [stop for stop in self.stops if stop.shift_id not in self.routes]


def load(depot_id: int, now: datetime, *, only_shift: int | None = None) -> LivePlan:
    """Read the plan, its version first: what is read later can only be newer than the version says."""
    version = version_of(depot_id)
    stops = [stop for stop in live_stops(depot_id, only_shift) if wants_visit(stop.source)]
    at_work = {stop.shift_id for stop in stops if stop.status in AT_WORK}
    shifts = tuple(db.session.scalars(
        sa.select(Shift).where(
            Shift.depot_id == depot_id, Shift.status.in_(OPEN_SHIFTS), Shift.starts_at < now + HORIZON,
            sa.or_(Shift.ends_at > now, Shift.id.in_(at_work)),
            Shift.id == only_shift if only_shift is not None else sa.true())
        .options(joinedload(Shift.vehicle), joinedload(Shift.driver)).order_by(Shift.starts_at, Shift.id)))
    known = {shift.id for shift in shifts}
    types = db.session.scalars(sa.select(CylinderType)).all()
    return LivePlan(
        depot=db.session.get_one(Depot, depot_id), version=version, shifts=shifts,
        stops=tuple(stop for stop in stops
                    if stop.shift_id in known or promise_of(stop.source).from_at < now + HORIZON),
        stock=vehicle_stock({shift.vehicle_id for shift in shifts}),
        gas_g={kind.code: kind.net_gas_g for kind in types},
        green=frozenset(kind.code for kind in types if kind.company_owned),
        cash_cents={shift.driver_id: balance(cash_of_driver(shift.driver_id), EUR) for shift in shifts}
        if any(pay_out_cents(stop.source) for stop in stops) else {})


def with_sources() -> list[sa.sql.base.ExecutableOption]:
    """Loader options for stops with their orders and cases."""
    return [joinedload(Stop.order).selectinload(Order.lines), joinedload(Stop.case).selectinload(ReturnCase.lines),
            joinedload(Stop.shift).joinedload(Shift.vehicle), joinedload(Stop.shift).joinedload(Shift.depot)]


def live_stops(depot_id: int, only_shift: int | None = None) -> Sequence[Stop]:
    """Every stop of a depot that is not over."""
    query = sa.select(Stop).where(Stop.depot_id == depot_id, Stop.status.in_(LIVE))
    if only_shift is not None:
        query = query.where(Stop.shift_id == only_shift)
    return db.session.scalars(query.options(*with_sources()).order_by(Stop.id)).all()


def ended_stops(shift_ids: Collection[int]) -> Sequence[Stop]:
    """Stops of these shifts that are done or failed, in the order of the lists."""
    return db.session.scalars(
        sa.select(Stop).where(Stop.shift_id.in_(shift_ids), Stop.status.in_([StopStatus.DONE, StopStatus.FAILED]))
        .options(*with_sources()).order_by(Stop.shift_id, Stop.position, Stop.id)).all()


def sources_without_stop() -> list[CustomerSource]:
    """Orders and cases that want a visit and have no live stop."""
    has_order = sa.exists().where(Stop.order_id == Order.id, Stop.status.in_(LIVE))
    has_case = sa.exists().where(Stop.case_id == ReturnCase.id, Stop.status.in_(LIVE))
    orders = db.session.scalars(sa.select(Order).where(
        Order.status == OrderStatus.CONFIRMED, Order.promise_closed_at.is_(None), Order.on_hold_at.is_(None),
        ~has_order)
        .options(selectinload(Order.lines)).order_by(Order.id))
    cases = db.session.scalars(sa.select(ReturnCase).where(
        ReturnCase.status == CaseStatus.AWAITING_PICKUP, ReturnCase.window_closed_at.is_(None), ~has_case)
        .options(selectinload(ReturnCase.lines)).order_by(ReturnCase.id))
    return [*orders, *cases]


def pending_of(depot_id: int, now: datetime) -> list[CustomerSource]:
    """Confirmed sources of this depot that will get a stop in a moment: a promise has to reckon with them."""
    return [source for source in sources_without_stop()
            if promise_of(source).from_at < now + HORIZON
            and depot_of(source.lat, source.lon, source.postcode) == depot_id]
