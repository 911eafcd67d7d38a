"""From the last touch to online, in the demo's world at 40 ms there and back, split by phase; and how soon a failure is
named."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from pathlib import Path

from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE
from tests.bench.measure import Measure
from tests.demo.person import Person
from tests.demo.stage import ANNA, Stage, set_up
from tests.demo.steps.failures import SILENCE

COMMAND = "python -m tests.bench sign-in"
RUNS = 20
FAILURES = 5
PHASE = re.compile(r"(\w+): ([a-z-]+) -> ([a-z-]+)")


class Clock:
    """Notes when each line of the daemon's log came; reads it every millisecond."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._seen = log.stat().st_size
        self.moments: list[tuple[str, float]] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Clock:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.wait(0.001):
            if self._log.stat().st_size > self._seen:
                now = time.monotonic()
                with self._log.open() as log:
                    log.seek(self._seen)
                    text = log.read()
                self._seen += len(text.encode())
                self.moments += [(found[3], now) for found in PHASE.finditer(text)]


def measures() -> list[Measure]:
    with contextlib.ExitStack() as stack:
        stage = set_up(stack, "bench")
        phases: dict[str, list[float]] = {}
        for _ in range(RUNS):
            for name, seconds in _one(stage).items():
                phases.setdefault(name, []).append(seconds)
        wrong = [_wrong_password(stage) for _ in range(FAILURES)]
        stage.operator.portal.stop()
        refused = [_failure(stage) for _ in range(FAILURES)]
        stage.operator.portal.host.run(["nft", "-f", "-"], stdin=SILENCE.replace("; }", ";\n}\n"))
        silent = [_failure(stage) for _ in range(FAILURES)]
    total = phases.pop("total")
    parts = [Measure(f"of it: {name}", "s", tuple(found), COMMAND) for name, found in phases.items()]
    return [
        Measure("last touch to online, 40 ms round trip", "s", tuple(total), COMMAND, 0.6),
        *parts,
        Measure("wrong password named, after the touch", "s", tuple(wrong), COMMAND, 1.0),
        Measure("portal refusing connections named, with the command's start", "s", tuple(refused), COMMAND, 3.0),
        Measure("portal silent named, with the command's start", "s", tuple(silent), COMMAND, 3.0),
    ]


def _one(stage: Stage) -> dict[str, float]:
    """Seconds by phase; the phases follow one another and add up to the total."""
    touched: list[float] = []

    def touch() -> None:
        stage.key.wait_until_blinking()
        touched.append(time.monotonic())
        stage.key.touch()

    with Clock(stage.laptop.daemon.program.log) as clock:
        Person(ALICE, stage.laptop).must("sign-in", typed=(ANNA.name, ANNA.password), meanwhile=touch)
        until(lambda: any(phase == "online" for phase, _ in clock.moments), 5, "the log to say online")
    Person(ALICE, stage.laptop).must("sign-out")
    moments = [moment for moment in clock.moments if moment[1] >= touched[0]]
    spans, before = {}, touched[0]
    for name, at in moments:
        spans[f"until {name}"] = at - before
        before = at
    return {"total": before - touched[0], **spans}


def _wrong_password(stage: Stage) -> float:
    def touch() -> None:
        stage.key.wait_until_blinking()
        stage.key.touch()

    typed = (ANNA.name, "not " + ANNA.password)
    return Person(ALICE, stage.laptop).flexnet("sign-in", typed=typed, meanwhile=touch).after_s


def _failure(stage: Stage) -> float:
    answer = Person(ALICE, stage.laptop).flexnet("sign-in", typed=(ANNA.name, ANNA.password))
    assert "FN-10" in answer.said, answer.said
    return answer.after_s
