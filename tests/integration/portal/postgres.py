"""A PostgreSQL cluster of the test's own, in a temporary folder, reached by its UNIX socket alone.

PostgreSQL refuses to run as root, so root starts it as `nobody`. Nothing of the machine's own PostgreSQL is touched.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

_START_WITHIN_S = 30
_SETTINGS = ("listen_addresses=", "fsync=off", "max_connections=120", "shared_buffers=16MB")


def postgresql_programs() -> Path | None:
    """The folder of `initdb` and `postgres` of the newest version installed, None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    return found[-1].parent if found else None


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """SQLAlchemy's URL of an empty database."""
    programs = postgresql_programs()
    assert programs is not None, "the package postgresql is missing (packaging/development/debian-packages)"
    folder = Path(tempfile.mkdtemp(prefix="flexnet-pg-"))
    as_user: list[str] = []
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_user = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "flexnet", "-A", "trust", "-N", "-E", "UTF8"]
    subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd="/")
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    server = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *settings]
    with (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen([*as_user, *server], stdout=log, stderr=log, cwd="/")
    try:
        _await(folder)
        yield f"postgresql+psycopg://flexnet@/postgres?host={folder}"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


def _await(folder: Path) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while True:
        try:
            psycopg.connect(f"host={folder} user=flexnet dbname=postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise AssertionError((folder / "log").read_text()) from None
            time.sleep(0.05)
        else:
            return
