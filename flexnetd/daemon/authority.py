"""May they? polkit's answer, asked without waiting.

The rules:
- The subject is the caller's bus connection, never a pid: a pid can be another process by the time polkit looks.
- Whatever is not a clear yes is a no: an error, polkit absent, polkit not answering in time.
- Without the caller's leave (the message's flag) nobody is asked for a password.
- A question that nobody waits for any more is withdrawn, so that no dialog stays on a screen.

https://www.freedesktop.org/software/polkit/docs/latest/eggdbus-interface-org.freedesktop.PolicyKit1.Authority.html
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

from flexnetd.daemon.bus.door import Answer, Bus, CallFailed
from flexnetd.daemon.bus.values import Variant
from flexnetd.daemon.callers import Caller

_NAME = "org.freedesktop.PolicyKit1"
_PATH = "/org/freedesktop/PolicyKit1/Authority"
_INTERFACE = "org.freedesktop.PolicyKit1.Authority"
_ALLOW_INTERACTION = 1

SILENT_TIMEOUT_S = 3.0
INTERACTIVE_TIMEOUT_S = 120.0
MOST_QUESTIONS_OF_ONE = 4


class Authority:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._numbers = itertools.count(1)
        self._asking: Counter[int] = Counter()

    def check(self, caller: Caller, action: str, interactive: bool, done: Callable[[bool], None]) -> None:
        """`done` gets True only if polkit said that `caller` is authorised for `action`."""
        if self._asking[caller.uid] >= MOST_QUESTIONS_OF_ONE:
            done(False)
            return
        self._asking[caller.uid] += 1
        question = f"flexnetd-{next(self._numbers)}"

        def answered(answer: Answer) -> None:
            self._asking -= Counter({caller.uid: 1})
            if isinstance(answer, CallFailed):
                self._bus.tell(_NAME, _PATH, _INTERFACE, "CancelCheckAuthorization", "s", (question,))
            done(_is_yes(answer))

        subject = ("system-bus-name", {"name": Variant("s", caller.connection)})
        flags = _ALLOW_INTERACTION if interactive else 0
        self._bus.call(
            _NAME,
            _PATH,
            _INTERFACE,
            "CheckAuthorization",
            "(sa{sv})sa{ss}us",
            (subject, action, {}, flags, question),
            answered,
            INTERACTIVE_TIMEOUT_S if interactive else SILENT_TIMEOUT_S,
        )


def _is_yes(answer: Answer) -> bool:
    match answer:
        case ((True, _, _),):
            return True
        case _:
            return False
