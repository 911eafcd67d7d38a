"""The one thread in which everything about the tunnel is done, in order: netlink, nft and resolved may block there.

Jobs go in by a queue; what comes of one is posted back to the loop. So the bus is answered while a link is made, and
two changes of the tunnel can never meet. The thread starts with the first job: a daemon with nothing to do has none.

To hand a job over and its outcome back wakes two threads three times. So a brief question to the kernel that is asked
while nothing else happens may be asked on the loop: what is under way is known there, so the order stays.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from flexnetd.daemon.loop import Loop
from flexnetd.model.fault import Fault

T = TypeVar("T")


class TunnelThread:
    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._under_way = 0
        """Jobs whose outcome did not come back yet; known to the loop's thread alone."""

    def run(self, work: Callable[[], T], done: Callable[[T | Fault | Exception], None]) -> None:
        """Does `work` after everything asked before; `done` is called on the loop with its result, the fault that it
        raised, or the exception that is a mistake of ours."""

        def job() -> None:
            outcome = _outcome(work)
            self._loop.post(lambda: back(outcome))

        def back(outcome: T | Fault | Exception) -> None:
            self._under_way -= 1
            done(outcome)

        self._under_way += 1
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="tunnel", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def run_briefly(self, work: Callable[[], T], done: Callable[[T | Fault | Exception], None]) -> None:
        """The same for `work` that the kernel answers at once: done before this returns when nothing is under way."""
        if self._under_way:
            self.run(work, done)
        else:
            done(_outcome(work))

    def stop(self, timeout_s: float) -> None:
        """Lets the thread finish what was asked before, within `timeout_s`."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(timeout_s)
            self._thread = None

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _outcome(work: Callable[[], T]) -> T | Fault | Exception:
    try:
        return work()
    except Exception as wrong:  # noqa: BLE001 - it belongs to whoever asked, who judges it
        return wrong
