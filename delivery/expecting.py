"""What a shift should bring home by the ledger: its stops' and what went before, less what counts not yet signed take.

A driver's cash and a van's cylinders are balances of the ledger, which knows no shifts. Entries of the driver's (or the
van's) later shifts are left out; what an earlier shift was counted with, and finance has not signed yet, is taken off.
So a shift is expected to bring the same, whenever it is asked for and whichever is signed first.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from billing import chart
from billing.models import DepositCertificate, LedgerEntry, LedgerTransaction
from billing.states import CertificateStatus
from core.db import db
from delivery.closing_rules import EMPTY, FULL, HELD, CashParts, Purse, Visit
from delivery.models import Shift, ShiftClosing, Stop
from delivery.planning import shift_name
from delivery.states import ShiftStatus, StopStatus
from orders.models import Handover, Order
from orders.returns.certificates import certificates_taken
from orders.returns.models import ReturnCase
from orders.states import ExchangeKind

CHANGE = "cash_float"  # the ledger's kind for the change that a driver sets out with
TAKES_EMPTY = {ExchangeKind.SWAP, ExchangeKind.PURCHASE_WITH_EMPTY}
Cylinders = dict[tuple[str, str], int]  # by (place, type)


def expected(shift: Shift, visits: Sequence[Visit]) -> Purse:
    """Cash, card slips, certificates and cylinders that the shift should bring."""
    cash = chart.cash_of_driver(shift.driver_id)
    held = _held([cash], _refs_of(_later(shift, Shift.driver_id == shift.driver_id)))
    cents = held.get((cash, chart.EUR), 0) - sum(row.expected["cash"] for row in _unsigned(
        shift, Shift.driver_id == shift.driver_id))
    places = places_of(shift.vehicle_id)
    carried = _held(list(places), _refs_of(_later(shift, Shift.vehicle_id == shift.vehicle_id)))
    cylinders = {(places[account], unit): number for (account, unit), number in carried.items()}
    for key, number in unsigned_differences(shift).items():
        cylinders[key] = cylinders.get(key, 0) + number
    return Purse(cash_cents=cents, card_cents=sum(visit.booked.card_cents for visit in visits),
                 certificates=sum(visit.booked.certificates for visit in visits),
                 cylinders={key: number for key, number in cylinders.items() if number})


def cash_parts(shift: Shift, cash_cents: int, visits: Sequence[Visit]) -> CashParts:
    """What the expected cash consists of; what neither the change nor a stop explains was in the pocket before."""
    change = int(db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount), 0)).join(LedgerTransaction).where(
            LedgerTransaction.ref == shift_name(shift.id), LedgerTransaction.kind == CHANGE,
            LedgerEntry.account == chart.cash_of_driver(shift.driver_id))) or 0)
    stops = sum(visit.booked.cash_cents for visit in visits)
    return CashParts(change_cents=change, stops_cents=stops, earlier_cents=cash_cents - change - stops)


def unsigned_differences(shift: Shift) -> Cylinders:
    """How many cylinders more or less than by the ledger the van's earlier shifts were counted with, not yet signed."""
    found: Cylinders = {}
    for row in _unsigned(shift, Shift.vehicle_id == shift.vehicle_id):
        for sign, purse in ((1, read_purse(row.counted)), (-1, read_purse(row.expected))):
            for key, number in purse.cylinders.items():
                found[key] = found.get(key, 0) + sign * number
    return {key: number for key, number in found.items() if number}


def first_uncounted(shift: Shift, *, since: datetime) -> Shift | None:
    """The earliest shift of the same driver or van before this one that is over and was never counted."""
    same = sa.or_(Shift.driver_id == shift.driver_id, Shift.vehicle_id == shift.vehicle_id)
    counted = sa.exists().where(ShiftClosing.shift_id == Shift.id)
    return db.session.scalar(sa.select(Shift).where(
        same, Shift.starts_at >= since, Shift.starts_at < shift.starts_at, Shift.status == ShiftStatus.ENDED, ~counted,
    ).order_by(Shift.starts_at, Shift.id))


def visits_of(shift: Shift) -> tuple[Visit, ...]:
    """What each finished stop moved, as its record says and as the ledger has it."""
    stops = db.session.scalars(sa.select(Stop).where(Stop.shift_id == shift.id, Stop.status == StopStatus.DONE)
                               .order_by(Stop.ended_at, Stop.id)).all()
    sources = [stop.source for stop in stops if stop.order_id is not None or stop.case_id is not None]
    booked, kept = _booked(shift, [source.ref for source in sources]), _kept([source.ref for source in sources])
    found = []
    for stop in stops:
        if stop.order_id is None and stop.case_id is None:
            continue
        source = stop.source
        handover = source.handover if isinstance(source, Order) else None
        papers = len(certificates_taken(source.checks)) if isinstance(source, ReturnCase) else kept.get(source.ref, 0)
        found.append(Visit(
            stop_id=stop.id, number=source.number, name=source.contact_name,
            recorded=_recorded(handover) if handover else None,
            booked=replace(booked.get(source.ref, Purse()), certificates=papers),
            agreed_cents=source.door_cents if isinstance(source, Order) else 0,
            deposit_cents=handover.deposit_cents if handover else 0,
            changed=bool(handover and isinstance(source, Order) and _changed(source, handover))))
    return tuple(found)


def stored_purse(purse: Purse) -> dict[str, Any]:
    """A purse as `ShiftClosing` keeps it."""
    return {"cash": purse.cash_cents, "card": purse.card_cents, "certificates": purse.certificates,
            "cylinders": [[place, kind, number] for (place, kind), number in sorted(purse.cylinders.items()) if number]}


def read_purse(stored: Mapping[str, Any]) -> Purse:
    """A purse as `ShiftClosing` kept it."""
    return Purse(cash_cents=stored["cash"], card_cents=stored["card"], certificates=stored.get("certificates", 0),
                 cylinders={(place, kind): number for place, kind, number in stored["cylinders"]})


def places_of(vehicle_id: int) -> dict[str, str]:
    """The accounts of a van's cylinders, and the place that each stands for."""
    return {chart.vehicle_full(vehicle_id): FULL, chart.vehicle_empty(vehicle_id): EMPTY,
            chart.vehicle_held(vehicle_id): HELD}


def _later(shift: Shift, same: sa.ColumnElement[bool]) -> list[Shift]:
    return list(db.session.scalars(sa.select(Shift).where(
        same, Shift.starts_at > shift.starts_at, Shift.status != ShiftStatus.PLANNED)))


def _unsigned(shift: Shift, same: sa.ColumnElement[bool]) -> list[ShiftClosing]:
    """Counts of earlier shifts that wait for their signature."""
    return list(db.session.scalars(sa.select(ShiftClosing).join(Shift, Shift.id == ShiftClosing.shift_id).where(
        same, Shift.starts_at < shift.starts_at, ShiftClosing.closed_at.is_(None))))


def _refs_of(shifts: Sequence[Shift]) -> list[str]:
    """What the ledger calls these shifts and everything that their stops did."""
    stops = db.session.scalars(sa.select(Stop).where(
        Stop.shift_id.in_([shift.id for shift in shifts]), Stop.status == StopStatus.DONE)).all() if shifts else []
    return [*(shift_name(shift.id) for shift in shifts),
            *(stop.source.ref for stop in stops if stop.order_id is not None or stop.case_id is not None)]


def _held(accounts: Collection[str], apart_from: Collection[str]) -> dict[tuple[str, str], int]:
    """What accounts hold by (account, unit), entries of these references aside."""
    rows = db.session.execute(
        sa.select(LedgerEntry.account, LedgerEntry.unit, sa.func.sum(LedgerEntry.amount))
        .join(LedgerTransaction, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(LedgerEntry.account.in_(accounts), LedgerTransaction.ref.not_in(apart_from))
        .group_by(LedgerEntry.account, LedgerEntry.unit))
    return {(account, unit): int(amount) for account, unit, amount in rows if amount}


def _recorded(handover: Handover) -> Purse:
    """What a handover says that it moved."""
    cylinders: dict[tuple[str, str], int] = {}

    def move(place: str, kind: str, number: int) -> None:
        if number:
            cylinders[place, kind] = cylinders.get((place, kind), 0) + number

    for line in handover.lines:
        move(FULL, line.cylinder_type, -line.quantity - line.replaced)
        move(HELD, line.cylinder_type, line.replaced)
        if line.exchange in TAKES_EMPTY:
            move(EMPTY, line.cylinder_type, line.quantity)
        if line.exchange is ExchangeKind.M10:
            move(EMPTY, chart.ORANGE, line.quantity)
    return Purse(cash_cents=handover.cash_cents, card_cents=handover.card_cents, cylinders=cylinders)


def _booked(shift: Shift, refs: Sequence[str]) -> dict[str, Purse]:
    """What the ledger has of each stop's source: the driver's cash, cards, the van's cylinders."""
    places = places_of(shift.vehicle_id)
    cash = chart.cash_of_driver(shift.driver_id)
    rows = db.session.execute(
        sa.select(LedgerTransaction.ref, LedgerEntry.account, LedgerEntry.unit, sa.func.sum(LedgerEntry.amount))
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(LedgerTransaction.ref.in_(refs), LedgerEntry.account.in_([cash, chart.CARD, *places]))
        .group_by(LedgerTransaction.ref, LedgerEntry.account, LedgerEntry.unit))
    money: dict[str, dict[str, int]] = {}
    cylinders: dict[str, dict[tuple[str, str], int]] = {}
    for ref, account, unit, amount in rows:
        if account in places:
            cylinders.setdefault(ref, {})[places[account], unit] = int(amount)
        else:
            money.setdefault(ref, {})[account] = int(amount)
    return {ref: Purse(cash_cents=money.get(ref, {}).get(cash, 0), card_cents=money.get(ref, {}).get(chart.CARD, 0),
                       cylinders={key: number for key, number in cylinders.get(ref, {}).items() if number})
            for ref in refs}


def _kept(refs: Sequence[str]) -> dict[str, int]:
    """Certificates handed over for damaged cylinders, by the order that they ended with (H-077)."""
    rows = db.session.execute(sa.select(DepositCertificate.ended_ref, sa.func.count()).where(
        DepositCertificate.ended_ref.in_(refs), DepositCertificate.status == CertificateStatus.KEPT)
        .group_by(DepositCertificate.ended_ref))
    return {str(ref): int(number) for ref, number in rows}


def _changed(order: Order, handover: Handover) -> bool:
    agreed = sorted((line.exchange.value, line.cylinder_type, line.quantity) for line in order.lines)
    handed = sorted((line.exchange.value, line.cylinder_type, line.quantity) for line in handover.lines)
    special = any(line.damaged_empties or line.replaced for line in handover.lines)
    return special or agreed != handed or handover.cash_cents + handover.card_cents != order.door_cents
