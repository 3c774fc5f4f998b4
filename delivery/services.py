"""What can be done with the plan: the one door into the package for pages and commands.

Every function works inside the caller's unit of work and never commits; `insert_open` and `improve` of
delivery.worker open their own.
"""
from __future__ import annotations

from delivery.moving import (
    Breach,
    LateChange,
    MoveResult,
    check_move,
    lock_stop,
    move_stop,
    unassign_stop,
)
from delivery.proposals import apply_proposal, ask_improvement, discard_proposal
from delivery.publishing import Published, driver_path, list_changed, publish
from delivery.reloading import send_to_load
from delivery.remedies import carry_out
from delivery.stops import ensure_stops
from delivery.undoing import undo_move
from delivery.vans import van_down, van_up

__all__ = ["Breach", "LateChange", "MoveResult", "Published", "apply_proposal", "ask_improvement", "carry_out",
           "check_move", "discard_proposal", "driver_path", "ensure_stops", "list_changed", "lock_stop", "move_stop",
           "publish", "send_to_load", "unassign_stop", "undo_move", "van_down", "van_up"]
