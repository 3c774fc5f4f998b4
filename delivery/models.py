"""Fleet, zones, plan and stops."""
from __future__ import annotations

from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime, str_enum
from delivery.depot_call import DepotCall
from delivery.states import (
    DayKind,
    FactorSource,
    FailReason,
    ProposalStatus,
    ShiftStatus,
    StopKind,
    StopStatus,
)
from orders.models import Order
from orders.returns.models import ReturnCase
from orders.states import DelayReason, PromiseKind


class Depot(Base):
    """Where vans load and end."""

    __tablename__ = "depots"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    address: Mapped[str] = mapped_column(sa.String(120))
    lat: Mapped[float]
    lon: Mapped[float]


class Zone(Base):
    """An area with the 1-2 h promise: GeoJSON polygon, and postal codes as the fallback (X-14)."""

    __tablename__ = "zones"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"))
    polygon: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    postcodes: Mapped[list[str]] = mapped_column(sa.JSON)


class PlaceDay(Base):
    """One weekday on which places outside the zones are served (H-114): a row of the delivery plan.

    `postcode_prefix` matches the start of the postal code; `weekday` 0 = Monday.
    """

    __tablename__ = "place_days"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    postcode_prefix: Mapped[str] = mapped_column(sa.String(4), index=True)
    weekday: Mapped[int]
    from_time: Mapped[time]
    by_time: Mapped[time]
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"))


class Vehicle(Base):
    """A van. `slots` are rack places for full and empty cylinders alike; gas in grams (X-17).

    `standard_load` are the full cylinders by type with which it begins every shift; empty: it goes out with what the
    ledger says is on board.
    """

    __tablename__ = "vehicles"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True)
    plate: Mapped[str] = mapped_column(sa.String(12))
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"))
    slots: Mapped[int]
    gas_limit_g: Mapped[int]
    card_terminal: Mapped[bool]
    standard_load: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    active: Mapped[bool] = mapped_column(default=True)

    depot: Mapped[Depot] = relationship()


class Driver(Base):
    """A driver; SMS lists go to `phone_e164`. `adr`: has the certificate for more gas than the free limit (X-17)."""

    __tablename__ = "drivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    phone_e164: Mapped[str] = mapped_column(sa.String(20), unique=True)
    staff_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_users.id"))
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")
    adr: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class Shift(Base):
    """A vehicle with a driver for some hours: what a route belongs to.

    `list_version` counts published lists, `accepted_version` what the driver acknowledged. Stock on board is not
    kept here: the ledger knows it. `break_minutes` is the driver's rest where it differs from the setting;
    `break_started_at` and `break_ended_at` are its beginning and its end as the driver said them.
    """

    __tablename__ = "shifts"
    __table_args__ = (sa.CheckConstraint("ends_at > starts_at", name="hours"),
                      sa.UniqueConstraint("vehicle_id", "starts_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicles.id"))
    driver_id: Mapped[int] = mapped_column(sa.ForeignKey("drivers.id"))
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[ShiftStatus] = mapped_column(str_enum(ShiftStatus), default=ShiftStatus.PLANNED)
    float_cents: Mapped[int] = mapped_column(default=0)
    list_version: Mapped[int] = mapped_column(default=0)
    list_published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_version: Mapped[int] = mapped_column(default=0)
    last_lat: Mapped[float | None]
    last_lon: Mapped[float | None]
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    free_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    break_minutes: Mapped[int | None]
    break_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    break_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    vehicle: Mapped[Vehicle] = relationship()
    driver: Mapped[Driver] = relationship()
    depot: Mapped[Depot] = relationship()

    @property
    def driver_ref(self) -> str:
        """The driver as the actor of what is done on the van's own page."""
        return f"driver:{self.driver_id}"


class ShiftClosing(Base):
    """What was expected and what was counted at the end of a shift; signed once, then the shift takes no more entries.

    `expected` and `counted` hold cents, papers and cylinders:
    `{"cash": 5000, "card": 0, "certificates": 1, "cylinders": [["full", "Z10", 3]]}`.
    """

    __tablename__ = "shift_closings"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(sa.ForeignKey("shifts.id"), unique=True)
    expected: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    counted: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_by: Mapped[str] = mapped_column(sa.String(60))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(sa.String(60), default="")


class PlanState(Base):
    """The version of a depot's live plan: every change of any of its stops bumps it by a guarded UPDATE."""

    __tablename__ = "plan_states"

    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    improved_version: Mapped[int] = mapped_column(default=0)
    improving_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _kind_of(context: Any) -> StopKind:
    """The kind that follows from what is referred to; a reload says so itself."""
    given = context.get_current_parameters()
    return StopKind.ORDER if given.get("order_id") is not None else StopKind.CASE


class Stop(Base):
    """A visit for exactly one order or case, or a call of its van at the depot to load (Y-02, P5).

    `position` orders the stops of a shift; `planned_*` come from the plan, and `travel_estimated` says that they
    rest on a drive reckoned without roads; `announced_at` is the time last told to the customer. One active stop per
    source: enforced by the partial unique indexes.
    """

    __tablename__ = "stops"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'order') = (order_id IS NOT NULL) AND (kind = 'case') = (case_id IS NOT NULL)",
                           name="one_source"),
        sa.CheckConstraint("(shift_id IS NULL) = (status = 'unassigned') OR status IN ('void', 'failed', 'done')",
                           name="assigned"),
        sa.Index("uq_stops_live_order", "order_id", unique=True,
                 sqlite_where=sa.text("status NOT IN ('done', 'failed', 'void')"),
                 postgresql_where=sa.text("status NOT IN ('done', 'failed', 'void')")),
        sa.Index("uq_stops_live_case", "case_id", unique=True,
                 sqlite_where=sa.text("status NOT IN ('done', 'failed', 'void')"),
                 postgresql_where=sa.text("status NOT IN ('done', 'failed', 'void')")),
        sa.Index("ix_stops_shift", "shift_id", "position"),
        sa.Index("ix_stops_depot_status", "depot_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"))
    kind: Mapped[StopKind] = mapped_column(str_enum(StopKind), default=_kind_of)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("return_cases.id"), index=True)
    shift_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shifts.id"))
    status: Mapped[StopStatus] = mapped_column(str_enum(StopStatus), default=StopStatus.UNASSIGNED)
    position: Mapped[int] = mapped_column(default=0)
    locked: Mapped[bool] = mapped_column(default=False)
    service_s: Mapped[int]
    planned_start_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    planned_leave_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    travel_estimated: Mapped[bool] = mapped_column(default=False)
    left_for_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unserved_reason: Mapped[str] = mapped_column(sa.String(60), default="")
    fail_reason: Mapped[FailReason | None] = mapped_column(str_enum(FailReason))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    order: Mapped[Order | None] = relationship()
    case: Mapped[ReturnCase | None] = relationship()
    shift: Mapped[Shift | None] = relationship()

    @property
    def source(self) -> Order | ReturnCase | DepotCall:
        found = self.order or self.case or (self._call() if self.kind is StopKind.RELOAD else None)
        if found is None:
            raise LookupError(f"stop {self.id} serves nothing")
        return found

    @property
    def customer(self) -> Order | ReturnCase:
        """The order or case; LookupError for a reload."""
        found = self.order or self.case
        if found is None:
            raise LookupError(f"stop {self.id} serves no customer")
        return found

    def _call(self) -> DepotCall | None:
        shift = self.shift
        if shift is None:
            return None
        return DepotCall(ref=f"reload:{self.id}", load=dict(shift.vehicle.standard_load), from_at=shift.starts_at,
                         by_at=shift.ends_at, wanted=shift.status in (ShiftStatus.PLANNED, ShiftStatus.ACTIVE),
                         contact_name=shift.depot.name, street=shift.depot.address, lat=shift.depot.lat,
                         lon=shift.depot.lon)


class StopEvent(Base):
    """What happened to a stop: planned, moved, locked, left, arrived, done, failed. Never edited."""

    __tablename__ = "stop_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    stop_id: Mapped[int] = mapped_column(sa.ForeignKey("stops.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    what: Mapped[str] = mapped_column(sa.String(40))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class Quote(Base):
    """A promise that was shown, until it expires (Y-04). Accepting is a guarded UPDATE of `accepted_at`."""

    __tablename__ = "quotes"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"))
    plan_version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float]
    lon: Mapped[float]
    postcode: Mapped[str] = mapped_column(sa.String(4))
    in_zone: Mapped[bool]
    demand: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    kind: Mapped[PromiseKind] = mapped_column(str_enum(PromiseKind))
    clock_start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_by_at: Mapped[datetime] = mapped_column(UtcDateTime)
    estimated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[DelayReason | None] = mapped_column(str_enum(DelayReason))
    estimated_travel: Mapped[bool] = mapped_column(default=True)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlanProposal(Base):
    """A background result that breaks a guard rail and waits for a dispatcher (Y-06).

    `routes` maps shift ids to stop ids in order; `diff` says what moves, in words for the board.
    """

    __tablename__ = "plan_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"), index=True)
    plan_version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[ProposalStatus] = mapped_column(str_enum(ProposalStatus), default=ProposalStatus.OPEN)
    routes: Mapped[dict[str, list[int]]] = mapped_column(sa.JSON)
    diff: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)


class ListEntry(Base):
    """One stop of a job list as it was sent to a driver; `fingerprint` tells whether its message would differ now."""

    __tablename__ = "list_entries"
    __table_args__ = (sa.UniqueConstraint("shift_id", "list_version", "stop_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(sa.ForeignKey("shifts.id"))
    list_version: Mapped[int]
    stop_id: Mapped[int] = mapped_column(sa.ForeignKey("stops.id"))
    number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(sa.String(64))


class PlanMove(Base):
    """A change of the plan by hand that can be taken back: the touched stops before and after, as they stood."""

    __tablename__ = "plan_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    depot_id: Mapped[int] = mapped_column(sa.ForeignKey("depots.id"), index=True)
    stop_id: Mapped[int] = mapped_column(sa.ForeignKey("stops.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    before: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    after: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TravelFactor(Base):
    """Traffic: how much slower than free flow one drives to an area in an hour, from `fitted_at` on.

    `area` "" is everywhere, `hour` None (with `day_kind` None) all the time. `engine` names the source of free-flow
    times that it belongs to, "" any. Rows are never edited: those of a later fit supersede all of an earlier one.
    """

    __tablename__ = "travel_factors"
    __table_args__ = (sa.CheckConstraint("permille > 0 AND permille < 100000", name="sensible"),
                      sa.CheckConstraint("(hour IS NULL) = (day_kind IS NULL)", name="hour_of_a_day"),
                      sa.CheckConstraint("hour IS NULL OR (hour >= 0 AND hour < 24)", name="hour"),
                      sa.Index("ix_travel_factors_newest", "engine", "source", "fitted_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    engine: Mapped[str] = mapped_column(sa.String(20), default="")
    area: Mapped[str] = mapped_column(sa.String(40), default="")
    day_kind: Mapped[DayKind | None] = mapped_column(str_enum(DayKind))
    hour: Mapped[int | None]
    permille: Mapped[int]
    fitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    samples: Mapped[int] = mapped_column(default=0)
    source: Mapped[FactorSource] = mapped_column(str_enum(FactorSource))
    set_by: Mapped[str] = mapped_column(sa.String(80), default="")
