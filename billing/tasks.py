"""What billing does in the background: documents get their unique mark, at once and again every ten seconds."""
from __future__ import annotations

from billing.fiscal.services import SWEEP
from billing.fiscal.worker import send_due
from core.tasks import sweep


@sweep(SWEEP, every_s=10)
def fiscal() -> int:
    """Send what waits for its unique mark."""
    return send_due()
