"""Attempts counted in the database: the same for every process, kept over restarts."""
from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import utc_now
from core.db import Base, UtcDateTime, db
from core.errors import DomainError


class TooManyAttempts(DomainError):
    """A limit on guessing was reached."""

    code = "too_many_attempts"
    status = 429
    message = _l("Too many attempts. Wait a few minutes and try again.")


class Attempt(Base):
    """One attempt of a kind by somebody; `key_hash` hides who."""

    __tablename__ = "attempts"
    __table_args__ = (sa.Index("ix_attempts_kind_key_at", "kind", "key_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    key_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def record_attempt(kind: str, key: str) -> None:
    """Count one attempt; call inside a unit of work of its own, so that a refusal does not undo it (Y-12)."""
    db.session.add(Attempt(kind=kind, key_hash=_hash(key), at=utc_now()))


def attempts_since(kind: str, key: str, window: timedelta) -> int:
    """How many attempts of `kind` were made for `key` within `window`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Attempt).where(
        Attempt.kind == kind, Attempt.key_hash == _hash(key), Attempt.at > utc_now() - window)) or 0


def require_below(kind: str, key: str, *, limit: int, window: timedelta) -> None:
    """Refuse with TooManyAttempts when `limit` attempts were made within `window`."""
    if attempts_since(kind, key, window) >= limit:
        raise TooManyAttempts(kind=kind)


def forget(kind: str, key: str) -> None:
    """Delete the attempts of a kind for `key`: it has proved to be right."""
    db.session.execute(sa.delete(Attempt).where(Attempt.kind == kind, Attempt.key_hash == _hash(key)))


def forget_old(before: datetime) -> None:
    """Delete attempts older than `before`."""
    db.session.execute(sa.delete(Attempt).where(Attempt.at < before))
