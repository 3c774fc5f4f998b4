"""Problems that a solver process does not survive. They travel by name, so the process finds them here."""
from __future__ import annotations

import os
import signal
import time
from typing import Any

from routing.problem import Problem


class Hanging(Problem):
    """Once in the solver process, it never comes to an end."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        time.sleep(3600)


class Deadly(Problem):
    """Once in the solver process, it ends it as a failed check in a library does."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Greedy(Problem):
    """Once in the solver process, it wants more memory than it may have."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__["hoard"] = bytearray(4 << 30)


class Unsendable(Problem):
    """It cannot even be sent."""

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("no way to send this")
