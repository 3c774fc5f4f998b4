"""States of a return case (pure)."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CaseKind(StrEnum):
    """What is wanted: H-140, H-091, H-160. REPLACEMENT brings a full cylinder at the end of a complaint (X-25)."""

    WITHDRAWAL = "withdrawal"
    DEPOSIT_RETURN = "deposit_return"
    COMPLAINT = "complaint"
    REPLACEMENT = "replacement"


class CaseStatus(StrEnum):
    """Where a case stands."""

    REQUESTED = "requested"
    AWAITING_PICKUP = "awaiting_pickup"
    ON_THE_WAY = "on_the_way"
    REFUND_DUE = "refund_due"
    TESTING = "testing"
    JUSTIFIED = "justified"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class CaseAction(StrEnum):
    """What can be done to a case. REQUESTED is a web request in the agents' queue (X-12).

    HAND_IN: the customer stands at a unit's counter with the cylinder (H-090, H-143). OVERTURN: finance upheld an
    appeal against a rejection. GOODWILL: finance pays what an exclusion suspended (X-20). FIND_JUSTIFIED, REPAIR,
    REPLACE and CREDIT: the technical sector's verdict, and the ends of a complaint besides REJECT (X-25).
    """

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    RECALL = "recall"
    FAIL = "fail"
    COLLECT_PAID = "collect_paid"
    COLLECT_REFUND_DUE = "collect_refund_due"
    COLLECT_FOR_TESTING = "collect_for_testing"
    COLLECT_UNPAID = "collect_unpaid"
    HAND_OVER = "hand_over"
    REFUND = "refund"
    REJECT = "reject"
    CANCEL = "cancel"
    HAND_IN = "hand_in"
    OVERTURN = "overturn"
    GOODWILL = "goodwill"
    FIND_JUSTIFIED = "find_justified"
    REPAIR = "repair"
    REPLACE = "replace"
    CREDIT = "credit"


S, A = CaseStatus, CaseAction

TRANSITIONS: Mapping[tuple[CaseStatus, CaseAction], CaseStatus] = {
    (S.REQUESTED, A.ACCEPT): S.AWAITING_PICKUP,
    (S.REQUESTED, A.REJECT): S.REJECTED,
    (S.REQUESTED, A.CANCEL): S.CANCELLED,
    (S.AWAITING_PICKUP, A.DISPATCH): S.ON_THE_WAY,
    (S.AWAITING_PICKUP, A.REJECT): S.REJECTED,
    (S.AWAITING_PICKUP, A.CANCEL): S.CANCELLED,
    (S.ON_THE_WAY, A.RECALL): S.AWAITING_PICKUP,
    (S.ON_THE_WAY, A.FAIL): S.AWAITING_PICKUP,
    (S.ON_THE_WAY, A.REJECT): S.REJECTED,
    (S.ON_THE_WAY, A.COLLECT_PAID): S.COMPLETED,
    (S.ON_THE_WAY, A.COLLECT_REFUND_DUE): S.REFUND_DUE,
    (S.ON_THE_WAY, A.COLLECT_FOR_TESTING): S.TESTING,
    (S.ON_THE_WAY, A.COLLECT_UNPAID): S.COMPLETED,
    (S.ON_THE_WAY, A.HAND_OVER): S.COMPLETED,
    (S.REFUND_DUE, A.REFUND): S.COMPLETED,
    (S.TESTING, A.REJECT): S.REJECTED,
    (S.TESTING, A.FIND_JUSTIFIED): S.JUSTIFIED,
    (S.JUSTIFIED, A.REPAIR): S.COMPLETED,
    (S.JUSTIFIED, A.REPLACE): S.COMPLETED,
    (S.JUSTIFIED, A.CREDIT): S.REFUND_DUE,
    (S.REQUESTED, A.HAND_IN): S.ON_THE_WAY,
    (S.AWAITING_PICKUP, A.HAND_IN): S.ON_THE_WAY,
    (S.REJECTED, A.OVERTURN): S.AWAITING_PICKUP,
    (S.COMPLETED, A.GOODWILL): S.REFUND_DUE,
}

ENDED = frozenset({S.COMPLETED, S.REJECTED, S.CANCELLED})


class RefundMethod(StrEnum):
    """How money goes back: by the driver in cash, or to the account (H-146, H-147, X-22)."""

    CASH = "cash"
    BANK = "bank"


class Expectation(StrEnum):
    """Is a deposit pay-out to be expected? Said at intake (X-20)."""

    EXPECTED = "expected"
    NOT_EXPECTED = "not_expected"
    AT_DOOR = "decided_at_door"


class Exclusion(StrEnum):
    """Why no deposit is paid for a cylinder that is taken back (H-095, H-096, H-097; X-20)."""

    DAMAGED = "damaged"
    ABOVE_HOUSEHOLD = "above_household"
    TEST_OVERDUE = "test_overdue"


class WithdrawalRefusal(StrEnum):
    """Why a withdrawal cannot be opened, or was rejected at the door."""

    NOT_DELIVERED = "not_delivered"
    ALREADY_OPEN = "already_open"
    COMPLAINED = "complained"
    TOO_LATE = "too_late"
    NOT_LATE = "not_late"
    FOIL_REMOVED = "foil_removed"
    DAMAGED = "damaged"
    NO_INVOICE = "no_invoice"


class DefectKind(StrEnum):
    """A defect seen at once, or one that showed later (H-160, H-161)."""

    OBVIOUS = "obvious"
    HIDDEN = "hidden"


class ComplaintRefusal(StrEnum):
    """Why a complaint cannot be opened: too late, too early (H-160 to H-162), or the buyer has nothing of it left."""

    NOT_DELIVERED = "not_delivered"
    NOTICED_TOO_LATE = "noticed_too_late"
    AFTER_LIABILITY = "after_liability"
    NOT_YET = "not_yet"
    TAKEN_BACK = "taken_back"


class Outcome(StrEnum):
    """The one end of a complaint (X-25)."""

    REJECTED = "rejected"
    REPAIRED = "repaired"
    REPLACED = "replaced"
    CREDITED = "credited"


class AppealDecision(StrEnum):
    """What finance says to an appeal: the rejection stands, or it is overturned."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Wish(StrEnum):
    """What the buyer of a defective cylinder asks for (H-163, X-25)."""

    REPAIR = "repair"
    REPLACEMENT = "replacement"
    REFUND = "refund"
