"""What can be done with return cases: the one door for views and delivery.

Every function works inside the caller's unit of work and never commits.
"""
from __future__ import annotations

from orders.returns.collecting import CaseDoor, Collected, Collection, collect_case, preview_collection
from orders.returns.lifecycle import (
    accept_case,
    cancel_case,
    dispatch_case,
    fail_case,
    give_case_window,
    mark_refunded,
    move_case,
    recall_case,
    reject_case,
)
from orders.returns.opening import (
    CaseContact,
    contact_of,
    open_complaint,
    open_deposit_return,
    open_withdrawal,
    pickup_demand,
)
from orders.returns.rules import CylinderCheck

__all__ = ["CaseContact", "CaseDoor", "Collected", "Collection", "CylinderCheck", "accept_case", "cancel_case",
           "collect_case", "contact_of", "dispatch_case", "fail_case", "give_case_window", "mark_refunded",
           "move_case", "open_complaint", "open_deposit_return", "open_withdrawal", "pickup_demand",
           "preview_collection", "recall_case", "reject_case"]
