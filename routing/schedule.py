"""How the time of a portfolio is spent: which stage runs until when. No OR-Tools here."""
from __future__ import annotations

from dataclasses import dataclass

from routing.solving import Stage

LEAST_ROUND_MS = 400  # a shorter round would be spent on its beginning
WHOLE_VISITS = 40.0  # the more visits, the less a search of the whole at once brings: this by their number of the time
WHOLE_PART = 0.5  # of the time at most
PIECES_PART = 0.1  # the last round
TURNS = ((150, 5), (0, 3))  # from so many visits on, so many rounds of districts
HEAT_FIRST, HEAT_LAST = 1.0, 0.16  # how warm a round of districts begins, in parts of what a stop costs
LATE_ROUNDS = ((0.45, Stage.REINSERT), (0.9, Stage.REINSERT), (1.0, Stage.PIECES))  # until which part of the time


@dataclass(frozen=True)
class Round:
    """One round of all processes: until when, in which stage, how warm it begins (districts only)."""

    end_ms: int
    stage: Stage
    heat: float = 0.0


def rounds(visits: int, time_limit_ms: int, *, promises: bool) -> tuple[Round, ...]:
    """The rounds of a portfolio for so many open visits; `promises`: lateness rules the objective."""
    if promises:
        if time_limit_ms * LATE_ROUNDS[0][0] < LEAST_ROUND_MS:
            return (Round(time_limit_ms, Stage.MIXED),)
        return tuple(Round(round(time_limit_ms * until), stage) for until, stage in LATE_ROUNDS)
    whole_ms = time_limit_ms * min(WHOLE_PART, WHOLE_VISITS / max(1, visits))
    pieces_ms = time_limit_ms * PIECES_PART
    between_ms = time_limit_ms - whole_ms - pieces_ms
    if min(whole_ms, pieces_ms) < LEAST_ROUND_MS:
        return (Round(time_limit_ms, Stage.MIXED),)
    turns = _cooling(visits, between_ms)
    return (Round(round(whole_ms), Stage.WHOLE),
            *(Round(round(whole_ms + between_ms * (turn + 1) / len(turns)), stage, heat)
              for turn, (stage, heat) in enumerate(turns)),
            Round(time_limit_ms, Stage.PIECES))


def _cooling(visits: int, time_ms: float) -> tuple[tuple[Stage, float], ...]:
    """Rounds of districts, each cooler than the one before."""
    wanted = next(turns for least, turns in TURNS if visits >= least)
    turns = max(1, min(wanted, int(time_ms / LEAST_ROUND_MS)))
    return tuple((Stage.DISTRICTS, HEAT_FIRST * (HEAT_LAST / HEAT_FIRST) ** (turn / max(1, turns - 1)))
                 for turn in range(turns))
