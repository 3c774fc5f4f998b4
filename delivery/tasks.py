"""Background work of delivery. Each sweep finds its work in the database and may run twice."""
from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, current_app

from core.clock import utc_now
from core.db import db, unit_of_work
from core.tasks import sweep
from delivery.announcing import announce
from delivery.models import Depot, Quote
from delivery.plan_state import needs_improvement
from delivery.publishing import changed_lists, publish
from delivery.vans import begin_due_shifts, end_due_shifts
from delivery.worker import improve, plan_now, retime_all

log = logging.getLogger(__name__)
QUOTES_KEPT = timedelta(days=1)


def _depot_ids() -> list[int]:
    return list(db.session.scalars(sa.select(Depot.id).order_by(Depot.id)))


@sweep("delivery.insert", every_s=2)
def insert() -> None:
    """Make missing stops, void unwanted ones, insert open ones: what a lost signal left."""
    plan_now(utc_now())


@sweep("delivery.improve", every_s=5)
def improve_all() -> dict[int, str]:
    """Improve every plan that changed: depots are independent, as many at once as there are solver processes.

    Other workers may do the same, on other machines too: each plan is claimed by a guarded UPDATE.
    """
    changed = [depot_id for depot_id in _depot_ids() if needs_improvement(depot_id)]
    db.session.rollback()
    if len(changed) < 2:
        return {depot_id: improve(depot_id, utc_now()).value for depot_id in changed}
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    threads = min(len(changed), current_app.config["SOLVER_PROCESSES"])
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="improve") as crew:
        answers = {depot_id: crew.submit(_improve, app, depot_id) for depot_id in changed}
    return {depot_id: answer.result() for depot_id, answer in answers.items()}


def _improve(app: Flask, depot_id: int) -> str:
    """One depot in a thread, with a session of its own; a failure holds up no other depot."""
    with app.app_context():
        try:
            return improve(depot_id, utc_now()).value
        except Exception:
            log.exception("improving depot %s failed; it is tried again", depot_id)
            return "failed"


@sweep("delivery.announce", every_s=15)
def announce_all() -> int:
    """Reckon times anew as they pass, send changed lists, tell customers."""
    now = utc_now()
    for depot_id in _depot_ids():
        retime_all(depot_id, now)
    for shift_id in changed_lists(now):
        with unit_of_work():
            publish(shift_id, now=now, actor="system")
    with unit_of_work():
        return announce(now)


@sweep("delivery.shifts", every_s=30)
def shifts() -> None:
    """Begin and end shifts; forget quotes that nobody took."""
    now = utc_now()
    with unit_of_work():
        begin_due_shifts(now)
    with unit_of_work():
        end_due_shifts(now)
    with unit_of_work():
        db.session.execute(sa.delete(Quote).where(Quote.accepted_at.is_(None), Quote.expires_at < now - QUOTES_KEPT))
