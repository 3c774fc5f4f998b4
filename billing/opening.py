"""Opening balances: what was there before the ledger began, read from a file and posted once (Y-10).

The file is a CSV with the columns `account;unit;amount`: cash and the bank in EUR, cylinders by type at depots, units
and vans, with customers ("in the field before start"), and the deposits held for those (`liability:legacy_deposits`,
typed as a positive amount). It is taken whole or not at all.
"""
from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from billing import chart
from billing.entries import Entry, moved
from billing.errors import WrongOpening
from billing.ledger import post
from billing.models import CylinderType, LedgerTransaction
from billing.ports import carrier_names
from core import audit, calendar, settings
from core.db import db
from core.money import parse_eur

COLUMNS = ["account", "unit", "amount"]
MOST_CYLINDERS = 10_000_000
KIND, KEY = "opening", "opening:{account}:{unit}"


@dataclass(frozen=True, kw_only=True)
class OpeningBalance:
    """A line of the file: cents or cylinders that an account begins with, never negative."""

    line: int
    account: str
    unit: str
    amount: int

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Money comes out of the opening account, cylinders from the supply; a liability stands below zero.

        500 x Z10 with customers: supply -500, customers +500; 5.000,00 of old deposits: opening +5.000,00,
        legacy deposits -5.000,00.
        """
        if self.account == chart.LEGACY_DEPOSITS:
            return moved(self.account, chart.OPENING, self.unit, self.amount)
        source = chart.OPENING if self.unit == chart.EUR else chart.SUPPLY
        return moved(source, self.account, self.unit, self.amount)


def read_balances(data: bytes) -> tuple[OpeningBalance, ...]:
    """The lines of a file. WrongOpening with the line and the reason."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongOpening("not UTF-8 text", line=1) from None
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    if not rows or [cell.strip() for cell in rows[0]] != COLUMNS:
        raise WrongOpening(f"the first line must be {';'.join(COLUMNS)}", line=1)
    found: dict[tuple[str, str], OpeningBalance] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(COLUMNS):
            raise WrongOpening(f"{len(cells)} columns instead of {len(COLUMNS)}", line=number)
        account, unit, amount = cells
        first = found.get((account, unit))
        if first is not None:
            raise WrongOpening(f"{account} {unit} stands in line {first.line} already", line=number)
        found[account, unit] = OpeningBalance(line=number, account=account, unit=unit,
                                              amount=_amount(unit, amount, number))
    if not found:
        raise WrongOpening("no balance in the file", line=1)
    return tuple(found.values())


def _amount(unit: str, text: str, line: int) -> int:
    try:
        amount = parse_eur(text) if unit == chart.EUR else int(text)
    except ValueError:
        raise WrongOpening(f"{text!r} is not {'an amount' if unit == chart.EUR else 'a number'}", line=line) from None
    if amount <= 0:
        raise WrongOpening(f"{text} is not more than 0", line=line)
    if unit != chart.EUR and amount > MOST_CYLINDERS:
        raise WrongOpening(f"{text} cylinders are too many", line=line)
    return amount


def open_balances(balances: Sequence[OpeningBalance], *, now: datetime, actor: str) -> int:
    """Post opening balances, one transaction for each, and say how many.

    WrongOpening for an account or a unit that there is not, or one that was opened before: nothing is posted then
    that the caller's unit of work does not take back.
    """
    money, goods = _money_accounts(now), _goods_accounts(now)
    types = set(db.session.scalars(sa.select(CylinderType.code)))
    for opening in balances:
        _check(opening, money, goods, types)
        key = KEY.format(account=opening.account, unit=opening.unit)
        before = db.session.scalar(sa.select(LedgerTransaction.at).where(LedgerTransaction.dedupe_key == key))
        if before is not None:
            day = calendar.local_date(before)
            raise WrongOpening(f"{opening.account} {opening.unit} was opened on {day:%d. %m. %Y} already",
                               line=opening.line)
        post(KIND, opening.account, opening.entries, at=now, dedupe_key=key, actor=actor)
    audit.record("balances_opened", "ledger", actor=actor, balances=len(balances))
    return len(balances)


def _check(opening: OpeningBalance, money: set[str], goods: set[str], types: set[str]) -> None:
    if opening.account not in money | goods:
        raise WrongOpening(f"there is no account {opening.account} that can be opened", line=opening.line)
    if opening.unit != chart.EUR and opening.unit not in types:
        raise WrongOpening(f"there is no cylinder type {opening.unit}", line=opening.line)
    if (opening.unit == chart.EUR) != (opening.account in money):
        raise WrongOpening(f"{opening.account} does not hold {opening.unit}", line=opening.line)


def _money_accounts(now: datetime) -> set[str]:
    return {chart.CASH_MAIN, chart.BANK, chart.LEGACY_DEPOSITS,
            *(chart.cash_of_unit(code) for code, *_place in settings.get("units", now))}


def _goods_accounts(now: datetime) -> set[str]:
    units = [code for code, *_place in settings.get("units", now)]
    depots, vehicles = carrier_names("depot"), carrier_names("vehicle")
    return {chart.CUSTOMERS, chart.TECHNICAL, chart.SCRAP,
            *(place(number) for number in depots for place in (chart.depot_full, chart.depot_empty)),
            *(place(number) for number in vehicles for place in (chart.vehicle_full, chart.vehicle_empty)),
            *(place(code) for code in units for place in (chart.unit_full, chart.unit_empty))}
