"""What people move between places away from customers' doors: cash to the bank and to the units' tills, cylinders to be
refilled, between depots, units and vans, and doubted ones to the technical sector (P-D10, H-079).
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from billing import chart, ledger
from billing.entries import moved
from billing.errors import NotThatMuch, WrongMovement
from billing.models import CylinderType, LedgerTransaction
from billing.ports import carrier_names
from billing.queries import hold_cylinder_type
from core import audit, settings
from core.db import db

KIND = REF = "movement"
SHOWN = 20
UNBOUNDED = {chart.BANK, chart.SUPPLY}  # the ledger does not know how much is there


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Cents of EUR, or cylinders of a type, from one place to another; `note` says what for."""

    source: str
    target: str
    unit: str
    amount: int
    note: str = ""


def money_places(now: datetime) -> list[str]:
    """Accounts of money that is there: the main desk, the bank, the units' tills."""
    return [chart.CASH_MAIN, chart.BANK, *(chart.cash_of_unit(code) for code in _units(now))]


def goods_places(now: datetime) -> list[str]:
    """Accounts of cylinders that are there, and where they come from and go to for good."""
    return [chart.SUPPLY,
            *(place(number) for number in carrier_names("depot") for place in (chart.depot_full, chart.depot_empty)),
            *(place(number) for number in carrier_names("vehicle")
              for place in (chart.vehicle_full, chart.vehicle_empty, chart.vehicle_held)),
            *(place(code) for code in _units(now) for place in (chart.unit_full, chart.unit_empty, chart.unit_held)),
            chart.TECHNICAL, chart.SCRAP]


def cylinder_types() -> Sequence[CylinderType]:
    """All types of cylinders, by code."""
    return db.session.scalars(sa.select(CylinderType).order_by(CylinderType.code)).all()


def move(movement: Movement, *, request_key: str, now: datetime, actor: str) -> None:
    """Post it, once for a request key.

    WrongMovement where it goes nowhere or a place does not hold the unit; NotThatMuch where the source holds less.
    """
    if ledger.is_posted(_key(request_key)):
        return
    places = money_places(now) if movement.unit == chart.EUR else goods_places(now)
    if movement.source not in places or movement.target not in places or movement.amount <= 0:
        raise WrongMovement(field="source")
    if movement.source == movement.target:
        raise WrongMovement(field="target")
    if movement.unit != chart.EUR:
        hold_cylinder_type(movement.unit)
    here = ledger.balance(movement.source, movement.unit)
    if movement.source not in UNBOUNDED and movement.amount > here:
        raise NotThatMuch(here=here)
    ledger.post(KIND, REF, moved(movement.source, movement.target, movement.unit, movement.amount), at=now,
                dedupe_key=_key(request_key), actor=actor)
    audit.record("balance_moved", REF, actor=actor, source=movement.source, target=movement.target, unit=movement.unit,
                 amount=movement.amount, note=movement.note.strip()[:200])


def last_movements() -> Sequence[LedgerTransaction]:
    """The latest, newest first, with their entries."""
    return db.session.scalars(sa.select(LedgerTransaction).where(LedgerTransaction.kind == KIND).options(
        selectinload(LedgerTransaction.entries)).order_by(LedgerTransaction.id.desc()).limit(SHOWN)).all()


def _units(now: datetime) -> list[str]:
    return [str(code) for code, *_place in settings.get("units", now)]


def _key(request_key: str) -> str:
    return f"{KIND}:{request_key}"
