"""Promo codes under contention: many redeem codes of one capped campaign, and many want one code."""
from __future__ import annotations

import contextlib
from typing import Any

from flask import Flask

from benchmarks.databases import applications, seconds_of
from core.clock import utc_now
from core.db import unit_of_work
from promos import services
from promos.errors import PromoRefused
from tests.promos.factories import facts, issued

THREADS, EACH, RIVALS = 8, 40, 50


def _redeem(code: str, order: int) -> None:
    with contextlib.suppress(PromoRefused), unit_of_work():
        services.redeem(code, facts(), holder=f"form-{order}", order_ref=f"order:{order}", now=utc_now())


def _measured(app: Flask) -> tuple[float, float]:
    """Redemptions per second of one campaign's codes, and milliseconds until all rivals for one code are answered."""
    with app.app_context():
        number = THREADS * EACH
        codes = issued(number, max_redemptions=number)
        [wanted] = issued()

    def some(n: int) -> None:
        for k in range(n * EACH, (n + 1) * EACH):
            _redeem(codes[k], k)

    spent = seconds_of(app, THREADS, some)
    return number / spent, 1000 * seconds_of(app, RIVALS, lambda n: _redeem(wanted, 10_000 + n))


def run() -> list[dict[str, Any]]:
    """Both databases."""
    figures = []
    with applications() as apps:
        for name, app in apps:
            rate, rivals = _measured(app)
            figures += [
                {"name": f"promo redemptions, {THREADS} at once in one capped campaign, {name}", "value": f"{rate:.0f}",
                 "unit": "per s"},
                {"name": f"{RIVALS} rivals for one code until the last is answered, {name}", "value": f"{rivals:.0f}",
                 "unit": "ms"}]
    return figures
