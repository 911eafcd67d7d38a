"""A loop for tests: it runs until something holds, and fails loudly when that does not come."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.loop import Loop

POLL_S = 0.005


class Running:
    """The loop under test, and the mistakes that it met."""

    def __init__(self) -> None:
        self.mistakes: list[Exception] = []
        self.loop = Loop(self.mistakes.append)

    def until(self, holds: Callable[[], object], within_s: float = 5.0) -> None:
        """Runs the loop until `holds`. A mistake met on the way is raised."""
        deadline_s = self.loop.now_s() + within_s
        done = False

        def look() -> None:
            nonlocal done
            done = bool(holds()) or bool(self.mistakes)
            if done or self.loop.now_s() > deadline_s:
                self.loop.quit()
            else:
                self.loop.after(POLL_S, look)

        self.loop.post(look)
        self.loop.run()
        if self.mistakes:
            raise self.mistakes[0]
        assert done, f"not within {within_s} s"
