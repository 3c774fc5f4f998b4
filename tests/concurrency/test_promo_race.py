"""Scarce codes under a race, on both databases (P-D15, H-137).

Seen to fail on PostgreSQL with the guards replaced by `sa.true()`, one at a time; each docstring says how. On SQLite
they hold even then, since a unit of work begins with BEGIN IMMEDIATE and its reads come after: there the tests show
that nobody is turned away by a lock instead of an answer.
"""
from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from flask import Flask

from core.clock import utc_now
from core.db import db, unit_of_work
from promos import attempts, services
from promos.models import Campaign, PromoCode, PromoEvent, PromoRedemption
from promos.states import CodeAction, CodeState, OrderEnd, Outcome
from tests.concurrency.racing import race
from tests.promos.factories import facts, issued


def redeem(code: str, n: int) -> None:
    """Every second one orders by phone."""
    order = facts(channel="phone" if n % 2 else "web")
    with unit_of_work():
        services.redeem(code, order, holder=f"form-{n}", order_ref=f"order:{n}", now=utc_now())


def test_of_200_redemptions_of_one_code_at_once_exactly_one_wins(app: Flask) -> None:
    """H-137, P-D15: web and phone desk at once; everybody else is told that the code is used.

    Without `_free_for` in the UPDATE of `redeem`, 75 of the 199 others broke on the UNIQUE index instead of being
    refused; without the index too, 54 orders got the discount.
    """
    [code] = issued()
    assert race(app, 200, lambda n: redeem(code, n)) == {"won": 1, "PromoUsed": 199}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PromoRedemption)) == 1
    assert db.session.scalars(sa.select(PromoCode.state)).all() == [CodeState.REDEEMED]
    assert db.session.execute(sa.select(Campaign.redeemed_count, Campaign.spent_cents)).one() == (1, 300)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PromoEvent).where(
        PromoEvent.action == CodeAction.REDEEM)) == 1


def test_of_60_codes_of_a_campaign_capped_at_7_exactly_7_win(app: Flask) -> None:
    """The last unit of a capped campaign is given once.

    Without the caps in the WHERE of `_take_from_campaign`, the 53 others broke on the CHECK; without the CHECK too,
    all 60 won.
    """
    codes = issued(60, max_redemptions=7)
    assert race(app, 60, lambda n: redeem(codes[n], n)) == {"won": 7, "PromoUsedUp": 53}
    states = Counter(db.session.scalars(sa.select(PromoCode.state)))
    assert states == {CodeState.REDEEMED: 7, CodeState.ISSUED: 53}
    assert db.session.scalar(sa.select(Campaign.redeemed_count)) == 7


def test_of_60_forms_that_hold_one_code_at_once_exactly_one_does(app: Flask) -> None:
    """Y-12. Without `_free_for` in the UPDATE of `hold`, 57 forms held the one code."""
    [code] = issued()

    def hold(n: int) -> None:
        with unit_of_work():
            services.hold(code, facts(), holder=f"form-{n}", now=utc_now())

    assert race(app, 60, hold) == {"won": 1, "PromoHeld": 59}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PromoEvent).where(
        PromoEvent.action == CodeAction.HOLD)) == 1


def test_one_order_settled_from_several_sides_at_once_gives_its_code_back_once(app: Flask) -> None:
    """X-09: settled by several at the same instant.

    Without the outcome in the WHERE of `order_ended`, 7 of 8 went on to settle it again and broke on the code's state.
    """
    for code in issued(5):
        redeem(code, 0)

        def settle(n: int) -> None:
            with unit_of_work():
                services.order_ended("order:0", OrderEnd.CANCELLED_BY_COMPANY, now=utc_now())

        assert race(app, 8, settle) == {"won": 8}
    assert db.session.execute(sa.select(Campaign.redeemed_count, Campaign.spent_cents)).one() == (0, 0)
    assert set(db.session.scalars(sa.select(PromoRedemption.outcome))) == {Outcome.RELEASED}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PromoEvent).where(
        PromoEvent.action == CodeAction.RELEASE)) == 5


def test_of_50_guesses_at_once_no_more_than_the_limit_go_on(app: Flask) -> None:
    """Y-12, M2."""
    results = race(app, 50, lambda n: attempts.count("192.0.2.7", None))
    assert results["won"] <= 20
    assert results["won"] + results["TooManyAttempts"] == 50
