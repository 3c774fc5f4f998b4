"""Attempts counted in the database, on both databases."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, limits
from core.db import db, unit_of_work
from core.limits import Attempt, TooManyAttempts

TEN = timedelta(minutes=10)


def attempt(kind: str = "promo", key: str = "192.0.2.1", times: int = 1) -> None:
    with unit_of_work():
        for _ in range(times):
            limits.record_attempt(kind, key)


def require(kind: str = "promo", key: str = "192.0.2.1", limit: int = 3) -> None:
    limits.require_below(kind, key, limit=limit, window=TEN)


def test_the_limit_itself_is_refused_and_one_below_is_not(app: Flask, now: datetime) -> None:
    attempt(times=2)
    require()
    attempt()
    with pytest.raises(TooManyAttempts) as refused:
        require()
    assert (refused.value.status, refused.value.code) == (429, "too_many_attempts")


def test_attempts_leave_the_window_one_by_one(app: Flask, now: datetime) -> None:
    attempt()
    clock.advance(timedelta(minutes=5))
    attempt(times=2)
    assert limits.attempts_since("promo", "192.0.2.1", TEN) == 3
    clock.advance(timedelta(minutes=5))
    assert limits.attempts_since("promo", "192.0.2.1", TEN) == 2
    require()
    clock.advance(timedelta(minutes=5))
    assert limits.attempts_since("promo", "192.0.2.1", TEN) == 0


def test_kinds_and_keys_are_counted_apart(app: Flask, now: datetime) -> None:
    attempt(times=3)
    require(kind="link")
    require(key="192.0.2.2")


def test_who_it_was_is_not_stored(app: Flask, now: datetime) -> None:
    attempt(key="+38641123456")
    assert db.session.scalars(sa.select(Attempt.key_hash)).one() != "+38641123456"
    assert "41123456" not in db.session.scalars(sa.select(Attempt.key_hash)).one()


def test_a_key_that_proved_right_is_forgotten_alone(app: Flask, now: datetime) -> None:
    attempt(times=3)
    attempt(key="192.0.2.2", times=3)
    with unit_of_work():
        limits.forget("promo", "192.0.2.1")
    require()
    with pytest.raises(TooManyAttempts):
        require(key="192.0.2.2")


def test_old_attempts_are_deleted_and_young_ones_kept(app: Flask, now: datetime) -> None:
    attempt()
    clock.advance(TEN)
    attempt()
    with unit_of_work():
        limits.forget_old(now + timedelta(seconds=1))
    assert list(db.session.scalars(sa.select(Attempt.at))) == [now + TEN]
