"""Ledger: deliveries posted one transaction each, by one writer and by several at once."""
from __future__ import annotations

from typing import Any

from flask import Flask

from benchmarks.databases import applications, seconds_of
from billing import ledger, postings
from core.clock import utc_now
from core.db import unit_of_work

POSTINGS, WRITERS = 400, 4


def _post(run: str, number: int) -> None:
    """A swapped cylinder paid in cash: four entries of money and cylinders."""
    entries = postings.delivery_entries(driver_id=number % 6, gas_cents=2490, vat_cents=449, cash_cents=2490)
    with unit_of_work():
        ledger.post("delivery", f"order:{number}", entries + postings.swap(number % 6, "Z10", 1), at=utc_now(),
                    dedupe_key=f"bench:{run}:{number}", actor="bench")


def _rate(app: Flask, writers: int) -> float:
    share = POSTINGS // writers

    def some(n: int) -> None:
        for number in range(n * share, (n + 1) * share):
            _post(str(writers), number)

    return POSTINGS / seconds_of(app, writers, some)


def run() -> list[dict[str, Any]]:
    """Both databases; the trial balance is asked for once at the end."""
    figures = []
    with applications() as apps:
        for name, app in apps:
            figures += [{"name": f"ledger postings, {writers} at once, {name}", "value": f"{_rate(app, writers):.0f}",
                         "unit": "per s", "note": f"{POSTINGS} deliveries"} for writers in (1, WRITERS)]
            with app.app_context():
                assert not any(ledger.trial_balance().values())
    return figures
