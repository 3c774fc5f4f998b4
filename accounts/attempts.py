"""Guessing of passwords is counted in a transaction of its own, so that a refusal does not undo the count."""
from __future__ import annotations

from datetime import timedelta

from core import limits
from core.db import unit_of_work

_WINDOW = timedelta(minutes=15)
# A pair of account and address is stopped soon; an account or an address alone later, so that a stranger cannot keep
# a colleague out, and a whole office behind one address can sign in.
_LIMITS = {"sign-in": 8, "sign-in-account": 60, "sign-in-address": 60}


def _keys(email: str, address: str) -> dict[str, str]:
    account = email.strip().casefold()
    return {"sign-in": f"{account}|{address}", "sign-in-account": account, "sign-in-address": address}


def count_sign_in(email: str, address: str) -> None:
    """Count one attempt to sign in. Opens its own unit of work; TooManyAttempts when a limit is reached."""
    with unit_of_work():
        for kind, key in _keys(email, address).items():
            limits.require_below(kind, key, limit=_LIMITS[kind], window=_WINDOW)
            limits.record_attempt(kind, key)


def forget_sign_in(email: str, address: str) -> None:
    """After a success the pair and the account start anew; inside an open unit of work."""
    keys = _keys(email, address)
    for kind in ("sign-in", "sign-in-account"):
        limits.forget(kind, keys[kind])
