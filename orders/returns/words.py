"""Words for people about return cases (lazily translated)."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from orders.returns.states import (
    CaseKind,
    CaseStatus,
    ComplaintRefusal,
    DefectKind,
    Exclusion,
    Expectation,
    Outcome,
    Wish,
    WithdrawalRefusal,
)

_KIND: Mapping[CaseKind, Any] = {
    CaseKind.WITHDRAWAL: _l("withdrawal from the contract"),
    CaseKind.DEPOSIT_RETURN: _l("return of a green cylinder"),
    CaseKind.COMPLAINT: _l("complaint"),
    CaseKind.REPLACEMENT: _l("free replacement"),
}

_STATUS: Mapping[CaseStatus, Any] = {
    CaseStatus.REQUESTED: _l("request received"),
    CaseStatus.AWAITING_PICKUP: _l("waiting for pick-up"),
    CaseStatus.ON_THE_WAY: _l("driver on the way"),
    CaseStatus.REFUND_DUE: _l("refund to the account due"),
    CaseStatus.TESTING: _l("being tested"),
    CaseStatus.JUSTIFIED: _l("complaint justified"),
    CaseStatus.COMPLETED: _l("completed"),
    CaseStatus.REJECTED: _l("rejected"),
    CaseStatus.CANCELLED: _l("cancelled"),
}

_WITHDRAWAL: Mapping[WithdrawalRefusal, Any] = {
    WithdrawalRefusal.NOT_DELIVERED: _l("You can withdraw once the order has been delivered. Until the van leaves "
                                        "for you, you can cancel it."),
    WithdrawalRefusal.ALREADY_OPEN: _l("You have already withdrawn from this order."),
    WithdrawalRefusal.COMPLAINED: _l("A complaint about these cylinders is under way or has ended with a refund."),
    WithdrawalRefusal.TOO_LATE: _l("The time for withdrawal has run out."),
    WithdrawalRefusal.NOT_LATE: _l("This notice is not too late: open the case without refusing it."),
    WithdrawalRefusal.FOIL_REMOVED: _l("The safety foil on the valve was removed, so withdrawal is not possible."),
    WithdrawalRefusal.DAMAGED: _l("The cylinder was damaged, so withdrawal is not possible."),
    WithdrawalRefusal.NO_INVOICE: _l("The invoice was not shown, so the cylinder could not be taken back."),
}

_EXCLUSION: Mapping[Exclusion, Any] = {
    Exclusion.DAMAGED: _l("the cylinder is damaged"),
    Exclusion.ABOVE_HOUSEHOLD: _l("more cylinders than usual for a household"),
    Exclusion.TEST_OVERDUE: _l("the test date on the stamp passed more than a year ago"),
}

_EXPECTATION: Mapping[Expectation, Any] = {
    Expectation.EXPECTED: _l("The deposit will be paid out at pick-up."),
    Expectation.NOT_EXPECTED: _l("No deposit pay-out is to be expected; the cylinder is still taken back free of "
                                 "charge."),
    Expectation.AT_DOOR: _l("Whether the deposit is paid out is decided by the driver at pick-up."),
}

_COMPLAINT: Mapping[ComplaintRefusal, Any] = {
    ComplaintRefusal.NOT_DELIVERED: _l("There is nothing to complain about yet: the order has not been delivered."),
    ComplaintRefusal.NOTICED_TOO_LATE: _l("The time to report this defect has run out."),
    ComplaintRefusal.AFTER_LIABILITY: _l("The defect showed later than the time for which we are liable."),
    ComplaintRefusal.NOT_YET: _l("The day on which the defect was noticed must lie between delivery and today."),
    ComplaintRefusal.TAKEN_BACK: _l("Another withdrawal or complaint has these cylinders already."),
}

_DEFECT: Mapping[DefectKind, Any] = {
    DefectKind.OBVIOUS: _l("obvious defect"),
    DefectKind.HIDDEN: _l("hidden defect"),
}

_WISH: Mapping[Wish, Any] = {
    Wish.REPAIR: _l("repair"),
    Wish.REPLACEMENT: _l("replacement"),
    Wish.REFUND: _l("refund"),
}


def case_kind_word(kind: CaseKind) -> Any:
    """What a case is about."""
    return _KIND[kind]


_OUTCOME: Mapping[Outcome, Any] = {
    Outcome.REJECTED: _l("rejected"),
    Outcome.REPAIRED: _l("repaired"),
    Outcome.REPLACED: _l("replaced free of charge"),
    Outcome.CREDITED: _l("refunded by credit note"),
}


def case_status_word(status: CaseStatus, kind: CaseKind | None = None) -> Any:
    """The word a customer reads for a case's state; what is brought waits for delivery, not for pick-up."""
    if kind is CaseKind.REPLACEMENT and status is CaseStatus.AWAITING_PICKUP:
        return _l("waiting for delivery")
    return _STATUS[status]


def outcome_word(outcome: Outcome) -> Any:
    """The one end of a complaint (X-25)."""
    return _OUTCOME[outcome]


def withdrawal_refusal_word(refusal: WithdrawalRefusal) -> Any:
    """The sentence that says why a withdrawal is refused."""
    return _WITHDRAWAL[refusal]


def reason_word(reason: str) -> Any:
    """A case's reason for people: the sentence of a refusal's code, the words of exclusions, else the text itself."""
    if reason in set(WithdrawalRefusal):
        return _WITHDRAWAL[WithdrawalRefusal(reason)]
    parts = reason.split(",")
    return ", ".join(str(_EXCLUSION[Exclusion(part)]) for part in parts) if set(parts) <= set(Exclusion) else reason


def exclusion_word(exclusion: Exclusion) -> Any:
    """Why no deposit is paid (H-095 to H-097)."""
    return _EXCLUSION[exclusion]


def expectation_word(expectation: Expectation) -> Any:
    """What the customer is told about the pay-out at intake (X-20)."""
    return _EXPECTATION[expectation]


def complaint_refusal_word(refusal: ComplaintRefusal) -> Any:
    """The sentence that says why a complaint is refused."""
    return _COMPLAINT[refusal]


def defect_word(defect: DefectKind) -> Any:
    """Obvious or hidden."""
    return _DEFECT[defect]


def wish_word(wish: Wish) -> Any:
    """What the buyer asks for."""
    return _WISH[wish]
