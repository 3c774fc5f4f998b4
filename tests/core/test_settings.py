"""The rules' figures with an effective date, on both databases."""
from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, settings
from core.calendar import at_local
from core.db import db, unit_of_work
from core.settings import Setting


def put(key: str, value: object, valid_from: datetime) -> None:
    with unit_of_work():
        settings.put(key, value, valid_from=valid_from, set_by="staff:1")


@pytest.mark.parametrize(("key", "value"), [
    ("deposit_cents", 1000), ("orange_buyback_cents", 300), ("promise_soft_minutes", 60),
    ("promise_hard_minutes", 120), ("withdrawal_days", 8), ("statutory_withdrawal_days", 14), ("refund_days", 30),
    ("goods_back_days", 30), ("household_cylinders", 5), ("promo_hold_minutes", 15), ("promo_min_left_cents", 100),
    ("adr_gas_limit_g", 333_000), ("deposit_by_card_allowed", False),
    ("card_schemes", ["Mastercard", "Visa", "Karanta", "Diners", "Maestro"]),
])
def test_the_figures_of_the_terms_are_the_defaults(app: Flask, key: str, value: object) -> None:
    """H-051, H-061, H-110, H-111, H-121, H-140, H-142, H-147, X-01, X-02, X-04, X-07, X-10, X-17, Y-12."""
    assert settings.get(key) == value


def test_a_value_holds_from_its_instant_on_and_not_before(app: Flask, now: datetime) -> None:
    put("deposit_cents", 1500, now + timedelta(days=1))
    assert settings.get("deposit_cents") == 1000
    assert settings.get("deposit_cents", now + timedelta(days=1)) == 1500
    clock.advance(timedelta(days=2))
    assert settings.get("deposit_cents") == 1500
    assert settings.get("deposit_cents", now) == 1000


def test_of_two_values_from_the_same_instant_the_later_row_wins(app: Flask, now: datetime) -> None:
    put("deposit_cents", 1500, now)
    put("deposit_cents", 1600, now)
    assert settings.get("deposit_cents") == 1600


def test_values_entered_out_of_order_hold_by_their_instants(app: Flask, now: datetime) -> None:
    put("deposit_cents", 2000, now + timedelta(days=2))
    put("deposit_cents", 1500, now + timedelta(days=1))
    assert [settings.get("deposit_cents", now + timedelta(days=n)) for n in range(4)] == [1000, 1500, 2000, 2000]


def test_rows_are_added_and_never_changed(app: Flask, now: datetime) -> None:
    put("deposit_cents", 1500, now)
    put("deposit_cents", 1600, now)
    rows = db.session.execute(sa.select(Setting.value, Setting.set_by).order_by(Setting.id)).all()
    assert [tuple(row) for row in rows] == [(1500, "staff:1"), (1600, "staff:1")]


def test_a_key_that_does_not_exist_is_a_bug(app: Flask, now: datetime) -> None:
    with pytest.raises(KeyError):
        settings.get("no_such_key")
    with pytest.raises(KeyError):
        put("no_such_key", 1, now)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Setting)) == 0


def test_a_value_may_be_none_or_a_whole_table(app: Flask, now: datetime) -> None:
    hours = {**settings.DEFAULTS["opening_hours"], "sun": ["08:00", "00:00"]}
    put("opening_hours", hours, now)
    sunday = at_local(datetime(2026, 11, 29).date(), time(23, 30))  # noqa: DTZ001 - only its date is used
    assert settings.opening_hours().is_open(sunday) is True
    assert settings.opening_hours(now - timedelta(seconds=1)).is_open(sunday) is False


def test_a_rolled_back_value_does_not_linger(app: Flask, now: datetime) -> None:
    def broken() -> None:
        with unit_of_work():
            settings.put("deposit_cents", 1500, valid_from=now, set_by="staff:1")
            assert settings.get("deposit_cents") == 1500
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert settings.get("deposit_cents") == 1000
