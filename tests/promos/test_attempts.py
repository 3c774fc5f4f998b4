"""Guessing is limited per address and per telephone number (M2, Y-12)."""
from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core import clock
from core.db import db, unit_of_work
from core.limits import Attempt, TooManyAttempts
from promos import attempts, services
from promos.errors import PromoUnknown
from tests.promos.factories import facts

pytestmark = pytest.mark.usefixtures("app", "now")


def recorded() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) or 0


def test_twenty_attempts_from_an_address_are_let_through_in_a_quarter_of_an_hour() -> None:
    for _ in range(20):
        attempts.count("192.0.2.7", None)
    with pytest.raises(TooManyAttempts):
        attempts.count("192.0.2.7", None)
    assert recorded() == 20
    attempts.count("192.0.2.8", None)
    clock.advance(timedelta(minutes=15))
    attempts.count("192.0.2.7", None)


def test_ten_attempts_for_a_telephone_number_are_let_through_from_wherever_they_come() -> None:
    for number in range(10):
        attempts.count(f"192.0.2.{number}", "+38641123456")
    with pytest.raises(TooManyAttempts):
        attempts.count("192.0.2.99", "+38641123456")
    attempts.count("192.0.2.99", "+38641123457")
    assert recorded() == 22


def test_an_attempt_stays_counted_when_the_code_is_refused() -> None:
    attempts.count("192.0.2.7", None)
    with pytest.raises(PromoUnknown), unit_of_work():
        services.hold("NEZNANA-7KQ4MWZW", facts(), holder="form-1", now=clock.utc_now())
    assert recorded() == 1


def test_no_address_and_no_number_is_stored_readably() -> None:
    attempts.count("192.0.2.7", "+38641123456")
    for key in db.session.scalars(sa.select(Attempt.key_hash)):
        assert len(key) == 64
        assert "192" not in key or "." not in key
