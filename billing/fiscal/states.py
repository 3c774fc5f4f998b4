"""Where the verification of a document stands (pure)."""
from __future__ import annotations

from enum import StrEnum


class FiscalState(StrEnum):
    """WAITING for its unique mark (EOR), CONFIRMED with it, REFUSED until a person looked."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class SimulatorMode(StrEnum):
    """What the local stand-in of the tax administration does."""

    ANSWER = "answer"
    UNREACHABLE = "unreachable"
    REFUSE = "refuse"
