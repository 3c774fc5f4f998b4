"""billing/opening.py: what was there before the ledger, from a file, once (Y-10)."""
from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from billing import ledger
from billing.words import AccountWords
from tests.delivery.factories import FLOAT_CENTS, fleet
from tests.factories import make_products
from tests.orders.snapshots import everything

HEAD = "account;unit;amount\n"
WHOLE = HEAD + """cash:main;EUR;1.500,00
cash:unit:maribor;EUR;200
bank;EUR;12000,5
depot:{depot}:full;Z10;400
depot:{depot}:empty;O10;3
unit:kranj:full;Z10;20
customers;Z10;50000
technical;Z10;2

liability:legacy_deposits;EUR;500.000,00
"""


@pytest.fixture
def depot_id(app: Flask, now: datetime) -> int:
    make_products()
    return fleet(1).shifts[0].depot_id


def run(app: Flask, folder: Path, text: str | bytes) -> tuple[int, str]:
    file = folder / "opening.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = app.test_cli_runner().invoke(args=["billing", "open-balances", str(file)])
    return done.exit_code, done.output.replace(f"{file}: ", "").strip()


def test_balances_are_opened_once_and_the_ledger_still_balances(app: Flask, depot_id: int, tmp_path: Path) -> None:
    """Y-10: cylinders in the field per type, old deposits, cash and stock of depot and units."""
    before = ledger.balance(f"depot:{depot_id}:full", "Z10")
    assert run(app, tmp_path, WHOLE.format(depot=depot_id)) == (0, "9 balances opened.")
    assert ledger.balance("customers", "Z10") == 50_000
    assert ledger.balance("liability:legacy_deposits", "EUR") == -50_000_000
    assert ledger.balance("cash:main", "EUR") == 150_000 - FLOAT_CENTS
    assert ledger.balance("cash:unit:maribor", "EUR") == 20_000
    assert ledger.balance("bank", "EUR") == 1_200_050
    assert ledger.balance("equity:opening", "EUR") == 50_000_000 - 150_000 - 20_000 - 1_200_050
    assert ledger.balance(f"depot:{depot_id}:full", "Z10") == before + 400
    assert ledger.balances("unit:") == {("unit:kranj:full", "Z10"): 20}
    assert set(ledger.trial_balance().values()) == {0}
    held = everything()
    assert run(app, tmp_path, HEAD + "technical;P5;1\ncustomers;Z10;1\n") == (
        2, "Error: line 3: customers Z10 was opened on 23. 11. 2026 already")
    assert everything() == held


@pytest.mark.parametrize(("text", "told"), [
    ("", "line 1: the first line must be account;unit;amount"),
    ("account,unit,amount\ncustomers,Z10,1\n", "line 1: the first line must be account;unit;amount"),
    (b"\xff\xfe\x00", "line 1: not UTF-8 text"),
    (HEAD, "line 1: no balance in the file"),
    (HEAD + "customers;Z10\n", "line 2: 2 columns instead of 3"),
    (HEAD + "customers;Z10;1\n\ncustomers;Z10;2\n", "line 4: customers Z10 stands in line 2 already"),
    (HEAD + "customers;Z10;-5\n", "line 2: -5 is not more than 0"),
    (HEAD + "customers;Z10;1.5\n", "line 2: '1.5' is not a number"),
    (HEAD + "customers;Z10;99999999\n", "line 2: 99999999 cylinders are too many"),
    (HEAD + "bank;EUR;many\n", "line 2: 'many' is not an amount"),
    (HEAD + "technical;Z10;1\ncustomers;Z11;5\n", "line 3: there is no cylinder type Z11"),
    (HEAD + "customers;EUR;5\n", "line 2: customers does not hold EUR"),
    (HEAD + "bank;Z10;5\n", "line 2: bank does not hold Z10"),
    (HEAD + "card;EUR;5\n", "line 2: there is no account card that can be opened"),
    (HEAD + "unit:celje:full;Z10;5\n", "line 2: there is no account unit:celje:full that can be opened"),
    (HEAD + "depot:999999:full;Z10;5\n", "line 2: there is no account depot:999999:full that can be opened"),
])
def test_a_wrong_line_is_told_with_its_place_and_nothing_is_opened(app: Flask, depot_id: int, tmp_path: Path,
                                                                  text: str | bytes, told: str) -> None:
    before = everything()
    assert run(app, tmp_path, text) == (2, f"Error: {told}")
    assert everything() == before


def test_every_opened_account_has_a_name(app: Flask, depot_id: int) -> None:
    words = AccountWords()
    for account in ("liability:legacy_deposits", "cash:unit:izola", "unit:kranj:empty", "scrap", "equity:opening"):
        assert words.word(account) != account
