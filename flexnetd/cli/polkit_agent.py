"""A textual polkit agent for a terminal without a desktop, such as one over ssh.

Where a desktop runs its own agent that one asks (`--fallback`); root needs none. Without pkttyagent nothing happens
here, and what needs a password there ends as NOT_AUTHORIZED, whose sentence says what to do.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

PKTTYAGENT = Path("/usr/bin/pkttyagent")
READY_WITHIN_S = 3.0


@contextlib.contextmanager
def polkit_agent(*, wanted: bool) -> Iterator[None]:
    """Runs the agent for this process while the block runs, if `wanted` and there is one."""
    if not wanted or os.geteuid() == 0 or not PKTTYAGENT.exists():
        yield
        return
    ready, told = os.pipe()
    subject = f"{os.getpid()},{_start_time()}"
    command = [str(PKTTYAGENT), "--process", subject, "--notify-fd", str(told), "--fallback"]
    agent = subprocess.Popen(command, pass_fds=(told,))
    os.close(told)
    try:
        # The agent closes its end when it is registered, and when it fails.
        select.select([ready], [], [], READY_WITHIN_S)
        yield
    finally:
        os.close(ready)
        agent.terminate()
        agent.wait()


def _start_time() -> int:
    """Clock ticks since boot: the 22nd field of /proc/self/stat; the 2nd may hold spaces and brackets."""
    return int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
