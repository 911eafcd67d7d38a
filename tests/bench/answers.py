"""How long a caller waits for GetAll while somebody signs in: the loop's longest handler is at most the longest
wait."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable

from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.operator.operator import PROFILE
from tests.bed.world.process import PYTHON
from tests.bench.measure import Measure, percentile
from tests.demo.person import Person
from tests.demo.stage import ANNA, Stage, set_up

COMMAND = "python -m tests.bench answers"
SIGN_INS = 5


def measures() -> list[Measure]:
    p99: list[float] = []
    longest: list[float] = []
    with contextlib.ExitStack() as stack:
        stage = set_up(stack, "bench")
        stage.key.auto_touch(0.05)
        quiet = percentile(_asked_during(stage, lambda: None), 0.99)
        for _ in range(SIGN_INS):
            during = _asked_during(
                stage, lambda: Person(ALICE, stage.laptop).must("sign-in", typed=(ANNA.name, ANNA.password))
            )
            p99.append(percentile(during, 0.99))
            longest.append(max(during))
            Person(ALICE, stage.laptop).must("sign-out")
    return [
        Measure("GetAll, p99 while a sign-in runs", "ms", tuple(p99), COMMAND, 5.0),
        Measure("GetAll, the longest while a sign-in runs", "ms", tuple(longest), COMMAND, 20.0),
        Measure("GetAll, p99 with nothing else to do", "ms", (quiet,), COMMAND),
    ]


def _asked_during(stage: Stage, what: Callable[[], object]) -> list[float]:
    """The waits in ms of somebody who asks all the time meanwhile."""
    asker = stage.laptop.popen_as(BOB, [PYTHON, "-m", "tests.bench.asker", PROFILE], stdin=subprocess.PIPE)
    assert asker.stdout is not None
    assert asker.stdout.readline() == b"asking\n"
    what()
    told, _ = asker.communicate(timeout=30)
    found: list[float] = json.loads(told)
    return found
