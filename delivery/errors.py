"""Refusals of delivery: each is named for what it refuses and carries its sentence."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, NotFound


class UnknownStop(NotFound):
    """No such stop, or not one of this van's."""

    code = "unknown_stop"
    message = _l("There is no such stop.")


class UnknownShift(NotFound):
    """No such shift."""

    code = "unknown_shift"
    message = _l("There is no such route.")


class UnknownDepot(NotFound):
    """No such depot."""

    code = "unknown_depot"
    message = _l("There is no such depot.")


class UnknownProposal(NotFound):
    """No such proposal."""

    code = "unknown_proposal"
    message = _l("There is no such proposal.")


class StalePlan(DomainError):
    """The plan changed after it was seen: nothing was written."""

    code = "stale_plan"
    message = _l("The plan has changed since you saw it. Look at the present one and decide again.")


class NotMovable(DomainError):
    """The van is on its way to this stop, or it is over."""

    code = "not_movable"
    message = _l("This stop can no longer be moved: the van is on its way there, or it is done.")


class ShiftClosed(DomainError):
    """A route that has ended, or whose van is down, takes no stops."""

    code = "shift_closed"
    field = "shift_id"
    message = _l("This route has ended or its van is down: it takes no more stops. Choose another van.")


class OtherDepot(DomainError):
    """The stop belongs to another depot's plan."""

    code = "other_depot"
    field = "shift_id"
    message = _l("This van belongs to another depot. Choose a van of the same depot.")


class NothingToUndo(DomainError):
    """No move by hand that could be taken back as it was."""

    code = "nothing_to_undo"
    message = _l("There is no move that can be undone: the routes have changed since.")


class ProposalClosed(DomainError):
    """The proposal was applied, discarded, or no longer fits the plan."""

    code = "proposal_closed"
    message = _l("This proposal no longer fits the plan. Ask for a new one.")


class StopOver(DomainError):
    """Done, failed or void: recorded already, nothing is booked twice."""

    code = "stop_over"
    message = _l("This stop is already closed. Nothing was recorded again.")


class WrongStopState(DomainError):
    """The step does not fit where the stop stands."""

    code = "wrong_stop_state"
    message = _l("This step does not fit the stop as it stands now. Reload the list.")


class NotNextStop(DomainError):
    """Another stop comes first: the driver has to say that it is meant."""

    code = "not_next_stop"
    message = _l("Another stop comes first. Confirm that you drive to this one now.")


class OnAnotherStop(DomainError):
    """One van cannot be on its way to two stops."""

    code = "on_another_stop"
    message = _l("You are still at another stop. Close it first, or turn back from it.")


class OldList(DomainError):
    """A newer list was sent meanwhile."""

    code = "old_list"
    message = _l("A newer list has been sent meanwhile. Look at it and accept that one.")


class NothingToPublish(DomainError):
    """The van has no stops, and no list was sent before."""

    code = "nothing_to_publish"
    message = _l("This van has no stops yet, so there is no list to send.")


class PromiseUnfit(DomainError):
    """A time or an extra that cannot be agreed: not later than the present promise, or too long."""

    code = "promise_unfit"
    message = _l("This time cannot be agreed. Look at the present plan and choose again.")


class UnknownFix(DomainError):
    """The fix is not (any more) among those that help."""

    code = "unknown_fix"
    message = _l("This would no longer help. Look at what is proposed now.")


class NothingToLoad(DomainError):
    """The van has no standard load, so nobody knows what it is to take on board."""

    code = "nothing_to_load"
    field = "shift_id"
    message = _l("This van has no standard load. Enter one first.")


class ReloadPlanned(DomainError):
    """One call at the depot at a time."""

    code = "reload_planned"
    field = "shift_id"
    message = _l("This van is already planned to load at the depot.")


class RestOver(DomainError):
    """The rest was taken already, or does not fit where the driver stands."""

    code = "rest_over"
    message = _l("The break was already recorded. Reload the list.")


class ShiftRuns(DomainError):
    """The van is still out."""

    code = "shift_runs"
    message = _l("This shift is not over yet. Count when the van is back.")


class ShiftSigned(DomainError):
    """The shift's count is signed: it takes no more entries."""

    code = "shift_signed"
    message = _l("This shift is signed and closed. Call finance.")


class NotCounted(DomainError):
    """There is nothing to sign yet."""

    code = "not_counted"
    message = _l("Write down what was counted first.")


class EarlierUncounted(DomainError):
    """A shift of the same driver or van before this one was never counted: what it brought is still mixed in."""

    code = "earlier_uncounted"
    message = _l("First count the earlier shift of this driver or van.")


class CountStale(DomainError):
    """Something was booked between the count and the signature."""

    code = "count_stale"
    message = _l("Something was booked after this count. Count once more.")
