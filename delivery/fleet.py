"""A van of a shift as routing sees it: where and when it is free, what it carries, what is frozen (X-17, H-079)."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from billing.ledger import VehicleStock, vehicle_stock
from core import settings
from delivery.live import AT_WORK, LivePlan
from delivery.models import Shift, Stop
from delivery.models import Vehicle as VanRow
from delivery.rests import REST, rest_due, resting_until
from delivery.states import ShiftStatus, StopStatus
from delivery.visits import CARD, cash_skill, demand_of
from routing.problem import Break, Reload, Vehicle
from routing.travel_times.base import Point

SECOND = timedelta(seconds=1)
RESERVE_READY_S = 900  # until a van that was not on shift is loaded and leaves
RESERVE_HOURS_S = 4 * 3600


def vehicle_at(live: LivePlan, shift: Shift, route: Sequence[Stop], *, now: datetime, origin: datetime, frozen: int,
               places: Mapping[Point, int], durations_s: Sequence[Sequence[int]],
               pay_outs: Collection[int] = ()) -> Vehicle:
    """The van with the first `frozen` stops of its route as the frozen prefix.

    It starts at its last confirmed stop (or the depot) when it is free; a van on its way to a stop starts at that
    stop when it is expected there, and the stop is its first frozen visit. `pay_outs` are the amounts in cents that
    some customer is to get: its skills say which of them the driver can pay.
    """
    location, start_s = _where(shift, route, now, origin, places, durations_s)
    resting = resting_until(shift, now)
    if resting is not None:
        start_s = max(start_s, (resting - origin) // SECOND)
    vehicle = shift.vehicle
    stock = _stock(live, shift)
    full = {kind: number for kind, number in stock.full.items() if number > 0}
    spare = settings.get("spare_per_type", now)
    return Vehicle(
        id=f"shift:{shift.id}", start_location=location, end_location=0, start_s=start_s,
        end_s=(shift.ends_at - origin) // SECOND, full_stock=full,
        spare={kind: spare for kind in full if kind in live.green}, slots=vehicle.slots,
        slots_used=max(_on_board(live, shift), sum(full.values())), gas_limit_g=_gas_limit(shift, now),
        gas_on_board_g=_gas(live, shift), skills=_skills(live, shift, pay_outs),
        frozen=tuple(f"stop:{stop.id}" for stop in route[:frozen]), breaks=_breaks(shift, now, origin))


def _breaks(shift: Shift, now: datetime, origin: datetime) -> tuple[Break, ...]:
    """The rest that is still due."""
    due = rest_due(shift, now)
    if due is None:
        return ()
    return (Break(id=REST, earliest_s=max(0, (due.from_at - origin) // SECOND),
                  latest_s=(due.by_at - origin) // SECOND, duration_s=due.length // SECOND),)


def reload_of(live: LivePlan, shift: Shift) -> Reload:
    """How the van stands after loading: full cylinders up to its standard load, everything else left behind (P5)."""
    load = {kind: number for kind, number in shift.vehicle.standard_load.items() if number > 0}
    return Reload(full_stock=load, slots_used=sum(load.values()),
                  gas_on_board_g=sum(live.gas_g.get(kind, 0) * number for kind, number in load.items()))


def _skills(live: LivePlan, shift: Shift, pay_outs: Collection[int]) -> frozenset[str]:
    """A terminal, and cash for what is to be paid out."""
    skills = {CARD} if shift.vehicle.card_terminal else set()
    if pay_outs:
        to_come = shift.float_cents if shift.status is ShiftStatus.PLANNED else 0  # given when the shift begins
        cash = live.cash_cents.get(shift.driver_id, 0) + to_come
        skills |= {cash_skill(cents) for cents in pay_outs if cents <= cash}
    return frozenset(skills)


def _gas_limit(shift: Shift, now: datetime) -> int:
    """More than the free limit only with a driver who has the ADR certificate (X-17)."""
    limit: int = shift.vehicle.gas_limit_g
    return limit if shift.driver.adr else min(limit, settings.get("adr_gas_limit_g", now))


def _where(shift: Shift, route: Sequence[Stop], now: datetime, origin: datetime, places: Mapping[Point, int],
           durations_s: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Location, and the second from which the van can be planned."""
    location = 0
    if shift.last_lat is not None and shift.last_lon is not None:
        location = places[shift.last_lat, shift.last_lon]
    if route and route[0].status in AT_WORK:
        target = places[route[0].source.lat, route[0].source.lon]
        left_at = route[0].left_for_at
        if route[0].status is StopStatus.ARRIVED or left_at is None:
            return target, 0
        return target, max(0, (left_at - origin) // SECOND + durations_s[location][target])
    free_at = max(now, shift.starts_at, shift.free_at or now)
    return location, max(0, (free_at - origin) // SECOND)


def _loaded_anew(shift: Shift) -> bool:
    """The van will be loaded for this shift before it begins."""
    return shift.status is ShiftStatus.PLANNED and bool(shift.vehicle.standard_load)


def _stock(live: LivePlan, shift: Shift) -> VehicleStock:
    """Full cylinders that this shift may promise: those on board less what the van's other shifts will bring."""
    if _loaded_anew(shift):
        return VehicleStock(full=dict(shift.vehicle.standard_load))
    carried = live.stock[shift.vehicle_id]
    full = dict(carried.full)
    for other in live.shifts:
        if other.id != shift.id and other.vehicle_id == shift.vehicle_id and not _loaded_anew(other):
            for stop in live.routes[other.id]:
                for kind, number in demand_of(stop.source).deliver.items():
                    full[kind] = full.get(kind, 0) - number
    return VehicleStock(full=full, empty=carried.empty, held=carried.held)


def _on_board(live: LivePlan, shift: Shift) -> int:
    """Rack places taken, by full, empty and held cylinders alike."""
    if _loaded_anew(shift):
        return sum(shift.vehicle.standard_load.values())
    carried = live.stock[shift.vehicle_id]
    return sum(max(0, number) for part in (carried.full, carried.empty, carried.held) for number in part.values())


def _gas(live: LivePlan, shift: Shift) -> int:
    """Net gas on board (X-17); a held cylinder is full as well."""
    if _loaded_anew(shift):
        return sum(live.gas_g.get(kind, 0) * number for kind, number in shift.vehicle.standard_load.items())
    carried = live.stock[shift.vehicle_id]
    return sum(live.gas_g.get(kind, 0) * max(0, number)
               for part in (carried.full, carried.held) for kind, number in part.items())


def reserve_at(live: LivePlan, vehicles: Sequence[VanRow]) -> tuple[Vehicle, ...]:
    """Vans that could be taken into service from the depot now: loaded in a quarter of an hour, for some hours."""
    stock = vehicle_stock({vehicle.id for vehicle in vehicles})
    return tuple(_reserve(live, vehicle, stock[vehicle.id]) for vehicle in vehicles)


def _reserve(live: LivePlan, vehicle: VanRow, carried: VehicleStock) -> Vehicle:
    load = dict(vehicle.standard_load) or {kind: number for kind, number in carried.full.items() if number > 0}
    other = {} if vehicle.standard_load else {**carried.empty, **carried.held}
    return Vehicle(
        id=f"reserve:{vehicle.code}", start_location=0, end_location=0, start_s=RESERVE_READY_S,
        end_s=RESERVE_READY_S + RESERVE_HOURS_S, full_stock=load, slots=vehicle.slots,
        slots_used=sum(load.values()) + sum(max(0, number) for number in other.values()),
        gas_limit_g=vehicle.gas_limit_g,
        gas_on_board_g=sum(live.gas_g.get(kind, 0) * number for kind, number in load.items()),
        skills=frozenset({CARD}) if vehicle.card_terminal else frozenset())
