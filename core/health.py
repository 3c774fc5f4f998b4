"""Signs of life: the worker's heartbeat and /healthz."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from core.auth import public
from core.clock import utc_now
from core.db import Base, UtcDateTime, changed_rows, db, unit_of_work

SILENT_AFTER = timedelta(seconds=20)
blueprint = Blueprint("health", __name__)
public(blueprint, "says only which part lives")


class Heartbeat(Base):
    """When a background process was last alive."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def beat(name: str) -> None:
    """Note that `name` is alive now."""
    with unit_of_work():
        if not changed_rows(sa.update(Heartbeat).where(Heartbeat.name == name).values(at=utc_now())):
            db.session.add(Heartbeat(name=name, at=utc_now()))


def state() -> dict[str, str]:
    """`ok`, or what is wrong, for web, database and worker."""
    parts = {"web": "ok", "database": "ok", "worker": "ok"}
    try:
        last = db.session.scalar(sa.select(Heartbeat.at).where(Heartbeat.name == "worker"))
    except SQLAlchemyError as error:
        db.session.rollback()
        return {**parts, "database": type(error).__name__, "worker": "unknown"}
    if last is None:
        parts["worker"] = "never seen"
    elif utc_now() - last > SILENT_AFTER:
        parts["worker"] = f"silent for {int((utc_now() - last).total_seconds())} s"
    return parts


def add_note(app: Flask, name: str, read: Callable[[], str]) -> None:
    """Let `read` say on /healthz what is not as it should be, where the service goes on all the same."""
    app.extensions.setdefault("health_notes", {})[name] = read


def notes() -> dict[str, str]:
    """What the packages have to say."""
    said = {name: read() for name, read in current_app.extensions.get("health_notes", {}).items()}
    return {name: text for name, text in said.items() if text}


@blueprint.get("/healthz")
def healthz() -> Any:
    """200 while web, database and worker live; 503 naming what does not. Notes are no failure."""
    parts, said = state(), notes()
    return jsonify({**parts, **({"notes": said} if said else {})}), 200 if set(parts.values()) == {"ok"} else 503


def init_app(app: Flask) -> None:
    """Register /healthz."""
    app.register_blueprint(blueprint)
