"""A solver process: `python -m routing.worker DESCRIPTOR MEMORY_MB`, started and killed by routing.pool.

It reads (problem, params, initial) from the pipe, writes ("done", SolveResult) or ("failed", why), one at a time,
and ends with the pipe: when its parent is gone there is nobody to solve for.
"""
from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

from routing.solver import solve

READY = "ready"
NICENESS = 5  # answering a customer goes before improving a plan


def serve(connection: Connection[Any, Any]) -> None:
    """Answer jobs until the pipe closes."""
    connection.send((READY, None))
    while True:
        try:
            problem, params, initial = connection.recv()
            answer: tuple[str, Any] = ("done", solve(problem, params, initial))
        except EOFError:
            return
        except Exception as error:
            answer = ("failed", f"{type(error).__name__}: {error}")
        connection.send(answer)


def main() -> None:
    """Limit what the process may take, then serve."""
    descriptor, memory_mb = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    if memory_mb:
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError), Connection(descriptor) as connection:
        serve(connection)


if __name__ == "__main__":
    main()
