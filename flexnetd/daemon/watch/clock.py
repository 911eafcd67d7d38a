"""The wall clock was set, by a person or a time service: by how much.

A timer on CLOCK_REALTIME that never rings is cancelled by the kernel whenever that clock is set, and its descriptor
becomes readable (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). Nobody is woken otherwise. Waking from sleep cancels it,
too; then the distance to CLOCK_BOOTTIME is what it was, and nothing is told.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable

from flexnetd.daemon.glib import Watch
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.timerfd import arm_until_set, boottime_s, new_wall_clock_timer

SMALLEST_STEP_S = 1.0


class ClockWatch:
    def __init__(self, loop: Loop, on_step: Callable[[float], None]) -> None:
        """`on_step` is told the seconds by which the clock went forward, negative for back."""
        self._loop, self._on_step = loop, on_step
        self._fd: int | None = None
        self._watch: Watch | None = None
        self._distance_s = 0.0

    def watch(self, wanted: bool) -> None:
        """While there is a session; may be repeated."""
        if wanted and self._fd is None:
            self._fd = new_wall_clock_timer()
            self._distance_s = _distance_s()
            arm_until_set(self._fd)
            self._watch = self._loop.on_readable(self._fd, self._was_set)
        elif not wanted and self._fd is not None and self._watch is not None:
            self._watch.remove()
            os.close(self._fd)
            self._fd = None

    def _was_set(self) -> None:
        assert self._fd is not None
        with contextlib.suppress(OSError):  # ECANCELED is what it says
            os.read(self._fd, 8)
        arm_until_set(self._fd)
        before, self._distance_s = self._distance_s, _distance_s()
        step_s = self._distance_s - before
        if abs(step_s) >= SMALLEST_STEP_S:
            self._on_step(step_s)


def _distance_s() -> float:
    return time.time() - boottime_s()
