"""Who calls: the uid of a bus connection, as the bus itself tells it.

Asked once a connection, without waiting, and kept until the connection is gone (NameOwnerChanged for that very name).
The watch is set before the question, so that a name which goes in between is never kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flexnetd.daemon.bus.door import BUS, BUS_PATH, Answer, Bus, CallFailed, SignalSeen

ROOT_UID = 0
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Caller:
    """A connection of the bus (":1.42") and the user behind it."""

    connection: str
    uid: int


class Callers:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._known: dict[str, Caller] = {}
        self._waiting: dict[str, list[Callable[[Caller | None], None]]] = {}
        self._on_gone: list[Callable[[str], None]] = []
        bus.hear(self._seen)

    def when_gone(self, gone: Callable[[str], None]) -> None:
        """`gone` is told the connection of each caller that left the bus."""
        self._on_gone.append(gone)

    def identify(self, connection: str, done: Callable[[Caller | None], None]) -> None:
        """`done` gets the caller, at once when it is known; None when the bus does not tell (it is gone already)."""
        known = self._known.get(connection)
        if known is not None:
            done(known)
            return
        waiting = self._waiting.setdefault(connection, [])
        waiting.append(done)
        if len(waiting) == 1:
            self._ask(connection)

    def _ask(self, connection: str) -> None:
        self._bus.match(_rule(connection))

        def told(answer: Answer) -> None:
            caller = None if isinstance(answer, CallFailed) else Caller(connection, _uid(answer))
            if caller is None:
                self._bus.unmatch(_rule(connection))
            else:
                self._known[connection] = caller
            for done in self._waiting.pop(connection, []):
                done(caller)

        self._bus.call(BUS, BUS_PATH, BUS, "GetConnectionUnixUser", "s", (connection,), told, _TIMEOUT_S)

    def _seen(self, signal: SignalSeen) -> None:
        if signal.sender != BUS or signal.member != "NameOwnerChanged" or signal.arguments()[2] != "":
            return
        connection = str(signal.arguments()[0])
        if self._known.pop(connection, None) is None:
            return
        self._bus.unmatch(_rule(connection))
        for gone in self._on_gone:
            gone(connection)


def _uid(answer: tuple[object, ...]) -> int:
    uid = answer[0]
    assert isinstance(uid, int)
    return uid


def _rule(connection: str) -> str:
    return f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{connection}'"
