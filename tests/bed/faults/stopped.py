"""A program that stands still: it has its sockets and its name on the bus, and answers nobody (SIGSTOP)."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bed.await_ import until
from tests.bed.world.process import Program


@contextmanager
def standing_still(program: Program) -> Iterator[None]:
    program.send(signal.SIGSTOP)
    try:
        until(lambda: _state(program.pid) == "T", what=f"{program.name} standing still")
        yield
    finally:
        program.send(signal.SIGCONT)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
