"""What a person at the laptop does: run `flexnet`, touch the key, open a page."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bed.laptop.accounts import Account
from tests.bed.laptop.laptop import Laptop
from tests.bed.world.process import PYTHON
from tests.demo.checks import NotAsItMustBe, expect

FLEXNET = [PYTHON, "-m", "flexnetd.cli.main"]
LONGEST_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command of `flexnet` ended. `after_s` counts from the moment at which the person had done their last part:
    the touch, or the last line typed."""

    exit_status: int
    said: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Person:
    account: Account
    laptop: Laptop

    def flexnet(
        self, *words: str, typed: tuple[str, ...] = (), meanwhile: Callable[[], object] | None = None
    ) -> Answer:
        """Runs `flexnet WORDS`, answers its questions with `typed`, and does `meanwhile` (a touch) while it runs."""
        process = self.laptop.popen_as(self.account, [*FLEXNET, *words], stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write("".join(f"{line}\n" for line in typed).encode())
        process.stdin.close()
        process.stdin = None
        try:
            if meanwhile is not None:
                meanwhile()
            start = time.monotonic()
            said, _ = process.communicate(timeout=LONGEST_S)
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            process.kill()
            said, _ = process.communicate()
            raise NotAsItMustBe(f"flexnet {words[0]}: {problem}; it said {said.decode().strip()!r}") from None
        return Answer(process.returncode, said.decode().strip(), time.monotonic() - start)

    def must(self, *words: str, typed: tuple[str, ...] = (), meanwhile: Callable[[], object] | None = None) -> Answer:
        """The same, and it must succeed."""
        answer = self.flexnet(*words, typed=typed, meanwhile=meanwhile)
        expect(answer.exit_status == 0, f"flexnet {words[0]} ended with {answer.exit_status}: {answer.said}")
        return answer

    def opens(self, url: str, timeout_s: float = 3) -> str | None:
        """What the page says; None when it cannot be reached."""
        command = ["curl", "--silent", "--show-error", "--max-time", str(timeout_s), url]
        got = self.laptop.run_as(self.account, command, check=False)
        return got.stdout if got.returncode == 0 else None
