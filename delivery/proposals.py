"""Results of the background that may not apply themselves: a person decides (Y-06)."""
from __future__ import annotations

from datetime import datetime


def apply_proposal(proposal_id: int, *, now: datetime, actor: str) -> None:
    """Apply an open proposal. Inside a unit of work. ProposalClosed when it no longer fits; UnknownProposal."""
    raise NotImplementedError


def discard_proposal(proposal_id: int, *, now: datetime, actor: str) -> None:
    """Put an open proposal away. ProposalClosed, UnknownProposal."""
    raise NotImplementedError


def ask_improvement(depot_id: int, *, now: datetime, actor: str) -> None:
    """Ask the worker to improve the plan now (the board's re-plan). Inside a unit of work."""
    raise NotImplementedError
