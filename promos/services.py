"""Campaigns and the life of a code: check, hold, redeem, release, burn. Each change is one guarded UPDATE."""
from __future__ import annotations

from datetime import datetime

from promos.models import Campaign
from promos.rules import Benefit, CampaignDraft, OrderFacts
from promos.states import CodeChannel, OrderEnd


def create_campaign(draft: CampaignDraft, *, request_key: str, now: datetime, actor: str) -> Campaign:
    """Make a campaign without codes; the same `request_key` again returns the first. WrongCampaign names the field."""
    raise NotImplementedError


def issue_codes(campaign_id: int, number: int, *, channel: CodeChannel, now: datetime, actor: str,
                request_key: str | None = None, customer_id: int | None = None) -> list[str]:
    """Issue a batch of `number` codes for one channel; the same `request_key` again returns the first batch."""
    raise NotImplementedError


def end_campaign(campaign_id: int, *, now: datetime, actor: str) -> None:
    """End a campaign now: its codes expire; holds already made live out their 15 minutes. CampaignEnded if over."""
    raise NotImplementedError


def check(code: str, facts: OrderFacts, *, holder: str, now: datetime) -> Benefit:
    """What the code gives for this order. Read only; raises a PromoRefused (see promos.errors)."""
    raise NotImplementedError


def hold(code: str, facts: OrderFacts, *, holder: str, now: datetime) -> Benefit:
    """Keep the code for this order form (`holder` = its request_key) for 15 minutes; raises like `check` (Y-12)."""
    raise NotImplementedError


def redeem(code: str, facts: OrderFacts, *, holder: str, order_ref: str, now: datetime) -> Benefit:
    """Use the code up in the order's own transaction; raises like `check` when it was lost meanwhile (H-137)."""
    raise NotImplementedError


def release_hold(holder: str, *, now: datetime) -> None:
    """Let go of whatever this order form holds."""
    raise NotImplementedError


def order_ended(order_ref: str, why: OrderEnd, *, now: datetime) -> None:
    """Burn, give back or keep the code of an order that ended, by its campaign's policy (X-09, W-17)."""
    raise NotImplementedError
