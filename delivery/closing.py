"""The end of a driver's day: what should be there, what was counted, and the signature that closes it (H-120, H-146).

What should be there is what the ledger holds for the driver and the van when it is counted. Signing moves what was
counted to the main desk and the depot, and what is missing to an account of its own; afterwards the shift takes no
more entries.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from billing import chart, ledger
from billing.entries import Entry, moved
from billing.models import LedgerEntry, LedgerTransaction
from core import audit
from core.db import changed_rows, db, insert_new
from delivery.closing_rules import EMPTY, FULL, HELD, Clue, Difference, Purse, Visit, clues, differences, misbooked
from delivery.errors import NotCounted, ShiftRuns, ShiftSigned, UnknownShift
from delivery.models import Shift, ShiftClosing, Stop
from delivery.planning import shift_name
from delivery.states import ShiftStatus, StopStatus
from orders.models import Handover, Order
from orders.returns.certificates import certificates_taken
from orders.returns.models import ReturnCase
from orders.states import ExchangeKind

TAKES_EMPTY = {ExchangeKind.SWAP, ExchangeKind.PURCHASE_WITH_EMPTY}


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A shift's count: what was expected, what was found, and the stops that may explain the rest."""

    shift: Shift
    expected: Purse
    counted: Purse | None
    differences: tuple[Difference, ...]
    clues: tuple[Clue, ...]
    misbooked: tuple[Clue, ...]
    visits: tuple[Visit, ...]
    counted_at: datetime | None
    counted_by: str
    closed_at: datetime | None
    closed_by: str
    note: str


def closing_of(shift_id: int) -> Closing:
    """How a shift's count stands. UnknownShift."""
    shift = _shift(shift_id)
    row = db.session.scalar(sa.select(ShiftClosing).where(ShiftClosing.shift_id == shift_id))
    expected = _purse(row.expected) if row is not None else expected_now(shift)
    counted = _purse(row.counted) if row is not None else None
    found = differences(expected, counted) if counted is not None else ()
    visits = visits_of(shift)
    return Closing(
        shift=shift, expected=expected, counted=counted, differences=found, clues=clues(found, visits),
        misbooked=misbooked(visits), visits=visits, counted_at=row.counted_at if row else None,
        counted_by=row.counted_by if row else "", closed_at=row.closed_at if row else None,
        closed_by=row.closed_by if row else "", note=row.note if row else "")


def expected_now(shift: Shift) -> Purse:
    """The driver's cash and the van's cylinders as the ledger has them now; card slips and certificates of this shift's
    stops."""
    cylinders = {}
    stock = ledger.vehicle_stock([shift.vehicle_id])[shift.vehicle_id]
    for place, numbers in ((FULL, stock.full), (EMPTY, stock.empty), (HELD, stock.held)):
        cylinders.update({(place, kind): number for kind, number in numbers.items() if number})
    visits = visits_of(shift)
    return Purse(cash_cents=ledger.balance(chart.cash_of_driver(shift.driver_id), chart.EUR),
                 card_cents=sum(visit.booked.card_cents for visit in visits),
                 certificates=sum(visit.booked.certificates for visit in visits), cylinders=cylinders)


def count(shift_id: int, counted: Purse, *, note: str = "", now: datetime, actor: str) -> Closing:
    """Write down what was counted beside what is expected at this moment; again as often as need be until signed.

    ShiftRuns while the van is out, ShiftSigned once it is signed.
    """
    shift = _shift(shift_id)
    if shift.status is not ShiftStatus.ENDED:
        raise ShiftRuns(shift_id=shift_id)
    values = {"expected": _stored(expected_now(shift)), "counted": _stored(counted), "note": note.strip()[:300],
              "counted_at": now, "counted_by": actor}
    if not insert_new(ShiftClosing, ["shift_id"], {"shift_id": shift_id, "closed_by": "", **values}):
        guarded = sa.update(ShiftClosing).where(ShiftClosing.shift_id == shift_id, ShiftClosing.closed_at.is_(None))
        if changed_rows(guarded.values(**values)) != 1:
            raise ShiftSigned(shift_id=shift_id)
    db.session.expire_all()
    found = closing_of(shift_id)
    audit.record("shift_counted", shift_name(shift_id), actor=actor,
                 differences={gap.thing: gap.by for gap in found.differences})
    return found


def sign(shift_id: int, *, now: datetime, actor: str) -> Closing:
    """Close the shift: cash to the main desk, cylinders to the depot, differences to their accounts; once.

    NotCounted before a count, ShiftSigned for a second signature.
    """
    shift = _shift(shift_id)
    guarded = sa.update(ShiftClosing).where(ShiftClosing.shift_id == shift_id, ShiftClosing.closed_at.is_(None))
    if changed_rows(guarded.values(closed_at=now, closed_by=actor)) != 1:
        raise ShiftSigned(shift_id=shift_id) if _is_closed(shift_id) else NotCounted(shift_id=shift_id)
    row = db.session.scalars(sa.select(ShiftClosing).where(ShiftClosing.shift_id == shift_id)
                             .execution_options(populate_existing=True)).one()
    entries = _entries(shift, _purse(row.expected), _purse(row.counted))
    if entries:
        ledger.post("shift_closed", shift_name(shift_id), entries, at=now, dedupe_key=f"{shift_name(shift_id)}:closed",
                    actor=actor)
    found = closing_of(shift_id)
    audit.record("shift_closed", shift_name(shift_id), actor=actor,
                 differences={gap.thing: gap.by for gap in found.differences})
    return found


def require_open(shift_id: int) -> None:
    """ShiftSigned for a shift that is signed: it takes no more entries."""
    if _is_closed(shift_id):
        raise ShiftSigned(shift_id=shift_id)


def ended_shifts(since: datetime) -> list[tuple[Shift, ShiftClosing | None]]:
    """Shifts that are over, the latest first, with their count."""
    rows = db.session.execute(sa.select(Shift, ShiftClosing).outerjoin(ShiftClosing).where(
        Shift.status == ShiftStatus.ENDED, Shift.ends_at >= since).order_by(Shift.ends_at.desc(), Shift.id))
    return [(shift, closing) for shift, closing in rows]


def visits_of(shift: Shift) -> tuple[Visit, ...]:
    """What each finished stop moved, as its record says and as the ledger has it."""
    stops = db.session.scalars(sa.select(Stop).where(Stop.shift_id == shift.id, Stop.status == StopStatus.DONE)
                               .order_by(Stop.ended_at, Stop.id)).all()
    sources = [stop.source for stop in stops if stop.order_id is not None or stop.case_id is not None]
    booked = _booked(shift, [source.ref for source in sources])
    found = []
    for stop in stops:
        if stop.order_id is None and stop.case_id is None:
            continue
        source = stop.source
        handover = source.handover if isinstance(source, Order) else None
        papers = certificates_taken(source.checks) if isinstance(source, ReturnCase) else ()
        found.append(Visit(
            stop_id=stop.id, number=source.number, name=source.contact_name,
            recorded=_recorded(handover) if handover else None,
            booked=replace(booked.get(source.ref, Purse()), certificates=len(papers)),
            agreed_cents=source.door_cents if isinstance(source, Order) else 0,
            deposit_cents=handover.deposit_cents if handover else 0,
            changed=bool(handover and isinstance(source, Order) and _changed(source, handover))))
    return tuple(found)


def _shift(shift_id: int) -> Shift:
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    return shift


def _is_closed(shift_id: int) -> bool:
    return db.session.scalar(sa.select(ShiftClosing.id).where(
        ShiftClosing.shift_id == shift_id, ShiftClosing.closed_at.is_not(None))) is not None


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
    places = {chart.vehicle_full(shift.vehicle_id): FULL, chart.vehicle_empty(shift.vehicle_id): EMPTY,
              chart.vehicle_held(shift.vehicle_id): HELD}
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


def _changed(order: Order, handover: Handover) -> bool:
    agreed = sorted((line.exchange.value, line.cylinder_type, line.quantity) for line in order.lines)
    handed = sorted((line.exchange.value, line.cylinder_type, line.quantity) for line in handover.lines)
    special = any(line.damaged_empties or line.replaced for line in handover.lines)
    return special or agreed != handed or handover.cash_cents + handover.card_cents != order.door_cents


def _entries(shift: Shift, expected: Purse, counted: Purse) -> tuple[Entry, ...]:
    driver = chart.cash_of_driver(shift.driver_id)
    entries = (moved(driver, chart.CASH_MAIN, chart.EUR, counted.cash_cents)
               + moved(chart.SHORTAGES, driver, chart.EUR, counted.cash_cents - expected.cash_cents))
    vans = {FULL: chart.vehicle_full(shift.vehicle_id), EMPTY: chart.vehicle_empty(shift.vehicle_id)}
    depots = {FULL: chart.depot_full(shift.depot_id), EMPTY: chart.depot_empty(shift.depot_id)}
    for place, kind in dict.fromkeys([*expected.cylinders, *counted.cylinders]):
        if place not in depots:  # the technical sector takes over what is held, and books it
            continue
        found = counted.cylinders.get((place, kind), 0)
        entries += moved(vans[place], depots[place], kind, found)
        entries += moved(chart.SHORTAGES, vans[place], kind, found - expected.cylinders.get((place, kind), 0))
    return entries


def _stored(purse: Purse) -> dict[str, Any]:
    return {"cash": purse.cash_cents, "card": purse.card_cents, "certificates": purse.certificates,
            "cylinders": [[place, kind, number] for (place, kind), number in sorted(purse.cylinders.items()) if number]}


def _purse(stored: Mapping[str, Any]) -> Purse:
    return Purse(cash_cents=stored["cash"], card_cents=stored["card"], certificates=stored.get("certificates", 0),
                 cylinders={(place, kind): number for place, kind, number in stored["cylinders"]})
