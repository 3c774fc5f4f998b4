"""The outbox is emptied every two seconds, and at once when a message was queued."""
from __future__ import annotations

from core.tasks import sweep
from notify.services import SWEEP
from notify.worker import send_due


@sweep(SWEEP, every_s=2)
def outbox() -> int:
    """Send what is due."""
    return send_due()
