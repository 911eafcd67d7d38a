"""Where the record lies, and whether there is one. `record.py` reads and writes it."""

from __future__ import annotations

import os

DIRECTORY_VARIABLE = "RUNTIME_DIRECTORY"
DEFAULT_DIRECTORY = "/run/flexnetd"
RECORD, NEW, RETIRED = "session", "session.new", "session.ended"


def record_directory() -> str:
    """As systemd tells it."""
    return os.environ.get(DIRECTORY_VARIABLE, "").partition(":")[0] or DEFAULT_DIRECTORY


def record_left(directory: str = "") -> bool:
    """Whether a daemon before this one left a record of any kind: then there may be something to clean."""
    where = directory or record_directory()
    return any(os.path.lexists(f"{where}/{name}") for name in (RECORD, NEW, RETIRED))
