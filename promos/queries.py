"""Reads of campaigns and codes."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from core import calendar
from core.db import db
from promos.codes import normalise
from promos.errors import UnknownCampaign
from promos.models import Campaign, PromoBatch, PromoCode, PromoEvent, PromoMailing, PromoRedemption, PromoSend
from promos.states import CodeChannel, CodeState, Outcome, SendState, Standing

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class CodeRow:
    """One code as lists show it."""

    id: int
    code: str
    channel: CodeChannel
    standing: Standing
    issued_at: datetime
    redeemed_at: datetime | None
    order_ref: str | None
    discount_cents: int | None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """How a campaign does: its codes by standing, what it cost and the gas it sold (orders that count)."""

    counts: dict[Standing, int] = field(default_factory=dict)
    cost_cents: int = 0
    revenue_cents: int = 0

    @property
    def issued(self) -> int:
        return sum(self.counts.values())


def campaign_by_id(campaign_id: int) -> Campaign:
    """The campaign; UnknownCampaign when there is none."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        raise UnknownCampaign(campaign_id=campaign_id)
    return campaign


def code_by_text(text: str) -> PromoCode | None:
    """The code for what a person typed, in whatever case and spacing."""
    code = normalise(text)
    return db.session.scalar(sa.select(PromoCode).where(PromoCode.code == code)) if code else None


def campaigns(page: int = 1) -> list[Campaign]:
    """A page of campaigns, newest first."""
    return list(db.session.scalars(sa.select(Campaign).order_by(Campaign.id.desc()).offset((page - 1) * PAGE)
                                   .limit(PAGE)))


def number_of_campaigns() -> int:
    """How many campaigns there are."""
    return db.session.scalar(sa.select(sa.func.count(Campaign.id))) or 0


def summaries(campaign_ids: Sequence[int], now: datetime) -> dict[int, Summary]:
    """How these campaigns do at an instant."""
    counts: dict[int, dict[Standing, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    state = _standing(now)
    for campaign_id, found, number in db.session.execute(
            sa.select(PromoCode.campaign_id, state, sa.func.count()).join(Campaign)
            .where(PromoCode.campaign_id.in_(campaign_ids)).group_by(PromoCode.campaign_id, state)):
        counts[campaign_id][Standing(found)] = number
    money = {row.campaign_id: (row.cost, row.revenue) for row in db.session.execute(
        sa.select(PromoRedemption.campaign_id, sa.func.sum(PromoRedemption.discount_cents).label("cost"),
                  sa.func.sum(PromoRedemption.gas_cents - PromoRedemption.discount_cents).label("revenue"))
        .where(PromoRedemption.campaign_id.in_(campaign_ids), PromoRedemption.outcome == Outcome.USED)
        .group_by(PromoRedemption.campaign_id))}
    return {campaign_id: Summary(counts=counts[campaign_id], cost_cents=int(money.get(campaign_id, (0, 0))[0]),
                                 revenue_cents=int(money.get(campaign_id, (0, 0))[1]))
            for campaign_id in campaign_ids}


def batches(campaign_id: int) -> list[PromoBatch]:
    """The batches of a campaign, oldest first."""
    return list(db.session.scalars(sa.select(PromoBatch).where(PromoBatch.campaign_id == campaign_id)
                                   .order_by(PromoBatch.id)))


def number_of_codes(campaign_id: int, now: datetime, *, text: str = "", state: Standing | None = None) -> int:
    """How many codes of a campaign match."""
    wanted = _codes(campaign_id, now, text, state).with_only_columns(sa.func.count(PromoCode.id)).order_by(None)
    return db.session.scalar(wanted) or 0


def codes(campaign_id: int, now: datetime, *, text: str = "", state: Standing | None = None, page: int = 1,
          ) -> list[CodeRow]:
    """A page of a campaign's codes. `text` is a part of a code, in whatever case and spacing."""
    wanted = _codes(campaign_id, now, text, state).offset((page - 1) * PAGE).limit(PAGE)
    return [_row(row) for row in db.session.execute(wanted)]


def all_codes(campaign_id: int, now: datetime) -> Iterator[CodeRow]:
    """Every code of a campaign, for the export."""
    for row in db.session.execute(_codes(campaign_id, now, "", None)).yield_per(500):
        yield _row(row)


def code_of_campaign(campaign_id: int, code_id: int, now: datetime) -> CodeRow | None:
    """One code of this campaign."""
    row = db.session.execute(_codes(campaign_id, now, "", None).where(PromoCode.id == code_id)).one_or_none()
    return None if row is None else _row(row)


def history(code_id: int) -> list[PromoEvent]:
    """What happened to a code, oldest first."""
    return list(db.session.scalars(sa.select(PromoEvent).where(PromoEvent.code_id == code_id).order_by(PromoEvent.id)))


def number_of_mailings(campaign_id: int) -> int:
    """How often codes of a campaign were sent by SMS."""
    return db.session.scalar(sa.select(sa.func.count(PromoMailing.id)).where(
        PromoMailing.campaign_id == campaign_id)) or 0


def mailings(campaign_id: int, page: int = 1) -> list[tuple[PromoMailing, dict[SendState, int]]]:
    """A page of a campaign's mailings, newest first, each with how many of its messages are in which state."""
    found = list(db.session.scalars(
        sa.select(PromoMailing).where(PromoMailing.campaign_id == campaign_id).order_by(PromoMailing.id.desc())
        .offset((page - 1) * PAGE).limit(PAGE)))
    counts: dict[int, dict[SendState, int]] = {mailing.id: {} for mailing in found}
    for mailing_id, state, number in db.session.execute(
            sa.select(PromoSend.mailing_id, PromoSend.state, sa.func.count())
            .where(PromoSend.mailing_id.in_(list(counts))).group_by(PromoSend.mailing_id, PromoSend.state)):
        counts[mailing_id][state] = number
    return [(mailing, counts[mailing.id]) for mailing in found]


def redeemed_by_day(campaign_id: int) -> dict[date, int]:
    """Redemptions that count, by Ljubljana's calendar."""
    days: dict[date, int] = {}
    for at in db.session.scalars(sa.select(PromoRedemption.redeemed_at).where(
            PromoRedemption.campaign_id == campaign_id, PromoRedemption.outcome == Outcome.USED)):
        day = calendar.local_date(at)
        days[day] = days.get(day, 0) + 1
    return days


def _standing(now: datetime) -> sa.ColumnElement[str]:
    """states.standing in SQL."""
    held = sa.and_(PromoCode.state == CodeState.HELD, PromoCode.held_until > now)
    return sa.case(
        (PromoCode.state == CodeState.REDEEMED, Standing.REDEEMED.value),
        (PromoCode.state == CodeState.BURNT, Standing.BURNT.value),
        (held, Standing.HELD.value),
        (Campaign.starts_at > now, Standing.PLANNED.value),
        (Campaign.ends_at >= now, Standing.ACTIVE.value),
        else_=Standing.EXPIRED.value)


def _codes(campaign_id: int, now: datetime, text: str, state: Standing | None) -> sa.Select[*tuple[Any, ...]]:
    used = sa.and_(PromoRedemption.code_id == PromoCode.id, PromoRedemption.outcome != Outcome.RELEASED)
    found = (sa.select(PromoCode.id, PromoCode.code, PromoBatch.channel, _standing(now).label("standing"),
                       PromoBatch.issued_at, PromoRedemption.redeemed_at, PromoRedemption.order_ref,
                       PromoRedemption.discount_cents)
             .select_from(PromoCode).join(Campaign, Campaign.id == PromoCode.campaign_id)
             .join(PromoBatch, PromoBatch.id == PromoCode.batch_id).outerjoin(PromoRedemption, used)
             .where(PromoCode.campaign_id == campaign_id).order_by(PromoCode.id))
    part = "".join(character for character in text.upper() if character.isalnum())
    if text.strip():
        found = found.where(sa.func.replace(PromoCode.code, "-", "").contains(part, autoescape=True)
                            if part else sa.false())
    return found if state is None else found.where(_standing(now) == state.value)


def _row(row: sa.Row[*tuple[Any, ...]]) -> CodeRow:
    values = dict(row._mapping)
    return CodeRow(**values | {"standing": Standing(values["standing"])})
