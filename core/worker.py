"""`flask worker`: one process for all background work. `flask serve`: web and worker together."""
from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from core import health, tasks

log = logging.getLogger(__name__)
HEARTBEAT_S = 5.0


def _repeat(app: Flask, name: str, every_s: float, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with app.app_context():
                tasks.run_sweep(name)
        except Exception:
            log.exception("sweep %s failed; it runs again in %s s", name, every_s)
        stop.wait(every_s)


def _heartbeat(app: Flask, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with app.app_context():
                health.beat("worker")
        except Exception:
            log.exception("no heartbeat")
        stop.wait(HEARTBEAT_S)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the background work: messages, planning, sweeps. Stop it with Ctrl-C or SIGTERM."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    huey = app.extensions.get("huey")
    if huey is None:
        raise click.ClickException("HUEY_URL is off: there is no queue to work on")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)
    stop = threading.Event()
    threads = [threading.Thread(target=_heartbeat, args=(app, stop), daemon=True)]
    threads += [threading.Thread(target=_repeat, args=(app, sweep.name, sweep.every_s, stop), daemon=True)
                for sweep in tasks.sweeps().values()]
    for thread in threads:
        thread.start()
    consumer = huey.create_consumer(workers=2, periodic=False, initial_delay=0.05, max_delay=0.2, backoff=1.1)
    try:
        consumer.run()
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)
        pool = app.extensions.get("solver_pool")
        if pool is not None:
            pool.close()


def _spawn(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *arguments], start_new_session=True)  # noqa: S603 - our own parts


def _stop_all(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 8
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _require_free(bind: str, port: int) -> None:
    """Say plainly when something else listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} is in use. Stop what uses it, or choose another: PORT={port + 1} make run") from error


def _lives(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@click.command("serve")
@click.option("--port", envvar="PORT", default=8000, show_default=True, help="Port of the web server.")
@click.option("--bind", envvar="BIND", default="127.0.0.1", show_default=True, help="Address to listen on.")
@with_appcontext
def serve(port: int, bind: str) -> None:
    """Bring the database up to date, then run web server and worker until Ctrl-C."""
    _require_free(bind, port)
    Path(current_app.instance_path).mkdir(parents=True, exist_ok=True)
    upgrade()
    welcome = current_app.extensions.get("welcome")
    if welcome is not None:
        welcome.prepare()
    web = ["gunicorn", "app:create_app()", "--bind", f"{bind}:{port}", "--workers", os.environ.get("WEB_WORKERS", "2"),
           "--threads", "8", "--worker-class", "gthread", "--preload", "--log-level", "warning",
           "--graceful-timeout", "5", "--config", "python:core.gunicorn"]
    children = [_spawn(web), _spawn(["flask", "--app", "app", "worker"])]
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.set())
    address = f"http://{bind}:{port}"
    announced = False
    try:
        while not asked_to_stop.wait(0.2):
            ended = next((child for child in children if child.poll() is not None), None)
            if ended is not None:
                raise click.ClickException(f"a part stopped by itself (exit {ended.returncode}); stopping the rest")
            if not announced and _lives(f"{address}/healthz"):
                announced = True
                click.echo(welcome.text(address) if welcome is not None else f"Ready on {address}")
    finally:
        _stop_all(children)
        click.echo("Stopped.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(worker)
    app.cli.add_command(serve)
