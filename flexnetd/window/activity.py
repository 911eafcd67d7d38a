"""What the person is doing in this window at the moment, as values. What the service knows stands in `Known`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flexnetd.client.views import LoginPrompt
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import Stage


class Purpose(Enum):
    SIGN_IN = "sign-in"
    RENEW = "renew"
    SIGN_OUT = "sign-out"


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


Activity = Idle | Asking | Working | Failed
