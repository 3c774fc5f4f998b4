"""The life of a code: check, hold, lapse, redeem, release, burn. Each change is one guarded UPDATE.

Taken in this order: code, campaign, redemption.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core import calendar, settings
from core.audit import current_actor
from core.db import changed_rows, db
from core.i18n import show_date
from promos.campaigns import (
    create_campaign,
    end_campaign,
    extend_campaign,
    issue_codes,
    pause_campaign,
    resume_campaign,
)
from promos.errors import (
    PromoExpired,
    PromoHeld,
    PromoNotYet,
    PromoNotYours,
    PromoOnlyOne,
    PromoPaused,
    PromoRefused,
    PromoUnknown,
    PromoUsed,
    PromoUsedUp,
    expired_on,
)
from promos.models import Campaign, PromoCode, PromoEvent, PromoRedemption
from promos.queries import code_by_text
from promos.rules import Benefit, CampaignTerms, OrderFacts, discount, in_hours, outside_hours
from promos.states import TRANSITIONS, CodeAction, CodeState, OrderEnd, Outcome, Standing, end_action, standing

__all__ = ["check", "create_campaign", "end_campaign", "extend_campaign", "held_too_long", "hold", "issue_codes",
           "lapse_holds", "order_ended", "pause_campaign", "redeem", "release_hold",
           "resume_campaign"]
LAPSED_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A code that this order may use now."""

    code_id: int
    campaign_id: int
    terms: CampaignTerms
    held_until: datetime | None
    open: bool
    benefit: Benefit


def check(code: str, facts: OrderFacts, *, holder: str, now: datetime) -> Benefit:
    """What the code gives for this order. Read only; raises a PromoRefused (see promos.errors)."""
    return _find(code, facts, holder, now).benefit


def hold(code: str, facts: OrderFacts, *, holder: str, now: datetime) -> Benefit:
    """Keep the code for this order form (`holder` = its request_key) for 15 minutes; raises like `check` (Y-12).

    The form holds one code at a time (W-19): taking another lets go of the first. A hold made before the campaign
    ends, pauses or leaves its hours lives out its time, but is not made longer.
    """
    found = _find(code, facts, holder, now)
    until = now + timedelta(minutes=settings.get("promo_hold_minutes", now))
    if not found.open and found.held_until is not None:
        until = found.held_until
    won = changed_rows(sa.update(PromoCode).where(PromoCode.id == found.code_id, _free_for(holder, now)).values(
        state=TRANSITIONS[CodeState.ISSUED, CodeAction.HOLD], held_by=holder, held_until=until))
    if won != 1:
        _refuse_lost(found.code_id, holder, now)
    _note(found.code_id, CodeAction.HOLD, now)
    _let_go(holder, now, except_id=found.code_id)
    return found.benefit


def redeem(code: str, facts: OrderFacts, *, holder: str, order_ref: str, now: datetime) -> Benefit:
    """Use the code up in the order's own transaction; raises like `check` when it was lost meanwhile (H-137).

    A hold is not needed, only nobody else's may stand in the way. PromoOnlyOne when the order has a code (H-136).
    """
    found = _find(code, facts, holder, now)
    if db.session.scalar(sa.select(PromoRedemption.id).where(
            PromoRedemption.order_ref == order_ref, PromoRedemption.outcome == Outcome.USED)):
        raise PromoOnlyOne(order_ref=order_ref)
    won = changed_rows(sa.update(PromoCode).where(PromoCode.id == found.code_id, _free_for(holder, now)).values(
        state=TRANSITIONS[CodeState.ISSUED, CodeAction.REDEEM], held_by=None, held_until=None))
    if won != 1:
        _refuse_lost(found.code_id, holder, now)
    cents = found.benefit.discount_cents
    _take_from_campaign(found.campaign_id, cents)
    db.session.add(PromoRedemption(
        code_id=found.code_id, campaign_id=found.campaign_id, order_ref=order_ref, order_channel=facts.channel,
        gas_cents=facts.gas_cents, discount_cents=cents, redeemed_at=now, outcome=Outcome.USED))
    _note(found.code_id, CodeAction.REDEEM, now, order_ref=order_ref, discount_cents=cents)
    _let_go(holder, now, except_id=found.code_id)
    db.session.flush()
    return found.benefit


def release_hold(holder: str, *, now: datetime) -> None:
    """Let go of whatever this order form holds."""
    _let_go(holder, now)


def held_too_long(now: datetime) -> list[int]:
    """The codes whose hold ran out, the oldest 200 at most."""
    return list(db.session.scalars(sa.select(PromoCode.id).where(_over(now)).order_by(PromoCode.held_until)
                                   .limit(LAPSED_AT_ONCE)))


def lapse_holds(now: datetime) -> int:
    """Free codes whose hold ran out and say so in their history (Y-12); how many."""
    freed = 0
    for code_id in held_too_long(now):
        if changed_rows(sa.update(PromoCode).where(PromoCode.id == code_id, _over(now)).values(
                state=TRANSITIONS[CodeState.HELD, CodeAction.LAPSE], held_by=None, held_until=None)) == 1:
            _note(code_id, CodeAction.LAPSE, now)
            freed += 1
    return freed


def order_ended(order_ref: str, why: OrderEnd, *, now: datetime) -> None:
    """Burn, give back or keep the code of an order that ended, by its campaign's policy (X-09, W-17).

    An order without a code, or whose code was settled before, changes nothing.
    """
    row = db.session.execute(
        sa.select(PromoRedemption.id, PromoRedemption.code_id, PromoRedemption.campaign_id,
                  PromoRedemption.discount_cents, Campaign.burn_policy)
        .join(Campaign, Campaign.id == PromoRedemption.campaign_id)
        .where(PromoRedemption.order_ref == order_ref, PromoRedemption.outcome == Outcome.USED)).one_or_none()
    if row is None:
        return
    action = end_action(row.burn_policy, why)
    if action is CodeAction.KEEP:
        _note(row.code_id, action, now, order_ref=order_ref, why=why.value)
        return
    ended = changed_rows(sa.update(PromoRedemption).where(
        PromoRedemption.id == row.id, PromoRedemption.outcome == Outcome.USED).values(
        outcome=Outcome.BURNT if action is CodeAction.BURN else Outcome.RELEASED, ended_at=now))
    if ended != 1:
        return  # somebody else settled it between reading and writing
    if changed_rows(sa.update(PromoCode).where(
            PromoCode.id == row.code_id, PromoCode.state == CodeState.REDEEMED).values(
            state=TRANSITIONS[CodeState.REDEEMED, action])) != 1:
        raise RuntimeError(f"code {row.code_id} has a redemption that counts but is not redeemed")
    changed_rows(sa.update(Campaign).where(Campaign.id == row.campaign_id).values(
        redeemed_count=Campaign.redeemed_count - 1, spent_cents=Campaign.spent_cents - row.discount_cents))
    _note(row.code_id, action, now, order_ref=order_ref, why=why.value)


def _find(text: str, facts: OrderFacts, holder: str, now: datetime) -> _Found:
    """The code and its benefit, or the refusal; nothing is told of a code that is not this person's (Y-12)."""
    code = code_by_text(text)
    if code is None:
        raise PromoUnknown()
    if code.customer_id is not None and code.customer_id != facts.customer_id:
        raise PromoNotYours(code_id=code.id)
    terms = code.campaign.terms
    _require_usable(code, terms, holder, now)
    cents = discount(terms, facts, min_left_cents=settings.get("promo_min_left_cents", now))
    mine = code.held_until if code.held_by == holder else None
    closed = _closed(code.campaign, terms, now)
    if closed is not None and (mine is None or mine <= now):
        raise closed
    _require_room(code.campaign, cents)
    benefit = Benefit(code=code.code, campaign_name=code.campaign.name, discount_cents=cents, valid_until=terms.ends_at)
    return _Found(code_id=code.id, campaign_id=code.campaign_id, terms=terms, held_until=mine,
                  open=closed is None and now <= terms.ends_at, benefit=benefit)


def _require_usable(code: PromoCode, terms: CampaignTerms, holder: str, now: datetime) -> None:
    match standing(code.state, code.held_until, starts_at=terms.starts_at, ends_at=terms.ends_at, now=now):
        case Standing.REDEEMED | Standing.BURNT:
            raise PromoUsed(code_id=code.id)
        case Standing.PLANNED:
            raise PromoNotYet(code_id=code.id)
        case Standing.HELD if code.held_by != holder:
            if now > terms.ends_at:
                raise _expired(code, terms)
            raise PromoHeld(code_id=code.id)
        case Standing.EXPIRED:
            raise _expired(code, terms)


def _closed(campaign: Campaign, terms: CampaignTerms, now: datetime) -> PromoRefused | None:
    """What keeps codes from being taken now, though they are valid on this day."""
    if campaign.paused_at is not None:
        return PromoPaused(campaign_id=campaign.id)
    return None if in_hours(terms, calendar.local(now).time()) else outside_hours(terms)


def _expired(code: PromoCode, terms: CampaignTerms) -> PromoExpired:
    return PromoExpired(expired_on(show_date(terms.ends_at)), code_id=code.id)


def _require_room(campaign: Campaign, cents: int) -> None:
    """An early answer only: the guarded UPDATE of `_take_from_campaign` decides."""
    over = campaign.max_redemptions is not None and campaign.redeemed_count >= campaign.max_redemptions
    if over or (campaign.budget_cents is not None and campaign.spent_cents + cents > campaign.budget_cents):
        raise PromoUsedUp(campaign_id=campaign.id)


def _take_from_campaign(campaign_id: int, cents: int) -> None:
    won = changed_rows(sa.update(Campaign).where(
        Campaign.id == campaign_id,
        sa.or_(Campaign.max_redemptions.is_(None), Campaign.redeemed_count < Campaign.max_redemptions),
        sa.or_(Campaign.budget_cents.is_(None), Campaign.spent_cents + cents <= Campaign.budget_cents),
    ).values(redeemed_count=Campaign.redeemed_count + 1, spent_cents=Campaign.spent_cents + cents))
    if won != 1:
        raise PromoUsedUp(campaign_id=campaign_id)


def _over(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(PromoCode.state == CodeState.HELD, PromoCode.held_until <= now)


def _free_for(holder: str, now: datetime) -> sa.ColumnElement[bool]:
    """The guard: nobody used the code, and nobody else holds it now."""
    return sa.or_(PromoCode.state == CodeState.ISSUED, sa.and_(
        PromoCode.state == CodeState.HELD, sa.or_(PromoCode.held_by == holder, PromoCode.held_until <= now)))


def _refuse_lost(code_id: int, holder: str, now: datetime) -> None:
    """The code was taken between reading and writing: say by whom."""
    state = db.session.scalar(sa.select(PromoCode.state).where(PromoCode.id == code_id))
    raise PromoHeld(code_id=code_id) if state is CodeState.HELD else PromoUsed(code_id=code_id)


def _let_go(holder: str, now: datetime, *, except_id: int | None = None) -> None:
    held = sa.select(PromoCode.id).where(PromoCode.held_by == holder, PromoCode.state == CodeState.HELD)
    for code_id in db.session.scalars(held.order_by(PromoCode.id)).all():
        if code_id != except_id and changed_rows(sa.update(PromoCode).where(
                PromoCode.id == code_id, PromoCode.held_by == holder, PromoCode.state == CodeState.HELD).values(
                state=TRANSITIONS[CodeState.HELD, CodeAction.LET_GO], held_by=None, held_until=None)) == 1:
            _note(code_id, CodeAction.LET_GO, now)


def _note(code_id: int, action: CodeAction, now: datetime, *, order_ref: str | None = None, **details: Any) -> None:
    db.session.add(PromoEvent(code_id=code_id, at=now, actor=current_actor(), action=action, order_ref=order_ref,
                              details=details))
