"""Making campaigns, issuing their codes; pausing, extending and ending them."""
from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from core import audit
from core.db import changed_rows, db
from core.http import new_request_key
from promos.codes import make_code
from promos.errors import CampaignChanged, CampaignEnded, WrongCampaign
from promos.models import Campaign, PromoBatch, PromoCode, PromoEvent
from promos.queries import campaign_by_id
from promos.rules import MAX_DAYS, CampaignDraft, require_number, require_sound
from promos.states import CampaignStanding, CodeAction, CodeChannel, CodeState


def create_campaign(draft: CampaignDraft, *, request_key: str, now: datetime, actor: str) -> Campaign:
    """Make a campaign without codes; the same `request_key` again returns the first. WrongCampaign names the field."""
    require_sound(draft)
    terms = draft.terms
    campaign = Campaign(
        request_key=request_key, name=draft.name.strip(), prefix=draft.prefix, kind=terms.kind,
        value_cents=terms.value_cents, percent=terms.percent, cap_cents=terms.cap_cents, starts_at=terms.starts_at,
        ends_at=terms.ends_at, product_codes=list(terms.product_codes), order_channel=terms.order_channel,
        zone=terms.zone, first_order_only=terms.first_order_only, from_time=terms.from_time,
        until_time=terms.until_time, burn_policy=draft.burn_policy,
        max_redemptions=draft.max_redemptions, budget_cents=draft.budget_cents, created_at=now, created_by=actor)
    if not _added(campaign):
        return db.session.scalars(sa.select(Campaign).where(Campaign.request_key == request_key)).one()
    audit.record("promo.campaign_created", campaign.ref, actor=actor)
    return campaign


def issue_codes(campaign_id: int, number: int, *, channel: CodeChannel, now: datetime, actor: str,
                request_key: str | None = None, customer_id: int | None = None) -> list[str]:
    """Issue a batch of `number` codes for one channel (H-133); the same `request_key` again returns the first batch.

    `customer_id` makes them codes that only this customer can use. CampaignEnded when the campaign is over.
    """
    require_number(number)
    campaign = campaign_by_id(campaign_id)
    if campaign.standing(now) is CampaignStanding.ENDED:
        raise CampaignEnded(campaign_id=campaign_id)
    prefix, ref = campaign.prefix, campaign.ref
    batch = PromoBatch(request_key=request_key or new_request_key(), campaign_id=campaign_id, channel=channel,
                       number=number, issued_at=now, issued_by=actor)
    if not _added(batch):
        first = sa.select(PromoBatch.id).where(PromoBatch.request_key == request_key)
        return list(db.session.scalars(
            sa.select(PromoCode.code).where(PromoCode.batch_id == first.scalar_subquery()).order_by(PromoCode.id)))
    codes = _new_codes(prefix, number)
    db.session.execute(sa.insert(PromoCode), [
        {"campaign_id": campaign_id, "batch_id": batch.id, "code": code, "state": CodeState.ISSUED,
         "customer_id": customer_id} for code in codes])
    ids = db.session.scalars(sa.select(PromoCode.id).where(PromoCode.batch_id == batch.id)).all()
    db.session.execute(sa.insert(PromoEvent), [
        {"code_id": code_id, "at": now, "actor": actor, "action": CodeAction.ISSUE, "details": {}} for code_id in ids])
    audit.record("promo.codes_issued", ref, actor=actor, number=number, channel=channel.value)
    return codes


def end_campaign(campaign_id: int, *, now: datetime, actor: str) -> None:
    """End a campaign now: its codes expire; holds already made live out their 15 minutes. CampaignEnded if over.

    One that has not begun yet ends before it begins.
    """
    campaign = campaign_by_id(campaign_id)
    ref, starts_at = campaign.ref, campaign.starts_at
    last = now - timedelta(microseconds=1)
    values = {"ends_at": last, "ended_by": actor}
    if starts_at >= last:
        values["starts_at"] = last - timedelta(microseconds=1)
    if changed_rows(sa.update(Campaign).where(Campaign.id == campaign_id, Campaign.ends_at >= now)
                    .values(values)) != 1:
        raise CampaignEnded(campaign_id=campaign_id)
    audit.record("promo.campaign_ended", ref, actor=actor)


def pause_campaign(campaign_id: int, *, now: datetime, actor: str) -> None:
    """Stop a campaign for a while: codes that are not held already cannot be used. CampaignEnded, CampaignChanged."""
    _turn(campaign_id, Campaign.paused_at.is_(None), now, {"paused_at": now})
    audit.record("promo.campaign_paused", f"campaign:{campaign_id}", actor=actor)


def resume_campaign(campaign_id: int, *, now: datetime, actor: str) -> None:
    """Let a paused campaign go on. CampaignEnded, or CampaignChanged when it is not paused."""
    _turn(campaign_id, Campaign.paused_at.is_not(None), now, {"paused_at": None})
    audit.record("promo.campaign_resumed", f"campaign:{campaign_id}", actor=actor)


def extend_campaign(campaign_id: int, ends_at: datetime, *, now: datetime, actor: str) -> None:
    """Let a campaign last until a later instant; one that ran out goes on, one ended by hand does not.

    WrongCampaign for an end that is not later or more than 3 years after the start, CampaignEnded, CampaignChanged.
    """
    campaign = campaign_by_id(campaign_id)
    if campaign.ended_by is not None:
        raise CampaignEnded(campaign_id=campaign_id)
    before = campaign.ends_at
    if ends_at <= max(before, now):
        raise WrongCampaign(_l("The new end must be later than the present one, and in the future."), field="ends_on")
    if (ends_at - campaign.starts_at).days > MAX_DAYS:
        raise WrongCampaign(_l("A campaign can last 3 years at most."), field="ends_on")
    if changed_rows(sa.update(Campaign).where(
            Campaign.id == campaign_id, Campaign.ends_at == before, Campaign.ended_by.is_(None),
    ).values(ends_at=ends_at)) != 1:
        raise CampaignChanged(campaign_id=campaign_id)
    audit.record("promo.campaign_extended", f"campaign:{campaign_id}", actor=actor, before=before.isoformat(),
                 until=ends_at.isoformat())


def _turn(campaign_id: int, guard: sa.ColumnElement[bool], now: datetime, values: dict[str, datetime | None]) -> None:
    if changed_rows(sa.update(Campaign).where(Campaign.id == campaign_id, Campaign.ends_at >= now, guard)
                    .values(values)) == 1:
        return
    if campaign_by_id(campaign_id).standing(now) is CampaignStanding.ENDED:
        raise CampaignEnded(campaign_id=campaign_id)
    raise CampaignChanged(campaign_id=campaign_id)


def _added(row: Campaign | PromoBatch) -> bool:
    """Add a row; False when its request key is there already (a form sent twice): the UNIQUE column decides."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        if "request_key" not in str(error.orig):
            raise
        return False
    return True


def _new_codes(prefix: str, number: int) -> list[str]:
    """Codes that nobody has yet; UNIQUE stands behind it."""
    codes: dict[str, None] = {}
    while len(codes) < number:
        fresh = {make_code(prefix) for _ in range(min(500, number - len(codes)))}
        taken = set(db.session.scalars(sa.select(PromoCode.code).where(PromoCode.code.in_(fresh))))
        codes |= dict.fromkeys(sorted(fresh - taken))
    return list(codes)
