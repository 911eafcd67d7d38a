"""The one place where the worker waits.

A `Wait` has an end and knows the daemon's connection. Waiting for anything is a poll that also watches that connection:
when the daemon hangs up, whatever goes on is cancelled, so that nobody's key blinks for a request that nobody wants.
All sockets of the worker are non-blocking; a time-out per call, which a dripping server restarts with each byte, is
never used.
"""

from __future__ import annotations

import select
import time
from collections.abc import Mapping

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

READABLE = select.POLLIN
WRITABLE = select.POLLOUT


class Wait:
    """`seconds` from now until the end; `daemon` the descriptor of the daemon's connection, -1 for none."""

    def __init__(self, seconds: float, daemon: int = -1) -> None:
        self._began = time.monotonic()
        self._end = self._began + seconds
        self._daemon = daemon

    def at_most(self, seconds: float) -> Wait:
        """A wait of its own that ends after `seconds`, or with this one."""
        return Wait(min(seconds, self.left_s), self._daemon)

    def afresh(self, seconds: float) -> Wait:
        """A wait of its own that ends after `seconds`, whenever this one does."""
        return Wait(seconds, self._daemon)

    @property
    def left_s(self) -> float:
        return max(0.0, self._end - time.monotonic())

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began

    def cancelled(self) -> bool:
        """True when the daemon has hung up."""
        return self._daemon >= 0 and bool(self._poll({}, 0))

    def until(self, descriptor: int, event: int) -> None:
        """Returns when the descriptor is ready. Raises TimeoutError; Fault: CANCELLED."""
        self.ready({descriptor: event}, None)

    def ready(self, events: Mapping[int, int], at_most_s: float | None) -> tuple[int, ...]:
        """The descriptors that are ready; () when `at_most_s` has passed and the end has not come.

        Raises TimeoutError; Fault: CANCELLED.
        """
        left_s = self.left_s
        found = self._poll(events, left_s if at_most_s is None else min(at_most_s, left_s))
        if self._daemon in found:
            raise Fault(Code.CANCELLED)
        if not found and (at_most_s is None or at_most_s >= left_s):
            raise TimeoutError
        return found

    def _poll(self, events: Mapping[int, int], timeout_s: float) -> tuple[int, ...]:
        poll = select.poll()
        for descriptor, event in events.items():
            poll.register(descriptor, event)
        if self._daemon >= 0:
            poll.register(self._daemon, select.POLLRDHUP)
        # Rounded up: a poll that returns a moment early would be called again and again.
        return tuple(descriptor for descriptor, _ in poll.poll(int(timeout_s * 1000) + 1 if timeout_s else 0))
