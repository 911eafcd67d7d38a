"""logind: the machine woke up, a person left.

The tunnel belongs to the person who signed in and ends when their last login session on this machine ends. UserRemoved
says so; but a user with lingering services is never removed, so after any SessionRemoved the owner's own state is
asked for. A person whom logind does not know at all (no logind, a session without PAM) never "leaves".

https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html
"""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.bus.door import Answer, Bus, SignalSeen
from flexnetd.daemon.watch.service import NamedService

NAME = "org.freedesktop.login1"
_PATH = "/org/freedesktop/login1"
_MANAGER = "org.freedesktop.login1.Manager"
_USER = "org.freedesktop.login1.User"
_TIMEOUT_S = 5.0
GONE = frozenset({"closing", "lingering", "offline"})


class LogindWatch:
    def __init__(
        self,
        bus: Bus,
        owner: Callable[[], int | None],
        on_woke: Callable[[], None],
        on_left: Callable[[int], None],
    ) -> None:
        """`owner` tells whose session it is now; only that person's leaving is asked about."""
        self._bus, self._owner, self._on_woke, self._on_left = bus, owner, on_woke, on_left
        service = NamedService(bus, NAME, self._seen)
        for member in ("PrepareForSleep", "UserRemoved", "SessionRemoved"):
            service.match(_PATH, _MANAGER, member)

    def _seen(self, signal: SignalSeen) -> None:
        match (signal.member, signal.arguments()):
            case ("PrepareForSleep", (False,)):
                self._on_woke()
            case ("UserRemoved", (int(uid), str())) if uid == self._owner():
                self._on_left(uid)
            case ("SessionRemoved", (str(), str())):
                self._ask()
            case _:
                pass

    def _ask(self) -> None:
        uid = self._owner()
        if uid is None:
            return

        def found(answer: Answer) -> None:
            match answer:
                case (str(path),):
                    self._bus.call(
                        NAME,
                        path,
                        "org.freedesktop.DBus.Properties",
                        "Get",
                        "ss",
                        (_USER, "State"),
                        told,
                        _TIMEOUT_S,
                    )
                case _:
                    pass

        def told(answer: Answer) -> None:
            match answer:
                case (str(state),) if state in GONE and uid == self._owner():
                    self._on_left(uid)
                case _:
                    pass

        self._bus.call(NAME, _PATH, _MANAGER, "GetUser", "u", (uid,), found, _TIMEOUT_S)
