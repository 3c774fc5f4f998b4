"""What a forked web worker must not share with its parent."""
from __future__ import annotations

from typing import Any


def post_fork(server: Any, worker: Any) -> None:
    """Database connections made before the fork are dropped in the child without being closed for the parent."""
    application = server.app.callable
    if application is None:
        return
    with application.app_context():
        application.extensions["sqlalchemy"].engine.dispose(close=False)
