"""Clears away what worlds left whose guardian was killed. A world that ends in any other way leaves nothing.

Every world's folder has a record: who made it and who guards it, as pid and start time (a pid alone comes back). What a
dead guardian's world left running is found by the mark in its environment; each network namespace in which such a
process lives was made by the world, so everything in it goes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bed.world import guardian

RECORD = "record.json"
TIME_TO_WRITE_S = 60.0


@dataclass(frozen=True, slots=True)
class Record:
    folder: str
    maker_pid: int
    maker_start: str
    guardian_pid: int
    guardian_start: str

    @classmethod
    def of_world(cls, folder: Path, guardian_pid: int) -> Record:
        us = os.getpid()
        return cls(str(folder), us, start_of(us), guardian_pid, start_of(guardian_pid))

    @property
    def guarded(self) -> bool:
        return self.guardian_start == start_of(self.guardian_pid) != ""

    @property
    def made_by_the_living(self) -> bool:
        return self.maker_start == start_of(self.maker_pid) != ""


def start_of(pid: int) -> str:
    """When a process began, in clock ticks since boot; "" when there is none, or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def write_record(record: Record) -> None:
    (Path(record.folder) / RECORD).write_text(json.dumps(asdict(record)))


def sweep(parent: Path = Path("/tmp")) -> list[str]:
    """Ends every world that nobody guards any more; their folders' names."""
    return [folder.name for folder in sorted(parent.glob(f"{guardian.FOLDER_PREFIX}*")) if _abandoned(folder, end=True)]


def abandoned(parent: Path = Path("/tmp")) -> list[str]:
    """The worlds that `sweep` would end."""
    return [
        folder.name for folder in sorted(parent.glob(f"{guardian.FOLDER_PREFIX}*")) if _abandoned(folder, end=False)
    ]


def _abandoned(folder: Path, *, end: bool) -> bool:
    try:
        record = Record(**json.loads((folder / RECORD).read_text()))
    except (OSError, ValueError, TypeError):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime < TIME_TO_WRITE_S:
                return False  # somebody is just making it
    else:
        if record.guarded:
            return False
    if end:
        _end(folder)
    return True


def _end(folder: Path) -> None:
    mark = f"FLEXNET_BED={folder.name.removeprefix(guardian.FOLDER_PREFIX)}".encode()
    pids = guardian.pids()
    networks = {guardian.network_of(pid) for pid in pids if mark in _environment(pid)}
    networks -= {"", guardian.network_of(os.getpid()), guardian.network_of(1)}
    for pid in pids:
        if guardian.network_of(pid) in networks:
            guardian.kill_if_in(pid, networks)
    shutil.rmtree(folder, ignore_errors=True)


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


if __name__ == "__main__":
    for name in sweep():
        print(f"cleared away {name}")
