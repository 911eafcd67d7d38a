"""A point at which the daemon dies, for the tests that kill it at every step.

FLEXNETD_DIE_BEFORE=ApplyTunnel:2 kills the process (SIGKILL, as a power cut would) before it carries out the second
effect of that name. Whoever can set the daemon's environment can kill it anyway.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from flexnetd.session.effects import Effect

VARIABLE = "FLEXNETD_DIE_BEFORE"


def from_environment() -> Callable[[Effect], None]:
    """What to call before each effect."""
    name, _, number = os.environ.get(VARIABLE, "").partition(":")
    remaining = int(number or 1)

    def before(effect: Effect) -> None:
        nonlocal remaining
        if type(effect).__name__ == name:
            remaining -= 1
            if remaining == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return before
