"""The version of a depot's plan: everything that changes the plan takes this row first, so that changes queue up.

The row is taken before any stop, order or invoice number; with one fixed order nothing waits in a circle.
"""
from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from core.db import changed_rows, db, insert_new
from delivery.models import PlanState


def version_of(depot_id: int) -> int:
    """The version of a depot's plan; 0 before its first change."""
    return db.session.scalar(sa.select(PlanState.version).where(PlanState.depot_id == depot_id)) or 0


def bump(depot_id: int, now: datetime) -> None:
    """Count the version up, whatever it is: for facts (a van left, a stop ended). Others wait until the commit."""
    raised = sa.update(PlanState).where(PlanState.depot_id == depot_id).values(
        version=PlanState.version + 1, changed_at=now)
    if changed_rows(raised) != 1:
        insert_new(PlanState, ["depot_id"], {"depot_id": depot_id, "version": 0, "improved_version": 0})
        changed_rows(raised)


def hold(depot_id: int) -> None:
    """Take the plan without changing it: what is written now waits for others and others for it."""
    changed_rows(sa.update(PlanState).where(PlanState.depot_id == depot_id).values(version=PlanState.version))


def bump_from(depot_id: int, seen: int, now: datetime) -> bool:
    """Count the version up if it still is the one that was seen: for decisions. False: the plan moved."""
    insert_new(PlanState, ["depot_id"], {"depot_id": depot_id, "version": 0, "improved_version": 0})
    return changed_rows(sa.update(PlanState).where(PlanState.depot_id == depot_id, PlanState.version == seen).values(
        version=seen + 1, changed_at=now)) == 1


def needs_improvement(depot_id: int) -> bool:
    """Whether the plan changed since it was last improved."""
    return db.session.scalar(sa.select(PlanState.depot_id).where(
        PlanState.depot_id == depot_id, PlanState.improved_version < PlanState.version)) is not None


def claim_improvement(depot_id: int, now: datetime, lease: timedelta) -> bool:
    """Claim the improvement of a plan that changed since it was last improved; False if there is nothing to claim."""
    return changed_rows(sa.update(PlanState).where(
        PlanState.depot_id == depot_id, PlanState.improved_version < PlanState.version,
        sa.or_(PlanState.improving_until.is_(None), PlanState.improving_until <= now),
    ).values(improving_until=now + lease)) == 1


def improved(depot_id: int, version: int) -> None:
    """The plan was improved at this version; the claim ends."""
    changed_rows(sa.update(PlanState).where(PlanState.depot_id == depot_id).values(
        improved_version=version, improving_until=None))
