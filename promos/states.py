"""States of a promo code, what the end of an order does to it, and the closed sets of a campaign (pure)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum


class BenefitKind(StrEnum):
    """What a code gives (H-130). A further kind is a member here and a rule in rules.BENEFITS."""

    FIXED = "fixed"
    PERCENT = "percent"


class CodeChannel(StrEnum):
    """By which way a batch of codes reaches people (H-133)."""

    SMS = "sms"
    EMAIL = "email"
    MEDIA = "media"
    PERSONAL = "personal"


class ZoneLimit(StrEnum):
    """Whether a campaign is bound to the city zone."""

    ANYWHERE = "anywhere"
    INSIDE = "inside"
    OUTSIDE = "outside"


class BurnPolicy(StrEnum):
    """When the end of an order burns its code (X-09, W-17)."""

    CUSTOMER_CANCELS = "customer_cancels"
    CANCELS_OR_DAMAGED = "cancels_or_damaged"
    NEVER = "never"


class CodeState(StrEnum):
    """What is stored of a code. Active and expired are derived: see `standing`."""

    ISSUED = "issued"
    HELD = "held"
    REDEEMED = "redeemed"
    BURNT = "burnt"


class CodeAction(StrEnum):
    """What can happen to a code; also the words of its history."""

    ISSUE = "issue"
    HOLD = "hold"
    LET_GO = "let_go"
    LAPSE = "lapse"
    SEND = "send"
    REDEEM = "redeem"
    RELEASE = "release"
    BURN = "burn"
    KEEP = "keep"


class OrderEnd(StrEnum):
    """How the order ended that carried a code."""

    CANCELLED_BY_CUSTOMER = "cancelled_by_customer"
    CANCELLED_BY_COMPANY = "cancelled_by_company"
    REJECTED = "rejected"
    UNDELIVERABLE = "undeliverable"
    DAMAGED = "damaged"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What became of a redemption: it counts (used), gave the code back (released) or cost it (burnt)."""

    USED = "used"
    RELEASED = "released"
    BURNT = "burnt"


class SendState(StrEnum):
    """What became of a code meant for a customer: skipped when the yes was taken back or the campaign ended first."""

    WAITING = "waiting"
    SENT = "sent"
    SKIPPED = "skipped"


C, A, E = CodeState, CodeAction, OrderEnd

TRANSITIONS: Mapping[tuple[CodeState, CodeAction], CodeState] = {
    (C.ISSUED, A.HOLD): C.HELD,
    (C.HELD, A.HOLD): C.HELD,  # by the same holder, or once the other's 15 minutes are over
    (C.HELD, A.LET_GO): C.ISSUED,
    (C.HELD, A.LAPSE): C.ISSUED,
    (C.ISSUED, A.REDEEM): C.REDEEMED,
    (C.HELD, A.REDEEM): C.REDEEMED,  # likewise
    (C.REDEEMED, A.RELEASE): C.ISSUED,
    (C.REDEEMED, A.BURN): C.BURNT,
    (C.REDEEMED, A.KEEP): C.REDEEMED,
}

_BURNS: Mapping[BurnPolicy, frozenset[OrderEnd]] = {
    BurnPolicy.CUSTOMER_CANCELS: frozenset({E.CANCELLED_BY_CUSTOMER}),
    BurnPolicy.CANCELS_OR_DAMAGED: frozenset({E.CANCELLED_BY_CUSTOMER, E.DAMAGED}),
    BurnPolicy.NEVER: frozenset(),
}


def end_action(policy: BurnPolicy, why: OrderEnd) -> CodeAction:
    """What the end of an order does to its code (X-09): a withdrawal keeps it used whatever the policy says."""
    if why is OrderEnd.WITHDRAWN:
        return CodeAction.KEEP
    return CodeAction.BURN if why in _BURNS[policy] else CodeAction.RELEASE


class Standing(StrEnum):
    """What a code is good for at an instant: the stored state seen in the light of time (H-131, H-132)."""

    PLANNED = "planned"
    ACTIVE = "active"
    HELD = "held"
    REDEEMED = "redeemed"
    BURNT = "burnt"
    EXPIRED = "expired"


def standing(state: CodeState, held_until: datetime | None, *, starts_at: datetime, ends_at: datetime,
             now: datetime) -> Standing:
    """Derive a code's standing. A hold made in time lives on for its 15 minutes after the end."""
    if state is CodeState.REDEEMED:
        return Standing.REDEEMED
    if state is CodeState.BURNT:
        return Standing.BURNT
    if state is CodeState.HELD and held_until is not None and held_until > now:
        return Standing.HELD
    if now < starts_at:
        return Standing.PLANNED
    return Standing.ACTIVE if now <= ends_at else Standing.EXPIRED


class CampaignStanding(StrEnum):
    """Where a campaign stands in time, and whether somebody stopped it for a while."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


def campaign_standing(starts_at: datetime, ends_at: datetime, now: datetime, *, paused: bool = False,
                      ) -> CampaignStanding:
    """Derive where a campaign stands; its last instant still counts. One that ended before its start is ended."""
    if now > ends_at:
        return CampaignStanding.ENDED
    if paused:
        return CampaignStanding.PAUSED
    return CampaignStanding.RUNNING if now >= starts_at else CampaignStanding.PLANNED
