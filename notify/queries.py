"""Reads of the outbox."""
from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from core.db import db
from notify.models import OutboxMessage
from notify.states import Medium, MessageStatus

PAGE = 30
_RECIPIENTS = 100


@dataclass(frozen=True, kw_only=True)
class OutboxPage:
    """One page of messages, newest first, and how many there are."""

    messages: list[OutboxMessage]
    total: int
    page: int
    pages: int


def outbox_page(*, medium: Medium | None = None, recipient: str = "", page: int = 1) -> OutboxPage:
    """A page of the outbox; a page beyond the last is the last."""
    wanted: list[sa.ColumnElement[bool]] = []
    if medium is not None:
        wanted.append(OutboxMessage.medium == medium)
    if recipient:
        wanted.append(OutboxMessage.recipient == recipient)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage).where(*wanted)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.scalars(sa.select(OutboxMessage).where(*wanted).order_by(OutboxMessage.id.desc())
                              .offset((page - 1) * PAGE).limit(PAGE))
    return OutboxPage(messages=list(rows), total=total, page=page, pages=pages)


def recipients() -> list[str]:
    """Who got messages, the latest first."""
    return list(db.session.scalars(
        sa.select(OutboxMessage.recipient).group_by(OutboxMessage.recipient)
        .order_by(sa.func.max(OutboxMessage.id).desc()).limit(_RECIPIENTS)))


def messages_about(ref: str) -> list[OutboxMessage]:
    """Every message about a thing (`order:12`), the latest first."""
    return list(db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.ref == ref)
                                   .order_by(OutboxMessage.id.desc())))


def was_queued(dedupe_key: str) -> bool:
    """Whether the message of this key is in the outbox, sent or not."""
    return bool(db.session.scalar(sa.select(sa.exists().where(OutboxMessage.dedupe_key == dedupe_key))))


def troubled(limit: int = 50) -> list[OutboxMessage]:
    """Messages that failed or whose outcome is unknown, the latest first."""
    return list(db.session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.status.in_((MessageStatus.FAILED, MessageStatus.UNKNOWN)))
        .order_by(OutboxMessage.id.desc()).limit(limit)))
