"""States of a message (Y-14). Pure."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Medium(StrEnum):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"


class MessageStatus(StrEnum):
    """Y-14: `unknown` is a message whose sending was cut off; it is never resent by itself."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


class MessageAction(StrEnum):
    """What happens to a message."""

    CLAIM = "claim"  # a worker takes it
    ACCEPT = "accept"  # the provider took it
    REFUSE = "refuse"  # surely not sent, try again later
    FAIL = "fail"  # it will never arrive
    LOSE = "lose"  # nobody knows whether it was sent
    DELIVER = "deliver"  # the telephone or mailbox has it
    RESEND = "resend"  # a person decided so


S, A = MessageStatus, MessageAction

# Only forward: delivered and failed are ends. A callback may overtake the worker's own note, hence the rows that
# start at queued (refused by the network, yet sent) and unknown.
TRANSITIONS: Mapping[tuple[MessageStatus, MessageAction], MessageStatus] = {
    (S.QUEUED, A.CLAIM): S.SENDING,
    (S.QUEUED, A.ACCEPT): S.ACCEPTED,
    (S.QUEUED, A.FAIL): S.FAILED,
    (S.QUEUED, A.DELIVER): S.DELIVERED,
    (S.SENDING, A.ACCEPT): S.ACCEPTED,
    (S.SENDING, A.REFUSE): S.QUEUED,
    (S.SENDING, A.FAIL): S.FAILED,
    (S.SENDING, A.LOSE): S.UNKNOWN,
    (S.SENDING, A.DELIVER): S.DELIVERED,
    (S.UNKNOWN, A.ACCEPT): S.ACCEPTED,
    (S.UNKNOWN, A.REFUSE): S.QUEUED,
    (S.UNKNOWN, A.FAIL): S.FAILED,
    (S.UNKNOWN, A.DELIVER): S.DELIVERED,
    (S.UNKNOWN, A.RESEND): S.QUEUED,
    (S.ACCEPTED, A.FAIL): S.FAILED,
    (S.ACCEPTED, A.DELIVER): S.DELIVERED,
}


def sources(action: MessageAction) -> tuple[MessageStatus, ...]:
    """The states from which `action` leads on."""
    return tuple(before for before, done in TRANSITIONS if done is action)


def target(action: MessageAction) -> MessageStatus:
    """Where `action` leads; the same from everywhere."""
    return next(after for (_, done), after in TRANSITIONS.items() if done is action)
