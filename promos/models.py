"""Campaigns, batches of codes, codes, their redemptions, their history and their way to customers by SMS."""
from __future__ import annotations

from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime, str_enum
from promos.rules import CampaignTerms
from promos.states import (
    BenefitKind,
    BurnPolicy,
    CampaignStanding,
    CodeAction,
    CodeChannel,
    CodeState,
    Outcome,
    SendState,
    ZoneLimit,
    campaign_standing,
)

LIVE = sa.text("outcome = 'used'")


class Campaign(Base):
    """One benefit given for a time, with the limits of who may use it and when a code is burnt.

    `redeemed_count` and `spent_cents` count redemptions whose outcome is `used`; they stand here because the caps
    are guarded by them (a guarded UPDATE, backed by CHECK). Ending a campaign by hand brings `ends_at` forward;
    while `paused_at` is set nobody can begin to use its codes. `from_time` and `until_time` are local hours of the
    day within which codes count.
    """

    __tablename__ = "promo_campaigns"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="time"),
        sa.CheckConstraint("kind <> 'fixed' OR value_cents > 0", name="fixed_value"),
        sa.CheckConstraint("kind <> 'percent' OR (percent > 0 AND percent <= 100)", name="percent_value"),
        sa.CheckConstraint("redeemed_count >= 0 AND spent_cents >= 0", name="counts"),
        sa.CheckConstraint("max_redemptions IS NULL OR redeemed_count <= max_redemptions", name="max_redemptions"),
        sa.CheckConstraint("budget_cents IS NULL OR spent_cents <= budget_cents", name="budget"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    prefix: Mapped[str] = mapped_column(sa.String(12))
    kind: Mapped[BenefitKind] = mapped_column(str_enum(BenefitKind))
    value_cents: Mapped[int | None]
    percent: Mapped[int | None]
    cap_cents: Mapped[int | None]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    product_codes: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    order_channel: Mapped[str | None] = mapped_column(sa.String(20))
    zone: Mapped[ZoneLimit] = mapped_column(str_enum(ZoneLimit))
    first_order_only: Mapped[bool] = mapped_column(default=False)
    from_time: Mapped[time | None] = mapped_column(sa.Time)
    until_time: Mapped[time | None] = mapped_column(sa.Time)
    burn_policy: Mapped[BurnPolicy] = mapped_column(str_enum(BurnPolicy))
    max_redemptions: Mapped[int | None]
    budget_cents: Mapped[int | None]
    redeemed_count: Mapped[int] = mapped_column(default=0)
    spent_cents: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(sa.String(60))
    ended_by: Mapped[str | None] = mapped_column(sa.String(60))
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def ref(self) -> str:
        return f"campaign:{self.id}"

    @property
    def terms(self) -> CampaignTerms:
        """What the rules look at."""
        return CampaignTerms(
            kind=self.kind, value_cents=self.value_cents, percent=self.percent, cap_cents=self.cap_cents,
            starts_at=self.starts_at, ends_at=self.ends_at, product_codes=tuple(self.product_codes),
            order_channel=self.order_channel, zone=self.zone, first_order_only=self.first_order_only,
            from_time=self.from_time, until_time=self.until_time)

    def standing(self, now: datetime) -> CampaignStanding:
        """Planned, running, paused or ended at that instant."""
        return campaign_standing(self.starts_at, self.ends_at, now, paused=self.paused_at is not None)


class PromoBatch(Base):
    """Codes issued together for one channel (H-133)."""

    __tablename__ = "promo_batches"
    __table_args__ = (sa.CheckConstraint("number > 0", name="number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_campaigns.id"), index=True)
    channel: Mapped[CodeChannel] = mapped_column(str_enum(CodeChannel))
    number: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[str] = mapped_column(sa.String(60))


class PromoCode(Base):
    """One single-use code (H-137). `customer_id` is set for a code that only this customer may use.

    A hold is over at `held_until`, whatever `state` says: nothing has to run for it to end (a sweep only writes into
    the code's history that it did).
    """

    __tablename__ = "promo_codes"
    __table_args__ = (
        sa.CheckConstraint("(state = 'held') = (held_by IS NOT NULL AND held_until IS NOT NULL)", name="hold"),
        sa.Index("ix_promo_codes_campaign_state", "campaign_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_campaigns.id"))
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_batches.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    state: Mapped[CodeState] = mapped_column(str_enum(CodeState), default=CodeState.ISSUED)
    held_by: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"))

    campaign: Mapped[Campaign] = relationship()
    batch: Mapped[PromoBatch] = relationship()


class PromoRedemption(Base):
    """A code used in an order. At most one that counts per code (H-137) and per order (H-136, W-19, W-22)."""

    __tablename__ = "promo_redemptions"
    __table_args__ = (
        sa.CheckConstraint("discount_cents > 0 AND gas_cents > discount_cents", name="amounts"),
        sa.Index("uq_promo_redemptions_code_live", "code_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        sa.Index("uq_promo_redemptions_order_live", "order_ref", unique=True, sqlite_where=LIVE,
                 postgresql_where=LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_codes.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_campaigns.id"), index=True)
    order_ref: Mapped[str] = mapped_column(sa.String(40), index=True)
    order_channel: Mapped[str] = mapped_column(sa.String(20))
    gas_cents: Mapped[int]
    discount_cents: Mapped[int]
    redeemed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome] = mapped_column(str_enum(Outcome))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PromoEvent(Base):
    """What happened to a code; never edited."""

    __tablename__ = "promo_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_codes.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[CodeAction] = mapped_column(str_enum(CodeAction))
    order_ref: Mapped[str | None] = mapped_column(sa.String(40))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class PromoMailing(Base):
    """Codes sent by SMS to customers who agreed to offers: what was shown and confirmed, and by whom.

    `intro` is marketing's own sentence; `parts` and `price_cents` are the estimate that was confirmed.
    """

    __tablename__ = "promo_mailings"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_campaigns.id"), index=True)
    intro: Mapped[str] = mapped_column(sa.String(80), default="")
    recipients: Mapped[int]
    parts: Mapped[int]
    price_cents: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(sa.String(60))


class PromoSend(Base):
    """One customer's code of one campaign: UNIQUE makes it one, however often it is asked for at once."""

    __tablename__ = "promo_sends"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "customer_id"),
        sa.Index("ix_promo_sends_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mailing_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_mailings.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("promo_campaigns.id"))
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    code_id: Mapped[int | None] = mapped_column(sa.ForeignKey("promo_codes.id"), unique=True)
    state: Mapped[SendState] = mapped_column(str_enum(SendState), default=SendState.WAITING)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
