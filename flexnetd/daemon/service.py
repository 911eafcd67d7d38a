"""The daemon put together: the bus, the profiles, and the session side behind the front.

Its life: connect to the bus, take the name, look at what was left, then answer calls and say that it is ready. The
name comes first, so that of two daemons only one ever touches the tunnel; calls that come before the look is done wait
for it. SIGTERM takes the tunnel down and ends, SIGUSR1 (a restart) keeps it, SIGHUP reads the profiles anew. When the
bus is gone the process ends as for a restart, and with a failure, so that systemd starts the next one: it adopts the
session.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable

from flexnetd.daemon.authority import Authority
from flexnetd.daemon.bus.dispatch import Dispatcher
from flexnetd.daemon.bus.door import Bus
from flexnetd.daemon.bus.manager import MANAGER, ManagerPart
from flexnetd.daemon.bus.objects import BusObject, Objects
from flexnetd.daemon.callers import Callers
from flexnetd.daemon.front import Front
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.profile_objects import ProfileObjects
from flexnetd.daemon.record_place import record_left
from flexnetd.model.bus_names import BUS_NAME, ROOT_PATH
from flexnetd.model.fault import Fault
from flexnetd.tunnel.leftovers import anything_left

_log = logging.getLogger("flexnetd.daemon")

EXIT_OK, EXIT_NAME_TAKEN, EXIT_BUS_LOST, EXIT_MISTAKE = 0, 65, 69, 70
STOP_WITHIN_S = 20.0


class Service:
    def __init__(self, bus: Bus, loop: Loop, ready: Callable[[str], None]) -> None:
        """`ready` is called with the text for systemd (sd_notify) when calls are answered."""
        self._bus, self._loop, self._ready = bus, loop, ready
        self.exit_code = EXIT_OK
        self._callers = Callers(bus)
        self._objects = Objects(bus)
        self._front = Front(bus, loop, self._objects, self._manager_changed, lambda: self._end(self.exit_code))
        self._profiles = ProfileObjects(self._objects, self._front, lambda: self._manager_changed("Health"))
        manager = ManagerPart(
            self._front.notices, self._front.posture, self._health, self._report, self._profiles.take_in
        )
        self._objects.add(BusObject(ROOT_PATH, (manager,), lambda: None))
        self._dispatcher = Dispatcher(bus, self._callers, Authority(bus), self._objects, _log_mistake)
        self._callers.when_gone(self._connection_gone)
        bus.when_lost(self._bus_lost)

    def start(self) -> None:
        """Takes the name, looks at what was left, then answers calls."""
        if not self._bus.own(BUS_NAME):
            _log.critical("the name %s is not ours to take", BUS_NAME)
            self._end(EXIT_NAME_TAKEN)
            return
        self._profiles.load()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.on_signal(number, lambda: self._stop(keep=False))
        self._loop.on_signal(signal.SIGUSR1, lambda: self._stop(keep=True))
        self._loop.on_signal(signal.SIGHUP, self._profiles.load)
        if record_left() or _anything_left():
            self._front.with_side(lambda side: side.adopt(self._profiles.by_name, self._answer_calls))
        else:
            self._answer_calls()

    def finish(self) -> None:
        """After the loop: lets the tunnel's thread end and the bus have what was said."""
        if self._front.side is not None:
            self._front.side.finish()
        if self.exit_code != EXIT_BUS_LOST:
            self._bus.flush()

    def on_mistake(self, mistake: Exception) -> None:
        """The one broad handler. The process ends; the next one adopts what is good and cleans the rest."""
        _log.critical("a mistake of ours", exc_info=mistake)
        self._end(EXIT_MISTAKE)

    def _answer_calls(self) -> None:
        self._bus.serve(self._dispatcher.on_call)
        self._ready(f"{len(self._profiles.by_name)} profiles")

    def _connection_gone(self, connection: str) -> None:
        if self._front.side is not None:
            self._front.side.connection_gone(connection)

    def _manager_changed(self, name: str) -> None:
        self._objects.changed(ROOT_PATH, MANAGER.name, (name,))

    def _health(self) -> tuple[Fault, ...]:
        return (*self._profiles.health, *self._front.health())

    def _report(self) -> bytes:
        from flexnetd.daemon import diagnostics  # noqa: PLC0415 - hardly ever needed

        return diagnostics.report(self._front, self._profiles.by_name.values(), self._health())

    def _stop(self, *, keep: bool) -> None:
        if self._front.idle:
            self._end(self.exit_code)
            return
        self._loop.after(STOP_WITHIN_S, lambda: self._end(EXIT_MISTAKE))
        self._front.with_side(lambda side: side.stop(keep=keep))

    def _bus_lost(self) -> None:
        _log.error("the bus is gone")
        self.exit_code = EXIT_BUS_LOST
        self._stop(keep=True)

    def _end(self, code: int) -> None:
        self.exit_code = code
        self._loop.quit()


def _log_mistake(mistake: Exception) -> None:
    """Of a method: its caller is told INTERNAL, the daemon goes on."""
    _log.error("a mistake of ours in a call", exc_info=mistake)


def _anything_left() -> bool:
    """A kernel that cannot be asked has nothing that we could clean."""
    try:
        return anything_left()
    except Fault as fault:
        _log.error("looking for leftovers: %s", fault)
        return False
