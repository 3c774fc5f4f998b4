"""States of codes and campaigns: every end under every policy, every standing."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from promos.states import (
    TRANSITIONS,
    BurnPolicy,
    CampaignStanding,
    CodeAction,
    CodeState,
    OrderEnd,
    Standing,
    campaign_standing,
    end_action,
    standing,
)

START = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
END = datetime(2026, 8, 31, 21, 59, 59, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RELEASE, BURN, KEEP = CodeAction.RELEASE, CodeAction.BURN, CodeAction.KEEP


@pytest.mark.parametrize(("policy", "expected"), [
    (BurnPolicy.CUSTOMER_CANCELS, (BURN, RELEASE, RELEASE, RELEASE, RELEASE, KEEP)),
    (BurnPolicy.CANCELS_OR_DAMAGED, (BURN, RELEASE, RELEASE, RELEASE, BURN, KEEP)),
    (BurnPolicy.NEVER, (RELEASE, RELEASE, RELEASE, RELEASE, RELEASE, KEEP)),
])
def test_the_end_of_an_order_burns_gives_back_or_keeps_its_code_by_policy(
        policy: BurnPolicy, expected: tuple[CodeAction, ...]) -> None:
    """X-09, W-17."""
    ends = (OrderEnd.CANCELLED_BY_CUSTOMER, OrderEnd.CANCELLED_BY_COMPANY, OrderEnd.REJECTED,
            OrderEnd.UNDELIVERABLE, OrderEnd.DAMAGED, OrderEnd.WITHDRAWN)
    assert tuple(end_action(policy, why) for why in ends) == expected


def test_nothing_leads_out_of_burnt_and_a_redeemed_code_cannot_be_redeemed_or_held() -> None:
    """Every state x every action (H-137)."""
    allowed = {(state.value, action.value): after.value for (state, action), after in TRANSITIONS.items()}
    assert allowed == {
        ("issued", "hold"): "held", ("held", "hold"): "held", ("held", "let_go"): "issued",
        ("held", "lapse"): "issued",
        ("issued", "redeem"): "redeemed", ("held", "redeem"): "redeemed",
        ("redeemed", "release"): "issued", ("redeemed", "burn"): "burnt", ("redeemed", "keep"): "redeemed",
    }


@pytest.mark.parametrize(("state", "held_until", "now", "expected"), [
    (CodeState.ISSUED, None, START - SECOND, Standing.PLANNED),
    (CodeState.ISSUED, None, START, Standing.ACTIVE),
    (CodeState.ISSUED, None, END, Standing.ACTIVE),
    (CodeState.ISSUED, None, END + SECOND, Standing.EXPIRED),
    (CodeState.HELD, END, END - SECOND, Standing.HELD),
    (CodeState.HELD, END - SECOND, END - SECOND, Standing.ACTIVE),
    (CodeState.HELD, END + 2 * SECOND, END + SECOND, Standing.HELD),
    (CodeState.HELD, END + SECOND, END + SECOND, Standing.EXPIRED),
    (CodeState.REDEEMED, None, END + SECOND, Standing.REDEEMED),
    (CodeState.BURNT, None, START - SECOND, Standing.BURNT),
])
def test_active_and_expired_are_derived_from_the_time(
        state: CodeState, held_until: datetime | None, now: datetime, expected: Standing) -> None:
    """H-131, H-132."""
    assert standing(state, held_until, starts_at=START, ends_at=END, now=now) is expected


def test_a_campaign_is_planned_then_running_then_ended_its_last_instant_included() -> None:
    """H-131."""
    seen = [campaign_standing(START, END, at) for at in (START - SECOND, START, END, END + SECOND)]
    assert seen == [CampaignStanding.PLANNED, CampaignStanding.RUNNING, CampaignStanding.RUNNING,
                    CampaignStanding.ENDED]
    stopped = [campaign_standing(START, END, at, paused=True) for at in (START - SECOND, END, END + SECOND)]
    assert stopped == [CampaignStanding.PAUSED, CampaignStanding.PAUSED, CampaignStanding.ENDED]
