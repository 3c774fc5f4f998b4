"""Messages that go out, and SMS that come in."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UtcDateTime, str_enum
from notify.states import Medium, MessageStatus


class OutboxMessage(Base):
    """One message to a person, written in the transaction of what it tells about (CONVENTIONS 9).

    `ref` says what it is about, e.g. `order:12`. `due_at` is when it may be sent at the earliest; `lease_until` ends
    a worker's claim. `provider_id` is the provider's own number for it.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (sa.Index("ix_outbox_messages_status_due", "status", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    medium: Mapped[Medium] = mapped_column(str_enum(Medium))
    recipient: Mapped[str] = mapped_column(sa.String(120), index=True)
    template: Mapped[str] = mapped_column(sa.String(60))
    language: Mapped[str] = mapped_column(sa.String(2))
    subject: Mapped[str] = mapped_column(sa.String(200), default="")
    body: Mapped[str] = mapped_column(sa.Text)
    ref: Mapped[str] = mapped_column(sa.String(60), index=True)
    status: Mapped[MessageStatus] = mapped_column(str_enum(MessageStatus), default=MessageStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    provider_id: Mapped[str | None] = mapped_column(sa.String(80), index=True)
    error_code: Mapped[str] = mapped_column(sa.String(40), default="")


class InboundSms(Base):
    """An SMS that came in; the same provider number twice is one row."""

    __tablename__ = "inbound_sms"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(sa.String(80), unique=True)
    sender: Mapped[str] = mapped_column(sa.String(40), index=True)
    recipient: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
