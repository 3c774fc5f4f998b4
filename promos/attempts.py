"""Attempts at codes, limited per network address and per telephone number (M2, Y-12)."""
from __future__ import annotations

from datetime import timedelta

from core import settings
from core.db import unit_of_work
from core.limits import TooManyAttempts, attempts_since, record_attempt


def count(address: str, phone_e164: str | None) -> None:
    """Count one attempt at a code; raises TooManyAttempts beyond the limit. Views call it before check and hold.

    It writes in a unit of work of its own, so that the refusal that follows does not undo it. Who counts looks
    after its own row is safe: of any number of attempts at once, no more than the limit go on.
    """
    figures = settings.get("promo_attempts")
    window = timedelta(minutes=figures["window_minutes"])
    keys = [("promo_address", address, int(figures["per_address"]))]
    if phone_e164:
        keys.append(("promo_phone", phone_e164, int(figures["per_phone"])))
    for kind, key, limit in keys:
        if attempts_since(kind, key, window) >= limit:
            raise TooManyAttempts(kind=kind)
    with unit_of_work():
        for kind, key, _limit in keys:
            record_attempt(kind, key)
    for kind, key, limit in keys:
        if attempts_since(kind, key, window) > limit:
            raise TooManyAttempts(kind=kind)
