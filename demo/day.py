"""A morning of orders, played through the product's own services."""
from __future__ import annotations

from datetime import datetime


def play_a_morning(now: datetime) -> None:
    """Orders in all states."""
