"""Changes of the plan by hand, each checked and guarded by the version that the dispatcher saw (Y-05, Y-06)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from routing.checker import Severity


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One thing that a move breaks. `kind` is a routing.checker.ViolationKind value or `frozen`.

    `amount` is in seconds, cylinders, slots or grams; `words` in delivery.words.breach_word(breach). HARD ones are
    never applied; the others with a reason.
    """

    kind: str
    severity: Severity
    stop_id: int | None
    shift_id: int | None
    vehicle_code: str
    amount: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class LateChange:
    """How the lateness of a stop changes by a move, in seconds."""

    stop_id: int
    before_s: int
    after_s: int


@dataclass(frozen=True, kw_only=True)
class MoveResult:
    """What a move does. `applied` says whether it was written; `version` is the plan's version then.

    `blocked`: a hard limit breaks, no reason helps. `needs_reason`: only soft ones break. Deltas compare the whole
    plan after with before: metres driven, seconds driven, seconds late in all.
    """

    applied: bool
    version: int
    planned_start_at: datetime | None
    breaches: tuple[Breach, ...]
    late: tuple[LateChange, ...]
    distance_m: int
    travel_s: int
    late_s: int

    @property
    def blocked(self) -> bool:
        return any(breach.severity is Severity.HARD for breach in self.breaches)

    @property
    def needs_reason(self) -> bool:
        return bool(self.breaches) and not self.blocked


def check_move(stop_id: int, shift_id: int, position: int | None, *, now: datetime) -> MoveResult:
    """What moving a stop would do. Read only; raises like move_stop.

    `position` counts the van's open stops from 1; None is the end of the route.
    """
    raise NotImplementedError


def move_stop(stop_id: int, shift_id: int, position: int | None, *, seen_version: int, now: datetime, actor: str,
              force_reason: str = "") -> MoveResult:
    """Move a stop to a van's route, or within it. Inside a unit of work.

    Not applied (and nothing written) where a hard limit breaks, or where a soft one breaks and no `force_reason` is
    given. Raises UnknownStop, UnknownShift, NotMovable, ShiftClosed, OtherDepot, StalePlan.
    """
    raise NotImplementedError


def unassign_stop(stop_id: int, *, seen_version: int, now: datetime, actor: str) -> None:
    """Take a stop out of its route and hold it in the pool: automatic planning leaves it there until unlocked."""
    raise NotImplementedError


def lock_stop(stop_id: int, locked: bool, *, seen_version: int, now: datetime, actor: str) -> None:
    """Lock a stop where it is (nothing before it moves either), or let it go again; in the pool: hold it there."""
    raise NotImplementedError


def undo_move(depot_id: int, *, seen_version: int, now: datetime, actor: str) -> int:
    """Take the last move by hand back, exactly; returns the stop's id. Raises NothingToUndo, StalePlan."""
    raise NotImplementedError


def van_down(shift_id: int, *, reason: str, now: datetime, actor: str) -> int:
    """The van cannot go on: its stops go back to the pool and are planned anew at once; returns how many."""
    raise NotImplementedError


def van_up(shift_id: int, *, now: datetime, actor: str) -> None:
    """A van that was down takes stops again."""
    raise NotImplementedError
