"""After a commit that the plan cares about, the plan is brought up to date in the same process (Y-04).

A lost signal costs seconds only: the sweep `delivery.insert` finds the same work.
"""
from __future__ import annotations

import logging
from typing import Any

from core import signals
from core.clock import utc_now
from core.db import db
from core.tasks import kick
from delivery.worker import plan_now

log = logging.getLogger(__name__)
IMPROVE = "delivery.improve"


def replan(_sender: object, **_ids: Any) -> None:
    """Stops made or voided, open ones inserted; the rest is the worker's. The order is safe already: an error here
    is logged, not shown to the customer."""
    try:
        plan_now(utc_now())
    except Exception:
        db.session.rollback()
        log.exception("planning after a commit failed; the sweep does it again")
    kick(IMPROVE)


def connect() -> None:
    """Listen to confirmed and cancelled orders, to cases opened and changed."""
    for signal in (signals.order_confirmed, signals.order_cancelled, signals.case_opened, signals.case_changed):
        signal.connect(replan)
