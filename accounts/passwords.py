"""Passwords: the rule for them, their hashes, and new ones."""
from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import lazy_gettext as _l

from accounts.errors import WeakPassword

SHORTEST, LONGEST = 8, 128
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 O 1 l I: read aloud or copied by hand
_GENERATED_LENGTH = 14


@lru_cache(maxsize=4)
def _hasher(time_cost: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib)


@lru_cache(maxsize=4)
def _nobodys_hash(time_cost: int, memory_kib: int) -> str:
    return _hasher(time_cost, memory_kib).hash(secrets.token_hex(16))


def _costs() -> tuple[int, int]:
    return current_app.config["ARGON2_TIME_COST"], current_app.config["ARGON2_MEMORY_KIB"]


def require_good(password: str, *, email: str) -> None:
    """Z-03: at least 8 characters, a capital, a digit, and not the user name. WeakPassword says what is missing."""
    if len(password) < SHORTEST:
        raise WeakPassword(_l("Use at least 8 characters."))
    if len(password) > LONGEST:
        raise WeakPassword(_l("Use at most 128 characters."))
    if not any(character.isupper() for character in password):
        raise WeakPassword(_l("Use at least one capital letter."))
    if not any(character.isdigit() for character in password):
        raise WeakPassword(_l("Use at least one digit."))
    if password.casefold() in (email.casefold(), email.partition("@")[0].casefold()):
        raise WeakPassword(_l("The password must not be the user name."))


def make() -> str:
    """A new password that keeps the rule."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(_GENERATED_LENGTH))
        if any(c.isupper() for c in password) and any(c.isdigit() for c in password):
            return password


def hash_of(password: str) -> str:
    """The argon2id hash to be stored."""
    return _hasher(*_costs()).hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; takes as long where there is none, so that nobody can tell."""
    costs = _costs()
    try:
        return _hasher(*costs).verify(stored or _nobodys_hash(*costs), password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
