"""The only clock of the product. Instants are aware UTC."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_frozen: datetime | None = None


def utc_now() -> datetime:
    """The present instant, aware UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC)


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` for tests and simulations; `advance` moves it on."""
    global _frozen
    if instant.tzinfo is None:
        raise ValueError("the clock takes aware instants only")
    before = _frozen
    _frozen = instant.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


def advance(by: timedelta) -> None:
    """Move a held clock on by `by`."""
    global _frozen
    if _frozen is None:
        raise RuntimeError("only a held clock can be advanced")
    _frozen += by
