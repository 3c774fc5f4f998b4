"""Links without sign-in (Y-11), on both databases."""
from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, links
from core.db import db, unit_of_work
from core.limits import Attempt, TooManyAttempts
from core.links import AccessLink, ExpiredLink, UnknownLink

HERE = "192.0.2.1"


def issue(now: datetime, purpose: str = "order", subject: int = 7, days: int = 60) -> str:
    with unit_of_work():
        return links.issue(purpose, subject, now + timedelta(days=days))


def guesses() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) or 0


def test_a_link_leads_to_its_subject(app: Flask, now: datetime) -> None:
    token = issue(now)
    assert links.resolve("order", token, address=HERE) == 7
    assert guesses() == 0


def test_a_token_is_ten_characters_that_can_be_typed(app: Flask, now: datetime) -> None:
    tokens = {issue(now, subject=number) for number in range(40)}
    assert len(tokens) == 40
    assert all(re.fullmatch(r"[A-Z2-7]{10}", token) for token in tokens)


def test_a_token_may_be_typed_in_small_letters_and_with_space(app: Flask, now: datetime) -> None:
    assert links.resolve("order", f" {issue(now).lower()} ", address=HERE) == 7


def test_the_database_alone_gives_no_token_away(app: Flask, now: datetime) -> None:
    token = issue(now)
    row = db.session.scalars(sa.select(AccessLink)).one()
    assert token not in (row.nonce, row.token_hash)
    assert len(row.token_hash) == 64


def test_the_same_link_can_be_written_into_a_later_message(app: Flask, now: datetime) -> None:
    token = issue(now)
    assert links.token_for("order", 7) == token
    assert links.token_for("order", 8) is None
    assert links.token_for("driver", 7) is None


def test_the_newest_link_is_the_one_that_is_written(app: Flask, now: datetime) -> None:
    first, second = issue(now), issue(now)
    assert links.token_for("order", 7) == second
    assert links.resolve("order", first, address=HERE) == 7


@pytest.mark.parametrize("token", ["", " ", "AAAAAAAAAA", "K7Q2", "x" * 500, "<script>", "' OR 1=1", "日本", "%"])
def test_a_token_that_was_never_issued_is_unknown_and_counted(app: Flask, now: datetime, token: str) -> None:
    issue(now)
    with pytest.raises(UnknownLink):
        links.resolve("order", token, address=HERE)
    assert guesses() == 1


def test_a_link_opens_nothing_of_another_kind(app: Flask, now: datetime) -> None:
    token = issue(now)
    with pytest.raises(UnknownLink):
        links.resolve("driver", token, address=HERE)


def test_a_link_ends_at_its_instant(app: Flask, now: datetime) -> None:
    token = issue(now, days=1)
    clock.advance(timedelta(days=1, seconds=-1))
    assert links.resolve("order", token, address=HERE) == 7
    clock.advance(timedelta(seconds=1))
    with pytest.raises(ExpiredLink) as expired:
        links.resolve("order", token, address=HERE)
    assert expired.value.status == 410
    assert links.token_for("order", 7) is None
    assert guesses() == 0


def test_revoking_ends_every_link_of_the_subject_and_of_no_other(app: Flask, now: datetime) -> None:
    mine, again, other = issue(now), issue(now), issue(now, subject=8)
    with unit_of_work():
        links.revoke("order", 7)
    for token in (mine, again):
        with pytest.raises(UnknownLink):
            links.resolve("order", token, address=HERE)
    assert links.token_for("order", 7) is None
    assert links.resolve("order", other, address=HERE) == 8


def test_thirty_wrong_guesses_close_the_address_for_ten_minutes(app: Flask, now: datetime) -> None:
    token = issue(now)
    for number in range(30):
        with pytest.raises(UnknownLink):
            links.resolve("order", f"GUESS{number}", address=HERE)
    with pytest.raises(TooManyAttempts):
        links.resolve("order", token, address=HERE)
    assert guesses() == 30
    assert links.resolve("order", token, address="192.0.2.2") == 7
    clock.advance(timedelta(minutes=10, seconds=1))
    assert links.resolve("order", token, address=HERE) == 7


def test_another_secret_opens_old_links_but_writes_no_wrong_ones(app: Flask, now: datetime,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is found by its hash; only `token_for` derives it anew, and then it must not lead nowhere."""
    token = issue(now)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another")
    assert links.resolve("order", token, address=HERE) == 7
    assert links.token_for("order", 7) is None
