"""How the demo speaks: a line a step with its time, and under it what was seen."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.demo.report import Outcome, StepReport

WIDTH = 64


class Notes:
    """What a step tells while it runs."""

    def __init__(self, report: StepReport) -> None:
        self._report = report

    def say(self, line: str) -> None:
        self._report.told.append(line)

    def measure(self, name: str, seconds: float) -> float:
        """Keeps a time, in seconds, for the report; and gives it back."""
        self._report.measures[name] = round(seconds, 4)
        return seconds


def heading(text: str) -> None:
    print(text, flush=True)


def tell(report: StepReport) -> None:
    """The step's lines, when it is over."""
    mark = {Outcome.PASSED: "ok", Outcome.FAILED: "FAILED", Outcome.SKIPPED: "-"}[report.outcome]
    print(f"{report.number:3}  {report.title:<{WIDTH}} {report.elapsed_s:6.2f} s  {mark}")
    for line in report.told:
        print(f"       {line}")
    for line in report.problem.splitlines():
        print(f"     ! {line}")
    sys.stdout.flush()


@contextmanager
def timed(report: StepReport) -> Iterator[None]:
    start = time.monotonic()
    try:
        yield
    finally:
        report.elapsed_s = round(time.monotonic() - start, 3)
