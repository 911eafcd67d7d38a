"""What is there before anybody needs a session: every profile signed out, and the way to the session side.

A daemon in which nobody is signed in answers who asks how it stands, and nothing else. What more it can do (the session
machine, worker, tunnel: `session_side.py`) costs as much to load as all the rest. So it is loaded when it is first
needed, in a thread, while the loop goes on answering.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from flexnetd.daemon.bus.objects import Objects
from flexnetd.daemon.bus.values import Variant
from flexnetd.daemon.callers import Caller
from flexnetd.daemon.profiles import notices_file
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.model.session_words import State

if TYPE_CHECKING:
    from flexnetd.daemon.bus.door import Bus
    from flexnetd.daemon.loop import Loop
    from flexnetd.daemon.session_side import SessionSide
    from flexnetd.model.notice import Notice
    from flexnetd.model.posture import Verdict
    from flexnetd.wire.portal import Discovery

T = TypeVar("T")

_SIDE = "flexnetd.daemon.session_side"


class Front:
    """What stands behind the profiles' objects. `side` is None until it was needed once."""

    def __init__(
        self,
        bus: Bus,
        loop: Loop,
        objects: Objects,
        manager_changed: Callable[[str], None],
        on_exit: Callable[[], None],
    ) -> None:
        """`manager_changed` is told the Manager's property that changed; `on_exit` when the session side is done."""
        self._bus, self._loop, self._objects = bus, loop, objects
        self._manager_changed, self._on_exit = manager_changed, on_exit
        self._waiting: list[Callable[[SessionSide], None]] = []
        self._since = int(time.time())
        self.side: SessionSide | None = None
        self._remembered: tuple[Notice, ...] | None = None

    @property
    def idle(self) -> bool:
        """Nobody has needed the session side."""
        return self.side is None and not self._waiting

    def with_side(self, use: Callable[[SessionSide], None]) -> None:
        """Calls `use` on the loop: at once, or when the session side is loaded."""
        if self.side is not None:
            use(self.side)
            return
        self._waiting.append(use)
        if len(self._waiting) == 1:
            threading.Thread(target=self._load, name="load", daemon=True).start()

    def standing(self, profile: Profile) -> Standing:
        return Standing(self, profile.name, self._since)

    # -- what a profile's methods want (bus/profile.py)

    def discover(self, profile: Profile, done: Callable[[Discovery | Fault], None]) -> None:
        self.with_side(lambda side: side.discoveries.discover(profile, done))

    def sign_in(
        self,
        caller: Caller,
        profile: Profile,
        username: str,
        factor: Factor,
        serial: int | None,
        done: Callable[[int | Fault], None],
    ) -> None:
        def begin(side: SessionSide) -> None:
            done(_or_fault(lambda: side.desk.sign_in(caller, profile, username, factor, serial)))

        self.with_side(begin)

    def renew(self, caller: Caller, profile: Profile, factor: Factor | None, serial: int | None) -> int:
        return self._side_of_a_session().desk.renew(caller, profile, factor, serial)

    def disconnect(self, profile: Profile, done: Callable[[], None]) -> None:
        self._side_of_a_session().desk.disconnect(profile, done)

    def factors(self, profile: Profile) -> tuple[Factor, ...]:
        """What portal and daemon both know and the profile does not find too weak, the strongest first."""
        accepted = self.side.discoveries.factors(profile) if self.side else frozenset(Factor)
        strong = [factor for factor in accepted if factor.strength >= profile.weakest_factor.strength]
        return tuple(sorted(strong, key=lambda factor: -factor.strength))

    # -- what the manager tells (bus/manager.py)

    def notices(self) -> tuple[Notice, ...]:
        """Before anybody needed the session side, those that are remembered."""
        if self.side is not None:
            return self.side.discoveries.notices()
        if self._remembered is None:
            self._remembered = _remembered_notices()
        return self._remembered

    def posture(self) -> tuple[Verdict, ...]:
        return self.side.duties.verdicts if self.side else ()

    def health(self) -> tuple[Fault, ...]:
        return self.side.health if self.side else ()

    def _side_of_a_session(self) -> SessionSide:
        if self.side is None:
            raise Fault(Code.NOT_SIGNED_IN)
        return self.side

    def _load(self) -> None:
        """In a thread of its own."""
        importlib.import_module(_SIDE)
        self._loop.post(self._loaded)

    def _loaded(self) -> None:
        from flexnetd.daemon.session_side import SessionSide  # noqa: PLC0415 - it is loaded now

        self.side = SessionSide(self._bus, self._loop, self._objects, self._manager_changed, self._on_exit)
        waiting, self._waiting = self._waiting, []
        for use in waiting:
            use(self.side)


class Standing:
    """How one profile's session stands, for its object on the bus: signed out, until there is a session side."""

    def __init__(self, front: Front, profile: str, since: int) -> None:
        self._front, self._profile, self._since = front, profile, since

    @property
    def state(self) -> State:
        side = self._front.side
        return side.standing(self._profile).state if side else State.SIGNED_OUT

    @property
    def reason(self) -> Fault | None:
        side = self._front.side
        return side.standing(self._profile).reason if side else None

    @property
    def since(self) -> int:
        side = self._front.side
        return (side.standing(self._profile).since if side else 0) or self._since

    @property
    def owner_uid(self) -> int | None:
        side = self._front.side
        return side.standing(self._profile).owner_uid if side else None

    def details(self, done: Callable[[Mapping[str, Variant]], None]) -> None:
        self._front.with_side(lambda side: side.standing(self._profile).details(done))

    def subscribe(self, caller: Caller) -> None:
        self._front.with_side(lambda side: side.standing(self._profile).subscribe(caller))


def _or_fault(work: Callable[[], T]) -> T | Fault:
    try:
        return work()
    except Fault as fault:
        return fault


def _remembered_notices() -> tuple[Notice, ...]:
    """The file is looked for first: what reads it costs memory that an idle daemon need not have."""
    file = notices_file()
    if not file.exists():
        return ()
    from flexnetd.daemon.notice_memory import in_order, remembered  # noqa: PLC0415 - hardly ever needed

    return in_order(remembered(file, time.time()))
