"""The main job, step by step. It reads like a story because it is one; each step's own file tells it in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.demo.stage import Stage
from tests.demo.steps.crash import crash_and_adoption
from tests.demo.steps.discover import discover
from tests.demo.steps.failures import failures
from tests.demo.steps.internet import internet_stays_direct
from tests.demo.steps.page import page_by_another, page_by_name
from tests.demo.steps.renewal import renewal
from tests.demo.steps.sign_in import sign_in
from tests.demo.steps.sign_out import sign_out
from tests.demo.steps.typed_code import typed_code
from tests.demo.telling import Notes


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    play: Callable[[Stage, Notes], None]

    @property
    def name(self) -> str:
        return self.play.__name__.replace("_", "-")


STORY = (
    Step("Alice asks who the operator is and what is announced", discover),
    Step("she signs in as Anna: password, and a touch of the YubiKey", sign_in),
    Step("she opens the page behind the tunnel by its name", page_by_name),
    Step("Bob, at the same computer, is refused", page_by_another),
    Step("the Internet stays direct, the Konnektor keeps its networks", internet_stays_direct),
    Step("the daemon is killed and comes back; nothing is lost", crash_and_adoption),
    Step("a touch renews the session", renewal),
    Step("Bob signs in as Ben, with a code that the YubiKey types", typed_code),
    Step("he signs out; nothing is left", sign_out),
    Step("what goes wrong is named, in time, and changes nothing", failures),
)
