"""The one way to await a condition in tests: look, wait, look again; say what was awaited when it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SHORTEST_WAIT_S = 0.002
LONGEST_WAIT_S = 0.05


class NeverCame(AssertionError):  # noqa: N818 - reads as what happened
    """The condition did not come true in time. Its text says what was awaited and what was seen last."""


def until(predicate: Callable[[], T | None], timeout_s: float = 10, what: str = "") -> T:
    """The first true answer of `predicate`. Raises NeverCame after `timeout_s`.

    `what` says in words what is awaited; without it the predicate's name is told. A predicate that raises ends it.
    """
    end = time.monotonic() + timeout_s
    wait_s = SHORTEST_WAIT_S
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() >= end:
            awaited = what or getattr(predicate, "__name__", repr(predicate))
            raise NeverCame(f"awaited in vain for {timeout_s:g} s: {awaited}; last answer: {answer!r}")
        time.sleep(wait_s)
        wait_s = min(wait_s * 1.5, LONGEST_WAIT_S)
