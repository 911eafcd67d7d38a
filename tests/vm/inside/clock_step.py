"""Runs in the VM, called from there: sets its wall clock, watched by the product's watch."""

from __future__ import annotations

import time

from flexnetd.daemon.loop import Loop
from flexnetd.daemon.watch.clock import ClockWatch

LONGEST_S = 5.0


def told_of(*steps_s: float) -> list[float]:
    """What the watch tells when the clock is set by each of the steps, one after the other; in the end it is set back
    by their sum."""
    loop = Loop(_fail)
    told: list[float] = []
    waiting = list(steps_s)

    def on_step(step_s: float) -> None:
        told.append(step_s)
        go_on()

    def go_on() -> None:
        if waiting:
            _set_by(waiting.pop(0))
        else:
            loop.quit()

    watch = ClockWatch(loop, on_step)
    watch.watch(True)
    try:
        loop.after(0, go_on)
        loop.after(LONGEST_S, loop.quit)
        loop.run()
    finally:
        watch.watch(False)
        _set_by(-(sum(steps_s) - sum(waiting)))
    return told


def _set_by(seconds: float) -> None:
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)


def _fail(mistake: Exception) -> None:
    raise mistake
