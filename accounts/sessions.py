"""Who is signed in: begins and ends sessions; a new password or a deactivation ends them all at once."""
from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import session
from flask_login import login_user, logout_user

from accounts.models import StaffUser
from core.auth import login_manager
from core.db import db

_EPOCH = "staff_epoch"


@login_manager.user_loader
def load(user_id: str) -> StaffUser | None:
    """The active account of this session; None once it was deactivated or got a new password elsewhere."""
    if not user_id.isascii() or not user_id.isdigit():
        return None
    return db.session.scalar(sa.select(StaffUser).where(
        StaffUser.id == int(user_id), StaffUser.active, StaffUser.epoch == session.get(_EPOCH, 0)))


def begin(user: StaffUser) -> None:
    """Start a session; nothing of a guest's session is taken over but the language."""
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language
    session[_EPOCH] = user.epoch
    login_user(user)


def end() -> None:
    """Sign out."""
    logout_user()
    session.pop(_EPOCH, None)


def local_path(goal: str | None) -> str | None:
    """`goal` if it is a path of this site, else None: a sign-in must not send people elsewhere."""
    if not goal or not goal.startswith("/") or goal.startswith("//") or "\\" in goal:
        return None
    if any(ord(character) < 0x20 for character in goal):
        return None
    parts = urlsplit(goal)
    return goal if not parts.scheme and not parts.netloc else None
