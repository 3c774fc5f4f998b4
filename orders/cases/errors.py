"""Refusals of changes and grievances."""
from __future__ import annotations

from flask_babel import lazy_gettext as _l

from core.errors import DomainError, InvalidInput, NotFound


class UnknownChange(NotFound):
    """No such change."""

    code = "unknown_change"
    message = _l("There is no such proposed change.")


class ChangeNotPossible(DomainError):
    """The order cannot be changed in that way now."""

    code = "change_not_possible"
    message = _l("This change cannot be proposed: the order is on its way or closed, another change waits for an "
                 "answer, or it has been paid in advance.")


class ChangeAnswered(DomainError):
    """It was answered before."""

    code = "change_answered"
    message = _l("This change has been answered already.")


class NothingChanges(InvalidInput):
    """The proposal is what the order says already, or no item of it."""

    code = "nothing_changes"
    message = _l("Propose something that differs from the order.")


class UnknownGrievance(NotFound):
    """No such grievance, or not this person's to read (H-169)."""

    code = "unknown_grievance"
    message = _l("There is no such grievance.")


class WrongGrievanceState(DomainError):
    """The action does not fit the grievance's state, or somebody was quicker."""

    code = "wrong_grievance_state"
    message = _l("This cannot be done with the grievance as it stands now.")
