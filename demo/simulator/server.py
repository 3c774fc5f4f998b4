"""The service that a day is played against: found where it runs, or started for the player and ended with it."""
from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S, STEP_S, STOP_S = 120.0, 0.5, 15.0


class NoServer(Exception):
    """No service answers; the message says where."""


@contextmanager
def running_server(address: str) -> Iterator[None]:
    """`flask serve` in a process of its own until the block is left. NoServer if it ends or never answers."""
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    server = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own command
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not lives(address):
            if server.poll() is not None:
                raise NoServer(f"the service did not start (exit {server.returncode})")
            if time.monotonic() > deadline:
                raise NoServer(f"the service does not answer on {address}")
            time.sleep(STEP_S)
        yield
    finally:
        _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
    try:
        server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def lives(address: str) -> bool:
    """Whether a service answers there that all its parts live."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:  # noqa: S310 - our own service
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
