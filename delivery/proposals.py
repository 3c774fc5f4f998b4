"""Results of the background that may not apply themselves: a person decides (Y-06)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import audit
from core.db import after_commit, changed_rows, db
from core.tasks import kick
from delivery import planning
from delivery.errors import ProposalClosed, UnknownProposal
from delivery.guardrails import starts
from delivery.models import PlanProposal, PlanState
from delivery.plan_state import bump, version_of
from delivery.planning import PlanSnapshot, shift_name, stop_name
from delivery.snapshots import new_reload_name
from delivery.states import ProposalStatus
from routing.checker import hard_violations
from routing.plan import Plan

IMPROVE = "delivery.improve"
NEW_RELOAD = 0  # stands in a proposal's route for a call at the depot that has no stop yet


def propose(seen: PlanSnapshot, found: Plan, broken: Mapping[str, int], *, now: datetime) -> bool:
    """Keep a plan as a proposal, inside a unit of work; older open ones are stale then. False: the plan moved."""
    if version_of(seen.depot_id) != seen.version:
        return False
    changed_rows(sa.update(PlanProposal).where(
        PlanProposal.depot_id == seen.depot_id, PlanProposal.status == ProposalStatus.OPEN,
    ).values(status=ProposalStatus.STALE))
    db.session.add(PlanProposal(
        depot_id=seen.depot_id, plan_version=seen.version, created_at=now, status=ProposalStatus.OPEN,
        routes={str(seen.shift_ids[name]): [seen.stop_ids.get(visit, NEW_RELOAD) for visit in route]
                for name, route in found.routes.items()},
        diff=_diff(seen, found, broken)))
    return True


def _diff(seen: PlanSnapshot, found: Plan, broken: Mapping[str, int]) -> list[dict[str, Any]]:
    """One row for every stop that changes its van or moves by a minute or more."""
    before, after = starts(seen.problem, seen.plan), starts(seen.problem, found)
    rows = []
    for name, stop_id in seen.stop_ids.items():
        vans = [plan.vehicle_of(name) for plan in (seen.plan, found)]
        if vans[0] == vans[1] and abs(before.get(name, 0) - after.get(name, 0)) < 60:
            continue
        rows.append({
            "stop_id": stop_id, "from_van": seen.shift_ids[vans[0]] if vans[0] else None,
            "to_van": seen.shift_ids[vans[1]] if vans[1] else None,
            "from_at": seen.at(before[name]).isoformat() if name in before else None,
            "to_at": seen.at(after[name]).isoformat() if name in after else None, "breaks": broken.get(name, 0)})
    return rows


def proposal_by_id(proposal_id: int) -> PlanProposal:
    """The proposal; UnknownProposal if there is none."""
    proposal = db.session.get(PlanProposal, proposal_id)
    if proposal is None:
        raise UnknownProposal(proposal_id=proposal_id)
    return proposal


def proposed_plan(seen: PlanSnapshot, proposal: PlanProposal) -> Plan | None:
    """The proposal as a plan of the present stops; None when it no longer fits them.

    Stops that are over since are left out; a new stop, a frozen one elsewhere or a broken limit makes it unfit.
    """
    routes = {vehicle.id: tuple(
        name for name in (_name(stop_id, seen.shift_ids[vehicle.id])
                          for stop_id in proposal.routes.get(str(seen.shift_ids[vehicle.id]), []))
        if name in seen.problem.visit_by_id)
        for vehicle in seen.problem.vehicles}
    strangers = {shift_name(int(shift_id)) for shift_id, route in proposal.routes.items() if route} - set(routes)
    served = {name for route in routes.values() for name in route}
    newer = {name for name in seen.stop_ids if seen.problem.visit_by_id[name].reload is None}
    newer -= served | set(seen.plan.unserved)
    plan = Plan(routes=routes, unserved={name: why for name, why in seen.plan.unserved.items() if name not in served})
    if strangers or newer or hard_violations(seen.problem, plan):
        return None
    return plan


def _name(stop_id: int, shift_id: int) -> str:
    return new_reload_name(shift_id) if stop_id == NEW_RELOAD else stop_name(stop_id)


def apply_proposal(proposal_id: int, *, now: datetime, actor: str) -> None:
    """Apply an open proposal. Inside a unit of work. ProposalClosed when it no longer fits; UnknownProposal."""
    proposal = proposal_by_id(proposal_id)
    depot_id = proposal.depot_id
    _close(proposal_id, ProposalStatus.APPLIED)
    seen = planning.snapshot(depot_id, now)
    plan = proposed_plan(seen, proposal_by_id(proposal_id))
    if plan is None or not planning.apply(seen, plan, now=now, actor=actor, what="proposal"):
        raise ProposalClosed(proposal_id=proposal_id)
    audit.record("proposal_applied", f"proposal:{proposal_id}", actor=actor)


def discard_proposal(proposal_id: int, *, now: datetime, actor: str) -> None:
    """Put an open proposal away. ProposalClosed, UnknownProposal."""
    proposal_by_id(proposal_id)
    _close(proposal_id, ProposalStatus.DISCARDED)
    audit.record("proposal_discarded", f"proposal:{proposal_id}", actor=actor)


def _close(proposal_id: int, status: ProposalStatus) -> None:
    if changed_rows(sa.update(PlanProposal).where(
            PlanProposal.id == proposal_id, PlanProposal.status == ProposalStatus.OPEN).values(status=status)) != 1:
        raise ProposalClosed(proposal_id=proposal_id)


def ask_improvement(depot_id: int, *, now: datetime, actor: str) -> None:
    """Ask the worker to improve the plan now (the board's re-plan). Inside a unit of work."""
    bump(depot_id, now)
    changed_rows(sa.update(PlanState).where(PlanState.depot_id == depot_id).values(improving_until=None))
    audit.record("replan_asked", f"depot:{depot_id}", actor=actor)
    after_commit(lambda: kick(IMPROVE))
