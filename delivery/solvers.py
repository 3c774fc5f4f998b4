"""The solver processes of this process: made with the first job, ended with the process. Workers only (Y-06)."""
from __future__ import annotations

import threading

from flask import current_app

from routing.pool import SolverPool

_making = threading.Lock()


def solver_pool() -> SolverPool:
    """The pool of this application; `flask worker` closes it."""
    with _making:
        pool: SolverPool | None = current_app.extensions.get("solver_pool")
        if pool is None:
            pool = SolverPool(workers=current_app.config["SOLVER_PROCESSES"])
            current_app.extensions["solver_pool"] = pool
        return pool
