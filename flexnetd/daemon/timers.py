"""The session's timers: each name rings once, on CLOCK_BOOTTIME; arming again replaces."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon import loop
from flexnetd.session import effects as do
from flexnetd.session.events import Event, TimerRang


class SessionTimers:
    def __init__(self, main: loop.Loop, handle: Callable[[Event], None]) -> None:
        self._loop, self._handle = main, handle
        self._armed: dict[do.Timer, loop.Timer] = {}

    def arm(self, effect: do.ArmTimer) -> None:
        self._arm(effect.timer, self._loop.now_s() + effect.seconds)

    def arm_at(self, effect: do.ArmTimerAt) -> None:
        self._arm(effect.timer, effect.at)

    def cancel(self, effect: do.CancelTimer) -> None:
        armed = self._armed.pop(effect.timer, None)
        if armed is not None:
            armed.cancel()

    def _arm(self, timer: do.Timer, deadline_s: float) -> None:
        self.cancel(do.CancelTimer(timer))

        def ring() -> None:
            del self._armed[timer]
            self._handle(TimerRang(timer, self._loop.now_s()))

        self._armed[timer] = self._loop.at(deadline_s, ring)
