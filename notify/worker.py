"""Sends what is due: claim by a guarded UPDATE, send with no transaction open, record (CONVENTIONS 9, Y-14)."""
from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from core.clock import utc_now
from core.db import changed_rows, db, unit_of_work
from notify.models import OutboxMessage
from notify.states import Medium, MessageAction, MessageStatus, sources, target
from notify.transports import Outcome, Outgoing, Transport

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)  # well above the transports' timeouts
BATCH = 100
MOST_ATTEMPTS = 8
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5, 600


def send_due() -> int:
    """Send up to BATCH due messages and flag those whose sending was cut off. Returns how many were tried."""
    transports: Mapping[Medium, Transport] = current_app.extensions["transports"]
    flag_expired()
    tried = 0
    while tried < BATCH and (message := claim_next()) is not None:
        record(message, _send(transports[message.medium], message))
        tried += 1
    return tried


def _send(transport: Transport, message: Outgoing) -> Outcome:
    try:
        return transport.send(message)
    except Exception as error:
        log.exception("sending message %s broke off", message.id)
        return Outcome(action=MessageAction.LOSE, error_code=type(error).__name__[:40])


def claim_next() -> Outgoing | None:
    """Take the message that is due longest; None when nothing is due. No two workers get the same one."""
    while (message_id := _longest_due(utc_now())) is not None:
        with unit_of_work():
            now = utc_now()
            won = changed_rows(sa.update(OutboxMessage).where(
                OutboxMessage.id == message_id, OutboxMessage.status.in_(sources(MessageAction.CLAIM)),
            ).values(status=target(MessageAction.CLAIM), attempts=OutboxMessage.attempts + 1,
                     lease_until=now + LEASE, changed_at=now, error_code=""))
            if won:
                row = db.session.get_one(OutboxMessage, message_id)
                return Outgoing(id=row.id, medium=row.medium, recipient=row.recipient, subject=row.subject,
                                body=row.body, language=row.language, attempts=row.attempts)
    return None


def _longest_due(now: datetime) -> int | None:
    """Read without a write lock: an idle sweep disturbs nobody."""
    try:
        return db.session.scalar(
            sa.select(OutboxMessage.id)
            .where(OutboxMessage.status == MessageStatus.QUEUED, OutboxMessage.due_at <= now)
            .order_by(OutboxMessage.due_at, OutboxMessage.id).limit(1))
    finally:
        db.session.rollback()


def record(message: Outgoing, outcome: Outcome) -> None:
    """Write down what came of an attempt, unless a callback has told more already."""
    action, now = outcome.action, utc_now()
    if action is MessageAction.REFUSE and message.attempts >= MOST_ATTEMPTS:
        action = MessageAction.FAIL
    values = {"status": target(action), "lease_until": None, "changed_at": now, "error_code": outcome.error_code}
    if action is MessageAction.REFUSE:
        values["due_at"] = now + wait_after(message.attempts)
    if outcome.provider_id:
        values["provider_id"] = outcome.provider_id
    with unit_of_work():
        # After an expired lease the row is `unknown`; the late answer of this very attempt still resolves it.
        changed_rows(sa.update(OutboxMessage).where(
            OutboxMessage.id == message.id, OutboxMessage.attempts == message.attempts,
            OutboxMessage.status.in_(set(sources(action)) & {MessageStatus.SENDING, MessageStatus.UNKNOWN}),
        ).values(values))
    if action in (MessageAction.FAIL, MessageAction.LOSE):
        log.warning("message %s: %s %s", message.id, target(action), outcome.error_code)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the n-th refusal: 5 s, doubled each time, at most 10 minutes."""
    return timedelta(seconds=min(_FIRST_WAIT_S * 2 ** (attempts - 1), _LONGEST_WAIT_S))


def flag_expired() -> int:
    """A message whose worker vanished while sending becomes `unknown`; it is never resent by itself (Y-14)."""
    expired = (OutboxMessage.status == MessageStatus.SENDING) & (OutboxMessage.lease_until < utc_now())
    any_expired = db.session.scalar(sa.select(OutboxMessage.id).where(expired).limit(1))
    if any_expired is None:
        db.session.rollback()
        return 0
    with unit_of_work():
        count = changed_rows(sa.update(OutboxMessage).where(expired).values(
            status=target(MessageAction.LOSE), lease_until=None, changed_at=utc_now(), error_code="worker_lost"))
    log.error("%s messages were cut off while sending; a person must decide", count)
    return count
