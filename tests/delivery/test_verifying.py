"""delivery/verifying.py: what somebody books past the doors is seen by `flask billing verify`."""
from __future__ import annotations

from datetime import datetime

from flask import Flask

from billing import ledger
from billing.cli import verify
from billing.entries import Entry, moved
from core import clock
from core.db import unit_of_work
from delivery.driving import arrive, deliver, leave_for
from tests.delivery.factories import fleet, order_live, stop_of
from tests.factories import as_ordered


def booked(key: str, entries: tuple[Entry, ...]) -> None:
    with unit_of_work():
        ledger.post("refund", key, entries, at=clock.utc_now(), dedupe_key=key, actor="staff:1")


def test_cash_and_cylinders_that_no_stop_moved_are_told(app: Flask, now: datetime) -> None:
    """The count of a day, P-D14, rests on these balances."""
    [shift_id], order = fleet(1).shift_ids, order_live(1)
    stop_id = stop_of(order).id
    with unit_of_work():
        leave_for(shift_id, stop_id, now=now)
        arrive(shift_id, stop_id, now=now)
        deliver(shift_id, stop_id, as_ordered(order), now=now)
    run = app.test_cli_runner()
    assert run.invoke(verify).exit_code == 0
    booked("order:1", moved("cash:driver:1", "cash:main", "EUR", 500))
    answer = run.invoke(verify)
    assert answer.exit_code == 1
    assert "21990 in the ledger, 22490 elsewhere" in answer.output
    booked("order:2", moved("cash:main", "cash:driver:1", "EUR", 500))
    assert run.invoke(verify).exit_code == 0
    booked("order:3", moved("vehicle:1:empty", "scrap", "Z10", 7))
    answer = run.invoke(verify)
    assert (answer.exit_code, "vehicle:1:empty Z10" in answer.output) == (1, True)
