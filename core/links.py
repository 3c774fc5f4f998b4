"""Links without sign-in: 10 random base32 characters, hashed at rest, expiring, revocable (Y-11).

The token is derived from a random nonce and the application's secret, so that the same link can be written into a
later message, while the database alone gives no token away.
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from core import limits
from core.clock import utc_now
from core.db import Base, UtcDateTime, db, unit_of_work
from core.errors import NotFound

TOKEN_LENGTH = 10
_GUESSES = 30
_WINDOW = timedelta(minutes=10)


class UnknownLink(NotFound):
    """No such link, revoked, or for something else."""

    code = "unknown_link"
    message = _l("This link is not valid. Check that you copied it whole, or call us on 080 2005.")


class ExpiredLink(NotFound):
    """The link was valid once."""

    code = "expired_link"
    status = 410
    message = _l("This link has expired. Call us on 080 2005 and we will send you a new one.")


class AccessLink(Base):
    """A link to one thing: `purpose` (order, driver, document ...) and `subject_id`, opaque to this module."""

    __tablename__ = "access_links"
    __table_args__ = (sa.Index("ix_access_links_subject", "purpose", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    subject_id: Mapped[int]
    nonce: Mapped[str] = mapped_column(sa.String(32))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _derive(purpose: str, nonce: str) -> str:
    secret = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(secret, f"link:{purpose}:{nonce}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:TOKEN_LENGTH]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(purpose: str, subject_id: int, expires_at: datetime) -> str:
    """Make a new link and return its token."""
    nonce = secrets.token_hex(16)
    token = _derive(purpose, nonce)
    db.session.add(AccessLink(purpose=purpose, subject_id=subject_id, nonce=nonce, token_hash=_hash(token),
                              created_at=utc_now(), expires_at=expires_at))
    db.session.flush()
    return token


def token_for(purpose: str, subject_id: int) -> str | None:
    """The newest valid link's token for a subject, to be written into a later message; None if there is none."""
    link = db.session.scalar(
        sa.select(AccessLink)
        .where(AccessLink.purpose == purpose, AccessLink.subject_id == subject_id,
               AccessLink.revoked_at.is_(None), AccessLink.expires_at > utc_now())
        .order_by(AccessLink.id.desc()).limit(1))
    if link is None:
        return None
    token = _derive(purpose, link.nonce)
    return token if _hash(token) == link.token_hash else None  # made under another SECRET_KEY: cannot be written again


def resolve(purpose: str, token: str, *, address: str) -> int:
    """The subject's id behind a token.

    `address` is the visitor's network address: wrong guesses are counted for it. Raises UnknownLink, ExpiredLink
    or TooManyAttempts.
    """
    limits.require_below("link", address, limit=_GUESSES, window=_WINDOW)
    link = db.session.scalar(sa.select(AccessLink).where(
        AccessLink.token_hash == _hash(token.strip().upper()), AccessLink.purpose == purpose))
    if link is None or link.revoked_at is not None:
        with unit_of_work():
            limits.record_attempt("link", address)
        raise UnknownLink(purpose=purpose)
    if link.expires_at <= utc_now():
        raise ExpiredLink(purpose=purpose)
    return link.subject_id


def revoke(purpose: str, subject_id: int) -> None:
    """End every link of a subject."""
    db.session.execute(sa.update(AccessLink).where(
        AccessLink.purpose == purpose, AccessLink.subject_id == subject_id, AccessLink.revoked_at.is_(None),
    ).values(revoked_at=utc_now()))
