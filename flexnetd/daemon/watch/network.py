"""The network beside us, watched while there is a tunnel: links, addresses, routes, and our guard.

Events come in bursts, so they are gathered for DEBOUNCE_S. Then one or both of two things are told: something of ours
was touched (our link, a route of our protocol, the guard), and something of others changed. Our own changes are
announced like everybody's; applying the tunnel again after them changes nothing and so ends there. When the kernel lost
events, it may have been either: both are told, once, and everything is looked at anew.

A default route that comes is the way, perhaps, for which somebody waits: that is told after SOON_S already, once in a
burst, by a word of its own. The burst's end is told as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flexnetd.daemon.glib import Watch
from flexnetd.daemon.loop import Loop, Timer
from flexnetd.tunnel.marks import INTERFACE, ROUTE_PROTOCOL

if TYPE_CHECKING:
    from flexnetd.tunnel.watch import Author, Event, GuardWatch, NetworkWatch

DEBOUNCE_S = 0.2
SOON_S = 0.01
"""Addresses and routes of one interface are set within a few milliseconds."""


class NetworkWatcher:
    def __init__(
        self,
        loop: Loop,
        on_changed: Callable[[], None],
        on_disturbed: Callable[[], None],
        on_author: Callable[[Author], None],
        on_way: Callable[[], None],
    ) -> None:
        """`on_author` is told by whom something of ours was touched, when that is known and is not us; `on_way` that
        there may be a way again."""
        self._loop, self._on_changed, self._on_disturbed, self._on_author = loop, on_changed, on_disturbed, on_author
        self._sources: list[NetworkWatch | GuardWatch] = []
        self._watches: list[Watch] = []
        self._timer: Timer | None = None
        self._on_way = on_way
        self._way_timer: Timer | None = None
        self._ours = self._others = False
        self._ifindex = 0

    def watch(self, ifindex: int | None) -> None:
        """Watches while there is a link of ours (`ifindex`); None ends it. May be repeated."""
        if ifindex is None:
            self._close()
        else:
            self._ifindex = ifindex
            if not self._sources:
                self._open()

    def _open(self) -> None:
        from flexnetd.tunnel.watch import GuardWatch, NetworkWatch  # noqa: PLC0415 - with the tunnel, not before

        for make in (NetworkWatch, GuardWatch):
            source: NetworkWatch | GuardWatch = make()
            self._sources.append(source)
            self._watches.append(self._loop.on_readable(source.fileno(), self._reader(source)))

    def _close(self) -> None:
        for timer in (self._timer, self._way_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._way_timer = None
        for watch in self._watches:
            watch.remove()
        for source in self._sources:
            source.close()
        self._watches, self._sources = [], []
        self._ours = self._others = False

    def _reader(self, source: NetworkWatch | GuardWatch) -> Callable[[], None]:
        def readable() -> None:
            for event in source.events():
                self._note(event)

        return readable

    def _note(self, event: Event) -> None:
        ours, others = concerns_us(event, self._ifindex), concerns_others(event, self._ifindex)
        if ours and event.by is not None:
            self._on_author(event.by)
        self._ours, self._others = self._ours or ours, self._others or others
        if self._timer is None:
            self._timer = self._loop.after(DEBOUNCE_S, self._tell)
        if self._way_timer is None and opens_a_way(event, self._ifindex):
            self._way_timer = self._loop.after(SOON_S, self._on_way)

    def _tell(self) -> None:
        self._timer = self._way_timer = None
        ours, others = self._ours, self._others
        self._ours = self._others = False
        if ours:
            self._on_disturbed()
        if others:
            self._on_changed()


def concerns_others(event: Event, ifindex: int) -> bool:
    """Whether it is about anything else, perhaps."""
    from flexnetd.tunnel.watch import Overrun  # noqa: PLC0415

    return isinstance(event, Overrun) or not concerns_us(event, ifindex)


def opens_a_way(event: Event, ifindex: int) -> bool:
    """Whether it is another's default route that came."""
    from flexnetd.tunnel.watch import RouteChanged  # noqa: PLC0415

    return (
        isinstance(event, RouteChanged)
        and not event.gone
        and event.route.prefix.prefixlen == 0
        and not event.route.kind.refuses
        and not concerns_us(event, ifindex)
    )


def concerns_us(event: Event, ifindex: int) -> bool:
    """Whether the event is about what carries our marks, perhaps."""
    from flexnetd.tunnel.watch import AddressChanged, GuardTouched, LinkChanged, Overrun, RouteChanged  # noqa: PLC0415

    match event:
        case GuardTouched() | Overrun():
            return True
        case LinkChanged():
            return event.link.index == ifindex or event.link.name == INTERFACE
        case AddressChanged():
            return event.address.index == ifindex
        case RouteChanged():
            return event.route.protocol == ROUTE_PROTOCOL or event.route.index == ifindex
        case _:
            return False
