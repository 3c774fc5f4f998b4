"""The live plan of a depot as a routing problem, and back again: the only place that converts instants to seconds.

`snapshot` reads, `apply` writes. Between the two anything may be computed, with no transaction open.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing.plan import Plan
from routing.problem import Problem


@dataclass(frozen=True, kw_only=True)
class PlanSnapshot:
    """The plan of a depot at one version. Visits are named `stop:<id>`, vehicles `shift:<id>`.

    Seconds of `problem` count from `origin`. `plan` holds the routes as they stand; stops without a van are among
    its unserved ones.
    """

    depot_id: int
    version: int
    origin: datetime
    problem: Problem
    plan: Plan
    stop_ids: Mapping[str, int]
    shift_ids: Mapping[str, int]


def snapshot(depot_id: int, now: datetime) -> PlanSnapshot:
    """Read the live plan. Read only."""
    raise NotImplementedError


def apply(seen: PlanSnapshot, plan: Plan, *, now: datetime, actor: str, what: str) -> bool:
    """Write a plan that was computed from a snapshot, inside the caller's unit of work.

    False, and nothing written, when the plan's version moved meanwhile. `what` names the stop events that are
    written for stops whose van or place in the route changed.
    """
    raise NotImplementedError
