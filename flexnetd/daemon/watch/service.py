"""A well-known name of somebody else on the bus: who has it now, and when it changes hands.

A signal counts only if the bus says that it came from the connection that owns the name: anybody can send anybody a
signal that looks like logind's.
"""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.bus.door import BUS, BUS_PATH, Answer, Bus, CallFailed, SignalSeen

_TIMEOUT_S = 5.0


class NamedService:
    def __init__(self, bus: Bus, name: str, on_signal: Callable[[SignalSeen], None]) -> None:
        """`on_signal` is shown the signals of whoever owns `name`; the match rules for them are the caller's."""
        self._bus, self._name, self._on_signal = bus, name, on_signal
        self._owner = ""
        self._on_restart: Callable[[], None] | None = None
        bus.hear(self._seen)
        bus.match(f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{name}'")
        bus.call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", (name,), self._told, _TIMEOUT_S)

    def when_restarted(self, callback: Callable[[], None]) -> None:
        """`callback` is called when a new owner took the name."""
        self._on_restart = callback

    def match(self, path: str, interface: str, member: str) -> None:
        """Makes the bus send that signal of this service."""
        self._bus.match(f"type='signal',sender='{self._name}',path='{path}',interface='{interface}',member='{member}'")

    def _told(self, answer: Answer) -> None:
        if not isinstance(answer, CallFailed):
            self._owner = str(answer[0])

    def _seen(self, signal: SignalSeen) -> None:
        if signal.sender == BUS and signal.member == "NameOwnerChanged" and signal.arguments()[0] == self._name:
            self._owner = str(signal.arguments()[2])
            if self._owner and self._on_restart is not None:
                self._on_restart()
        elif self._owner and signal.sender == self._owner:
            self._on_signal(signal)
