"""Many threads that do one thing at the same instant, each with a database session of its own."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread

from flask import Flask

from core.db import db
from core.errors import DomainError


def race(app: Flask, number: int, act: Callable[[int], object]) -> Counter[str]:
    """Run `act(n)` in `number` threads that start together; how often each result came: "won" or an error's name."""
    start, results = Barrier(number), Counter[str]()

    def run(n: int) -> None:
        with app.app_context():
            start.wait()
            try:
                act(n)
                result = "won"
            except DomainError as refusal:
                result = type(refusal).__name__
            except Exception as error:
                result = f"broken: {error!r}"
            finally:
                db.session.remove()
            results[result] += 1

    threads = [Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return results
