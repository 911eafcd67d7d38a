"""Running a tool of the distribution: no shell, a bare environment, an end."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from flexnetd.model.posture import Reason
from flexnetd.posture.verdicts import NotKnown

TIMEOUT_S = 10.0
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def output_of(command: Sequence[str], timeout_s: float = TIMEOUT_S) -> str:
    """What it prints. Raises NotKnown TOOL_MISSING, TOOL_FAILED."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError:
        raise NotKnown(Reason.TOOL_MISSING, command[0]) from None
    except (OSError, subprocess.TimeoutExpired):
        raise NotKnown(Reason.TOOL_FAILED, command[0]) from None
    if done.returncode != 0:
        raise NotKnown(Reason.TOOL_FAILED, f"{command[0]}: {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
