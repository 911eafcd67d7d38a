"""The daemon's main loop: descriptors, timers, signals, and calls posted from other threads.

The rules:
- Everything runs on the loop's thread, one thing at a time; only `post` may be called from another thread.
- Timers stand on CLOCK_BOOTTIME, absolute, in one timerfd: they count the time asleep, and a daemon with nothing to
  do is not woken.
- A callback that raises has met a mistake of ours. The loop gives the exception to `on_mistake`, which is the one
  broad handler of the process, and goes on.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import signal
from collections import deque
from collections.abc import Callable
from types import FrameType

from flexnetd.daemon.glib import READABLE, WRITABLE, MainLoop, Watch
from flexnetd.daemon.timerfd import arm, boottime_s, new_timer

Callback = Callable[[], None]


class Timer:
    """One call in the future. `cancel` may be called at any time, any number of times."""

    __slots__ = ("_callback", "deadline_s")

    def __init__(self, deadline_s: float, callback: Callback) -> None:
        self.deadline_s = deadline_s
        self._callback: Callback | None = callback

    def cancel(self) -> None:
        self._callback = None

    def taken(self) -> Callback | None:
        """The callback, once; None when the timer was cancelled."""
        callback, self._callback = self._callback, None
        return callback

    @property
    def waits(self) -> bool:
        return self._callback is not None


class Loop:
    def __init__(self, on_mistake: Callable[[Exception], None]) -> None:
        self._on_mistake = on_mistake
        self._main = MainLoop()
        self._quit = False
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._timer_fd = new_timer()
        self._posted: deque[Callback] = deque()
        self._post_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._signals: dict[int, Callback] = {}
        self._signal_in, self._signal_out = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._watches = [
            Watch(self._timer_fd, READABLE, self._guarded(self._run_timers)),
            Watch(self._post_fd, READABLE, self._guarded(self._run_posted)),
            Watch(self._signal_in, READABLE, self._guarded(self._run_signals)),
        ]

    def run(self) -> None:
        """Until `quit`; not at all when that came before."""
        if not self._quit:
            self._main.run()
        self._quit = False

    def quit(self) -> None:
        self._quit = True
        self._main.quit()

    def close(self) -> None:
        """Gives the descriptors back; for tests that make many loops."""
        if self._signals:
            signal.set_wakeup_fd(-1)
        for watch in self._watches:
            watch.remove()
        for fd in (self._timer_fd, self._post_fd, self._signal_in, self._signal_out):
            os.close(fd)

    def now_s(self) -> float:
        """Seconds of CLOCK_BOOTTIME."""
        return boottime_s()

    def on_readable(self, fd: int, ready: Callback) -> Watch:
        return Watch(fd, READABLE, self._guarded(ready))

    def on_writable(self, fd: int, ready: Callback) -> Watch:
        return Watch(fd, WRITABLE, self._guarded(ready))

    def at(self, deadline_s: float, callback: Callback) -> Timer:
        """Calls back once, at `deadline_s` of CLOCK_BOOTTIME, or soon when that is past."""
        timer = Timer(deadline_s, callback)
        heapq.heappush(self._timers, (deadline_s, next(self._order), timer))
        self._rearm()
        return timer

    def after(self, delay_s: float, callback: Callback) -> Timer:
        return self.at(boottime_s() + delay_s, callback)

    def post(self, callback: Callback) -> None:
        """Calls back on the loop's thread, in the order of posting. From any thread."""
        self._posted.append(callback)
        os.eventfd_write(self._post_fd, 1)

    def on_signal(self, number: int, callback: Callback) -> None:
        """Calls back on the loop, not in the middle of whatever runs."""
        signal.signal(number, _let_the_wakeup_fd_tell)
        signal.set_wakeup_fd(self._signal_out, warn_on_full_buffer=False)
        self._signals[number] = callback

    def _guarded(self, callback: Callback) -> Callback:
        def run() -> None:
            try:
                callback()
            except Exception as mistake:  # noqa: BLE001 - the process's one broad handler
                self._on_mistake(mistake)

        return run

    def _run_timers(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._timer_fd, 8)
        now = boottime_s()
        while self._timers and (self._timers[0][0] <= now or not self._timers[0][2].waits):
            callback = heapq.heappop(self._timers)[2].taken()
            if callback is not None:
                self._guarded(callback)()
        self._rearm()

    def _rearm(self) -> None:
        while self._timers and not self._timers[0][2].waits:
            heapq.heappop(self._timers)
        arm(self._timer_fd, self._timers[0][0] if self._timers else None)

    def _run_posted(self) -> None:
        os.eventfd_read(self._post_fd)
        for _ in range(len(self._posted)):
            self._guarded(self._posted.popleft())()

    def _run_signals(self) -> None:
        for number in os.read(self._signal_in, 64):
            callback = self._signals.get(number)
            if callback is not None:
                self._guarded(callback)()


def _let_the_wakeup_fd_tell(_number: int, _frame: FrameType | None) -> None:
    """Python calls this between two instructions; the loop's own callback comes by the wakeup descriptor."""
