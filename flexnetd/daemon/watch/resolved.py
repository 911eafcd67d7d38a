"""systemd-resolved: it forgets the links' servers when it restarts, so they are to be set again."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.bus.door import Bus, SignalSeen
from flexnetd.daemon.watch.service import NamedService

NAME = "org.freedesktop.resolve1"


def watch_resolved(bus: Bus, on_restart: Callable[[], None]) -> NamedService:
    service = NamedService(bus, NAME, _nothing)
    service.when_restarted(on_restart)
    return service


def _nothing(_signal: SignalSeen) -> None:
    return
