"""The ledger: double entry per unit, append-only, each event once (D10)."""
from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from billing import chart, ledger
from billing.ledger import Entry, UnbalancedEntries, VehicleStock
from billing.models import LedgerEntry, LedgerTransaction
from billing.postings import cash_float, stock_load, stock_opening, swap
from core.db import db, unit_of_work


def put(entries: tuple[Entry, ...], key: str, at: datetime, kind: str = "load") -> LedgerTransaction:
    with unit_of_work():
        return ledger.post(kind, "shift:1", entries, at=at, dedupe_key=key, actor="staff:1")


def euro(account: str, amount: int) -> Entry:
    return Entry(account=account, unit=chart.EUR, amount=amount)


def test_a_posting_is_kept_as_it_was_made(app: Flask, now: datetime) -> None:
    made = put(stock_load(1, 2, "Z10", 20), "load:1", now)
    assert (made.kind, made.ref, made.actor, made.at) == ("load", "shift:1", "staff:1", now)
    assert [(entry.account, entry.unit, entry.amount) for entry in made.entries] == [
        ("depot:1:full", "Z10", -20), ("vehicle:2:full", "Z10", 20)]


def test_the_same_key_is_posted_once_and_gives_the_first_transaction(app: Flask, now: datetime) -> None:
    first = put(stock_load(1, 2, "Z10", 20), "load:1", now)
    again = put(stock_load(1, 2, "Z10", 7), "load:1", now)
    assert again.id == first.id
    assert ledger.balance("vehicle:2:full", "Z10") == 20
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerTransaction)) == 1


@pytest.mark.parametrize("entries", [
    (),
    (euro("bank", 0), euro("card", 0)),
    (euro("bank", 100),),
    (euro("bank", 100), euro("card", -99)),
    (euro("bank", 100), Entry(account="card", unit="Z10", amount=-100)),
], ids=["none", "zeros", "one-sided", "a cent short", "units mixed"])
def test_entries_that_do_not_sum_to_zero_in_every_unit_are_refused(app: Flask, now: datetime,
                                                                   entries: tuple[Entry, ...]) -> None:
    with pytest.raises(UnbalancedEntries):
        put(entries, "wrong", now)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerTransaction)) == 0


def test_entries_of_one_account_and_unit_become_one_row(app: Flask, now: datetime) -> None:
    made = put((*swap(2, "Z10", 2), *swap(2, "Z10", 1)), "delivery:1", now)
    assert [(entry.account, entry.amount) for entry in made.entries] == [("vehicle:2:full", -3), ("vehicle:2:empty", 3)]


def test_balances_add_up_by_account_and_by_the_start_of_its_name(app: Flask, now: datetime) -> None:
    put(cash_float(3, 5000), "float:1", now)
    put(cash_float(30, 7000), "float:2", now)
    put(cash_float(4, 100) + cash_float(4, -100) + cash_float(3, 1), "float:3", now)
    assert ledger.balance("cash:driver:3", "EUR") == 5001
    assert ledger.balance("cash:driver:99", "EUR") == 0
    assert ledger.balances("cash:driver:") == {("cash:driver:3", "EUR"): 5001, ("cash:driver:30", "EUR"): 7000}
    assert ledger.balances("cash") == {("cash:driver:3", "EUR"): 5001, ("cash:driver:30", "EUR"): 7000,
                                       ("cash:main", "EUR"): -12001}
    assert ledger.balances("cash_") == {}


def test_the_trial_balance_is_zero_in_every_unit(app: Flask, now: datetime) -> None:
    assert ledger.trial_balance() == {}
    put(stock_opening(1, "Z10", 100) + cash_float(3, 5000), "opening", now)
    assert ledger.trial_balance() == {"EUR": 0, "Z10": 0}


def test_vans_know_their_full_empty_and_held_cylinders(app: Flask, now: datetime) -> None:
    put(stock_load(1, 2, "Z10", 20) + stock_load(1, 2, "P5", 4) + stock_load(1, 20, "Z10", 9), "load", now)
    put((*swap(2, "Z10", 3), Entry(account=chart.vehicle_full(2), unit="P5", amount=-4),
         Entry(account=chart.vehicle_held(2), unit="P5", amount=1),
         Entry(account=chart.CUSTOMERS, unit="P5", amount=3)), "deliveries", now)
    assert ledger.vehicle_stock([2, 5]) == {
        2: VehicleStock(full={"Z10": 17}, empty={"Z10": 3}, held={"P5": 1}), 5: VehicleStock()}


def test_a_posting_is_never_edited_or_deleted(app: Flask, now: datetime) -> None:
    made = put(stock_load(1, 2, "Z10", 20), "load:1", now)
    entry_id = made.entries[0].id
    db.session.get_one(LedgerEntry, entry_id).amount = -19
    with pytest.raises(RuntimeError, match="never edited"):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.get_one(LedgerEntry, entry_id))
    with pytest.raises(RuntimeError, match="never edited"):
        db.session.flush()
    db.session.rollback()
    assert ledger.balance("depot:1:full", "Z10") == -20


def test_verify_prints_the_trial_balance(app: Flask, now: datetime) -> None:
    put(stock_opening(1, "Z10", 100), "opening", now)
    result = app.test_cli_runner().invoke(args=["billing", "verify"])
    assert (result.exit_code, result.output.split()[:4], result.output.splitlines()[-1]) == (
        0, ["Z10", "0", "The", "ledger"], "The ledger balances, and 13 figures agree with it.")


@pytest.mark.parametrize(("amount", "said"), [(7, "EUR 7"), (0, "no entries")])
def test_verify_fails_and_names_the_transaction_that_was_tampered_with(app: Flask, now: datetime, amount: int,
                                                                       said: str) -> None:
    made = put(cash_float(3, 5000), "float:1", now)
    number = made.id
    with unit_of_work():
        if amount:
            db.session.execute(sa.update(LedgerEntry).where(LedgerEntry.amount > 0).values(amount=5000 + amount))
        else:
            db.session.execute(sa.delete(LedgerEntry))
    result = app.test_cli_runner().invoke(args=["billing", "verify"])
    assert result.exit_code == 1
    assert f"transaction {number}: {said}" in result.output


def test_verify_notices_two_wrong_transactions_that_cancel_out(app: Flask, now: datetime) -> None:
    put(cash_float(3, 5000), "float:1", now)
    put(cash_float(4, 6000), "float:2", now)
    with unit_of_work():
        for account, by in (("cash:driver:3", 1), ("cash:driver:4", -1)):
            db.session.execute(sa.update(LedgerEntry).where(LedgerEntry.account == account)
                               .values(amount=LedgerEntry.amount + by))
    assert ledger.trial_balance() == {"EUR": 0}
    assert app.test_cli_runner().invoke(args=["billing", "verify"]).exit_code == 1
