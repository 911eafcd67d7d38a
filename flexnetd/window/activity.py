"""What the person is doing in this window at the moment, as values. What the service knows stands in `Known`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

from flexnetd.client.views import LoginPrompt
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import Stage


class Purpose(Enum):
    SIGN_IN = "sign-in"
    RENEW = "renew"
    SIGN_OUT = "sign-out"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing. `renewed`: the last thing done was a renewal, which worked."""

    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """A login waits for answers. `complaint` is what was wrong with the last ones, in words; "" for nothing.
    `number` tells one question from the next, so that a form is made anew for it, and `attempt` one complaint from the
    same one again."""

    purpose: Purpose
    prompts: tuple[LoginPrompt, ...]
    user_name: str = ""
    complaint: str = ""
    number: int = 0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Working:
    """Something goes on; `stage` is None before the first one is told, and while signing out."""

    purpose: Purpose
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    purpose: Purpose
    fault: Fault


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked at and how it is; `lines` say what that means and what to do."""

    outcome: str
    title: str
    lines: tuple[str, ...] = ()

    PASS: ClassVar = "pass"
    FAIL: ClassVar = "fail"
    UNKNOWN: ClassVar = "unknown"


@dataclass(frozen=True, slots=True)
class Examining:
    """The cause is looked for, in a process of its own (examiner.py), whose lines tell what it found."""

    found: tuple[Found, ...] = ()
    over: bool = False

    def with_line(self, line: str) -> Examining:
        """OUTCOME, a tab and a title; or a tab and a line more of what was found last."""
        outcome, _, text = line.partition("\t")
        if outcome:
            return replace(self, found=(*self.found, Found(outcome, text)))
        last = self.found[-1]
        return replace(self, found=(*self.found[:-1], replace(last, lines=(*last.lines, text))))


Activity = Idle | Asking | Working | Failed | Examining
